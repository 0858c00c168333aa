//! Scripts of automations, in rhai: the only file that imports it.
//!
//! A script has no rights of its own. All it can do goes through the functions registered here, which work in
//! the run's draft with the owner's rights. It runs in a [`Budget`]: operations, depth, sizes and wall time are
//! bounded by rhai, and what rhai does not see, the inside of our functions, counts records and bytes itself.
//! One engine serves all bases; the run at hand stands in a thread local while its script runs.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use formulas::{FieldId, RecordId, TableId, Value};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage,
    BasicMathPackage, BasicStringPackage, LanguageCorePackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{
    AST, Array, Dynamic, Engine, EvalAltResult, FLOAT, INT, ImmutableString, Map, OptimizationLevel,
    Position, Scope,
};
use serde_json::Value as Json;

use super::action::{person_named, request};
use super::given::{Formula, date_text};
use super::template::url_of;
use super::work::Work;
use crate::field::{Accept, Input, Storage, is_stored, storage, type_of};
use crate::id::PersonId;
use crate::snapshot::Snapshot;
use crate::state::schema::Field;

/// Bytes of a script.
pub const SOURCE_BYTES_MAX: usize = 64 << 10;
const CALL_LEVELS_MAX: usize = 32;
const STRING_BYTES_MAX: usize = 256 << 10;
/// rhai walks an array again at each push, so long ones cost the square of their length.
const ARRAY_ITEMS_MAX: usize = 5_000;
const MAP_KEYS_MAX: usize = 2_000;
const VARIABLES_MAX: usize = 100;
const FUNCTIONS_MAX: usize = 100;
/// Compiled scripts that are kept.
const CACHE_SCRIPTS_MAX: usize = 256;

/// What one script may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Steps of the script itself.
    pub operations: u64,
    /// Wall time.
    pub wall_ms: u64,
    /// Records that searches look at, all together.
    pub records: u64,
    /// Bytes that our functions hand to the script, all together.
    pub bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { operations: 5_000_000, wall_ms: 10_000, records: 50_000_000, bytes: 64 << 20 }
    }
}

/// What is wrong with a script, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// From 1; 0 if it is nowhere in particular.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// A sentence without a final dot.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.message),
            line => write!(f, "line {line}, column {}: {}", self.column, self.message),
        }
    }
}

/// A script that was compiled.
#[derive(Debug)]
pub(super) struct Compiled(AST);

/// What is wrong with a script, for its editor: nothing, or where reading it ended.
pub fn check(source: &str) -> Vec<Problem> {
    compile(source).err().into_iter().collect()
}

/// Compiles a script, or finds it among those compiled before.
///
/// # Errors
///
/// Where reading it ended, and why.
pub(super) fn compile(source: &str) -> Result<Arc<Compiled>, Problem> {
    static CACHE: OnceLock<Mutex<HashMap<[u8; 32], Arc<Compiled>>>> = OnceLock::new();
    if source.len() > SOURCE_BYTES_MAX {
        let message = format!("a script has {SOURCE_BYTES_MAX} bytes at most, this one has {}", source.len());
        return Err(Problem { line: 0, column: 0, message });
    }
    let key = *blake3::hash(source.as_bytes()).as_bytes();
    let cache = CACHE.get_or_init(Mutex::default);
    if let Some(found) = cache.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(Arc::clone(found));
    }
    let mut scope = Scope::new();
    scope.push("args", Map::new());
    let ast = engine().compile_with_scope(&scope, source).map_err(|error| {
        let message = error.0.to_string();
        problem(&message, error.1)
    })?;
    let compiled = Arc::new(Compiled(ast));
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    if cache.len() >= CACHE_SCRIPTS_MAX {
        cache.clear();
    }
    cache.insert(key, Arc::clone(&compiled));
    Ok(compiled)
}

