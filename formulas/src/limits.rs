//! Every limit of the language with its unit and reason.
//!
//! A limit of the text is a diagnostic in the editor; a limit of a value is a failed cell. No formula, however
//! it was written, panics, overflows the stack or takes memory without bound.

/// Bytes of a formula's text. The longest formulas people write are some 10 KiB.
pub const FORMULA_BYTES_MAX: usize = 32 * 1024;

/// How deep parentheses, calls and paths may nest; bounds the recursion of parser, checker and evaluator.
/// Chains of one operator (`a & b & c …`) do not nest.
pub const DEPTH_MAX: usize = 64;

/// Nodes of a formula: names, constants, operators and calls.
pub const NODES_MAX: usize = 2_000;

/// Bytes of a text that a function makes; beyond is `#ERROR!`.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// Items of a list that a cell holds or that one record looks through; beyond is `#ERROR!`.
pub const LIST_ITEMS_MAX: usize = 4 << 20;

/// Pairs of record and item that a `FILTER` or `MAP` evaluates at once, so that memory stays bounded.
pub const PAIRS_AT_ONCE: usize = 1 << 17;

/// How deep `FILTER`, `MAP` and their kin nest, since each level may multiply the work.
pub const LAMBDA_DEPTH_MAX: usize = 4;

/// Items that one text is cut into.
pub const SPLIT_ITEMS_MAX: usize = 1 << 16;

/// Bytes of a format of numbers or dates. Excel allows 255 characters.
pub const FORMAT_BYTES_MAX: usize = 1024;

/// Bytes of a text that is read as a date in a given format: each part of the format may search all of it.
pub const DATE_TEXT_BYTES_MAX: usize = 4096;

/// Delimiters at which one text is cut.
pub const DELIMITERS_MAX: usize = 256;

/// Bytes of a compiled regular expression.
pub const REGEX_BYTES_MAX: usize = 1 << 20;

/// Bytes of a text in which a regular expression searches: a search takes time in proportion to the text, but
/// finding all places may take it once for each place.
pub const REGEX_TEXT_BYTES_MAX: usize = 1 << 17;

/// Days that `WORKDAY` and `WORKDAY_DIFF` count, about 270 years.
pub const WORKDAYS_MAX: i64 = 100_000;
