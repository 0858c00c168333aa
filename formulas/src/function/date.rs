//! Dates. A date without a time is read as it is written, one with a time in the zone of the base.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use super::args::{Call, Given, Row, refuse};
use super::calendar::{self, DAY_MS, Unit, civil, days_between, days_later, moment, start_of, week, weekday};
use super::spell::{self, iso_date};
use super::{Eval, Function};
use crate::column::Chunk;
use crate::limits::WORKDAYS_MAX;

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
    &WEEKDAY,
    &WEEKNUM,
    &DATEADD,
    &DATETIME_DIFF,
    &DATETIME_FORMAT,
    &DATETIME_PARSE,
    &DATESTR,
    &TIMESTR,
    &IS_BEFORE,
    &IS_AFTER,
    &IS_SAME,
    &SET_TIMEZONE,
    &SET_LOCALE,
    &WORKDAY,
    &WORKDAY_DIFF,
    &EDATE,
    &EOMONTH,
    &DAYS,
    &DATEDIF,
    &FROMNOW,
    &TONOW,
];

const NOW: Function = Function {
    name: "NOW",
    signature: "() -> moment",
    doc: "The present moment, as of the last time the base looked at the clock.",
    examples: &[("IS_AFTER(NOW(), DATE(2020, 1, 1))", "true")],
    eval: Eval::Rows(|call| call.dates(|_| Ok(Some(call.context.now_ms)))),
};

const TODAY: Function = Function {
    name: "TODAY",
    signature: "() -> day",
    doc: "The present day in the zone of the base.",
    examples: &[("TODAY() > DATE(2020, 1, 1)", "true")],
    eval: Eval::Rows(|call| call.dates(|_| today(call).map(Some))),
};

const DATE: Function = Function {
    name: "DATE",
    signature: "(year: number, month: number, day: number) -> day",
    doc: "A day. Months beyond 12 and days beyond the month's last count on.",
    examples: &[("DATE(2024, 2, 29)", "2024-02-29"), ("DATE(2023, 14, 1)", "2024-02-01")],
    eval: Eval::Rows(|call| {
        call.dates(|row| {
            let (year, month) = (row.whole(0), row.whole(1).saturating_sub(1));
            let first = spell::date(year.saturating_add(month.div_euclid(12)), month.rem_euclid(12) + 1, 1);
            let date = first.and_then(|first| days_later(first, row.whole(2).saturating_sub(1)));
            match date {
                Some(date) => utc(date).map(Some),
                None => refuse("there is no such date in the years -9999 to 9999"),
            }
        })
    }),
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
    examples: &[("MONTH(DATE(2024, 3, 5))", "3")],
    eval: Eval::Rows(|call| part(call, |at| at.month().into())),
};

const DAY: Function = Function {
    name: "DAY",
    signature: "(date) -> number",
    doc: "The day of the month.",
    examples: &[("DAY(DATE(2024, 3, 5))", "5")],
    eval: Eval::Rows(|call| part(call, |at| at.day().into())),
};

