//! Criteria for many records at once, where lists are indexed, give what each record has alone.

mod common;

use common::{Base, context};
use formulas::Rows;

const BASE: &str = r#"table A: Name text, Text text, Number number, Day date
"a" "x" 1 2024-01-01
"b" "X" 2 2024-01-02
"c" "x*" 0 -
"d" "<>x" -1 2024-02-01
"e" "" - 2024-01-01
"f" "=" 10 -
"g" - 1 -
"h" "1" 1.5 2024-01-01
"i" ">1" 2 -
"j" "?" 3 2024-03-01
table B: Title text, Text text, Number number, Day date
"1" "x" 1 2024-01-01
"2" "X" 2 2024-01-01
"3" "xy" -0 2024-01-02
"4" "" - -
"5" - 10 2024-02-01
"6" "1" 1 2024-01-01
"7" "1.0" 2 -
"8" "?" 1.5 2024-03-01"#;

#[test]
fn records_together_give_what_each_gives_alone() {
    let base = Base::parse(BASE);
    let context = context("UTC");
    let n = base.tables[0].n_records;
    let lists = ["Text", "Number", "Day", "Title"];
    for (list, criterion) in lists.iter().flat_map(|list| lists[..3].iter().map(move |by| (list, by))) {
        for formula in [
            format!("COUNTIF([B].[{list}], {{{criterion}}})"),
            format!("SUMIF([B].[{list}], {{{criterion}}}, [B].[Number])"),
            format!("COUNTIFS([B].[{list}], {{{criterion}}}, [B].[Number], \">0\")"),
            format!("MAXIFS([B].[Number], [B].[{list}], {{{criterion}}})"),
            "RANK({Number}, [B].[Number]) & LARGE([B].[Number], {Number})".to_owned(),
        ] {
            let expr = base.check(&formula).unwrap_or_else(|wrong| panic!("{formula}: {wrong:?}"));
            let together = expr.evaluate(&base, &context, 0, Rows::All(n));
            for record in 0..n {
                let alone = base.value(&expr, record as u32, &context);
                assert_eq!(together.get(record), alone, "{formula} for record {record}");
            }
        }
    }
}
