//! The record itself.

use super::{Eval, Function, Special};

pub(super) const ALL: &[&Function] = &[&RECORD_ID, &CREATED_TIME, &LAST_MODIFIED_TIME];

const RECORD_ID: Function = Function {
    name: "RECORD_ID",
    signature: "() -> text",
    doc: "The id of the record.",
    examples: &[("LEFT(RECORD_ID(), 3)", r#""rec""#), ("LEN(RECORD_ID()) > 3", "true")],
    eval: Eval::Special(Special::RecordId),
};

const CREATED_TIME: Function = Function {
    name: "CREATED_TIME",
    signature: "() -> moment",
    doc: "When the record was created.",
    examples: &[
        ("IS_BEFORE(CREATED_TIME(), NOW())", "true"),
        (r#"DATETIME_DIFF(LAST_MODIFIED_TIME(), CREATED_TIME(), "days")"#, "3"),
    ],
    eval: Eval::Special(Special::CreatedTime),
};

const LAST_MODIFIED_TIME: Function = Function {
    name: "LAST_MODIFIED_TIME",
    signature: "(fields: any...) -> moment",
    doc: "When the record was last written; or one of the given fields, if a field of the table keeps that.",
    examples: &[
        ("IS_AFTER(LAST_MODIFIED_TIME(), CREATED_TIME())", "true"),
        (r#"DATETIME_FORMAT(LAST_MODIFIED_TIME(), "YYYY-MM-DD")"#, r#""2024-03-04""#),
    ],
    eval: Eval::Special(Special::ModifiedTime),
};
