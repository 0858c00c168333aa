//! Checkpoints: stored state as chunks in the store, so that opening need not replay the whole log.
//!
//! Nothing here is truth. A checkpoint that is damaged, newer than the log, or of another format is dropped and
//! the log is replayed from its start. Only chunks that differ from the last checkpoint are written, told by
//! their pointers: a chunk that nobody wrote to is the same `Arc`. A chunk's key has the version that wrote it,
//! and the manifest, written last, names the keys: a crash in between leaves the checkpoint before.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use bincode::config;
use formulas::column::{CHUNK, Chunk, Column, Item, Kind};
use formulas::{FieldId, RecordId, RecordSet, TableId, Value};

use crate::apply;
use crate::change::{Cause, Change, CommandId, Commit, Edit, Ids, Outcome};
use crate::id::ViewId;
use crate::log::{MAX_PAYLOAD_BYTES, codec};
use crate::state::places::Places;
use crate::state::schema::Schema;
use crate::state::table::TableState;
use crate::state::{Receipts, Stored};
use crate::store::{Batch, Opened, Store, StoreError};

/// Number of the manifest's form.
const FORMAT: u16 = 1;
const MANIFEST: &[u8] = b"manifest";
/// Bytes of the log after which a checkpoint is due: replaying them takes a fraction of a second.
const LOG_BYTES_DUE: u64 = 32 << 20;
/// Versions after which a checkpoint is due.
const VERSIONS_DUE: u64 = 5_000;
/// Bytes of one batch of chunks.
const BATCH_BYTES: u64 = 16 << 20;
/// The columns that `apply` keeps beside the fields', as field numbers that no field can have.
const KEPT: [u32; 5] = [u32::MAX, u32::MAX - 1, u32::MAX - 2, u32::MAX - 3, u32::MAX - 4];

/// Format 1 of the manifest, frozen like the types of the log's codec.
#[derive(bincode::Encode, bincode::Decode)]
struct Manifest {
    version: u64,
    time_ms: i64,
    /// A commit, encoded, that makes the schema and what automations keep on an empty state.
    objects: Vec<u8>,
    next: [u32; 5],
    next_automation: [u64; 2],
    schema_version: u64,
    tables: Vec<TableEntry>,
    /// Client, time, and its outcomes.
    receipts: Vec<(u128, i64, Vec<OutcomeEntry>)>,
}

/// A client's number, the version, and an encoded commit that carries what was answered.
type OutcomeEntry = (u64, u64, Vec<u8>);

#[derive(bincode::Encode, bincode::Decode)]
struct TableEntry {
    table: u32,
    len: u64,
    /// Chunk and bits of the records that are there.
    alive: Vec<(u32, Vec<u64>)>,
    columns: Vec<ColumnEntry>,
    /// Fields that own a link, for which the other end is built again.
    links: Vec<u32>,
}

#[derive(bincode::Encode, bincode::Decode)]
struct ColumnEntry {
    field: u32,
    kind: u8,
    /// The version in the key of each chunk.
    chunks: Vec<u64>,
}

/// The versions in the keys of a checkpoint's chunks, by table and field.
type Keys = BTreeMap<(u32, u32), Vec<u64>>;

/// Writes checkpoints of one base on a thread of its own.
pub(crate) struct Checkpoints {
    work: Option<SyncSender<Arc<Stored>>>,
    thread: Option<JoinHandle<()>>,
    last_version: u64,
    log_bytes: u64,
}

impl Checkpoints {
    /// Takes notice of a published state and what it added to the log; has a checkpoint written when one is due.
    /// Never waits: while one is being written, the next is not due.
    pub(crate) fn offer(&mut self, stored: &Arc<Stored>, log_bytes: u64) {
        self.log_bytes += log_bytes;
        let due = self.log_bytes >= LOG_BYTES_DUE || stored.version - self.last_version >= VERSIONS_DUE;
        let Some(work) = self.work.as_ref().filter(|_| due) else { return };
        if work.try_send(Arc::clone(stored)).is_ok() {
            self.last_version = stored.version;
            self.log_bytes = 0;
        }
    }

