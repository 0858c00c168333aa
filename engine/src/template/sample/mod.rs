//! Sample data for a demo: a campaign tracker that looks as if a team had worked in it for three months.
//!
//! Everything is made through commands, as a person's edits are. All of it follows from the seed, the moment and
//! the rows asked for, so that the same demo can be made again. Figures are consistent with each other (clicks
//! come of impressions, orders of clicks, GMV of orders and prices), tasks with their dates and predecessors,
//! so no automation of the template has anything to do when the sample is there.

mod figures;
mod random;
mod sheet;
mod tasks;
mod words;

use formulas::{RecordId, TableId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use self::random::Random;
use self::sheet::Sheet;
use self::words::{CATEGORIES, CHANNELS, DEMANDS, PRODUCTS, RISKS, TEAMS, w};
use super::{Locale, Sample, Words};
use crate::base::Base;
use crate::change::Outcome;
use crate::command::Request;
use crate::error::{Error, Refusal};
use crate::field::Input;
use crate::id::{IdCodec, PersonId};

/// Daily figures where nothing else is asked for: enough to look real, few enough to be there at once.
pub const ROWS_USUAL: usize = 90 * 7 * 5;

/// Fills a campaign tracker, made from the template `campaign` in either language: [`Sample::rows`] daily figures,
/// [`ROWS_USUAL`] if nothing is said.
///
/// # Errors
///
/// As for every [`Fill`](super::Fill).
pub fn fill_campaign(
    base: &Base,
    sample: &Sample<'_>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(), Error> {
    let mut filler = Filler::new(base, sample);
    let rows = sample.rows.unwrap_or(ROWS_USUAL);
    let channels = filler.channels()?;
    let products = filler.products()?;
    let campaigns = filler.campaigns(figures::scale(rows))?;
    let milestones = filler.milestones(&campaigns)?;
    let tasks = filler.tasks(&campaigns, &milestones)?;
    filler.demands(&campaigns, &channels, &tasks)?;
    filler.risks(&campaigns)?;
    filler.figures(rows, &figures::Targets { channels, products, campaigns }, progress)
}

/// The campaigns: when they begin and end, in days from today, and when orders peak.
struct Campaign {
    name: Words,
    kind: Words,
    start: i64,
    end: i64,
    opening: i64,
    peak: i64,
    target: f64,
    budget: f64,
    notes: Words,
}

const CAMPAIGNS: [Campaign; 3] = [
    Campaign {
        name: w("618 年中大促", "618 mid-year sale"),
        kind: w("618", "618"),
        start: -84,
        end: -56,
        opening: -80,
        peak: -57,
        target: 15_000_000.0,
        budget: 4_200_000.0,
        notes: w("已结束,复盘报告见任务列表。", "It is over; the review is among the tasks."),
    },
    Campaign {
        name: w("双十一全球狂欢节", "Double 11 global festival"),
        kind: w("双十一", "Double 11"),
        start: -24,
        end: 3,
        opening: -20,
        peak: -1,
        target: 18_000_000.0,
        budget: 4_800_000.0,
        notes: w(
            "全渠道,预售加两波现货,高峰日加开专场直播。",
            "All channels: presale and two waves, more live shows on the peak day.",
        ),
    },
    Campaign {
        name: w("年货节", "New Year sale"),
        kind: w("年货节", "New Year sale"),
        start: 18,
        end: 46,
        opening: 22,
        peak: 41,
        target: 12_000_000.0,
        budget: 3_000_000.0,
        notes: w("主打礼盒与食品,物流提前备货。", "Gift boxes and food; stock is sent ahead."),
    },
];

/// What all parts of the sample need.
struct Filler<'a> {
    base: &'a Base,
    author: Option<PersonId>,
    people: &'a [PersonId],
    now_ms: i64,
    locale: Locale,
    today: Date,
    /// The part of today that is over.
    day_part: f64,
    random: Random,
}

impl<'a> Filler<'a> {
    fn new(base: &'a Base, sample: &Sample<'a>) -> Self {
        let snapshot = base.snapshot();
        // The language of the tables, which need not be the base's.
        let chinese = snapshot.schema().table_named("每日数据").is_some();
        let zone = TimeZone::get(&snapshot.stored().info.time_zone).unwrap_or(TimeZone::UTC);
        let now = zone.to_datetime(Timestamp::from_millisecond(sample.now_ms).unwrap_or_default());
        Self {
            base,
            author: sample.author,
            people: sample.people,
            now_ms: sample.now_ms,
            locale: if chinese { Locale::Zh } else { Locale::En },
            today: now.date(),
            day_part: (f64::from(now.hour()) + 0.5) / 24.0,
            random: Random::new(sample.seed),
        }
    }

