//! Templates build, say what they mean, and can be filled.

#![allow(missing_docs)]

mod common;

use std::collections::BTreeMap;

use common::{field_at, table};
use engine::analyze::Aggregate;
use engine::automation::script::Budget;
use engine::query::{Parameters, Query};
use engine::template::sample::ROWS_USUAL;
use engine::template::{self, Locale, Sample, Template};
use engine::{Base, Command, PersonId, RecordId, Request, Value};
use serde_json::{Value as Json, json};

const LOCALES: [Locale; 2] = [Locale::Zh, Locale::En];
const ANN: PersonId = PersonId(1);
/// 2101-06-18T02:00:00Z: a base starts on the clock of the machine, and is set forward from there alone.
const NOW_MS: i64 = 4_148_503_200_000;

fn empty(locale: Locale) -> Base {
    let base = common::base_over(engine::memory_base(), "");
    base.tick(NOW_MS);
    let update =
        Command::UpdateBase { name: None, locale: Some(locale.tag().into()), time_zone: None, dialect: None };
    base.submit(Request::new(Some(ANN), NOW_MS, vec![update])).expect("a language");
    base
}

fn built(template: &Template, locale: Locale) -> Base {
    let base = empty(locale);
    template::create(&base, template, locale, Some(ANN), NOW_MS)
        .unwrap_or_else(|error| panic!("{} {locale:?}: {error}", template.id));
    base
}

fn tracker(locale: Locale, rows: Option<usize>, seed: u64) -> Base {
    let template = template::find("campaign").expect("it is there");
    let base = built(template, locale);
    let sample = Sample { author: Some(ANN), people: &[ANN, PersonId(2)], rows, seed, now_ms: NOW_MS };
    (template.fill)(&base, &sample, &mut |_, _| {}).expect("it is filled");
    base
}

fn printed(base: &Base, with_records: bool) -> String {
    engine::text::print(&base.snapshot(), with_records)
}