/// Runs a script as a part of a run.
///
/// # Errors
///
/// A sentence with line and column. What the script did until then stands in the draft, which is dropped.
pub(super) fn run(compiled: &Compiled, work: &mut Work) -> Result<(), String> {
    let budget = work.budget;
    let snapshot = work.draft.start().clone();
    let placeholder = Work::new(
        Arc::clone(&work.automation),
        work.record,
        snapshot,
        super::follow::Plans::default(),
        work.now_ms,
    );
    let zone = TimeZone::get(&work.draft.start().stored().info.time_zone).unwrap_or(TimeZone::UTC);
    let mut args = Map::new();
    let record = work.record.map_or(Dynamic::UNIT, |(table, record)| Dynamic::from(Record { table, record }));
    args.insert("record".into(), record);
    args.insert("now".into(), Dynamic::from(Moment { ms: work.now_ms, time: true }));
    args.insert("automation".into(), work.automation.name.clone().into());
    let deadline = Instant::now() + Duration::from_millis(budget.wall_ms);
    let active = Active { work: std::mem::replace(work, placeholder), zone, budget, records: 0, bytes: 0 };
    ACTIVE.with_borrow_mut(|slot| *slot = Some(active));
    LIMITS.set(Some(Limits { deadline, operations: budget.operations }));
    let mut scope = Scope::new();
    scope.push("args", args);
    let result = catch_unwind(AssertUnwindSafe(|| engine().run_ast_with_scope(&mut scope, &compiled.0)));
    LIMITS.set(None);
    if let Some(active) = ACTIVE.with_borrow_mut(Option::take) {
        *work = active.work;
    }
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(said(*error, budget).to_string()),
        Err(_) => Err("an internal error ended the script".into()),
    }
}

/// The run whose script runs on this thread.
struct Active {
    work: Work,
    zone: TimeZone,
    budget: Budget,
    records: u64,
    bytes: u64,
}

#[derive(Clone, Copy)]
struct Limits {
    deadline: Instant,
    operations: u64,
}

thread_local! {
    static ACTIVE: RefCell<Option<Active>> = const { RefCell::new(None) };
    static LIMITS: Cell<Option<Limits>> = const { Cell::new(None) };
}

type Fallible<T> = Result<T, Box<EvalAltResult>>;

/// Does something with the run at hand.
fn with<T>(act: impl FnOnce(&mut Active) -> Result<T, String>) -> Fallible<T> {
    ACTIVE
        .with_borrow_mut(|active| {
            let active = active.as_mut().ok_or("there is no run")?;
            in_time()?;
            act(active)
        })
        .map_err(failed)
}

fn failed(message: String) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(message.into(), Position::NONE))
}

fn in_time() -> Result<(), String> {
    match LIMITS.get() {
        Some(limits) if Instant::now() > limits.deadline => Err(TOO_LONG.into()),
        _ => Ok(()),
    }
}

const TOO_LONG: &str = "the script took too long";

/// A table, in a script.
#[derive(Clone)]
struct Table(TableId);

/// A record, in a script.
#[derive(Clone)]
struct Record {
    table: TableId,
    record: RecordId,
}

/// A day, or a moment, in a script.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Moment {
    ms: i64,
    time: bool,
}

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut engine = Engine::new_raw();
        limit(&mut engine);
        LanguageCorePackage::new().register_into_engine(&mut engine);
        ArithmeticPackage::new().register_into_engine(&mut engine);
        LogicPackage::new().register_into_engine(&mut engine);
        BasicStringPackage::new().register_into_engine(&mut engine);
        MoreStringPackage::new().register_into_engine(&mut engine);
        BasicIteratorPackage::new().register_into_engine(&mut engine);
        BasicFnPackage::new().register_into_engine(&mut engine);
        BasicMathPackage::new().register_into_engine(&mut engine);
        BasicArrayPackage::new().register_into_engine(&mut engine);
        BasicMapPackage::new().register_into_engine(&mut engine);
        register_text(&mut engine);
        register_tables(&mut engine);
        register_records(&mut engine);
        register_effects(&mut engine);
        register_moments(&mut engine);
        #[cfg(test)]
        engine.register_fn("boom", || -> () { panic!("a host function that panics") });
        engine
    })
}

fn limit(engine: &mut Engine) {
    engine
        .set_optimization_level(OptimizationLevel::None)
        .set_strict_variables(true)
        .set_max_operations(Budget::default().operations)
        .set_max_call_levels(CALL_LEVELS_MAX)
        .set_max_expr_depths(32, 16)
        .set_max_string_size(STRING_BYTES_MAX)
        .set_max_array_size(ARRAY_ITEMS_MAX)
        .set_max_map_size(MAP_KEYS_MAX)
        .set_max_variables(VARIABLES_MAX)
        .set_max_functions(FUNCTIONS_MAX)
        .set_max_modules(0)
        .disable_symbol("eval")
        .disable_symbol("import")
        .disable_symbol("export");
    engine.on_progress(|operations| {
        let limits = LIMITS.get()?;
        if operations > limits.operations {
            return Some(format!("the script did more than {} steps", limits.operations).into());
        }
        (operations % 1_024 == 0 && Instant::now() > limits.deadline).then(|| TOO_LONG.into())
    });
    let print = |text: &str| {
        // A run that is out of time is told so at its next step.
        drop(with(|active| {
            active.work.log(text);
            Ok(())
        }));
    };
    engine.on_print(print);
    engine.on_debug(move |text, _, _| print(text));
}

