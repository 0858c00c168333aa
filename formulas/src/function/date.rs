//! Dates. A date without a time is read as it is written, one with a time in the zone of the base.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::args::{Call, Given, Row, refuse};
use super::calendar::{self, Unit, civil, days_later, moment, start_of};
use super::spell;
use super::{Eval, Function};
use crate::column::Chunk;

pub(super) const ALL: &[&Function] = &[
    &NOW,
    &TODAY,
    &DATE,
    &YEAR,
    &MONTH,
    &DAY,
    &HOUR,
    &MINUTE,
    &SECOND,
    &DATEADD,
    &DATETIME_DIFF,
    &IS_BEFORE,
    &IS_AFTER,
    &IS_SAME,
];

const NOW: Function = Function {
    name: "NOW",
    signature: "() -> moment",
    doc: "The present moment, as of the last time the base looked at the clock.",
    examples: &[("IS_AFTER(NOW(), DATE(2020, 1, 1))", "true"), ("NOW() >= TODAY()", "true")],
    eval: Eval::Rows(|call| call.dates(|_| Ok(Some(call.context.now_ms)))),
};

const TODAY: Function = Function {
    name: "TODAY",
    signature: "() -> day",
    doc: "The present day in the zone of the base.",
    examples: &[("TODAY() > DATE(2020, 1, 1)", "true"), (r#"IS_SAME(TODAY(), NOW(), "day")"#, "true")],
    eval: Eval::Rows(|call| call.dates(|_| today(call).map(Some))),
};

const DATE: Function = Function {
    name: "DATE",
    signature: "(year: number, month: number, day: number) -> day",
    doc: "A day. Months beyond 12 and days beyond the month's last count on.",
    examples: &[("DATE(2024, 2, 29)", "2024-02-29"), ("DATE(2023, 14, 1)", "2024-02-01")],
    eval: Eval::Rows(|call| call.dates(|row| day_in(row.whole(0), row.whole(1), row.whole(2)).map(Some))),
};

const YEAR: Function = Function {
    name: "YEAR",
    signature: "(date) -> number",
    doc: "The year.",
    examples: &[("YEAR(DATE(2024, 3, 5))", "2024"), ("YEAR(BLANK())", "blank")],
    eval: Eval::Rows(|call| part(call, |at| at.year().into())),
};

const MONTH: Function = Function {
    name: "MONTH",
    signature: "(date) -> number",
    doc: "The month, 1 to 12.",
    examples: &[("MONTH(DATE(2024, 3, 5))", "3"), (r#"MONTH("2024-12-31")"#, "12")],
    eval: Eval::Rows(|call| part(call, |at| at.month().into())),
};

const DAY: Function = Function {
    name: "DAY",
    signature: "(date) -> number",
    doc: "The day of the month.",
    examples: &[("DAY(DATE(2024, 3, 5))", "5"), (r#"DAY("2024-12-31")"#, "31")],
    eval: Eval::Rows(|call| part(call, |at| at.day().into())),
};

const HOUR: Function = Function {
    name: "HOUR",
    signature: "(date) -> number",
    doc: "The hour, 0 to 23.",
    examples: &[(r#"HOUR(DATETIME_PARSE("2024-03-05 17:30"))"#, "17"), ("HOUR(DATE(2024, 3, 5))", "0")],
    eval: Eval::Rows(|call| part(call, |at| at.hour().into())),
};

const MINUTE: Function = Function {
    name: "MINUTE",
    signature: "(date) -> number",
    doc: "The minute.",
    examples: &[
        (r#"MINUTE(DATETIME_PARSE("2024-03-05 17:30"))"#, "30"),
        (r#"MINUTE("2024-03-05 9:05 am")"#, "5"),
    ],
    eval: Eval::Rows(|call| part(call, |at| at.minute().into())),
};

const SECOND: Function = Function {
    name: "SECOND",
    signature: "(date) -> number",
    doc: "The second.",
    examples: &[
        (r#"SECOND(DATETIME_PARSE("2024-03-05 17:30:09"))"#, "9"),
        (r#"SECOND("2024-03-05 17:30")"#, "0"),
    ],
    eval: Eval::Rows(|call| part(call, |at| at.second().into())),
};

const DATEADD: Function = Function {
    name: "DATEADD",
    signature: "(date, count: number, unit: text) -> date",
    doc: "A date some units later: years, quarters, months, weeks, days, hours, minutes, seconds.",
    examples: &[
        (r#"DATEADD(DATE(2024, 1, 31), 1, "month")"#, "2024-02-29"),
        (r#"DATEADD(DATE(2024, 1, 1), -1, "d")"#, "2023-12-31"),
    ],
    eval: Eval::Rows(|call| {
        call.dates(|row| {
            calendar::add(row.date(0), row.number(1), Unit::named(row.text(2))?, row.zone()).map(Some)
        })
    }),
};

const DATETIME_DIFF: Function = Function {
    name: "DATETIME_DIFF",
    signature: r#"(date, other: date, unit: text = "seconds") -> number"#,
    doc: "Whole units from `other` to `date`.",
    examples: &[
        (r#"DATETIME_DIFF(DATE(2024, 3, 1), DATE(2024, 2, 1), "days")"#, "29"),
        (r#"DATETIME_DIFF("2024-03-05 10:00", "2024-03-05 08:30")"#, "5400"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let unit = Unit::named(row.text(2))?;
            Ok(calendar::difference(row.date(1), row.date(0), unit, row.zone())? as f64)
        })
    }),
};

const IS_BEFORE: Function = Function {
    name: "IS_BEFORE",
    signature: r#"(date, other: date, unit: text = "ms") -> bool"#,
    doc: "Whether `date` is earlier than `other`, by moments or by larger units.",
    examples: &[
        ("IS_BEFORE(DATE(2024, 1, 1), DATE(2024, 1, 2))", "true"),
        (r#"IS_BEFORE(DATE(2024, 1, 1), DATE(2024, 1, 2), "month")"#, "false"),
    ],
    eval: Eval::Rows(|call| call.bools(|row| ordered(row).map(|(date, other)| date < other))),
};

const IS_AFTER: Function = Function {
    name: "IS_AFTER",
    signature: r#"(date, other: date, unit: text = "ms") -> bool"#,
    doc: "Whether `date` is later than `other`, by moments or by larger units.",
    examples: &[
        ("IS_AFTER(DATE(2024, 1, 1), DATE(2024, 1, 2))", "false"),
        ("IS_AFTER(DATE(2024, 1, 2), DATE(2024, 1, 1))", "true"),
    ],
    eval: Eval::Rows(|call| call.bools(|row| ordered(row).map(|(date, other)| date > other))),
};

const IS_SAME: Function = Function {
    name: "IS_SAME",
    signature: r#"(date, other: date, unit: text = "ms") -> bool"#,
    doc: "Whether two dates are in the same unit, such as `month`; without a unit, the same moment.",
    examples: &[
        (r#"IS_SAME(DATE(2024, 1, 1), DATE(2024, 1, 31), "month")"#, "true"),
        ("IS_SAME(DATE(2024, 1, 1), DATE(2024, 1, 31))", "false"),
    ],
    eval: Eval::Rows(|call| call.bools(|row| ordered(row).map(|(date, other)| date == other))),
};

/// The day of a year; months and days that there are not count on.
pub(super) fn day_in(year: i64, month: i64, day: i64) -> Given<i64> {
    let month = month.saturating_sub(1);
    let first = spell::date(year.saturating_add(month.div_euclid(12)), month.rem_euclid(12) + 1, 1);
    match first.and_then(|first| days_later(first, day.saturating_sub(1))) {
        Some(date) => utc(date),
        None => refuse("there is no such date in the years -9999 to 9999"),
    }
}

/// Midnight UTC, as dates without time are kept.
pub(super) fn utc(date: Date) -> Given<i64> {
    moment(date.to_datetime(jiff::civil::Time::midnight()), &TimeZone::UTC)
}

fn today(call: &Call<'_>) -> Given<i64> {
    utc(civil(call.context.now_ms, &call.context.zone)?.date())
}

fn part(call: &Call<'_>, of: fn(jiff::civil::DateTime) -> i32) -> Chunk {
    call.numbers(|row| Ok(f64::from(of(civil(row.date(0), row.zone())?))))
}

/// The day that an argument is on the clocks of the zone.
pub(super) fn day_of(row: Row<'_>, arg: usize) -> Given<Date> {
    Ok(civil(row.date(arg), row.zone())?.date())
}

/// Both dates of a comparison, cut to its unit.
fn ordered(row: Row<'_>) -> Given<(i64, i64)> {
    let (date, other) = (row.date(0), row.date(1));
    match Unit::named(row.text(2))? {
        Unit::Millisecond => Ok((date, other)),
        unit => {
            let cut =
                |ms: i64| -> Given<i64> { moment(start_of(civil(ms, row.zone())?, unit), &TimeZone::UTC) };
            Ok((cut(date)?, cut(other)?))
        }
    }
}
