//! Which aggregates of a formula can follow their items one by one.

mod common;

use common::Base;
use formulas::{Fold, Grouped, aggregates};

const BASE: &str =
    "table Projects: Name text, Budget number, Left number, Orders link(Orders), Up link(Projects)
table Orders: Title text, GMV number, Paid bool, Day date, Project link(Projects)";

/// What is found, as a line: the fold and over which records; then how many fields of items are read.
fn found(formula: &str) -> Vec<String> {
    let base = Base::parse(BASE);
    let expr = base.check(formula).unwrap_or_else(|wrong| panic!("{formula}: {wrong:?}"));
    let show = |over: &Grouped| match over {
        Grouped::Field(_) => "link",
        Grouped::All(_) => "all",
        Grouped::Key { .. } => "key",
    };
    let found = aggregates(&expr);
    found.list.iter().map(|one| format!("{:?} {} {}", one.fold, show(&one.over), one.reads.len())).collect()
}

#[test]
fn aggregates_of_items_by_themselves_are_found() {
    for (formula, expected) in [
        ("SUM({Orders}.{GMV})", "Sum link 1"),
        ("{Orders}.{GMV}.AVERAGE()", "Average link 1"),
        ("COUNTALL({Orders})", "CountAll link 0"),
        ("COUNTA({Orders}.{Title})", "CountA link 1"),
        ("MIN({Orders}.{Day})", "Min link 1"),
        ("AND({Orders}.{Paid})", "All link 1"),
        ("OR({Orders}.{Paid})", "Any link 1"),
        ("{Orders}.FILTER(CurrentValue.{Paid}).{GMV}.SUM()", "Sum link 2"),
        ("{Orders}.FILTER(CurrentValue.{Day} < TODAY()).{GMV}.MAX()", "Max link 2"),
        ("SUM({Orders}.{Title})", "Sum link 1"),
        ("SUM({Orders}.{Project}.{Budget})", "Sum link 2"),
        ("SUMIF({Orders}, CurrentValue.{Paid}, CurrentValue.{GMV} * 2)", "Sum link 2"),
        ("IF({Budget} > 1, SUM({Orders}.{GMV}), 0)", "Sum link 1"),
        ("[Orders].[GMV].SUM()", "Sum all 1"),
        ("[Orders].FILTER(CurrentValue.[Paid]).[GMV].SUM()", "Sum all 2"),
        ("[Orders].FILTER(CurrentValue.[Title] = [Name]).[GMV].SUM()", "Sum key 2"),
        ("[Orders].FILTER([Name] = CurrentValue.[Title] && CurrentValue.[Paid]).[GMV].SUM()", "Sum key 3"),
        (
            "[Orders].FILTER(CurrentValue.[Title] = [Name]).FILTER(CurrentValue.[Paid]).COUNTALL()",
            "CountAll key 2",
        ),
        ("[Orders].FILTER(CurrentValue.[Project] = [Name]).[GMV].SUM()", "Sum key 3"),
        ("[Orders].FILTER(CurrentValue.[Title] = [Name]).[GMV].MEDIAN()", "Records key 2"),
        ("[Orders].FILTER(CurrentValue.[Title] = [Name]).[Project].[Budget].FIRST()", "Records key 3"),
        ("[Orders].FILTER(CurrentValue.[Title] = [Name]).FILTER(CurrentValue.[Paid]).[Day]", "Records key 3"),
        (
            "[Orders].FILTER(CurrentValue.[Title] = [Name]).SORTBY(CurrentValue.[Day]).[GMV].LAST()",
            "Records key 3",
        ),
        ("[Orders].COUNTIF(CurrentValue.[Title] = UPPER([Name]))", "CountAll key 1"),
    ] {
        assert_eq!(found(formula), [expected], "{formula}");
    }
}

#[test]
fn others_are_computed_from_all_their_items() {
    for formula in [
        "MEDIAN({Orders}.{GMV})",
        "SUM({Orders}.{GMV}, 1)",
        "{Orders}.FILTER(CurrentValue.{GMV} > {Budget}).{GMV}.SUM()",
        "{Orders}.FILTER(CurrentValue.{GMV} > [Orders].[GMV].AVERAGE() + {Budget}).{GMV}.SUM()",
        "[Orders].FILTER(CurrentValue.[Title] = [Name] || CurrentValue.[Paid]).[GMV].SUM()",
        "{Orders}.{GMV}.SORT().FIRST()",
        "{Orders}.FILTER(CurrentValue.{Project}.FILTER(CurrentValue.{Budget} > {Budget}).COUNTALL() > 0).COUNTALL() + {Budget} * SUM(LIST({Left}, 1))",
    ] {
        let keyed: Vec<String> =
            found(formula).into_iter().filter(|one| !one.starts_with("Average all")).collect();
        assert_eq!(keyed, Vec::<String>::new(), "{formula}");
    }
}

#[test]
fn what_aggregates_read_of_whole_tables_is_theirs() {
    let base = Base::parse(BASE);
    let reads = |formula: &str| aggregates(&base.check(formula).expect("a formula"));
    let found = reads("[Orders].FILTER(CurrentValue.[Title] = [Name]).[GMV].SUM() + {Budget}");
    assert_eq!(found.reads.len(), 2, "the name and the budget");
    assert!(found.tables.is_empty());
    let found = reads("[Orders].FILTER(CurrentValue.[Title] = [Name]).[GMV].MEDIAN()");
    assert_eq!((found.reads.len(), found.tables.len()), (1, 0), "the own name");
    let found = reads("{Orders}.{Project}.{Budget}.SUM()");
    assert_eq!(found.reads.len(), 3, "both links and the budget");
    assert_eq!(found.list[0].fold, Fold::Sum);
}
