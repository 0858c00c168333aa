//! [`Call`] and [`Row`]: how a function sees its arguments, and the loops over rows that all functions share.
//!
//! A row in which an argument failed fails with that error; one in which a date is blank is blank. A function is
//! not asked about either. Blank text is `""`, a blank number 0, a blank condition false, a blank list empty.

use std::any::Any;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::{Arc, LazyLock, OnceLock};

use jiff::tz::TimeZone;

use crate::column::{Bitmap, Chunk, Item, Kind, ListVector, TextBuilder, TextVector, Vector};
use crate::dialect::Dialect;
use crate::error::{CellError, ErrorKind};
use crate::eval::{Context, Made, Operand, list_too_long};
use crate::limits::{LIST_ITEMS_MAX, SPLIT_ITEMS_MAX, TEXT_BYTES_MAX};

/// A function's arguments for all rows.
pub(crate) struct Call<'a> {
    pub(crate) args: Vec<Operand>,
    /// How many rows.
    pub(crate) len: usize,
    /// The kind of the result.
    pub(crate) kind: Kind,
    /// The zone in which the dates among the arguments are read.
    pub(crate) zone: TimeZone,
    /// Whether a blank date makes a blank result.
    pub(crate) needs_dates: bool,
    pub(crate) context: &'a Context,
    /// For each argument, whether it is the same for every row of every chunk.
    pub(crate) uniform: Vec<bool>,
    /// Where to keep what is made of such arguments.
    pub(crate) made: &'a OnceLock<Made>,
}

/// A function's arguments for one row.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    call: &'a Call<'a>,
    at: usize,
}

/// What a function gives for a row.
pub(crate) type Given<T> = Result<T, CellError>;

/// The refusal of an argument.
pub(crate) fn refuse<T>(message: impl Into<String>) -> Given<T> {
    Err(CellError::new(ErrorKind::Value, message.into()))
}

/// A result that is outside what a number can be.
pub(crate) fn not_a_number<T>(message: impl Into<String>) -> Given<T> {
    Err(CellError::new(ErrorKind::Num, message.into()))
}

/// A division by nothing.
pub(crate) fn div_zero<T>(message: impl Into<String>) -> Given<T> {
    Err(CellError::new(ErrorKind::DivZero, message.into()))
}

/// What was looked for is not there.
pub(crate) fn not_available<T>(message: impl Into<String>) -> Given<T> {
    Err(CellError::new(ErrorKind::NotAvailable, message.into()))
}

/// The failure of a text that outgrew [`TEXT_BYTES_MAX`].
pub(crate) fn text_too_long() -> Arc<CellError> {
    static ERROR: LazyLock<Arc<CellError>> = LazyLock::new(|| {
        Arc::new(CellError::new(ErrorKind::Error, format!("a text has at most {TEXT_BYTES_MAX} bytes")))
    });
    Arc::clone(&ERROR)
}

/// Where the result of a row comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pick {
    /// An item of the list, by its position among those of all lists.
    Item(usize),
    /// An argument.
    Argument(usize),
}

/// What comes of a row before the function is asked.
enum Before {
    Ask,
    Blank,
    Error(Arc<CellError>),
}

impl<'a> Call<'a> {
    /// What `make` makes of argument `arg`, which is one for all rows; kept for other chunks if it is one for them.
    pub(crate) fn kept<T: Any + Send + Sync>(&self, arg: usize, make: impl FnOnce() -> T) -> Arc<T> {
        if !self.uniform[arg] {
            return Arc::new(make());
        }
        let found = self.made.get().cloned();
        let made = found.unwrap_or_else(|| {
            let made: Made = Arc::new(make());
            self.made.get_or_init(|| made).clone()
        });
        made.downcast().expect("a function keeps one thing")
    }