/// Text functions of rhai that would not end, or grow without being asked.
fn register_text(engine: &mut Engine) {
    let asleep = || -> Fallible<()> { Err(failed("a script cannot sleep".into())) };
    engine.register_fn("sleep", move |_: INT| asleep());
    engine.register_fn("sleep", move |_: FLOAT| asleep());
    engine
        .register_fn("replace", |text: &mut ImmutableString, find: ImmutableString, by: ImmutableString| {
            replace(text, &find, &by)
        });
    engine.register_fn("replace", |text: &mut ImmutableString, find: char, by: ImmutableString| {
        replace(text, find.encode_utf8(&mut [0; 4]), &by)
    });
    // Numbers of fields are floats, so that 7 / 2 is 3.5; a whole one reads as people write it.
    engine.register_fn("to_string", |number: FLOAT| number_text(number));
    engine.register_fn("+", |text: ImmutableString, number: FLOAT| format!("{text}{}", number_text(number)));
    engine.register_fn("+", |number: FLOAT, text: ImmutableString| format!("{}{text}", number_text(number)));
    engine
        .register_fn("+=", |text: &mut ImmutableString, number: FLOAT| *text += number_text(number).as_str());
}

fn number_text(number: FLOAT) -> String {
    number.to_string()
}

fn replace(text: &mut ImmutableString, find: &str, by: &str) -> Fallible<()> {
    let n = if find.is_empty() { text.len() + 1 } else { text.matches(find).count() };
    if text.len().saturating_add(n.saturating_mul(by.len())) > STRING_BYTES_MAX + n.saturating_mul(find.len())
    {
        return Err(failed(format!("a text has {STRING_BYTES_MAX} bytes at most")));
    }
    *text = text.replace(find, by).into();
    Ok(())
}

fn register_tables(engine: &mut Engine) {
    engine.register_type_with_name::<Table>("table");
    engine.register_fn("table", |name: ImmutableString| {
        with(|active| {
            let snapshot = active.work.draft.stored();
            let by_id = || {
                let id = snapshot.ids().read_table(&name)?;
                snapshot.schema().tables.get(&id)
            };
            let table = snapshot.schema().table_named(&name).or_else(by_id);
            table.map(|table| Table(table.id)).ok_or_else(|| format!("there is no table \"{name}\""))
        })
    });
    engine.register_fn("all", |table: &mut Table| -> Fallible<Array> {
        let table = table.0;
        with(|active| {
            let alive = active.work.draft.stored().alive(table);
            active.records(table, alive.iter())
        })
    });
    engine.register_fn("count", |table: &mut Table| {
        with(|active| Ok(active.work.draft.stored().n_records(table.0) as INT))
    });
    engine.register_fn("get", |table: &mut Table, id: ImmutableString| {
        let table = table.0;
        with(|active| {
            let snapshot = active.work.draft.stored();
            let record = snapshot.ids().read_record(table, &id);
            let record = record.filter(|record| snapshot.alive(table).contains(*record));
            Ok(record.map_or(Dynamic::UNIT, |record| Dynamic::from(Record { table, record })))
        })
    });
    engine.register_fn("find", |table: &mut Table, formula: ImmutableString| -> Fallible<Array> {
        let table = table.0;
        with(|active| {
            let found = active.find_by_formula(table, &formula)?;
            active.records(table, found.into_iter())
        })
    });
    engine.register_fn("find", |table: &mut Table, cells: Map| -> Fallible<Array> {
        let table = table.0;
        with(|active| {
            let found = active.find_by_cells(table, &cells)?;
            active.records(table, found.into_iter())
        })
    });
    engine.register_fn("create", |table: &mut Table, cells: Map| {
        let table = table.0;
        with(|active| {
            let cells = active.inputs(table, &cells)?;
            Ok(Record { table, record: active.work.create(table, cells)? })
        })
    });
}