const HOUR: Function = Function {
    name: "HOUR",
    signature: "(date) -> number",
    doc: "The hour, 0 to 23.",
    examples: &[(r#"HOUR(DATETIME_PARSE("2024-03-05 17:30"))"#, "17")],
    eval: Eval::Rows(|call| part(call, |at| at.hour().into())),
};

const MINUTE: Function = Function {
    name: "MINUTE",
    signature: "(date) -> number",
    doc: "The minute.",
    examples: &[(r#"MINUTE(DATETIME_PARSE("2024-03-05 17:30"))"#, "30")],
    eval: Eval::Rows(|call| part(call, |at| at.minute().into())),
};

const SECOND: Function = Function {
    name: "SECOND",
    signature: "(date) -> number",
    doc: "The second.",
    examples: &[(r#"SECOND(DATETIME_PARSE("2024-03-05 17:30:09"))"#, "9")],
    eval: Eval::Rows(|call| part(call, |at| at.second().into())),
};

const WEEKDAY: Function = Function {
    name: "WEEKDAY",
    signature: r#"(date, start: text = "Sunday") -> number"#,
    doc: "The day of the week, 0 to 6; 0 is the day on which weeks start, Sunday or Monday.",
    examples: &[("WEEKDAY(DATE(2024, 3, 5))", "2"), (r#"WEEKDAY(DATE(2024, 3, 5), "Monday")"#, "1")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let start = i64::from(week_start(row.text(1))?.to_sunday_zero_offset());
            Ok((weekday(day_of(row, 0)?) - start).rem_euclid(7) as f64)
        })
    }),
};

const WEEKNUM: Function = Function {
    name: "WEEKNUM",
    signature: r#"(date, start: text = "Sunday") -> number"#,
    doc: "The week of the year; the first is that of January 1.",
    examples: &[("WEEKNUM(DATE(2024, 1, 7))", "2"), (r#"WEEKNUM(DATE(2024, 1, 7), "Monday")"#, "1")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(week(day_of(row, 0)?, week_start(row.text(1))?) as f64))),
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
    examples: &[(r#"DATETIME_DIFF(DATE(2024, 3, 1), DATE(2024, 2, 1), "days")"#, "29")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let unit = Unit::named(row.text(2))?;
            Ok(calendar::difference(row.date(1), row.date(0), unit, row.zone())? as f64)
        })
    }),
};

const DATETIME_FORMAT: Function = Function {
    name: "DATETIME_FORMAT",
    signature: r#"(date, format: text = "YYYY-MM-DDTHH:mm:ssZ") -> text"#,
    doc: "A date in a format such as `YYYY-MM-DD HH:mm`, `dddd, MMMM Do` or `[week] w`.",
    examples: &[(r#"DATETIME_FORMAT(DATE(2024, 3, 5), "dddd, MMM Do YYYY")"#, r#""Tuesday, Mar 5th 2024""#)],
    eval: Eval::Rows(|call| {
        call.maybe_texts(|row, out| {
            super::moment::format(row.date(0), row.text(1), row.zone(), out).map(|()| true)
        })
    }),
};

const DATETIME_PARSE: Function = Function {
    name: "DATETIME_PARSE",
    signature: r#"(text, format: text = "") -> moment"#,
    doc: "The date that a text says, in a format or in one that people commonly write; times are of the base's zone.",
    examples: &[
        (r#"YEAR(DATETIME_PARSE("5 Mar 2024", "D MMM YYYY"))"#, "2024"),
        (r#"DATESTR(DATETIME_PARSE("2024-01-02"))"#, r#""2024-01-02""#),
    ],
    eval: Eval::Rows(|call| {
        let zone = &call.context.zone;
        call.dates(|row| match (row.text(0), row.text(1)) {
            (text, _) if text.trim().is_empty() => Ok(None),
            (text, "") => match spell::parse_date(text, zone) {
                Some(ms) => Ok(Some(ms)),
                None => refuse(format!("{} is not a date", crate::eval::excerpt(text))),
            },
            (text, format) => super::moment::parse(text, format, zone).map(Some),
        })
    }),
};

const DATESTR: Function = Function {
    name: "DATESTR",
    signature: "(date) -> text",
    doc: "The day as `YYYY-MM-DD`.",
    examples: &[("DATESTR(DATE(2024, 3, 5))", r#""2024-03-05""#)],
    eval: Eval::Rows(|call| {
        call.maybe_texts(|row, out| {
            out.push_str(&iso_date(day_of(row, 0)?));
            Ok(true)
        })
    }),
};

const TIMESTR: Function = Function {
    name: "TIMESTR",
    signature: "(date) -> text",
    doc: "The time of day as `HH:mm:ss`.",
    examples: &[(r#"TIMESTR(DATETIME_PARSE("2024-03-05 17:30"))"#, r#""17:30:00""#)],
    eval: Eval::Rows(|call| {
        call.maybe_texts(|row, out| {
            super::moment::format(row.date(0), "HH:mm:ss", row.zone(), out).map(|()| true)
        })
    }),
};

const IS_BEFORE: Function = Function {
    name: "IS_BEFORE",
    signature: r#"(date, other: date, unit: text = "ms") -> bool"#,
    doc: "Whether `date` is earlier than `other`, by moments or by larger units.",
    examples: &[("IS_BEFORE(DATE(2024, 1, 1), DATE(2024, 1, 2))", "true")],
    eval: Eval::Rows(|call| call.bools(|row| ordered(row).map(|(date, other)| date < other))),
};

const IS_AFTER: Function = Function {
    name: "IS_AFTER",
    signature: r#"(date, other: date, unit: text = "ms") -> bool"#,
    doc: "Whether `date` is later than `other`, by moments or by larger units.",
    examples: &[("IS_AFTER(DATE(2024, 1, 1), DATE(2024, 1, 2))", "false")],
    eval: Eval::Rows(|call| call.bools(|row| ordered(row).map(|(date, other)| date > other))),
};

const IS_SAME: Function = Function {
    name: "IS_SAME",
    signature: r#"(date, other: date, unit: text = "ms") -> bool"#,
    doc: "Whether two dates are in the same unit, such as `month`; without a unit, the same moment.",
    examples: &[(r#"IS_SAME(DATE(2024, 1, 1), DATE(2024, 1, 31), "month")"#, "true")],
    eval: Eval::Rows(|call| call.bools(|row| ordered(row).map(|(date, other)| date == other))),
};

const SET_TIMEZONE: Function = Function {
    name: "SET_TIMEZONE",
    signature: "(date, zone: text) -> moment",
    doc: "A date whose clock shows what clocks in `zone` show: for DATETIME_FORMAT and display, not for comparing.",
    examples: &[(
        r#"DATETIME_FORMAT(SET_TIMEZONE(DATETIME_PARSE("2024-03-05T12:00Z"), "Asia/Shanghai"), "HH:mm")"#,
        r#""20:00""#,
    )],
    eval: Eval::Rows(|call| {
        call.dates(|row| match TimeZone::get(row.text(1)) {
            Ok(zone) => moment(civil(row.date(0), &zone)?, &call.context.zone).map(Some),
            Err(_) => refuse(format!(
                "{} is not a time zone, such as \"Europe/Berlin\"",
                crate::eval::excerpt(row.text(1))
            )),
        })
    }),
};

const SET_LOCALE: Function = Function {
    name: "SET_LOCALE",
    signature: "(date, locale: text) -> date",
    doc: "The date itself; names of months and days are English.",
    examples: &[(r#"SET_LOCALE(DATE(2024, 3, 5), "fr")"#, "2024-03-05")],
    eval: Eval::Rows(|call| call.dates(|row| Ok(Some(row.date(0))))),
};

const WORKDAY: Function = Function {
    name: "WORKDAY",
    signature: r#"(date, days: number, holidays: text = "") -> date"#,
    doc: "The day some working days later; holidays are dates with commas between, or a list of dates.",
    examples: &[
        ("WORKDAY(DATE(2024, 3, 8), 1)", "2024-03-11"),
        (r#"WORKDAY(DATE(2024, 3, 8), 1, "2024-03-11")"#, "2024-03-12"),
    ],
    eval: Eval::Rows(|call| {
        call.dates(|row| {
            let (start, days) = (day_of(row, 0)?, row.whole(1));
            if days.saturating_abs() > WORKDAYS_MAX {
                return refuse(format!("at most {WORKDAYS_MAX} working days can be counted"));
            }
            let end = workday(start, days, &holidays(row.text(2))?)?;
            let shift = days_between(start, end);
            calendar::add(row.date(0), shift as f64, Unit::Day, row.zone()).map(Some)
        })
    }),
};

const WORKDAY_DIFF: Function = Function {
    name: "WORKDAY_DIFF",
    signature: r#"(start: date, end: date, holidays: text = "") -> number"#,
    doc: "How many working days there are from `start` to `end`, both counted.",
    examples: &[("WORKDAY_DIFF(DATE(2024, 3, 8), DATE(2024, 3, 12))", "3")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (start, end) = (day_of(row, 0)?, day_of(row, 1)?);
            let (from, to, sign) = if start <= end { (start, end, 1) } else { (end, start, -1) };
            let off = holidays(row.text(2))?;
            let off = off.iter().filter(|day| (from..=to).contains(*day) && is_workday(**day)).count();
            Ok((sign * (weekdays(from, to) - off as i64)) as f64)
        })
    }),
};

const EDATE: Function = Function {
    name: "EDATE",
    signature: "(date, months: number) -> date",
    doc: "The same day some months later, or the month's last.",
    examples: &[("EDATE(DATE(2024, 1, 31), 1)", "2024-02-29")],
    eval: Eval::Rows(|call| {
        call.dates(|row| calendar::add(row.date(0), row.number(1), Unit::Month, row.zone()).map(Some))
    }),
};

const EOMONTH: Function = Function {
    name: "EOMONTH",
    signature: "(date, months: number = 0) -> day",
    doc: "The last day of the month some months later.",
    examples: &[("EOMONTH(DATE(2024, 1, 15), 1)", "2024-02-29")],
    eval: Eval::Rows(|call| {
        call.dates(|row| {
            let later = calendar::add(row.date(0), row.number(1), Unit::Month, row.zone())?;
            utc(civil(later, row.zone())?.date().last_of_month()).map(Some)
        })
    }),
};

const DAYS: Function = Function {
    name: "DAYS",
    signature: "(end: date, start: date) -> number",
    doc: "Days from `start` to `end`.",
    examples: &[("DAYS(DATE(2024, 3, 1), DATE(2024, 2, 28))", "2")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(days_between(day_of(row, 1)?, day_of(row, 0)?) as f64))),
};

const DATEDIF: Function = Function {
    name: "DATEDIF",
    signature: r#"(start: date, end: date, unit: text = "D") -> number"#,
    doc: "Whole years (`Y`), months (`M`) or days (`D`) between; `MD`, `YM` and `YD` leave out the larger units.",
    examples: &[
        (r#"DATEDIF(DATE(2020, 5, 20), DATE(2024, 3, 5), "Y")"#, "3"),
        (r#"DATEDIF(DATE(2020, 5, 20), DATE(2024, 3, 5), "YM")"#, "9"),
    ],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(date_dif(row)? as f64))),
};

const FROMNOW: Function = Function {
    name: "FROMNOW",
    signature: "(date) -> text",
    doc: "How long it is between the date and now, such as `3 days`.",
    examples: &[(r#"FROMNOW(DATEADD(NOW(), -3, "days"))"#, r#""3 days""#)],
    eval: Eval::Rows(since),
};

const TONOW: Function = Function {
    name: "TONOW",
    signature: "(date) -> text",
    doc: "As FROMNOW.",
    examples: &[(r#"TONOW(DATEADD(NOW(), 2, "hours"))"#, r#""2 hours""#)],
    eval: Eval::Rows(since),
};

/// Midnight UTC, as dates without time are kept.
fn utc(date: Date) -> Given<i64> {
    moment(date.to_datetime(jiff::civil::Time::midnight()), &TimeZone::UTC)
}

fn today(call: &Call<'_>) -> Given<i64> {
    utc(civil(call.context.now_ms, &call.context.zone)?.date())
}

fn part(call: &Call<'_>, of: fn(jiff::civil::DateTime) -> i32) -> Chunk {
    call.numbers(|row| Ok(f64::from(of(civil(row.date(0), row.zone())?))))
}

fn day_of(row: Row<'_>, arg: usize) -> Given<Date> {
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

fn week_start(name: &str) -> Given<Weekday> {
    match name.trim().to_ascii_lowercase().as_str() {
        "sunday" | "" => Ok(Weekday::Sunday),
        "monday" => Ok(Weekday::Monday),
        _ => {
            refuse(format!("weeks start on \"Sunday\" or \"Monday\", not on {}", crate::eval::excerpt(name)))
        }
    }
}

fn holidays(text: &str) -> Given<Vec<Date>> {
    let mut days = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match spell::parse_date(part, &TimeZone::UTC) {
            Some(ms) => days.push(civil(ms, &TimeZone::UTC)?.date()),
            None => return refuse(format!("the holiday {} is not a date", crate::eval::excerpt(part))),
        }
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

fn is_workday(date: Date) -> bool {
    (1..=5).contains(&weekday(date))
}

/// Mondays to Fridays from one date to another, both counted.
fn weekdays(from: Date, to: Date) -> i64 {
    let days = days_between(from, to) + 1;
    let rest = (0..days % 7).filter(|day| (1..=5).contains(&((weekday(from) + day) % 7))).count();
    days / 7 * 5 + rest as i64
}

fn workday(start: Date, days: i64, holidays: &[Date]) -> Given<Date> {
    let step = days.signum();
    let (mut at, mut left) = (start, days.abs());
    // Without holidays a week is five working days.
    if holidays.is_empty() && left > 5 {
        let weeks = (left - 1) / 5;
        at = days_later(at, step * weeks * 7)
            .map_or_else(|| refuse("the date is outside the years -9999 to 9999"), Ok)?;
        left -= weeks * 5;
    }
    while left > 0 {
        at =
            days_later(at, step).map_or_else(|| refuse("the date is outside the years -9999 to 9999"), Ok)?;
        left -= i64::from(is_workday(at) && holidays.binary_search(&at).is_err());
    }
    Ok(at)
}

fn date_dif(row: Row<'_>) -> Given<i64> {
    let (start, end) = (row.date(0), row.date(1));
    let between = |unit| calendar::difference(start, end, unit, row.zone());
    let beyond = |unit, count: i64| -> Given<i64> {
        let from = calendar::add(start, count as f64, unit, row.zone())?;
        calendar::difference(from, end, Unit::Day, row.zone())
    };
    match row.text(2).trim().to_ascii_uppercase().as_str() {
        "Y" => between(Unit::Year),
        "M" => between(Unit::Month),
        "D" => between(Unit::Day),
        "YM" => Ok(between(Unit::Month)? % 12),
        "MD" => beyond(Unit::Month, between(Unit::Month)?),
        "YD" => beyond(Unit::Year, between(Unit::Year)?),
        _ => refuse(format!("the unit is Y, M, D, MD, YM or YD, not {}", crate::eval::excerpt(row.text(2)))),
    }
}

fn since(call: &Call<'_>) -> Chunk {
    call.maybe_texts(|row, out| {
        let ms = (call.context.now_ms - row.date(0)).abs();
        let steps = [
            (DAY_MS * 365, "year"),
            (DAY_MS * 30, "month"),
            (DAY_MS, "day"),
            (3_600_000, "hour"),
            (60_000, "minute"),
        ];
        let (n, word) = steps
            .iter()
            .find(|(each, _)| ms >= *each)
            .map_or((ms / 1_000, "second"), |(each, word)| (ms / each, *word));
        out.push_str(&format!("{n} {word}{}", if n == 1 { "" } else { "s" }));
        Ok(true)
    })
}