fn number(base: &Base, path: &str, record: RecordId) -> f64 {
    match base.snapshot().get(field_at(base, path).1, record) {
        Value::Number(number) => number,
        Value::Blank => 0.0,
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn each_template_builds_in_each_language() {
    for template in template::list() {
        for locale in LOCALES {
            let base = built(template, locale);
            let snapshot = base.snapshot();
            assert!(snapshot.computed().broken.is_empty(), "{:?}", snapshot.computed().broken);
            let tables: Vec<&str> =
                snapshot.schema().tables_in_order().iter().map(|table| table.name.as_str()).collect();
            assert_eq!(tables, template.tables.get(locale), "{} says which tables it has", template.id);
            assert_eq!(engine::problems(&base), Vec::<String>::new());
        }
    }
}

/// Strings of settings that still look like a name to be resolved.
fn left_over(json: &Json) -> Vec<String> {
    match json {
        Json::String(text) => text.starts_with('$').then(|| text.clone()).into_iter().collect(),
        Json::Array(items) => items.iter().flat_map(left_over).collect(),
        Json::Object(map) => map
            .iter()
            .flat_map(|(key, value)| {
                left_over(&Json::String(key.clone())).into_iter().chain(left_over(value))
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn settings_name_what_is_there() {
    for template in template::list() {
        for locale in LOCALES {
            let base = built(template, locale);
            let snapshot = base.snapshot();
            let schema = snapshot.schema();
            for view in schema.views.values() {
                assert_eq!(left_over(&view.settings), Vec::<String>::new(), "{}", view.name);
            }
            for automation in schema.automations.values() {
                let settings = json!([automation.trigger, automation.condition, automation.actions]);
                assert_eq!(left_over(&settings), Vec::<String>::new(), "{}", automation.name);
                assert_eq!(
                    engine::automation::problem(automation, snapshot.stored()),
                    None,
                    "{}",
                    automation.name
                );
            }
            for dashboard in schema.dashboards.values() {
                assert_eq!(left_over(&dashboard.blocks), Vec::<String>::new(), "{}", dashboard.name);
                for block in dashboard.blocks.as_array().expect("blocks") {
                    let right = block["x"].as_u64().expect("x") + block["w"].as_u64().expect("w");
                    assert!(right <= 12, "{} stands within 12 columns", block["title"]);
                }
            }
        }
    }
}

/// The result of a block of the dashboard.
fn block(base: &Base, id: &str) -> engine::analyze::AggregateResult {
    let snapshot = base.snapshot();
    let blocks = snapshot.schema().dashboards.values().next().expect("a dashboard").blocks.clone();
    let block =
        blocks.as_array().expect("blocks").iter().find(|block| block["id"] == id).expect("the block").clone();
    let table = snapshot.ids().read_table(block["table"].as_str().expect("a table")).expect("its id");
    let query =
        Query::read(snapshot.stored(), table, &json!({ "filter": block["filter"] })).expect("a filter");
    let aggregate = Aggregate::read(snapshot.stored(), table, &block["aggregate"]).expect("an aggregate");
    let parameters = Parameters { me: Some(ANN), now_ms: NOW_MS };
    aggregate
        .compute(&snapshot, &query, &parameters)
        .unwrap_or_else(|refusal| panic!("{id}: {}", refusal.message))
}

#[test]
fn the_war_room_shows_the_sample() {
    let base = tracker(Locale::Zh, None, 1);
    let total = |id: &str| block(&base, id).totals[0].expect("a number");
    let days = block(&base, "gmv-today").groups;
    assert!(days.len() >= 30, "each day, to be beside the one before it: {}", days.len());
    let today = days.last().and_then(|day| day.values[0]).expect("today has figures");
    assert!(today > 10_000.0 && today < total("gmv-total") / 5.0);
    // A ratio of sums: a day of little business weighs as little as it was.
    let [Some(gmv), Some(cost)] = block(&base, "roi").totals[..] else { panic!("two measures") };
    assert!((2.0..8.0).contains(&(gmv / cost)), "{gmv} / {cost}");
    assert!(total("cost") < total("gmv-total") / 2.0);
    assert_eq!(block(&base, "gmv-day").groups.len(), 90);
    assert_eq!(block(&base, "gmv-channel").groups.len(), 7);
    assert_eq!(block(&base, "task-status").groups.len(), 5, "tasks of each status");
    assert_eq!(block(&base, "risks").groups.len(), 3);
    let top = block(&base, "top-sku");
    assert_eq!(top.groups.len(), 10);
    assert!(top.groups[0].values[0] > top.groups[9].values[0]);
    assert!(block(&base, "pivot").groups.len() >= 7 * 8);
    let channels: f64 = block(&base, "gmv-channel").groups.iter().filter_map(|group| group.values[0]).sum();
    assert!((channels - total("gmv-total")).abs() < 1.0);
}

#[test]
fn views_have_something_to_show() {
    for locale in LOCALES {
        let base = tracker(locale, None, 1);
        let snapshot = base.snapshot();
        for view in snapshot.schema().views.values() {
            let query = Query::of_view(snapshot.stored(), view).expect("settings fit");
            let plan =
                query.plan(&snapshot, &Parameters { me: Some(ANN), now_ms: NOW_MS }).expect("they still fit");
            let n = plan.select(&snapshot).records().len();
            assert!(n > 0, "{} is empty", view.name);
        }
    }
}

#[test]
fn the_sample_is_whole() {
    for locale in LOCALES {
        let base = tracker(locale, Some(1_000), 7);
        assert_eq!(engine::problems(&base), Vec::<String>::new());
        let snapshot = base.snapshot();
        let names = template::find("campaign").expect("it is there").tables.get(locale);
        let counts: Vec<usize> = names.iter().map(|name| snapshot.n_records(table(&base, name))).collect();
        assert_eq!(counts, [3, 30, 200, 15, 40, 7, 1_000, 12]);
    }
}

#[test]
fn printing_and_building_again_gives_the_same_text() {
    for locale in LOCALES {
        let base = tracker(locale, Some(50), 3);
        let text = printed(&base, true);
        let again = empty(locale);
        let script = engine::text::parse(&text).expect("it is in the form");
        engine::text::build(&again, &script, Some(ANN), NOW_MS).unwrap_or_else(|error| panic!("{error}"));
        let second = printed(&again, true);
        let differing = text.lines().zip(second.lines()).find(|(a, b)| a != b);
        assert_eq!(differing, None);
        assert_eq!(text.len(), second.len());
    }
}

#[test]
fn rollups_are_sums_of_the_records() {
    let base = tracker(Locale::En, None, 5);
    let snapshot = base.snapshot();
    let figures = table(&base, "Daily figures");
    assert_eq!(snapshot.n_records(figures), ROWS_USUAL);
    for (of, link) in [("Campaigns", "Campaign"), ("Channels", "Channel"), ("Products", "Product")] {
        let link = field_at(&base, &format!("Daily figures.{link}")).1;
        let mut sums: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        for record in snapshot.alive(figures).iter() {
            for to in snapshot.get(link, record).as_codes() {
                let sum = sums.entry(to).or_default();
                sum.0 += number(&base, "Daily figures.GMV", record);
                sum.1 += number(&base, "Daily figures.Orders", record);
            }
        }
        for record in snapshot.alive(table(&base, of)).iter() {
            let (gmv, orders) = sums.get(&record.0).copied().unwrap_or_default();
            let own = number(&base, &format!("{of}.GMV"), record);
            assert!((own - gmv).abs() < 0.01, "{of} {}: {own} is not {gmv}", record.0);
            assert_eq!(number(&base, &format!("{of}.Orders"), record), orders);
        }
    }
    let done =
        (0..200).filter(|task| common::shown(&base, &format!("Tasks.{}.Status", task + 1)) == "Done").count();
    let rolled: f64 = (0..3).map(|at| number(&base, "Campaigns.Tasks done", RecordId(at))).sum();
    assert_eq!(rolled, done as f64);
}

#[test]
fn figures_are_consistent() {
    let base = tracker(Locale::En, Some(5_000), 11);
    let snapshot = base.snapshot();
    let figures = table(&base, "Daily figures");
    for record in snapshot.alive(figures).iter() {
        let of = |name: &str| number(&base, &format!("Daily figures.{name}"), record);
        assert!(of("Impressions") > of("Clicks") && of("Clicks") > of("Orders"));
        assert_eq!(of("GMV") > 0.0, of("Orders") > 0.0);
    }
    let date = field_at(&base, "Daily figures.Date").1;
    let newest = snapshot.alive(figures).iter().last().expect("records");
    assert_eq!(snapshot.text(date, newest), "2101-06-18", "the last day is today");
}

#[test]
fn tasks_agree_with_their_dates_and_predecessors() {
    let base = tracker(Locale::En, Some(10), 1);
    let snapshot = base.snapshot();
    let fields = ["Status", "Start", "Due", "Progress", "Waits for", "Days late", "Late notice"];
    let [status, start, due, progress, waits, late, notice] =
        fields.map(|name| field_at(&base, &format!("Tasks.{name}")).1);
    let (mut n_late, mut n_waiting) = (0, 0);
    for task in snapshot.alive(table(&base, "Tasks")).iter() {
        let done = snapshot.text(status, task) == "Done";
        assert_eq!(done, snapshot.text(progress, task) == "100%");
        assert!(snapshot.text(start, task) <= snapshot.text(due, task));
        let is_late = !snapshot.get(late, task).is_blank();
        assert_eq!(
            is_late,
            !snapshot.text(notice, task).is_empty() && snapshot.text(notice, task) != "false"
        );
        n_late += usize::from(is_late);
        for before in snapshot.get(waits, task).as_codes() {
            n_waiting += 1;
            assert!(
                snapshot.text(due, RecordId(before)) < snapshot.text(start, task),
                "a task waits for an earlier one"
            );
            assert!(!done || snapshot.text(status, RecordId(before)) == "Done");
        }
    }
    assert!((8..40).contains(&n_late), "{n_late} tasks are late");
    assert!(n_waiting > 150, "{n_waiting} tasks wait for another");
}

#[test]
fn the_same_seed_gives_the_same_sample() {
    let text = |seed| printed(&tracker(Locale::Zh, Some(50), seed), true);
    assert_eq!(text(42), text(42));
    assert_ne!(text(42), text(43));
}

#[test]
fn the_sample_leaves_automations_nothing_to_do() {
    let base = tracker(Locale::Zh, Some(100), 1);
    let snapshot = base.snapshot();
    for automation in snapshot.schema().automations.values() {
        let (Some(table), Some(filter)) =
            (automation.trigger["table"].as_str(), automation.trigger.get("filter"))
        else {
            continue;
        };
        let table = snapshot.ids().read_table(table).expect("its id");
        let query = Query::read(snapshot.stored(), table, &json!({ "filter": filter })).expect("a filter");
        let plan = query.plan(&snapshot, &Parameters { me: Some(ANN), now_ms: NOW_MS }).expect("it fits");
        assert_eq!(plan.select(&snapshot).records().len(), 0, "{} has nothing to do", automation.name);
    }
}

#[test]
fn automations_do_what_they_say() {
    for locale in LOCALES {
        let base = tracker(locale, Some(2_000), 1);
        let snapshot = base.snapshot();
        for automation in snapshot.schema().automations.values() {
            let records = match automation.trigger["table"].as_str() {
                None => vec![None],
                Some(id) => {
                    let table = snapshot.ids().read_table(id).expect("its id");
                    snapshot.alive(table).iter().map(Some).collect()
                }
            };
            let acts = records.into_iter().any(|record| {
                let dry = engine::automation::dry_run(&base, automation, record, NOW_MS, Budget::default());
                assert_eq!(dry.error, None, "{}", automation.name);
                dry.effects.iter().for_each(|effect| println!("{}: {}", automation.name, effect.payload));
                !dry.changes.is_empty() || !dry.effects.is_empty()
            });
            assert!(acts, "{} does something", automation.name);
        }
    }
}

#[test]
fn campaigns_are_past_running_and_ahead() {
    let base = tracker(Locale::Zh, None, 1);
    let all = |name: &str| [1, 2, 3].map(|at| common::shown(&base, &format!("活动.{at}.{name}")));
    assert_eq!(all("类型"), ["618", "双十一", "年货节"]);
    assert_eq!(all("阶段"), ["已结束", "进行中", "筹备中"]);
    let of = |name: &str| [0, 1, 2].map(|at| number(&base, &format!("活动.{name}"), RecordId(at)));
    assert!(of("目标达成")[0] > 0.9 && (0.4..1.0).contains(&of("目标达成")[1]));
    assert_eq!(of("任务完成率")[0], 1.0);
    assert!(of("逾期任务")[1] > 5.0 && of("GMV")[2] == 0.0);
}