    /// Makes the records of a sheet.
    fn submit(&self, sheet: Sheet) -> Result<Vec<RecordId>, Error> {
        let request = Request::new(self.author, self.now_ms, vec![sheet.command()]);
        let receipt = self.base.submit(request)?;
        Ok(match receipt.outcomes.first() {
            Some(Outcome::Records { created, .. }) => created.iter().collect(),
            _ => Vec::new(),
        })
    }

    fn sheet(&self, table: Words) -> Result<Sheet, Error> {
        Sheet::new(self.base, self.locale, table)
    }

    fn table(&self, name: Words) -> Result<TableId, Error> {
        let name = name.get(self.locale);
        let snapshot = self.base.snapshot();
        let found = snapshot.schema().table_named(name).map(|table| table.id);
        found.ok_or_else(|| Refusal::not_found(format!("there is no table \"{name}\"")).into())
    }

    /// A text in the base's language.
    fn text(&self, words: Words) -> Input {
        words.get(self.locale).into()
    }

    /// The date so many days after today, as the wire writes it.
    fn date(&self, days: i64) -> Input {
        Input::Text(self.today.saturating_add(Span::new().days(days)).to_string())
    }

    /// One of the people, as a cell.
    fn person(&self, at: usize) -> Input {
        match self.people.is_empty() {
            true => Input::Blank,
            false => Input::List(vec![Input::Text(IdCodec::person(self.people[at % self.people.len()]))]),
        }
    }

    /// A cell with one linked record.
    fn link(&self, table: TableId, record: RecordId) -> Input {
        Input::List(vec![Input::Text(self.base.snapshot().ids().record(table, record))])
    }

    fn channels(&mut self) -> Result<Vec<RecordId>, Error> {
        let mut sheet = self.sheet(w("渠道", "Channels"))?;
        sheet.column(w("渠道名称", "Name"), CHANNELS.iter().map(|channel| self.text(channel.name)))?;
        sheet.column(w("类型", "Type"), CHANNELS.iter().map(|channel| self.text(channel.kind)))?;
        sheet.column(w("负责人", "Owner"), (0..CHANNELS.len()).map(|at| self.person(at)))?;
        self.submit(sheet)
    }

    fn products(&mut self) -> Result<Vec<RecordId>, Error> {
        let mut sheet = self.sheet(w("商品", "Products"))?;
        let stock: Vec<Input> = PRODUCTS
            .iter()
            .map(|_| {
                let short = self.random.chance(0.12);
                let stock = if short { self.random.days(40, 480) } else { self.random.days(600, 12_000) };
                (stock as f64).into()
            })
            .collect();
        sheet.column(w("商品名称", "Name"), PRODUCTS.iter().map(|product| self.text(product.name)))?;
        sheet.column(
            w("编码", "Code"),
            (1..=PRODUCTS.len()).map(|at| Input::Text(format!("SKU-{}", 1_000 + at))),
        )?;
        let category = PRODUCTS.iter().map(|product| self.text(CATEGORIES[product.category]));
        sheet.column(w("品类", "Category"), category)?;
        sheet.column(w("标价", "List price"), PRODUCTS.iter().map(|product| product.price.into()))?;
        sheet.column(w("库存", "Stock"), stock.into_iter())?;
        sheet
            .column(w("负责人", "Owner"), PRODUCTS.iter().map(|product| self.person(product.category + 1)))?;
        self.submit(sheet)
    }

    /// `scale`: how many times more is sold than usual, which targets and budgets follow.
    fn campaigns(&mut self, scale: f64) -> Result<Vec<RecordId>, Error> {
        let money = |amount: f64| Input::Number((amount * scale / 10_000.0).round() * 10_000.0);
        let mut sheet = self.sheet(w("活动", "Campaigns"))?;
        let all = || CAMPAIGNS.iter();
        sheet.column(w("活动名称", "Name"), all().map(|one| self.text(one.name)))?;
        sheet.column(w("类型", "Type"), all().map(|one| self.text(one.kind)))?;
        sheet.column(w("开始日期", "Start"), all().map(|one| self.date(one.start)))?;
        sheet.column(w("结束日期", "End"), all().map(|one| self.date(one.end)))?;
        sheet.column(w("负责人", "Owner"), (0..CAMPAIGNS.len()).map(|at| self.person(at)))?;
        sheet.column(w("目标GMV", "Target GMV"), all().map(|one| money(one.target)))?;
        sheet.column(w("预算", "Budget"), all().map(|one| money(one.budget)))?;
        sheet.column(w("活动说明", "Notes"), all().map(|one| self.text(one.notes)))?;
        self.submit(sheet)
    }