    /// A text for each row: `text` writes it to the end of an empty string.
    pub(crate) fn texts(&self, text: impl Fn(Row<'_>, &mut String) -> Given<()>) -> Chunk {
        self.maybe_texts(|row, out| text(row, out).map(|()| true))
    }

    /// As [`Call::texts`]; false is blank.
    pub(crate) fn maybe_texts(&self, text: impl Fn(Row<'_>, &mut String) -> Given<bool>) -> Chunk {
        let mut texts = TextBuilder::default();
        let mut out = String::new();
        let cells = self.rows(|row, ask| {
            out.clear();
            let given = if ask { text(row, &mut out) } else { Ok(false) };
            let given = given.and_then(|given| match out.len() > TEXT_BYTES_MAX {
                true => Err(CellError::clone(&text_too_long())),
                false => Ok(given),
            });
            texts.push(if matches!(given, Ok(true)) { &out } else { "" });
            given
        });
        cells.finish(Vector::Text(texts.finish()))
    }

    /// A list of texts for each row: `list` gives its items, one by one.
    pub(crate) fn text_lists(
        &self,
        list: impl Fn(Row<'_>, &mut dyn FnMut(&str) -> Given<()>) -> Given<()>,
    ) -> Chunk {
        let (mut texts, mut ends) = (TextVector::empty(0), Vec::with_capacity(self.len));
        let mut items: Vec<String> = Vec::new();
        let cells = self.rows(|row, ask| {
            items.clear();
            let given = match ask {
                true => list(row, &mut |item| match items.len() < SPLIT_ITEMS_MAX {
                    true => {
                        items.push(item.to_owned());
                        Ok(())
                    }
                    false => refuse(format!("a text is cut into at most {SPLIT_ITEMS_MAX} items")),
                }),
                false => Ok(()),
            };
            if given.is_ok() {
                items.iter().for_each(|item| texts.push(item));
            }
            ends.push(texts.len() as u32);
            given.map(|()| ask)
        });
        let items = Chunk::full(Vector::Text(texts));
        cells.finish(Vector::List(ListVector::from_parts(Item::Text, ends, items)))
    }

    /// A number for each row.
    pub(crate) fn numbers(&self, number: impl Fn(Row<'_>) -> Given<f64>) -> Chunk {
        self.maybe_numbers(|row| number(row).map(Some))
    }

    /// A number or blank for each row.
    pub(crate) fn maybe_numbers(&self, number: impl Fn(Row<'_>) -> Given<Option<f64>>) -> Chunk {
        let mut numbers = Vec::with_capacity(self.len);
        let cells = self.rows(|row, ask| {
            let given = if ask { number(row) } else { Ok(None) };
            let given = given.and_then(|given| match given {
                Some(number) if !number.is_finite() => {
                    not_a_number("the result is not a number that can be represented")
                }
                given => Ok(given),
            });
            // Adding zero takes the sign from a negative zero.
            numbers.push(given.as_ref().ok().copied().flatten().unwrap_or(0.0) + 0.0);
            given.map(|given| given.is_some())
        });
        cells.finish(Vector::Number(numbers))
    }

    /// True or false for each row.
    pub(crate) fn bools(&self, bool: impl Fn(Row<'_>) -> Given<bool>) -> Chunk {
        let mut bits = Bitmap::default();
        let cells = self.rows(|row, ask| {
            let given = if ask { bool(row) } else { Ok(false) };
            bits.push(matches!(given, Ok(true)));
            given.map(|_| ask)
        });
        cells.finish(Vector::Bool(bits))
    }

    /// A date or blank for each row.
    pub(crate) fn dates(&self, date: impl Fn(Row<'_>) -> Given<Option<i64>>) -> Chunk {
        let mut dates = Vec::with_capacity(self.len);
        let cells = self.rows(|row, ask| {
            let given = if ask { date(row) } else { Ok(None) };
            dates.push(given.as_ref().ok().copied().flatten().unwrap_or(0));
            given.map(|given| given.is_some())
        });
        cells.finish(Vector::Date(dates))
    }

    /// A list for each row: `pick` chooses among the positions of the list in the first argument.
    pub(crate) fn picks(
        &self,
        pick: impl Fn(Row<'_>, &Chunk, Range<usize>, &mut Vec<usize>) -> Given<()>,
    ) -> Chunk {
        let lists = self.list(0);
        let (mut picked, mut ends) = (Vec::new(), Vec::with_capacity(self.len));
        let cells = self.rows(|row, ask| {
            let before = picked.len();
            let is_list = ask && self.args[0].is_valid(row.at);
            let given = match is_list {
                true => pick(row, lists.items(), lists.range(self.args[0].at(row.at)), &mut picked),
                false => Ok(()),
            };
            if given.is_err() {
                picked.truncate(before);
            }
            ends.push(picked.len() as u32);
            given.map(|()| is_list)
        });
        let items = lists.items().gather(picked.into_iter());
        cells.finish(Vector::List(ListVector::from_parts(lists.item(), ends, items)))
    }

    /// A list of numbers for each row: `list` puts them at the end of an empty vector.
    pub(crate) fn number_lists(&self, list: impl Fn(Row<'_>, &mut Vec<f64>) -> Given<()>) -> Chunk {
        let (mut numbers, mut ends, mut own) = (Vec::new(), Vec::with_capacity(self.len), Vec::new());
        let cells = self.rows(|row, ask| {
            own.clear();
            let mut given = if ask { list(row, &mut own) } else { Ok(()) };
            if own.len() > LIST_ITEMS_MAX {
                given = Err(list_too_long());
            }
            if given.is_ok() {
                numbers.extend_from_slice(&own);
            }
            ends.push(numbers.len() as u32);
            given.map(|()| ask)
        });
        let items = Chunk::full(Vector::Number(numbers));
        cells.finish(Vector::List(ListVector::from_parts(Item::Number, ends, items)))
    }

    /// One item for each row: the position that `pick` chooses in the list of the first argument.
    pub(crate) fn item(&self, pick: impl Fn(Row<'_>, &Chunk, Range<usize>) -> Given<Option<usize>>) -> Chunk {
        let lists = self.list(0);
        let mut picked = Vec::with_capacity(self.len);
        let cells = self.rows(|row, ask| {
            let range = lists.range(self.args[0].at(row.at));
            let given = if ask { pick(row, lists.items(), range) } else { Ok(None) };
            picked.push(given.as_ref().ok().copied().flatten());
            given.map(|given| given.is_some())
        });
        if picked.iter().all(Option::is_none) {
            return cells.finish(Vector::zeros(self.kind, self.len));
        }
        // A row without an item takes the first of all, and is then made blank or an error again.
        let mut out = lists.items().gather(picked.iter().map(|at| at.unwrap_or(0)));
        let others = cells.finish(Vector::zeros(self.kind, self.len));
        for row in (0..self.len).filter(|row| picked[*row].is_none()) {
            out.set(row, &others.get(row));
        }
        out
    }

    /// One cell for each row: an item of the list in argument `from`, or another argument.
    pub(crate) fn picked(&self, from: usize, pick: impl Fn(Row<'_>) -> Given<Pick>) -> Chunk {
        let mut picks = Vec::with_capacity(self.len);
        let cells = self.rows(|row, ask| {
            let given = if ask { pick(row).map(Some) } else { Ok(None) };
            picks.push(given.as_ref().ok().copied().flatten());
            given.map(|given| given.is_some())
        });
        let others = cells.finish(Vector::zeros(self.kind, self.len));
        let place = |pick: &Option<Pick>| match pick {
            Some(Pick::Item(at)) => Some(*at),
            _ => None,
        };
        // A row without an item takes the first of all, and then what it should be.
        let mut out = match picks.iter().any(|pick| place(pick).is_some()) {
            true => self.list(from).items().gather(picks.iter().map(|pick| place(pick).unwrap_or(0))),
            false => Chunk::blank(self.kind, self.len),
        };
        for (row, pick) in picks.iter().enumerate() {
            match pick {
                Some(Pick::Item(_)) => {}
                Some(Pick::Argument(arg)) => {
                    out.set(row, &self.args[*arg].chunk.get(self.args[*arg].at(row)))
                }
                None => out.set(row, &others.get(row)),
            }
        }
        out
    }

    /// The numbers of all arguments of each row, folded; blank ones are passed over.
    pub(crate) fn fold<S>(
        &self,
        start: impl Fn() -> S,
        add: impl Fn(&mut S, f64),
        finish: impl Fn(S) -> Given<Option<f64>>,
    ) -> Chunk {
        self.maybe_numbers(|row| {
            let mut state = start();
            row.each_number(|number| add(&mut state, number))?;
            finish(state)
        })
    }

    /// The lists of an argument.
    pub(crate) fn list(&self, arg: usize) -> &ListVector {
        self.args[arg].chunk.lists().expect("the signature says list")
    }

    fn rows(&self, mut give: impl FnMut(Row<'_>, bool) -> Given<bool>) -> RowCells {
        let can_fail = self.args.iter().any(Operand::has_errors);
        let dates = self.needs_dates && self.args.iter().any(|arg| !arg.chunk.valid().all());
        let mut cells = RowCells::default();
        for at in 0..self.len {
            let before = if can_fail || dates { self.before(at) } else { Before::Ask };
            let given = give(Row { call: self, at }, matches!(before, Before::Ask));
            match (before, given) {
                (Before::Error(error), _) => cells.push(false, Some(error)),
                (_, Ok(valid)) => cells.push(valid, None),
                (_, Err(error)) => cells.push(false, Some(Arc::new(error))),
            }
        }
        cells
    }

    fn before(&self, row: usize) -> Before {
        if let Some(error) = self.args.iter().find_map(|arg| arg.error(row)) {
            return Before::Error(Arc::clone(error));
        }
        let blank_date =
            |arg: &Operand| self.needs_dates && arg.chunk.kind() == Kind::Date && !arg.is_valid(row);
        if self.args.iter().any(blank_date) { Before::Blank } else { Before::Ask }
    }
}

/// Which rows are valid and which failed.
#[derive(Default)]
struct RowCells {
    valid: Bitmap,
    errors: Vec<(u32, Arc<CellError>)>,
}

impl RowCells {
    fn push(&mut self, valid: bool, error: Option<Arc<CellError>>) {
        if let Some(error) = error {
            self.errors.push((self.valid.len() as u32, error));
        }
        self.valid.push(valid);
    }

    fn finish(self, vector: Vector) -> Chunk {
        Chunk::with_errors(vector, self.valid, self.errors)
    }
}

impl<'a> Row<'a> {
    fn operand(&self, arg: usize) -> &'a Operand {
        &self.call.args[arg]
    }

    pub(crate) fn text(&self, arg: usize) -> &'a str {
        let operand = self.operand(arg);
        operand.chunk.texts().expect("the signature says text").get(operand.at(self.at))
    }

    pub(crate) fn number(&self, arg: usize) -> f64 {
        let operand = self.operand(arg);
        operand.chunk.numbers().expect("the signature says number")[operand.at(self.at)]
    }

    /// Where the cell of an argument is in its chunk.
    pub(crate) fn place(&self, arg: usize) -> usize {
        self.operand(arg).at(self.at)
    }

    /// A number without its fraction, kept within what an `i64` holds.
    pub(crate) fn whole(&self, arg: usize) -> i64 {
        self.number(arg) as i64
    }

    /// A number of characters or items: negative is refused.
    pub(crate) fn count(&self, arg: usize) -> Given<usize> {
        match self.whole(arg) {
            n if n < 0 => refuse(format!("a count is not negative, got {n}")),
            n => Ok(usize::try_from(n).unwrap_or(usize::MAX)),
        }
    }

    pub(crate) fn is_true(&self, arg: usize) -> bool {
        self.operand(arg).is_true(self.at)
    }

    pub(crate) fn date(&self, arg: usize) -> i64 {
        let operand = self.operand(arg);
        operand.chunk.dates().expect("the signature says date")[operand.at(self.at)]
    }
    /// Whether an argument was given at all.
    pub(crate) fn has(&self, arg: usize) -> bool {
        arg < self.call.args.len()
    }

    pub(crate) fn n_args(&self) -> usize {
        self.call.args.len()
    }

    pub(crate) fn is_blank(&self, arg: usize) -> bool {
        !self.operand(arg).is_valid(self.at)
    }

    /// The kind of an argument's items, and where the one item of this row is; `None` for several or none.
    pub(crate) fn single(&self, arg: usize) -> Option<(&'a Chunk, usize)> {
        let (items, range) = self.items(arg);
        (range.len() == 1).then_some((items, range.start))
    }

    /// Whether an argument is a list.
    pub(crate) fn is_list(&self, arg: usize) -> bool {
        self.operand(arg).chunk.lists().is_some()
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.call.context.dialect
    }

    pub(crate) fn zone(&self) -> &'a TimeZone {
        &self.call.zone
    }

    /// The items of an argument: of its list, or the argument itself.
    pub(crate) fn items(&self, arg: usize) -> (&'a Chunk, Range<usize>) {
        let operand = self.operand(arg);
        let at = operand.at(self.at);
        match operand.chunk.lists() {
            Some(lists) => (lists.items(), lists.range(at)),
            None => (&operand.chunk, at..at + 1),
        }
    }

    /// The numbers of all arguments that are not blank.
    pub(crate) fn each_number(&self, mut visit: impl FnMut(f64)) -> Given<()> {
        for arg in 0..self.n_args() {
            let (items, range) = self.items(arg);
            let numbers = items.numbers().expect("the signature says numbers");
            no_error(items, range.clone())?;
            range.filter(|at| items.is_valid(*at)).for_each(|at| visit(numbers[at]));
        }
        Ok(())
    }

    /// The dates of all arguments that are not blank.
    pub(crate) fn each_date(&self, mut visit: impl FnMut(i64)) -> Given<()> {
        for arg in 0..self.n_args() {
            let (items, range) = self.items(arg);
            let dates = items.dates().expect("the checker says dates");
            no_error(items, range.clone())?;
            range.filter(|at| items.is_valid(*at)).for_each(|at| visit(dates[at]));
        }
        Ok(())
    }

    /// The texts of one argument that are not blank.
    pub(crate) fn each_text_of(&self, arg: usize, mut visit: impl FnMut(&'a str)) -> Given<()> {
        let (items, range) = self.items(arg);
        let texts = items.texts().expect("the signature says texts");
        no_error(items, range.clone())?;
        range.filter(|at| items.is_valid(*at)).for_each(|at| visit(texts.get(at)));
        Ok(())
    }

    /// The texts of the arguments from `first` on that are not blank.
    pub(crate) fn each_text(&self, first: usize, mut visit: impl FnMut(&'a str)) -> Given<()> {
        (first..self.n_args()).try_for_each(|arg| self.each_text_of(arg, &mut visit))
    }
}

/// Fails with the first failed item of a list.
pub(crate) fn no_error(items: &Chunk, range: Range<usize>) -> Given<()> {
    if items.errors().is_empty() {
        return Ok(());
    }
    match range.into_iter().find_map(|at| items.error(at)) {
        Some(error) => Err(CellError::clone(error)),
        None => Ok(()),
    }
}

/// The order of two cells of a chunk: by value, blank and failed ones last in both directions.
pub(crate) fn compare_items(chunk: &Chunk, a: usize, b: usize, descending: bool) -> Ordering {
    match (chunk.is_valid(a), chunk.is_valid(b)) {
        (false, false) => return Ordering::Equal,
        (false, true) => return Ordering::Greater,
        (true, false) => return Ordering::Less,
        (true, true) => {}
    }
    let ordering = match chunk.vector() {
        Vector::Bool(bits) => bits.get(a).cmp(&bits.get(b)),
        Vector::Number(numbers) => numbers[a].total_cmp(&numbers[b]),
        Vector::Text(texts) => texts.get(a).cmp(texts.get(b)),
        Vector::Date(dates) => dates[a].cmp(&dates[b]),
        Vector::Choice(codes) => codes[a].cmp(&codes[b]),
        Vector::List(_) => Ordering::Equal,
    };
    if descending { ordering.reverse() } else { ordering }
}