fn register_records(engine: &mut Engine) {
    engine.register_type_with_name::<Record>("record");
    engine.register_indexer_get(|record: &mut Record, name: ImmutableString| {
        with(|active| active.cell(record, &name))
    });
    engine.register_indexer_set(|record: &mut Record, name: ImmutableString, value: Dynamic| {
        with(|active| active.set(record, &name, &value))
    });
    engine.register_fn("get", |record: &mut Record, name: ImmutableString| {
        with(|active| active.cell(record, &name))
    });
    engine.register_fn("set", |record: &mut Record, name: ImmutableString, value: Dynamic| {
        with(|active| active.set(record, &name, &value).map(|()| record.clone()))
    });
    engine.register_fn("set", |record: &mut Record, cells: Map| {
        with(|active| {
            let cells = active.inputs(record.table, &cells)?;
            active.work.update(record.table, record.record, cells).map(|()| record.clone())
        })
    });
    engine.register_fn("delete", |record: &mut Record| {
        with(|active| active.work.delete(record.table, record.record))
    });
    engine.register_get("id", |record: &mut Record| {
        with(|active| {
            active.work.draft.mention(record.table, record.record);
            Ok(active.work.draft.stored().ids().record(record.table, record.record))
        })
    });
    engine.register_get("url", |record: &mut Record| {
        with(|active| {
            active.work.draft.mention(record.table, record.record);
            Ok(url_of(active.work.draft.stored(), record.table, record.record))
        })
    });
    engine.register_get("title", |record: &mut Record| {
        with(|active| Ok(active.work.draft.snapshot().title(record.table, record.record)))
    });
    engine.register_fn("==", |a: Record, b: Record| a.table == b.table && a.record == b.record);
    engine.register_fn("!=", |a: Record, b: Record| a.table != b.table || a.record != b.record);
    engine.register_fn("to_string", |record: &mut Record| {
        with(|active| Ok(active.work.draft.snapshot().title(record.table, record.record)))
    });
}

fn register_effects(engine: &mut Engine) {
    engine.register_fn("log", |value: Dynamic| log(&value));
    // Otherwise it would be the logarithm.
    engine.register_fn("log", |number: FLOAT| log(&Dynamic::from_float(number)));
    engine.register_fn("notify", |to: Dynamic, text: ImmutableString| {
        with(|active| {
            let people = active.people(to)?;
            active.work.notify(people, &text)
        })
    });
    engine.register_fn("http", |options: Map| with(|active| active.http(&options)));
}

fn log(value: &Dynamic) -> Fallible<()> {
    with(|active| {
        let line = active.shown(value, 0);
        active.work.log(&line);
        Ok(())
    })
}

fn register_moments(engine: &mut Engine) {
    engine.register_type_with_name::<Moment>("date");
    engine.register_fn("now", || with(|active| Ok(Moment { ms: active.work.now_ms, time: true })));
    engine.register_fn("today", || with(|active| active.day_of(active.work.now_ms)));
    engine.register_fn("date", |text: ImmutableString| with(|active| active.read_date(&text)));
    engine.register_fn("add_days", |moment: &mut Moment, n: INT| shifted(*moment, n, 0, 0));
    engine.register_fn("add_days", |moment: &mut Moment, n: FLOAT| shifted(*moment, n.round() as INT, 0, 0));
    engine.register_fn("add_months", |moment: &mut Moment, n: INT| shifted(*moment, 0, n, 0));
    engine.register_fn("add_hours", |moment: &mut Moment, n: INT| shifted(*moment, 0, 0, n));
    engine.register_fn("format", |moment: &mut Moment, pattern: ImmutableString| {
        with(|active| Ok(formatted(&active.zoned(*moment)?, &pattern)))
    });
    engine.register_get("year", |moment: &mut Moment| part(*moment, |at| INT::from(at.year())));
    engine.register_get("month", |moment: &mut Moment| part(*moment, |at| INT::from(at.month())));
    engine.register_get("day", |moment: &mut Moment| part(*moment, |at| INT::from(at.day())));
    engine.register_get("hour", |moment: &mut Moment| part(*moment, |at| INT::from(at.hour())));
    engine.register_get("minute", |moment: &mut Moment| part(*moment, |at| INT::from(at.minute())));
    engine.register_get("weekday", |moment: &mut Moment| {
        part(*moment, |at| INT::from(at.weekday().to_monday_one_offset()))
    });
    engine.register_fn("to_string", |moment: &mut Moment| date_text(moment.ms, moment.time));
    engine.register_fn("-", |a: Moment, b: Moment| (a.ms - b.ms) as FLOAT / 86_400_000.0);
    engine.register_fn("==", |a: Moment, b: Moment| a.ms == b.ms);
    engine.register_fn("!=", |a: Moment, b: Moment| a.ms != b.ms);
    engine.register_fn("<", |a: Moment, b: Moment| a.ms < b.ms);
    engine.register_fn("<=", |a: Moment, b: Moment| a.ms <= b.ms);
    engine.register_fn(">", |a: Moment, b: Moment| a.ms > b.ms);
    engine.register_fn(">=", |a: Moment, b: Moment| a.ms >= b.ms);
}