    fn demands(
        &mut self,
        campaigns: &[RecordId],
        channels: &[RecordId],
        tasks: &tasks::Made,
    ) -> Result<(), Error> {
        let (of, task) = (self.table(w("活动", "Campaigns"))?, self.table(w("任务", "Tasks"))?);
        let channel = self.table(w("渠道", "Channels"))?;
        let mut sheet = self.sheet(w("需求", "Demands"))?;
        // Every fifth is declined, of the others half are accepted and have a task each.
        let status = |at: usize| match at % 5 {
            4 => w("已拒绝", "Declined"),
            0 | 2 => w("已受理", "Accepted"),
            _ => w("待评审", "To review"),
        };
        let priorities = [w("P0", "P0"), w("P1", "P1"), w("P2", "P2"), w("P3", "P3")];
        let all = || 0..DEMANDS.len();
        let wanted: Vec<i64> = all()
            .map(|at| if at % 5 == 0 { self.random.days(-12, 4) } else { self.random.days(2, 30) })
            .collect();
        let priority: Vec<usize> = all().map(|_| self.random.days(0, 3) as usize).collect();
        let asks: Vec<usize> = all().map(|_| self.random.below(100)).collect();
        sheet.column(w("需求标题", "Title"), all().map(|at| self.text(DEMANDS[at].1)))?;
        sheet.column(w("状态", "Status"), all().map(|at| self.text(status(at))))?;
        sheet.column(w("优先级", "Priority"), all().map(|at| self.text(priorities[priority[at]])))?;
        sheet.column(w("提出人", "From"), all().map(|at| self.person(asks[at])))?;
        sheet.column(w("提出部门", "Team"), all().map(|at| self.text(TEAMS[DEMANDS[at].0])))?;
        sheet.column(
            w("渠道", "Channel"),
            all().map(|at| self.link(channel, channels[asks[at] % channels.len()])),
        )?;
        sheet.column(w("活动", "Campaign"), all().map(|at| self.link(of, campaigns[1 + at % 2])))?;
        sheet.column(w("期望日期", "Wanted by"), all().map(|at| self.date(wanted[at])))?;
        let linked = all().map(|at| match at % 5 {
            0 | 2 => self.link(task, tasks.of_campaign(1 + at % 2, at)),
            _ => Input::Blank,
        });
        sheet.column(w("任务", "Task"), linked)?;
        self.submit(sheet).map(drop)
    }

    fn risks(&mut self, campaigns: &[RecordId]) -> Result<(), Error> {
        let of = self.table(w("活动", "Campaigns"))?;
        let levels = [w("高", "High"), w("中", "Medium"), w("低", "Low")];
        let statuses = [
            w("待处理", "Open"),
            w("处理中", "Being handled"),
            w("已缓解", "Mitigated"),
            w("已关闭", "Closed"),
        ];
        let found: Vec<i64> = RISKS.iter().map(|_| self.random.days(-30, -1)).collect();
        let mut sheet = self.sheet(w("风险", "Risks"))?;
        let all = || RISKS.iter().enumerate();
        sheet.column(w("风险描述", "Risk"), all().map(|(_, risk)| self.text(risk.2)))?;
        sheet.column(w("等级", "Level"), all().map(|(_, risk)| self.text(levels[risk.0])))?;
        sheet.column(w("状态", "Status"), all().map(|(_, risk)| self.text(statuses[risk.1])))?;
        sheet.column(w("负责人", "Owner"), all().map(|(at, _)| self.person(at)))?;
        sheet.column(
            w("活动", "Campaign"),
            all().map(|(at, _)| self.link(of, campaigns[1 + usize::from(at % 4 == 3)])),
        )?;
        sheet.column(w("发现日期", "Found"), all().map(|(at, _)| self.date(found[at])))?;
        sheet.column(w("应对措施", "Mitigation"), all().map(|(_, risk)| self.text(risk.3)))?;
        self.submit(sheet).map(drop)
    }
}
