//! Every limit of the engine, with its unit and the reason for it.

/// Operations in one batch: bounds what one request may cost.
pub const BATCH_OPS_MAX: usize = 500;
/// Records that one command may create or change; larger work is sent as several commands.
pub const COMMAND_RECORDS_MAX: usize = 250_000;
/// Tables of a base.
pub const TABLES_MAX: usize = 500;
/// Fields of a table: each is a column, and a grid of more is not read by anybody.
pub const FIELDS_MAX: usize = 500;
/// Views of a table.
pub const VIEWS_MAX: usize = 500;
/// Options of a select field.
pub const OPTIONS_MAX: usize = 5_000;
/// Bytes of a name.
pub const NAME_BYTES_MAX: usize = 300;
/// Bytes of one text cell.
pub const TEXT_BYTES_MAX: usize = 1 << 20;
/// Items of one list cell that a person writes (a reverse link may have any number).
pub const LIST_ITEMS_MAX: usize = 10_000;
/// Bytes of settings of a view, a dashboard or an automation.
pub const SETTINGS_BYTES_MAX: usize = 256 << 10;
/// Records of a table: a record's id is a `u32`.
pub const RECORDS_MAX: usize = u32::MAX as usize - 1;
/// Commands that wait for one base's writer; the next one is told to come back later.
pub const QUEUE_COMMANDS_MAX: usize = 2_000;
/// Commands that one group commit takes.
pub const GROUP_COMMANDS_MAX: usize = 256;
/// Commits that are kept in memory for resuming watchers and for undo.
pub const RECENT_COMMITS_MAX: usize = 10_000;
/// Bytes of the same.
pub const RECENT_BYTES_MAX: usize = 64 << 20;
/// Deltas that wait for one watcher; after that it is told to resync.
pub const WATCHER_DELTAS_MAX: usize = 256;
/// Outcomes that are kept for each client, so that a command sent twice is done once.
pub const RECEIPTS_PER_CLIENT_MAX: usize = 256;
/// How long outcomes are kept, in milliseconds of commit time.
pub const RECEIPT_AGE_MS_MAX: i64 = 7 * 24 * 3_600 * 1_000;
/// Decoded bytes of one log record.
pub const COMMIT_BYTES_MAX: usize = 1 << 30;
/// Runs of automations that a base's state keeps for its history page; the log keeps all.
pub const RUNS_KEPT_MAX: usize = 10_000;
/// Cells of one field in one commit, as a decoder believes a length: a column's worth.
pub const COMMIT_CELLS_MAX: usize = 1 << 24;
/// How long a chain of runs that trigger runs may be.
pub const RUN_DEPTH_MAX: u32 = 8;
/// Commits a minute that may trigger one automation; one more switches it off. A commit that triggers a run for
/// each of many records counts once.
pub const RUN_COMMITS_PER_MINUTE_MAX: usize = 200;
/// Runs that one commit may trigger of one automation; the others are told in one skipped run.
pub const RUNS_PER_COMMIT_MAX: usize = 10_000;
/// Failures in a row that switch an automation off.
pub const RUN_FAILURES_MAX: usize = 20;
/// Commits that a runner looks at when it starts; if there are more since the last time, they are left out.
pub const CATCH_UP_MAX: u64 = 10_000;
/// Versions after which it is noted how far the runner has watched.
pub const WATCHED_LAG_MAX: u64 = 1_000;
/// Children of a record from which on partial results of its aggregates are kept: fewer are folded as quickly.
pub const PARTIAL_MEMBERS_MIN: usize = 256;
/// Records for which one aggregate through a link keeps partial results, of up to 700 bytes each.
pub const PARTIAL_PARENTS_MAX: usize = 100_000;
/// Groups for which one aggregate over a whole table keeps partial results.
pub const PARTIAL_GROUPS_MAX: usize = 4_000_000;
/// Touched items that partial results through a link follow one by one; of more they are made anew.
pub const PARTIAL_ITEMS_AT_ONCE_MAX: usize = 1 << 16;