fn part(moment: Moment, of: impl FnOnce(&Zoned) -> INT) -> Fallible<INT> {
    with(|active| Ok(of(&active.zoned(moment)?)))
}

fn shifted(moment: Moment, days: INT, months: INT, hours: INT) -> Fallible<Moment> {
    with(|active| {
        let beyond = |_| "the date is beyond the calendar".to_owned();
        let span = jiff::Span::new();
        let span = span.try_days(days).and_then(|span| span.try_months(months)).map_err(beyond)?;
        let span = span.try_hours(hours).map_err(beyond)?;
        let at = active.zoned(moment)?.checked_add(span).map_err(beyond)?;
        let time = moment.time || hours != 0;
        Ok(Moment { ms: at.timestamp().as_millisecond(), time })
    })
}

/// `YYYY`, `MM`, `M`, `DD`, `D`, `HH`, `mm` and `ss`; everything else stays.
fn formatted(at: &Zoned, pattern: &str) -> String {
    let parts: [(&str, String); 8] = [
        ("YYYY", format!("{:04}", at.year())),
        ("MM", format!("{:02}", at.month())),
        ("DD", format!("{:02}", at.day())),
        ("HH", format!("{:02}", at.hour())),
        ("mm", format!("{:02}", at.minute())),
        ("ss", format!("{:02}", at.second())),
        ("M", at.month().to_string()),
        ("D", at.day().to_string()),
    ];
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(char) = rest.chars().next() {
        match parts.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, text)) => {
                out.push_str(text);
                rest = &rest[name.len()..];
            }
            None => {
                out.push(char);
                rest = &rest[char.len_utf8()..];
            }
        }
    }
    out
}

impl Active {
    fn field(&self, table: TableId, name: &str) -> Result<Arc<Field>, String> {
        let snapshot = self.work.draft.stored();
        let by_id = || {
            let id = snapshot.ids().read_field(name)?;
            snapshot.field(id).filter(|def| def.table == table)
        };
        let found = snapshot.schema().field_named(table, name).or_else(by_id).cloned();
        found.ok_or_else(|| {
            let table = snapshot.schema().tables.get(&table).map_or("", |table| table.name.as_str());
            format!("table \"{table}\" has no field \"{name}\"")
        })
    }

    /// Counts what a search looked at.
    fn looked(&mut self, n: usize) -> Result<(), String> {
        self.records += n as u64;
        if self.records > self.budget.records {
            return Err(format!("the script looked at more than {} records", self.budget.records));
        }
        in_time()
    }

    /// Counts what is handed to the script.
    fn gave(&mut self, bytes: usize) -> Result<(), String> {
        self.bytes += bytes as u64;
        if self.bytes > self.budget.bytes {
            return Err(format!("the script read more than {} bytes", self.budget.bytes));
        }
        Ok(())
    }

    fn records(&mut self, table: TableId, found: impl Iterator<Item = RecordId>) -> Result<Array, String> {
        let records: Array =
            found.take(ARRAY_ITEMS_MAX + 1).map(|record| Dynamic::from(Record { table, record })).collect();
        if records.len() > ARRAY_ITEMS_MAX {
            return Err(format!("more than {ARRAY_ITEMS_MAX} records; find fewer, or count() them"));
        }
        self.looked(records.len())?;
        self.gave(records.len() * 48)?;
        Ok(records)
    }

    fn find_by_formula(&mut self, table: TableId, text: &str) -> Result<Vec<RecordId>, String> {
        let snapshot = self.work.draft.snapshot().clone();
        let formula = Formula::read(text, table, snapshot.stored())?;
        let now_ms = self.work.now_ms;
        formula.select(&snapshot, now_ms, |n| self.looked(n))
    }

    fn find_by_cells(&mut self, table: TableId, cells: &Map) -> Result<Vec<RecordId>, String> {
        let mut wanted: Vec<(Arc<Field>, Value)> = Vec::with_capacity(cells.len());
        let snapshot = self.work.draft.snapshot().clone();
        for (name, value) in cells {
            let def = self.field(table, name)?;
            let input = self.input(value)?;
            match wanted_value(&input, &def, &snapshot, self.work.now_ms)? {
                Some(value) => wanted.push((def, value)),
                None => return Ok(Vec::new()),
            }
        }
        let mut found = Vec::new();
        for (at, record) in snapshot.alive(table).iter().enumerate() {
            if at % 1_024 == 0 {
                self.looked(1_024)?;
            }
            if wanted.iter().all(|(def, value)| snapshot.get(def.id, record) == *value) {
                found.push(record);
            }
        }
        Ok(found)
    }

