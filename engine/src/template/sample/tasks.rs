//! Tasks and milestones: chains of steps laid out over the weeks before and during each campaign.

use formulas::RecordId;

use super::words::{About, CATEGORIES, CHAINS, CHANNELS, KINDS, MILESTONES, w};
use super::{CAMPAIGNS, Filler};
use crate::command::{Command, RecordUpdate, Request};
use crate::error::Error;
use crate::field::Input;

/// Tasks of each campaign.
const TASKS: [usize; 3] = [76, 84, 40];
/// Days before a campaign on which its planning starts.
const LEAD_DAYS: i64 = 36;
/// Days over which the chains of a campaign begin: those of the running one go on until today.
const SPREAD_DAYS: [i64; 3] = [12, 36, 14];

/// The tasks that were made.
pub(super) struct Made {
    ids: Vec<RecordId>,
    campaigns: Vec<usize>,
}

impl Made {
    /// One of the tasks of a campaign, another for each `at`.
    pub(super) fn of_campaign(&self, campaign: usize, at: usize) -> RecordId {
        let from = self.campaigns.iter().position(|of| *of == campaign).unwrap_or(0);
        // From the chains of channels and categories, which have the most tasks.
        self.ids[from + 11 + at]
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Status {
    Todo,
    Doing,
    Review,
    Done,
    Hold,
}

const STATUSES: [super::Words; 5] = [
    w("未开始", "To do"),
    w("进行中", "In progress"),
    w("待验收", "In review"),
    w("已完成", "Done"),
    w("已搁置", "On hold"),
];

struct Task {
    title: String,
    kind: usize,
    campaign: usize,
    milestone: usize,
    start: i64,
    due: i64,
    /// Index of the task before it.
    after: Option<usize>,
    status: Status,
    progress: f64,
    finished: Option<i64>,
    owner: usize,
    priority: usize,
    is_key: bool,
}

impl Task {
    fn is_late(&self) -> bool {
        self.due < 0 && !matches!(self.status, Status::Done | Status::Hold)
    }
}

/// When the milestones of a campaign are, in days from today.
fn milestones_of(campaign: usize) -> [i64; 5] {
    let of = &CAMPAIGNS[campaign];
    [of.start - 20, of.start - 3, of.start, of.peak, of.end + 10]
}

impl Filler<'_> {
    /// Five for each campaign, in order.
    pub(super) fn milestones(&mut self, campaigns: &[RecordId]) -> Result<Vec<RecordId>, Error> {
        let of = self.table(w("活动", "Campaigns"))?;
        let mut sheet = self.sheet(w("里程碑", "Milestones"))?;
        let all =
            || (0..CAMPAIGNS.len()).flat_map(|campaign| (0..MILESTONES.len()).map(move |at| (campaign, at)));
        let name = |(campaign, at): (usize, usize)| {
            let (kind, name) = (CAMPAIGNS[campaign].kind.get(self.locale), MILESTONES[at].get(self.locale));
            Input::Text(format!("{kind} · {name}"))
        };
        sheet.column(w("里程碑名称", "Name"), all().map(name))?;
        sheet
            .column(w("日期", "Date"), all().map(|(campaign, at)| self.date(milestones_of(campaign)[at])))?;
        sheet.column(w("活动", "Campaign"), all().map(|(campaign, _)| self.link(of, campaigns[campaign])))?;
        sheet.column(w("负责人", "Owner"), all().map(|(campaign, at)| self.person(campaign + at)))?;
        self.submit(sheet)
    }

    pub(super) fn tasks(&mut self, campaigns: &[RecordId], milestones: &[RecordId]) -> Result<Made, Error> {
        let mut tasks = Vec::new();
        for campaign in 0..CAMPAIGNS.len() {
            self.plan(campaign, &mut tasks);
        }
        self.work(&mut tasks);
        self.own(&mut tasks);
        let ids = self.write(&tasks, campaigns, milestones)?;
        self.order(&tasks, &ids)?;
        Ok(Made { ids, campaigns: tasks.iter().map(|task| task.campaign).collect() })
    }

    /// Lays out the chains of one campaign.
    fn plan(&mut self, campaign: usize, tasks: &mut Vec<Task>) {
        let of = &CAMPAIGNS[campaign];
        let first = tasks.len();
        for (number, chain) in CHAINS.iter().enumerate() {
            let about: Vec<&str> = match chain.about {
                About::Campaign => vec![""],
                About::Channels => CHANNELS.iter().map(|channel| channel.name.get(self.locale)).collect(),
                About::Categories => CATEGORIES.iter().map(|name| name.get(self.locale)).collect(),
            };
            for about in about {
                let mut at = match number {
                    0 => of.start - LEAD_DAYS,
                    6 => of.peak - 12 + self.random.days(0, 2),
                    7 => of.end + 2,
                    _ => of.start - LEAD_DAYS + 14 + self.random.days(0, SPREAD_DAYS[campaign]),
                };
                // The plan comes first: what is not part of it waits for the offers.
                let mut after = (number > 0).then_some(first + 2);
                if let Some(offers) = after {
                    at = at.max(tasks[offers].due + 1);
                }
                for (step, (kind, title)) in chain.steps.iter().enumerate() {
                    if tasks.len() - first == TASKS[campaign] {
                        return;
                    }
                    let is_key = step + 1 == chain.steps.len() && matches!(number, 1 | 5 | 6 | 7);
                    let days = if is_key { 1 } else { self.random.days(3, 7) };
                    if number == 6 && is_key {
                        at = of.peak;
                    }
                    let (start, due) = (at, at + days - 1);
                    let milestone = milestones_of(campaign).iter().position(|date| *date >= due).unwrap_or(4);
                    let priority = match (number, self.random.below(10)) {
                        (0 | 1 | 6, 0..5) => 0,
                        (_, 0..3) => 1,
                        (_, 3..8) => 2,
                        _ => 3,
                    };
                    tasks.push(Task {
                        title: title.get(self.locale).replace("{}", about),
                        kind: *kind,
                        campaign,
                        milestone: campaign * MILESTONES.len() + milestone,
                        start,
                        due,
                        after: after.replace(tasks.len()),
                        status: Status::Todo,
                        progress: 0.0,
                        finished: None,
                        owner: 0,
                        priority,
                        is_key,
                    });
                    at = due + 1 + self.random.days(0, 1);
                }
            }
        }
    }

    /// What is done by today. Predecessors stand before what waits for them.
    fn work(&mut self, tasks: &mut [Task]) {
        let mut n_recent = 0;
        for at in 0..tasks.len() {
            let ready = tasks[at].after.is_none_or(|before| tasks[before].status == Status::Done);
            let task = &tasks[at];
            let (start, due) = (task.start, task.due);
            // What is long past its dates is done; of the last two weeks one in three is late.
            let recent = ready && (-14..0).contains(&due);
            n_recent += usize::from(recent);
            let done = due < 0 && !(recent && n_recent % 3 == 0);
            let (status, progress) = match () {
                () if due >= 0 && self.random.chance(0.05) => (Status::Hold, 0.0),
                () if start > 0 || !ready => (Status::Todo, 0.0),
                () if done => (Status::Done, 1.0),
                () => {
                    let elapsed = (1 - start) as f64 / (due - start + 1) as f64;
                    let progress = (elapsed.min(1.0) * self.random.between(0.4, 1.0)).clamp(0.1, 0.9);
                    let review = progress >= 0.75 && self.random.chance(0.6);
                    (if review { Status::Review } else { Status::Doing }, (progress * 20.0).round() / 20.0)
                }
            };
            let task = &mut tasks[at];
            task.status = status;
            task.progress = progress;
            task.finished = (status == Status::Done).then(|| (due + self.random.days(-1, 1)).clamp(start, 0));
        }
    }

    /// People share the work by kind; of what is late, each third task is the first one's, who looks at the demo.
    fn own(&mut self, tasks: &mut [Task]) {
        let mut n_late = 0;
        for task in tasks {
            task.owner = task.kind + self.random.below(2);
            if task.is_late() {
                if n_late % 3 == 0 {
                    task.owner = 0;
                }
                n_late += 1;
            }
        }
    }

    fn write(
        &self,
        tasks: &[Task],
        campaigns: &[RecordId],
        milestones: &[RecordId],
    ) -> Result<Vec<RecordId>, Error> {
        let of = self.table(w("活动", "Campaigns"))?;
        let goal = self.table(w("里程碑", "Milestones"))?;
        let mut sheet = self.sheet(w("任务", "Tasks"))?;
        let all = || tasks.iter();
        sheet.column(w("任务名称", "Title"), all().map(|task| Input::Text(task.title.clone())))?;
        sheet.column(w("状态", "Status"), all().map(|task| self.text(STATUSES[task.status as usize])))?;
        sheet
            .column(w("优先级", "Priority"), all().map(|task| Input::Text(format!("P{}", task.priority))))?;
        sheet.column(w("负责人", "Owner"), all().map(|task| self.person(task.owner)))?;
        sheet.column(w("开始日期", "Start"), all().map(|task| self.date(task.start)))?;
        sheet.column(w("截止日期", "Due"), all().map(|task| self.date(task.due)))?;
        sheet.column(w("进度", "Progress"), all().map(|task| task.progress.into()))?;
        sheet.column(w("活动", "Campaign"), all().map(|task| self.link(of, campaigns[task.campaign])))?;
        sheet.column(
            w("里程碑", "Milestone"),
            all().map(|task| self.link(goal, milestones[task.milestone])),
        )?;
        sheet.column(w("类别", "Kind"), all().map(|task| self.text(KINDS[task.kind])))?;
        sheet.column(w("关键节点", "Key date"), all().map(|task| task.is_key.into()))?;
        let finished = all().map(|task| task.finished.map_or(Input::Blank, |day| self.date(day)));
        sheet.column(w("完成日期", "Finished"), finished)?;
        // As the automation would have left it.
        sheet.column(w("逾期提醒", "Late notice"), all().map(|task| task.is_late().into()))?;
        self.submit(sheet)
    }

    /// Links each task to the one before it, in one commit.
    fn order(&self, tasks: &[Task], ids: &[RecordId]) -> Result<(), Error> {
        let sheet = self.sheet(w("任务", "Tasks"))?;
        let (table, field) = (sheet.table, sheet.field(w("前置任务", "Waits for"))?);
        let update = |(at, task): (usize, &Task)| {
            let before = self.link(table, ids[task.after?]);
            Some(RecordUpdate { record: ids[at], if_version: None, cells: vec![(field, before)] })
        };
        let records = tasks.iter().enumerate().filter_map(update).collect();
        let command = Command::UpdateRecords { table, records, typecast: false };
        self.base.submit(Request::new(self.author, self.now_ms, vec![command])).map(drop)
    }
}
