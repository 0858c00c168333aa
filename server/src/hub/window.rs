//! [`Shared`]: one distinct window of a base, kept once for all sockets that look at it.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::analyze::{Aggregate, AggregateResult, AnalyzeCache};
use engine::query::Query;
use engine::view::{Frame, OrderCache, Window};
use engine::{Delta, PersonId, Refusal, Snapshot, TableId};
use serde_json::{Map, Value as Json};

use crate::ask::{self, Source};
use crate::wire::args::Args;
use crate::wire::rows::{self, Columns};

/// Rows of one window.
pub(super) const ROWS_MAX: u64 = 500;
/// Patches of one window that are kept for sockets that come back.
const RING_PATCHES_MAX: usize = 256;
/// Bytes of them.
const RING_BYTES_MAX: usize = 256 << 10;
/// How long a window nobody looks at is kept for them.
const LINGER: Duration = Duration::from_secs(60);

/// What a socket asks for.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    source: Source,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Rows(Window),
    Aggregate(Aggregate),
}

impl Spec {
    /// Reads a `sub`.
    pub(super) fn read(spec: Map<String, Json>, snapshot: &Snapshot, who: PersonId) -> Result<Self, Refusal> {
        let mut args = Args::new("a sub", Json::Object(spec), snapshot.ids())?;
        let source = Source::take(&mut args, snapshot, who)?;
        let table = source.table;
        let what = match ask::take_aggregate(&mut args, snapshot, table)? {
            Some(aggregate) => What::Aggregate(aggregate),
            None => {
                let fields = ask::take_fields(&mut args, snapshot, table)?;
                let summaries = ask::take_summaries(&mut args, snapshot, table)?;
                let (from, len) = take_range(&mut args)?;
                What::Rows(Window { fields, from, len, summaries })
            }
        };
        args.finish()?;
        Ok(Self { source, what })
    }

    /// Equal for windows that show the same to the same person.
    pub(super) fn key(&self) -> String {
        format!("{:?}", (&self.source, &self.what))
    }
}

fn take_range(args: &mut Args) -> Result<(usize, usize), Refusal> {
    let Some(range) = args.any("range") else { return Ok((0, 100)) };
    let mut range = Args::new("\"range\"", range, args.ids())?;
    let from = range.whole_opt("from")?.unwrap_or(0);
    let len = range.whole_opt("len")?.unwrap_or(100);
    range.finish()?;
    if len > ROWS_MAX {
        return Err(Refusal::limit(format!("a window has {ROWS_MAX} rows at the most")));
    }
    Ok((usize::try_from(from).unwrap_or(usize::MAX / 2).min(usize::MAX / 2), len as usize))
}

/// See the module's head.
pub(super) struct Shared {
    spec: Spec,
    /// Whose eyes it is seen with, where that matters.
    who: PersonId,
    query: Query,
    columns: Columns,
    /// Tables whose change may change it.
    reads: BTreeSet<TableId>,
    held: Held,
    /// Why it shows nothing, if it does not fit the base any more.
    broken: Option<Refusal>,
    /// Patches since `ring_from`: from, to, operations.
    ring: VecDeque<(u64, u64, Arc<str>)>,
    ring_bytes: usize,
    ring_from: u64,
    pub(super) users: usize,
    idle_since: Instant,
}

enum Held {
    Rows(Frame),
    Aggregate(AggregateResult),
}

/// What a delta did to a window.
pub(super) enum Stepped {
    /// Nothing.
    Same,
    /// These operations lead to what it is now.
    Ops(Arc<str>),
    /// It must be sent anew.
    Anew,
}

impl Shared {
    /// Opens a window. The second part tells whether it depends on who looks.
    pub(super) fn open(
        spec: Spec,
        snapshot: &Snapshot,
        who: PersonId,
        orders: &OrderCache,
        sums: &AnalyzeCache,
    ) -> Result<(Self, bool), Refusal> {
        let query = spec.source.query(snapshot)?;
        let follows_me = query.plan(snapshot, &ask::parameters(snapshot, who))?.follows_me();
        let held = read(&spec, &query, snapshot, who, orders, sums)?;
        let table = spec.source.table;
        let fields = match &spec.what {
            What::Rows(window) => window.fields.as_slice(),
            What::Aggregate(_) => &[],
        };
        let columns = Columns::new(snapshot, table, fields);
        let shared = Self {
            reads: reads(table, &columns),
            columns,
            spec,
            who,
            query,
            held,
            broken: None,
            ring: VecDeque::new(),
            ring_bytes: 0,
            ring_from: snapshot.version(),
            users: 0,
            idle_since: Instant::now(),
        };
        Ok((shared, follows_me))
    }