    fn cell(&mut self, record: &Record, name: &str) -> Result<Dynamic, String> {
        let def = self.field(record.table, name)?;
        let value = self.work.draft.get(def.id, record.record);
        let snapshot = self.work.draft.stored().clone();
        let found = seen(&value, &def, &snapshot)?;
        let bytes = match &value {
            Value::Text(text) => text.len(),
            other => other.items().len() * 48,
        };
        self.gave(bytes + 16)?;
        Ok(found)
    }

    fn set(&mut self, record: &Record, name: &str, value: &Dynamic) -> Result<(), String> {
        let def = self.field(record.table, name)?;
        let input = self.input(value)?;
        self.work.update(record.table, record.record, vec![(def.id, input)])
    }

    fn inputs(&mut self, table: TableId, cells: &Map) -> Result<Vec<(FieldId, Input)>, String> {
        let mut inputs = Vec::with_capacity(cells.len());
        for (name, value) in cells {
            inputs.push((self.field(table, name)?.id, self.input(value)?));
        }
        Ok(inputs)
    }

    fn input(&mut self, value: &Dynamic) -> Result<Input, String> {
        if value.is_unit() {
            return Ok(Input::Blank);
        }
        if let Some(record) = value.read_lock::<Record>() {
            self.work.draft.mention(record.table, record.record);
            return Ok(Input::Text(self.work.draft.stored().ids().record(record.table, record.record)));
        }
        if let Some(moment) = value.read_lock::<Moment>() {
            return Ok(Input::Text(date_text(moment.ms, moment.time)));
        }
        if let Ok(bool) = value.as_bool() {
            return Ok(Input::Bool(bool));
        }
        if let Ok(number) = value.as_int() {
            return Ok(Input::Number(number as f64));
        }
        if let Ok(number) = value.as_float() {
            return number
                .is_finite()
                .then_some(Input::Number(number))
                .ok_or_else(|| "the number is not finite".into());
        }
        if let Ok(decimal) = value.as_decimal() {
            return decimal
                .to_string()
                .parse()
                .map(Input::Number)
                .map_err(|_| "the number is too large".to_owned());
        }
        if let Ok(char) = value.as_char() {
            return Ok(Input::Text(char.to_string()));
        }
        if let Ok(text) = value.as_immutable_string_ref() {
            return Ok(Input::Text(text.to_string()));
        }
        if let Ok(items) = value.as_array_ref() {
            return items.iter().map(|item| self.input(item)).collect::<Result<_, _>>().map(Input::List);
        }
        Err(format!("a {} cannot be written into a cell", value.type_name()))
    }

    /// A value as a line of the log.
    fn shown(&mut self, value: &Dynamic, depth: usize) -> String {
        let moment = value.read_lock::<Moment>().map(|moment| *moment);
        if let Some(moment) = moment {
            return date_text(moment.ms, moment.time);
        }
        let record = value.read_lock::<Record>().map(|record| (record.table, record.record));
        if let Some((table, record)) = record {
            return self.work.draft.snapshot().title(table, record);
        }
        if let Ok(number) = value.as_float() {
            return number_text(number);
        }
        match value.as_array_ref() {
            Ok(items) if depth < 8 => {
                let items: Vec<String> = items.iter().map(|item| self.shown(item, depth + 1)).collect();
                format!("[{}]", items.join(", "))
            }
            _ => value.to_string(),
        }
    }

    fn people(&self, to: Dynamic) -> Result<Vec<PersonId>, String> {
        let names: Vec<String> = match to.clone().try_cast::<Array>() {
            Some(items) => items.iter().map(Dynamic::to_string).collect(),
            None => vec![to.to_string()],
        };
        let stored = self.work.draft.stored().stored();
        let one = |name: &String| match name.as_str() {
            "owner" => Ok(self.work.automation.owner),
            name => person_named(stored, name).ok_or_else(|| format!("\"{name}\" is nobody of this base")),
        };
        names.iter().map(one).collect()
    }

