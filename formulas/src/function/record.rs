//! The record itself.

use super::{Eval, Function, Special};

pub(super) const ALL: &[&Function] = &[&RECORD_ID];

const RECORD_ID: Function = Function {
    name: "RECORD_ID",
    signature: "() -> text",
    doc: "The id of the record.",
    examples: &[("LEFT(RECORD_ID(), 3)", r#""rec""#)],
    eval: Eval::Special(Special::RecordId),
};