    /// Writes the last checkpoint and waits for it.
    pub(crate) fn close(mut self, stored: &Arc<Stored>) {
        if let Some(work) = self.work.take()
            && stored.version > self.last_version
        {
            drop(work.send(Arc::clone(stored)));
        }
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// What the thread knows of the checkpoint in the store.
struct Worker {
    store: Store,
    /// The state that the store holds.
    last: Option<Arc<Stored>>,
    keys: Keys,
}

/// Opens the store of a base and reads its newest checkpoint, if it is not newer than the log. A store that
/// cannot be used is said in a line and done without.
pub(crate) fn open(dir: &Path, last_version: u64) -> (Checkpoints, Stored) {
    let none = |last_version| Checkpoints { work: None, thread: None, last_version, log_bytes: 0 };
    let (store, opened) = match Store::open(dir) {
        Ok(opened) => opened,
        Err(error) => {
            tracing::warn!(%error, "the checkpoint store does not open; the base is read from its log");
            return (none(0), Stored::default());
        }
    };
    if let Opened::Replaced { why, .. } = &opened {
        tracing::warn!(
            why,
            "the checkpoint store was damaged and moved aside; the base is read from its log"
        );
    }
    let (stored, keys) = match read(&store) {
        Ok(Some((stored, keys))) if stored.version <= last_version => (Some(Arc::new(stored)), keys),
        Ok(_) => (None, Keys::new()),
        Err(why) => {
            tracing::warn!(why, "the checkpoint is damaged; the base is read from its log");
            (None, Keys::new())
        }
    };
    let state = stored.as_deref().cloned().unwrap_or_default();
    let version = state.version;
    let mut worker = Worker { store, last: stored, keys };
    let (work, jobs) = sync_channel::<Arc<Stored>>(1);
    let thread = std::thread::Builder::new().name("sheaf-checkpoint".into()).spawn(move || {
        for stored in jobs {
            if let Err(error) = worker.write(&stored) {
                tracing::warn!(%error, "a checkpoint could not be written; the log has everything");
            }
        }
    });
    match thread {
        Ok(thread) => {
            let thread = Some(thread);
            (Checkpoints { work: Some(work), thread, last_version: version, log_bytes: 0 }, state)
        }
        Err(_) => (none(version), state),
    }
}

impl Worker {
    fn write(&mut self, stored: &Arc<Stored>) -> Result<(), StoreError> {
        let mut batch = Batch::new();
        let mut stale: Vec<Vec<u8>> = Vec::new();
        let mut keys = Keys::new();
        for (table, state) in &stored.tables {
            for (field, column) in columns_of(state) {
                let before = self.last.as_ref().and_then(|last| column_of(last.table(*table)?, field));
                let old = self.keys.get(&(table.0, field)).map(Vec::as_slice).unwrap_or_default();
                let mut versions = Vec::with_capacity(column.n_chunks());
                for (at, chunk) in column.chunks().enumerate() {
                    if let (Some(version), true) = (old.get(at), is_same(before, column, at)) {
                        versions.push(*version);
                        continue;
                    }
                    stale.extend(old.get(at).map(|version| chunk_key(*table, field, at, *version)));
                    versions.push(stored.version);
                    batch.put(chunk_key(*table, field, at, stored.version), codec::cells_to_bytes(chunk));
                    if batch.size_bytes() > BATCH_BYTES {
                        self.store.commit(std::mem::replace(&mut batch, Batch::new()))?;
                    }
                }
                let gone = old.iter().enumerate().skip(versions.len());
                stale.extend(gone.map(|(at, version)| chunk_key(*table, field, at, *version)));
                keys.insert((table.0, field), versions);
            }
        }
        self.store.commit(batch)?;
        let mut last = Batch::new();
        let mut bytes = FORMAT.to_le_bytes().to_vec();
        let manifest = bincode::encode_to_vec(manifest(stored, &keys), config::standard());
        bytes.extend(manifest.expect("writing to memory does not fail"));
        last.put(MANIFEST, bytes);
        stale.into_iter().for_each(|key| last.remove(key));
        self.store.commit(last)?;
        self.keys = keys;
        self.last = Some(Arc::clone(stored));
        Ok(())
    }
}

/// Whether a chunk is the one that the column of the checkpoint before had.
fn is_same(before: Option<&Column>, column: &Column, at: usize) -> bool {
    before.is_some_and(|before| {
        before.kind() == column.kind()
            && at < before.n_chunks()
            && Arc::ptr_eq(before.chunk(at), column.chunk(at))
    })
}

fn chunk_key(table: TableId, field: u32, chunk: usize, version: u64) -> Vec<u8> {
    let mut key = b"c".to_vec();
    key.extend(table.0.to_be_bytes());
    key.extend(field.to_be_bytes());
    key.extend((chunk as u32).to_be_bytes());
    key.extend(version.to_be_bytes());
    key
}

fn kept_columns(state: &TableState) -> [&Column; 5] {
    [&state.created_at, &state.created_by, &state.modified_at, &state.modified_by, &state.versions]
}

fn columns_of(state: &TableState) -> Vec<(u32, &Column)> {
    let fields = state.columns.iter().map(|(field, column)| (field.0, column));
    fields.chain(KEPT.into_iter().zip(kept_columns(state))).collect()
}

fn column_of(state: &TableState, field: u32) -> Option<&Column> {
    match KEPT.iter().position(|kept| *kept == field) {
        Some(at) => Some(kept_columns(state)[at]),
        None => state.columns.get(&FieldId(field)),
    }
}

fn manifest(stored: &Stored, keys: &Keys) -> Manifest {
    let tables = stored.tables.iter().map(|(table, state)| TableEntry {
        table: table.0,
        len: state.len as u64,
        alive: state.alive.chunks().map(|(chunk, bits)| (chunk as u32, bits.to_vec())).collect(),
        columns: columns_of(state)
            .into_iter()
            .map(|(field, column)| ColumnEntry {
                field,
                kind: codec::kind_to(column.kind()),
                chunks: keys.get(&(table.0, field)).cloned().unwrap_or_default(),
            })
            .collect(),
        links: state.reverse.keys().map(|field| field.0).collect(),
    });
    let receipt = |(client, receipts): (&u128, &Receipts)| {
        let outcomes = receipts.outcomes.iter().map(|(n, version, outcomes)| {
            let command = Some(CommandId { client: *client, n: *n });
            (*n, *version, codec::encode(&carrier(command, outcomes.to_vec(), Vec::new())))
        });
        (*client, receipts.time_ms, outcomes.collect())
    };
    Manifest {
        version: stored.version,
        time_ms: stored.time_ms,
        objects: codec::encode(&carrier(None, Vec::new(), objects(stored))),
        next: stored.schema.next,
        next_automation: stored.automation.next,
        schema_version: stored.schema.version,
        tables: tables.collect(),
        receipts: stored.receipts.iter().map(receipt).collect(),
    }
}

/// A commit that was never made, to carry changes or outcomes in the log's form.
fn carrier(command: Option<CommandId>, outcomes: Vec<Outcome>, changes: Vec<Change>) -> Commit {
    Commit { version: 1, time_ms: 0, author: None, cause: Cause::System, command, outcomes, changes }
}

/// The changes that make everything but records on an empty state.
fn objects(stored: &Stored) -> Vec<Change> {
    fn made<T>(after: &Arc<T>) -> Edit<T> {
        Edit { before: None, after: Some(Arc::clone(after)) }
    }
    let schema: &Schema = &stored.schema;
    let mut changes = vec![Change::Base(made(&stored.info))];
    changes.extend(schema.people.iter().map(|(id, one)| Change::Person(*id, made(one))));
    changes.extend(schema.tables.iter().map(|(id, one)| Change::Table(*id, made(one))));
    changes.extend(schema.fields.iter().map(|(id, one)| Change::Field(*id, made(one))));
    changes.extend(schema.views.iter().map(|(id, one)| Change::View(*id, made(one))));
    changes.extend(schema.dashboards.iter().map(|(id, one)| Change::Dashboard(*id, made(one))));
    changes.extend(schema.automations.iter().map(|(id, one)| Change::Automation(*id, made(one))));
    changes.extend(stored.automation.runs.iter().map(|(id, one)| Change::Run(*id, made(one))));
    changes.extend(stored.automation.effects.iter().map(|(id, one)| Change::Effect(*id, made(one))));
    changes.extend(stored.orders.iter().filter_map(|(view, places)| places_of(stored, *view, places)));
    changes.push(Change::Watched { before: 0, after: stored.automation.watched });
    changes
}

/// The change that gives records of a view the places they have. That of a view that is gone has no table.
fn places_of(stored: &Stored, view: ViewId, places: &Places) -> Option<Change> {
    let table = stored.schema.views.get(&view).map_or(TableId(0), |view| view.table);
    let ids: Ids = places.iter().map(|(record, _)| record.0).collect();
    let before = Chunk::blank(Kind::Text, ids.len());
    let keys: Vec<Value> = places.iter().map(|(_, key)| Value::Text(Arc::clone(key))).collect();
    let after = Chunk::from_values(Kind::Text, &keys);
    (!ids.is_empty()).then_some(Change::Places { table, view, ids, before, after })
}

fn read(store: &Store) -> Result<Option<(Stored, Keys)>, String> {
    let Some(bytes) = store.get(MANIFEST).map_err(|error| error.to_string())? else { return Ok(None) };
    let (format, rest) = bytes.split_first_chunk::<2>().ok_or("the manifest is too short")?;
    if u16::from_le_bytes(*format) != FORMAT {
        return Ok(None);
    }
    let config = config::standard().with_limit::<MAX_PAYLOAD_BYTES>();
    let (manifest, _): (Manifest, usize) =
        bincode::decode_from_slice(rest, config).map_err(|error| error.to_string())?;
    let objects = codec::decode(&manifest.objects).map_err(|error| error.to_string())?;
    let mut stored = Stored::default();
    apply::commit(&mut stored, &objects);
    stored.version = manifest.version;
    stored.time_ms = manifest.time_ms;
    let schema = Arc::make_mut(&mut stored.schema);
    schema.next = manifest.next;
    schema.version = manifest.schema_version;
    Arc::make_mut(&mut stored.automation).next = manifest.next_automation;
    let mut keys = Keys::new();
    stored.tables.clear();
    for entry in manifest.tables {
        let table = TableId(entry.table);
        let state = read_table(store, table, entry, &mut keys)?;
        stored.tables.insert(table, Arc::new(state));
    }
    let receipts = Arc::make_mut(&mut stored.receipts);
    for (client, time_ms, outcomes) in manifest.receipts {
        let outcome = |(n, version, bytes): OutcomeEntry| {
            let carrier = codec::decode(&bytes).map_err(|error| error.to_string())?;
            Ok::<_, String>((n, version, carrier.outcomes.into()))
        };
        let outcomes = outcomes.into_iter().map(outcome).collect::<Result<_, _>>()?;
        receipts.insert(client, Receipts { time_ms, outcomes });
    }
    Ok(Some((stored, keys)))
}

fn read_table(
    store: &Store,
    table: TableId,
    entry: TableEntry,
    keys: &mut Keys,
) -> Result<TableState, String> {
    let mut state = TableState { len: entry.len as usize, ..TableState::default() };
    let alive = entry.alive.iter().flat_map(|(chunk, words)| {
        let base = *chunk * CHUNK as u32;
        words.iter().enumerate().flat_map(move |(at, word)| {
            let bits = (0..64).filter(move |bit| word >> bit & 1 == 1);
            bits.map(move |bit| RecordId(base + at as u32 * 64 + bit))
        })
    });
    state.alive = Arc::new(alive.collect::<RecordSet>());
    state.n_alive = state.alive.len();
    for column in entry.columns {
        let kind = codec::kind_from(column.kind).ok_or("a column of an unknown kind")?;
        let read = read_column(store, table, &column, kind, state.len)?;
        match KEPT.iter().position(|kept| *kept == column.field) {
            Some(0) => state.created_at = read,
            Some(1) => state.created_by = read,
            Some(2) => state.modified_at = read,
            Some(3) => state.modified_by = read,
            Some(_) => state.versions = read,
            None => drop(state.columns.insert(FieldId(column.field), read)),
        }
        keys.insert((table.0, column.field), column.chunks);
    }
    for field in entry.links.into_iter().map(FieldId) {
        let cells = state.columns.get(&field).filter(|column| column.kind() == Kind::List(Item::Choice));
        let reverse = apply::reverse_of(cells.ok_or("a link without cells")?);
        state.reverse.insert(field, Arc::new(reverse));
    }
    Ok(state)
}

fn read_column(
    store: &Store,
    table: TableId,
    entry: &ColumnEntry,
    kind: Kind,
    len: usize,
) -> Result<Column, String> {
    let mut chunks: Vec<Arc<Chunk>> = Vec::with_capacity(entry.chunks.len());
    let mut n_cells = 0;
    for (at, version) in entry.chunks.iter().enumerate() {
        let bytes =
            store.get(&chunk_key(table, entry.field, at, *version)).map_err(|error| error.to_string())?;
        let chunk =
            bytes.as_deref().and_then(codec::cells_from_bytes).ok_or("a chunk is missing or damaged")?;
        let last = at + 1 == entry.chunks.len();
        if chunk.kind() != kind || (!last && chunk.len() != CHUNK) {
            return Err("a chunk has another form".into());
        }
        n_cells += chunk.len();
        chunks.push(Arc::new(chunk));
    }
    if n_cells != len {
        return Err("a column has another length".into());
    }
    Ok(Column::from_chunks(kind, chunks))
}