    /// Brings it to `delta.after`.
    pub(super) fn step(
        &mut self,
        delta: &Delta,
        tables: &BTreeSet<TableId>,
        orders: &OrderCache,
        sums: &AnalyzeCache,
    ) -> Stepped {
        let stepped = if delta.schema {
            self.step_schema(delta, orders, sums)
        } else if self.broken.is_some() || (self.reads.is_disjoint(tables) && !self.follows_time(delta)) {
            Ok(Stepped::Same)
        } else {
            self.step_cells(delta, orders, sums)
        };
        let stepped = stepped.unwrap_or_else(|refusal| {
            let same = self.broken.as_ref() == Some(&refusal);
            self.broken = Some(refusal);
            if same { Stepped::Same } else { Stepped::Anew }
        });
        match &stepped {
            Stepped::Same => {}
            Stepped::Ops(ops) => self.remember(delta.before.version(), delta.after.version(), ops),
            Stepped::Anew => {
                self.ring.clear();
                self.ring_bytes = 0;
                self.ring_from = delta.after.version();
            }
        }
        stepped
    }

    /// Whether the day that the window means is another one now.
    fn follows_time(&self, delta: &Delta) -> bool {
        delta.before.computed().as_of_ms != delta.after.computed().as_of_ms
    }

    fn step_cells(
        &mut self,
        delta: &Delta,
        orders: &OrderCache,
        sums: &AnalyzeCache,
    ) -> Result<Stepped, Refusal> {
        let snapshot = &delta.after;
        let parameters = ask::parameters(snapshot, self.who);
        let mut ops = String::new();
        match (&self.spec.what, &mut self.held) {
            (What::Rows(window), Held::Rows(frame)) => {
                let order = orders.order(snapshot, &self.query, &parameters)?;
                let (next, steps) = frame.step(&order, window, delta, sums)?;
                rows::write_ops(&mut ops, snapshot, &self.columns, &self.query, &steps);
                *frame = next;
            }
            (What::Aggregate(aggregate), Held::Aggregate(held)) => {
                let next = sums.aggregate(snapshot, &self.query, aggregate, &parameters)?;
                if next != *held {
                    ops.push_str("[\"a\",");
                    rows::write_aggregate(&mut ops, snapshot, aggregate, &next);
                    ops.push(']');
                    *held = next;
                }
            }
            _ => return Ok(Stepped::Anew),
        }
        Ok(if ops.is_empty() { Stepped::Same } else { Stepped::Ops(ops.into()) })
    }

    /// After a change of the schema the window is read anew; if its cells look the same as before, what differs
    /// is enough.
    fn step_schema(
        &mut self,
        delta: &Delta,
        orders: &OrderCache,
        sums: &AnalyzeCache,
    ) -> Result<Stepped, Refusal> {
        let snapshot = &delta.after;
        let table = self.spec.source.table;
        if !snapshot.schema().tables.contains_key(&table) {
            return Err(Refusal::not_found("the table was deleted"));
        }
        let was_broken = self.broken.take().is_some();
        let query = self.spec.source.query(snapshot)?;
        let held = read(&self.spec, &query, snapshot, self.who, orders, sums)?;
        let fields: Vec<_> = self.columns.fields.iter().map(|(field, _)| *field).collect();
        let columns = Columns::new(snapshot, table, &fields);
        let same_look = columns == self.columns && query == self.query && !was_broken;
        let linked = columns.linked().next().is_some();
        let stepped = match (&self.held, &held) {
            // Titles of links may look different without a value that differs.
            (Held::Rows(before), Held::Rows(after)) if same_look && !linked => {
                let mut ops = String::new();
                rows::write_ops(&mut ops, snapshot, &columns, &query, &before.diff(after));
                if ops.is_empty() { Stepped::Same } else { Stepped::Ops(ops.into()) }
            }
            (Held::Aggregate(before), Held::Aggregate(after)) if same_look && before == after => {
                Stepped::Same
            }
            _ => Stepped::Anew,
        };
        (self.reads, self.columns, self.query, self.held) = (reads(table, &columns), columns, query, held);
        Ok(stepped)
    }