    fn http(&mut self, options: &Map) -> Result<(), String> {
        if let Some(key) =
            options.keys().find(|key| !["url", "method", "headers", "body"].contains(&key.as_str()))
        {
            return Err(format!("http() takes url, method, headers and body, not \"{key}\""));
        }
        let text = |key: &str| options.get(key).filter(|value| !value.is_unit()).map(Dynamic::to_string);
        let mut headers = serde_json::Map::new();
        if let Some(given) = options.get("headers").and_then(|value| value.clone().try_cast::<Map>()) {
            for (name, value) in given {
                headers.insert(name.to_ascii_lowercase(), value.to_string().into());
            }
        }
        let body = match options.get("body") {
            None => None,
            Some(value) if value.is_unit() => None,
            Some(value) if value.is_string() => Some(value.to_string()),
            Some(value) => {
                headers.entry("content-type").or_insert_with(|| "application/json".into());
                Some(json_of(value, 0)?.to_string())
            }
        };
        let url = text("url").ok_or("http() needs a url")?;
        let payload = request(&url, text("method").as_deref(), &headers, body)?;
        self.work.send("http", payload)
    }

    fn zoned(&self, moment: Moment) -> Result<Zoned, String> {
        let at = Timestamp::from_millisecond(moment.ms).map_err(|_| "the date is beyond the calendar")?;
        let zone = if moment.time { self.zone.clone() } else { TimeZone::UTC };
        Ok(at.to_zoned(zone))
    }

    /// The day of a moment where the base is.
    fn day_of(&self, ms: i64) -> Result<Moment, String> {
        let day = self.zoned(Moment { ms, time: true })?.date();
        let midnight = day.to_zoned(TimeZone::UTC).map_err(|_| "the date is beyond the calendar")?;
        Ok(Moment { ms: midnight.timestamp().as_millisecond(), time: false })
    }

    fn read_date(&self, text: &str) -> Result<Moment, String> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Moment { ms: at.as_millisecond(), time: true });
        }
        let wrong = |_| format!("\"{text}\" is no date such as 2026-06-18 or 2026-06-18T09:30");
        if text.len() > 10 {
            let local: jiff::civil::DateTime = text.parse().map_err(wrong)?;
            let at = local.to_zoned(self.zone.clone()).map_err(wrong)?;
            return Ok(Moment { ms: at.timestamp().as_millisecond(), time: true });
        }
        let day: jiff::civil::Date = text.parse().map_err(wrong)?;
        let midnight = day.to_zoned(TimeZone::UTC).map_err(wrong)?;
        Ok(Moment { ms: midnight.timestamp().as_millisecond(), time: false })
    }
}

/// The cell that an input means; `None` for an option that no record can have.
fn wanted_value(
    input: &Input,
    def: &Field,
    snapshot: &Snapshot,
    now_ms: i64,
) -> Result<Option<Value>, String> {
    if !is_stored(def) {
        return Ok(Some(match input {
            Input::Number(number) => Value::Number(*number),
            Input::Bool(bool) => Value::Bool(*bool),
            Input::Text(text) => Value::text(text.as_str()),
            Input::Blank => Value::Blank,
            Input::List(_) => {
                return Err(format!("field \"{}\" is computed; find it by one value", def.name));
            }
        }));
    }
    let stored = snapshot.stored();
    let mut context = Accept { stored, typecast: true, now_ms, new_options: Vec::new() };
    let value = type_of(def).acceptor(def, stored).accept(input, &mut context);
    let value = value.map_err(|why| format!("field \"{}\" {why}", def.name))?;
    Ok(context.new_options.is_empty().then_some(value))
}

/// A cell as scripts see it: options and people as names, links as records.
fn seen(value: &Value, def: &Field, snapshot: &Snapshot) -> Result<Dynamic, String> {
    let many = || def.options.get("many").and_then(Json::as_bool).unwrap_or(true);
    let link = match storage(def) {
        Storage::Link { table, many, .. } => Some((table, many)),
        _ => None,
    };
    let name = |value: &Value| type_of(def).text(&Value::codes(value.as_codes()), def, snapshot.stored());
    Ok(match value {
        Value::List(items) => {
            let items: Array = items
                .iter()
                .map(|item| match (item, link) {
                    (Value::Choice(code), Some((table, _))) => {
                        Ok(Dynamic::from(Record { table, record: RecordId(*code) }))
                    }
                    (Value::Choice(_), None) => Ok(name(item).into()),
                    (other, _) => seen(other, def, snapshot),
                })
                .collect::<Result<_, String>>()?;
            let single = link.map_or(def.type_name == "person" && !many(), |(_, many)| !many);
            if single { items.into_iter().next().unwrap_or(Dynamic::UNIT) } else { items.into() }
        }
        Value::Blank => match link {
            Some((_, true)) => Array::new().into(),
            _ if def.type_name == "multiSelect" => Array::new().into(),
            _ => Dynamic::UNIT,
        },
        Value::Bool(bool) => (*bool).into(),
        Value::Number(number) => Dynamic::from_float(*number),
        Value::Text(text) => ImmutableString::from(&**text).into(),
        Value::Date(ms) => {
            let time = ms.rem_euclid(86_400_000) != 0
                || def.options.get("time").and_then(Json::as_bool).unwrap_or(false);
            Dynamic::from(Moment { ms: *ms, time })
        }
        Value::Choice(_) => type_of(def).text(value, def, snapshot.stored()).into(),
        Value::Error(error) => return Err(format!("field \"{}\" has an error: {error:?}", def.name)),
    })
}

