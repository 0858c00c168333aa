//! Signatures: `(text, count: number = 1) -> text`.
//!
//! Parameters are `name: type`, or the type alone where it says enough. `= value` is what stands for a missing
//! argument, `?` lets it be missing, and `...` behind the last lets it be repeated. The types:
//!
//! * `text`, `number`, `bool`, `date`: one value; what is given is converted;
//! * `numbers`, `texts`, `dates`: such a value or a list of them; blank items are passed over by the functions;
//! * `sample`: as `numbers`, but texts in lists that say no number are blank, as in the ranges of spreadsheets;
//! * `cells`: a value or a list of any type, records as text, dates as moments if one of them is a moment;
//! * `ordered`: a number, or a date where all arguments are dates; if it may be repeated, lists of them too;
//! * `list`: a list of any one type `T`, a single value is a list of one; `T` is an item of it;
//! * `key`: a value that is looked for among the items of `keys`, a list; both are converted to what they are
//!   compared as;
//! * `results`: a list of any type, of which `result` is an item; without one, `result` is an item of `keys`;
//! * `any`: whatever is given, as it is;
//! * `formula`: evaluated for each item of the list before it, with `CurrentValue`.

/// What a function takes and gives.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) params: Vec<Param>,
    pub(crate) gives: Gives,
}

/// A parameter.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) wants: Wants,
    pub(crate) default: Option<DefaultValue>,
    pub(crate) optional: bool,
    pub(crate) repeats: bool,
}

/// What stands for a missing argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DefaultValue {
    Number(f64),
    Text(&'static str),
    Bool(bool),
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    Text,
    Number,
    Bool,
    Date,
    Numbers,
    Texts,
    Dates,
    Sample,
    Cells,
    Ordered,
    List,
    Item,
    Key,
    Keys,
    Results,
    Result,
    Any,
    Formula,
}

/// The type of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    Text,
    Number,
    Bool,
    /// A date of the kind of the arguments.
    Date,
    /// A date without a time of day.
    Day,
    /// A moment.
    Moment,
    /// Numbers or dates, as `ordered` had it.
    Ordered,
    /// A list of numbers.
    Numbers,
    /// The list of the first `list`.
    List,
    /// An item of it.
    Item,
    /// An item of `results`.
    Result,
    /// A list of texts.
    Texts,
    /// What the checker knows.
    Special,
}

const WANTS: &[(&str, Wants)] = &[
    ("text", Wants::Text),
    ("number", Wants::Number),
    ("bool", Wants::Bool),
    ("date", Wants::Date),
    ("numbers", Wants::Numbers),
    ("texts", Wants::Texts),
    ("dates", Wants::Dates),
    ("sample", Wants::Sample),
    ("cells", Wants::Cells),
    ("ordered", Wants::Ordered),
    ("list", Wants::List),
    ("T", Wants::Item),
    ("key", Wants::Key),
    ("keys", Wants::Keys),
    ("results", Wants::Results),
    ("result", Wants::Result),
    ("any", Wants::Any),
    ("formula", Wants::Formula),
];

const GIVES: &[(&str, Gives)] = &[
    ("text", Gives::Text),
    ("number", Gives::Number),
    ("bool", Gives::Bool),
    ("date", Gives::Date),
    ("day", Gives::Day),
    ("moment", Gives::Moment),
    ("ordered", Gives::Ordered),
    ("numbers", Gives::Numbers),
    ("list", Gives::List),
    ("T", Gives::Item),
    ("result", Gives::Result),
    ("texts", Gives::Texts),
    ("any", Gives::Special),
];

impl Signature {
    /// Reads a signature.
    ///
    /// # Panics
    ///
    /// If it is not one; the examples of every function are run as tests, so that such a one is found.
    pub(crate) fn parse(text: &'static str) -> Self {
        let (params, gives) = text.split_once(" -> ").unwrap_or_else(|| panic!("no result in {text}"));
        let params = params.trim().strip_prefix('(').and_then(|params| params.strip_suffix(')'));
        let params = params.unwrap_or_else(|| panic!("no parameters in {text}"));
        Self { params: split(params).map(Param::parse).collect(), gives: find(GIVES, gives) }
    }

    /// The parameter of the argument at `at`.
    pub(crate) fn param(&self, at: usize) -> Option<&Param> {
        self.params.get(at).or_else(|| self.params.last().filter(|param| param.repeats))
    }

    /// How many arguments there are at least.
    pub(crate) fn least(&self) -> usize {
        self.params
            .iter()
            .take_while(|param| !param.optional && !param.repeats && param.default.is_none())
            .count()
    }

    /// How many there are at most; `None` if the last repeats.
    pub(crate) fn most(&self) -> Option<usize> {
        match self.params.last() {
            Some(last) if last.repeats => None,
            _ => Some(self.params.len()),
        }
    }
}

impl Param {
    fn parse(text: &'static str) -> Self {
        let (text, default) = match text.split_once(" = ") {
            Some((text, default)) => (text, Some(DefaultValue::parse(default))),
            None => (text, None),
        };
        let (text, repeats) = strip(text, "...");
        let (text, optional) = strip(text, "?");
        let (name, wants) = text.split_once(": ").unwrap_or((text, text));
        Self { name, wants: find(WANTS, wants), default, optional, repeats }
    }
}

impl DefaultValue {
    fn parse(text: &'static str) -> Self {
        match text {
            "TRUE" => Self::Bool(true),
            "FALSE" => Self::Bool(false),
            _ if text.starts_with('"') => Self::Text(text.trim_matches('"')),
            _ => Self::Number(text.parse().unwrap_or_else(|_| panic!("{text} is no default"))),
        }
    }
}

/// The parts between commas that stand outside of quotes.
fn split(params: &'static str) -> impl Iterator<Item = &'static str> {
    let mut quoted = false;
    let parts = params.split(move |char| {
        quoted ^= char == '"';
        char == ',' && !quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

fn strip(text: &'static str, end: &str) -> (&'static str, bool) {
    text.strip_suffix(end).map_or((text, false), |text| (text, true))
}

fn find<T: Copy>(words: &[(&str, T)], word: &str) -> T {
    let found = words.iter().find(|(known, _)| *known == word);
    found.unwrap_or_else(|| panic!("{word} is no type of a signature")).1
}