    fn remember(&mut self, from: u64, to: u64, ops: &Arc<str>) {
        self.ring.push_back((from, to, Arc::clone(ops)));
        self.ring_bytes += ops.len();
        while self.ring.len() > RING_PATCHES_MAX || self.ring_bytes > RING_BYTES_MAX {
            let Some((_, to, ops)) = self.ring.pop_front() else { break };
            self.ring_bytes -= ops.len();
            self.ring_from = to;
        }
    }

    /// The operations since version `rev`, if they are still known.
    pub(super) fn since(&self, rev: u64) -> Option<String> {
        if rev < self.ring_from || self.broken.is_some() {
            return None;
        }
        let mut all = String::new();
        for (_, _, ops) in self.ring.iter().filter(|(_, to, _)| *to > rev) {
            if !all.is_empty() {
                all.push(',');
            }
            all.push_str(ops);
        }
        Some(all)
    }

    /// A `snap` for `sid`.
    pub(super) fn snap(&self, sid: &str, epoch: u64, snapshot: &Snapshot) -> String {
        let mut out = String::from("{\"t\":\"snap\",\"sid\":");
        crate::wire::value::write_text(&mut out, sid);
        let (rev, schema_rev) = (snapshot.version(), snapshot.schema().version);
        let _ = write!(out, ",\"epoch\":{epoch},\"rev\":{rev},\"schema_rev\":{schema_rev}");
        if let Some(refusal) = &self.broken {
            write_error(&mut out, refusal, snapshot);
            out.push('}');
            return out;
        }
        match (&self.held, &self.spec.what) {
            (Held::Rows(frame), What::Rows(window)) => {
                let _ = write!(out, ",\"total\":{},\"from\":{},\"fields\":[", frame.total, frame.from);
                for (at, (field, _)) in self.columns.fields.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    crate::wire::value::write_text(&mut out, &snapshot.ids().field(*field));
                }
                out.push_str("],\"rows\":");
                rows::write_rows(&mut out, snapshot, &self.columns, frame);
                if !self.query.group.is_empty() {
                    out.push_str(",\"groups\":");
                    rows::write_groups(&mut out, snapshot, &self.query, &frame.groups);
                }
                if !window.summaries.is_empty() {
                    out.push_str(",\"summaries\":");
                    rows::write_summaries(&mut out, snapshot, &frame.summaries);
                }
            }
            (Held::Aggregate(result), What::Aggregate(aggregate)) => {
                let _ = write!(
                    out,
                    ",\"total\":{},\"from\":0,\"fields\":[],\"rows\":[],\"agg\":",
                    result.records
                );
                rows::write_aggregate(&mut out, snapshot, aggregate, result);
            }
            _ => {}
        }
        out.push('}');
        out
    }

    /// One more or less looks at it.
    pub(super) fn used(&mut self, more: bool) {
        if more {
            self.users += 1;
        } else {
            self.users = self.users.saturating_sub(1);
            self.idle_since = Instant::now();
        }
    }

    /// Whether nobody has looked at it for so long that nobody comes back to it.
    pub(super) fn is_forgotten(&self) -> bool {
        self.users == 0 && self.idle_since.elapsed() > LINGER
    }
}

/// The members that an empty snap has beside its name, and why it is empty.
pub(super) fn write_error(out: &mut String, refusal: &Refusal, snapshot: &Snapshot) {
    let problem = crate::error::Problem::refused(refusal, snapshot);
    let error = Json::Object(problem.fields());
    let _ = write!(out, ",\"total\":0,\"from\":0,\"fields\":[],\"rows\":[],\"error\":{error}");
}

fn reads(table: TableId, columns: &Columns) -> BTreeSet<TableId> {
    columns.linked().chain([table]).collect()
}

fn read(
    spec: &Spec,
    query: &Query,
    snapshot: &Snapshot,
    who: PersonId,
    orders: &OrderCache,
    sums: &AnalyzeCache,
) -> Result<Held, Refusal> {
    let parameters = ask::parameters(snapshot, who);
    match &spec.what {
        What::Rows(window) => {
            let order = orders.order(snapshot, query, &parameters)?;
            Frame::read(&order, window, sums).map(Held::Rows)
        }
        What::Aggregate(aggregate) => {
            sums.aggregate(snapshot, query, aggregate, &parameters).map(Held::Aggregate)
        }
    }
}