/// A value as JSON, for the body of a request.
fn json_of(value: &Dynamic, depth: usize) -> Result<Json, String> {
    if depth > 32 {
        return Err("the body is nested too deep".into());
    }
    if value.is_unit() {
        return Ok(Json::Null);
    }
    if let Ok(bool) = value.as_bool() {
        return Ok(bool.into());
    }
    if let Ok(number) = value.as_int() {
        return Ok(number.into());
    }
    if let Ok(number) = value.as_float() {
        let whole = number.fract() == 0.0 && number.abs() < 9e15;
        return Ok(if whole { (number as i64).into() } else { number.into() });
    }
    if let Ok(items) = value.as_array_ref() {
        return items.iter().map(|item| json_of(item, depth + 1)).collect();
    }
    if let Ok(map) = value.as_map_ref() {
        let pairs = map.iter().map(|(key, item)| Ok((key.to_string(), json_of(item, depth + 1)?)));
        return pairs.collect::<Result<serde_json::Map<_, _>, String>>().map(Json::Object);
    }
    if let Some(moment) = value.read_lock::<Moment>() {
        return Ok(date_text(moment.ms, moment.time).into());
    }
    Ok(value.to_string().into())
}

/// What an error of rhai means, with the place where it arose.
fn said(error: EvalAltResult, budget: Budget) -> Problem {
    use EvalAltResult as Of;
    let at = error.position();
    match error {
        Of::ErrorInFunctionCall(_, _, inner, _) => {
            let inner = said(*inner, budget);
            if inner.line > 0 { inner } else { problem(&inner.message, at) }
        }
        Of::ErrorTerminated(why, _) | Of::ErrorRuntime(why, _) => problem(&why.to_string(), at),
        Of::ErrorTooManyOperations(_) => {
            problem(&format!("the script did more than {} steps", budget.operations), at)
        }
        Of::ErrorStackOverflow(_) => {
            problem(&format!("functions call each other more than {CALL_LEVELS_MAX} deep"), at)
        }
        Of::ErrorDataTooLarge(what, _) => {
            let limits = format!(
                "{STRING_BYTES_MAX} bytes of text, {ARRAY_ITEMS_MAX} items of an array, {MAP_KEYS_MAX} keys of a map"
            );
            problem(&format!("{what} is too large; there may be {limits}"), at)
        }
        Of::ErrorTooManyVariables(_) => problem(&format!("there may be {VARIABLES_MAX} variables"), at),
        Of::ErrorFunctionNotFound(what, _) => problem(&format!("there is no function {what}"), at),
        Of::ErrorVariableNotFound(name, _) => problem(&format!("there is no variable \"{name}\""), at),
        mut other => {
            let _ = other.take_position();
            problem(&other.to_string(), at)
        }
    }
}

fn problem(message: &str, at: Position) -> Problem {
    Problem {
        line: at.line().unwrap_or(0),
        column: at.position().unwrap_or(1).max(1),
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::automation::follow::Plans;

    #[test]
    fn a_panic_of_a_host_function_ends_the_script_alone() {
        let base = crate::engine::memory_base();
        let automation = crate::automation::unsaved(PersonId(1), "A", Json::Null, Json::Null, Json::Null);
        let mut work = Work::new(Arc::new(automation), None, base.snapshot(), Plans::default(), 0);
        let run = |source: &str, work: &mut Work| run(&compile(source).expect("it compiles"), work);
        assert_eq!(run("log(1); boom();", &mut work), Err("an internal error ended the script".into()));
        assert_eq!(run("log(2);", &mut work), Ok(()));
        assert_eq!(work.log, ["1", "2"]);
    }
}
