//! What formulas know of the times of records: a write moves that of its record, and of no other.

#![allow(missing_docs)]

mod common;

use common::{NOW_MS, command, field_at};
use engine::log::MemoryLog;
use engine::{PersonId, Request, WatchEvent};
use formulas::{RecordId, Value};

const TEXT: &str = r#"table T
  field Name text
  field Count number
  field Created formula {"formula": "CREATED_TIME()"}
  field Modified formula {"formula": "LAST_MODIFIED_TIME()"}
  field Age formula {"formula": "DATETIME_DIFF({Modified}, {Created}, \"seconds\")"}
record T {"Name": "a"}
record T {"Name": "b"}
"#;

#[test]
fn a_write_computes_the_time_of_its_record_anew() {
    let base = common::base_over(engine::base_on(Box::new(MemoryLog::new())).expect("an empty log"), TEXT);
    let watch = base.watch();
    let later_ms = NOW_MS + 90_000;
    let set = command(&base, r#"set T.2.Count 7"#);
    base.submit(Request::new(Some(PersonId(1)), later_ms, vec![set])).expect("a cell is written");
    let cell = |path: &str, record: u32| base.snapshot().get(field_at(&base, path).1, RecordId(record));
    assert_eq!(cell("T.Modified", 0), Value::Date(NOW_MS));
    assert_eq!(cell("T.Modified", 1), Value::Date(later_ms));
    assert_eq!(cell("T.Created", 1), Value::Date(NOW_MS));
    assert_eq!(cell("T.Age", 1), Value::Number(90.0));
    let (_, modified) = field_at(&base, "T.Modified");
    while let Ok(Some(WatchEvent::Delta(delta))) = watch.try_next() {
        assert_eq!(delta.touched.get(&modified).map_or(0, formulas::RecordSet::len), 1);
        assert!(delta.touched.keys().all(|field| base.snapshot().stored().field(*field).is_some()));
    }
}
