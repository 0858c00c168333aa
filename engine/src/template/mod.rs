//! Templates: ready bases in the text form, one `.base` file for each language, and one line in [`TEMPLATES`].
//!
//! A template has tables, views, dashboards and automations, but no records and no people: what a person starts
//! with. What a demo shows besides is made by [`sample`], through commands like everything else.

pub mod sample;

use crate::base::Base;
use crate::error::Error;
use crate::id::PersonId;
use crate::text::{self, BuildError};

/// All templates, in the order in which they are offered.
pub const TEMPLATES: &[Template] = &[Template {
    id: "campaign",
    name: Words { zh: "大促活动管理", en: "Campaign tracker" },
    description: Words {
        zh: "大促从筹备到复盘:需求、任务甘特图、每日数据、商品与渠道、风险、作战室仪表盘和自动化。",
        en: "A sales campaign from planning to review: demands, tasks on a Gantt chart, daily figures, products, \
             channels, risks, a war-room dashboard and automations.",
    },
    tables: Lists {
        zh: &["活动", "需求", "任务", "里程碑", "商品", "渠道", "每日数据", "风险"],
        en: &[
            "Campaigns",
            "Demands",
            "Tasks",
            "Milestones",
            "Products",
            "Channels",
            "Daily figures",
            "Risks",
        ],
    },
    text: Words { zh: include_str!("campaign.zh.base"), en: include_str!("campaign.en.base") },
    fill: sample::fill_campaign,
}];

/// A ready base.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// For programs: `sheaf new campaign`.
    pub id: &'static str,
    /// For people.
    pub name: Words,
    /// One sentence for people.
    pub description: Words,
    /// The names of its tables.
    pub tables: Lists,
    /// Its text form (`crate::text`).
    pub text: Words,
    /// Fills a base that was made from it with sample data.
    pub fill: Fill,
}

/// Makes sample data through commands; told how many records of how many are made.
///
/// # Errors
///
/// [`Error::Refused`] if the base is not as the template made it; what was made until then stays.
/// [`Error::Stopped`] as for every command.
pub type Fill = fn(&Base, &Sample<'_>, &mut dyn FnMut(usize, usize)) -> Result<(), Error>;

/// What sample data is made from. The same gives the same cells.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Who is said to have made it.
    pub author: Option<PersonId>,
    /// Who owns tasks and the like, the one who looks at it first; all are known to the base already.
    pub people: &'a [PersonId],
    /// How many records the largest table gets; as many as look real if nothing is said.
    pub rows: Option<usize>,
    /// Of the random numbers.
    pub seed: u64,
    /// Today, around which dates lie, in milliseconds UTC.
    pub now_ms: i64,
}

/// A language that templates speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// The same in each language.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

/// Several words in each language.
#[derive(Clone, Copy, Debug)]
pub struct Lists {
    /// In Chinese.
    pub zh: &'static [&'static str],
    /// In English.
    pub en: &'static [&'static str],
}

impl Locale {
    /// The language for a BCP 47 tag such as `zh-CN`; English for those that templates do not speak.
    pub fn of(tag: &str) -> Self {
        if tag.starts_with("zh") { Self::Zh } else { Self::En }
    }

    /// A tag that means this language.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }
}

impl Words {
    /// In this language.
    pub const fn get(self, locale: Locale) -> &'static str {
        match locale {
            Locale::Zh => self.zh,
            Locale::En => self.en,
        }
    }
}

impl Lists {
    /// In this language.
    pub const fn get(self, locale: Locale) -> &'static [&'static str] {
        match locale {
            Locale::Zh => self.zh,
            Locale::En => self.en,
        }
    }
}

/// All templates.
pub const fn list() -> &'static [Template] {
    TEMPLATES
}

/// A template by its id.
pub fn find(id: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.id == id)
}

/// Builds a template in `base`, which exists and has no table of the same names yet. `author` owns its
/// automations.
///
/// # Errors
///
/// If a table of the template is there already, or the base stopped; what was made until then stays.
///
/// # Examples
///
/// ```
/// use engine::template::{self, Locale};
///
/// let base = engine::memory_base();
/// let template = template::find("campaign").expect("it is there");
/// template::create(&base, template, Locale::En, None, 0)?;
/// assert!(base.snapshot().schema().table_named("Daily figures").is_some());
/// # Ok::<(), engine::text::BuildError>(())
/// ```
pub fn create(
    base: &Base,
    template: &Template,
    locale: Locale,
    author: Option<PersonId>,
    now_ms: i64,
) -> Result<(), BuildError> {
    let script = text::parse(template.text.get(locale))?;
    text::build(base, &script, author, now_ms)
}
