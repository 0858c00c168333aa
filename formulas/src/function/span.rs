//! Days of weeks, weeks of years, and time between dates as spreadsheets count it.

use jiff::civil::{Date, Weekday};

use super::args::{Given, Row, not_a_number, refuse};
use super::calendar::{self, Unit, civil, days_between, week, weekday};
use super::date::{day_of, utc};
use super::{Eval, Function, spell};

pub(super) const ALL: &[&Function] = &[
    &WEEKDAY,
    &WEEKNUM,
    &ISOWEEKNUM,
    &TIME,
    &DURATION,
    &EDATE,
    &EOMONTH,
    &DAYS,
    &DAYS360,
    &DATEDIF,
    &YEARFRAC,
];

const WEEKDAY: Function = Function {
    name: "WEEKDAY",
    signature: r#"(date, start: text = "Sunday") -> number"#,
    doc: "The day of the week from 0 to 6, where 0 is the day on which weeks start, Sunday or Monday; or as one of Excel's return types 1, 2, 3 and 11 to 17 has it.",
    examples: &[
        ("WEEKDAY(DATE(2024, 3, 5))", "2"),
        (r#"WEEKDAY(DATE(2024, 3, 5), "Monday")"#, "1"),
        ("WEEKDAY(DATE(2024, 3, 5), 2)", "2"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (first, base) = match row.text(1).trim() {
                "1" | "17" => (0, 1),
                "2" | "11" => (1, 1),
                "3" => (1, 0),
                "12" | "13" | "14" | "15" | "16" => (row.text(1).trim().parse::<i64>().unwrap_or(12) - 10, 1),
                start => (i64::from(week_start(start)?.to_sunday_zero_offset()), 0),
            };
            Ok(((weekday(day_of(row, 0)?) - first).rem_euclid(7) + base) as f64)
        })
    }),
};

const WEEKNUM: Function = Function {
    name: "WEEKNUM",
    signature: r#"(date, start: text = "Sunday") -> number"#,
    doc: "The week of the year; the first is that of January 1, and days before the next one's are of it. Excel's return types 1, 2, 11 to 17 end the last week with the year, 21 is the ISO week.",
    examples: &[
        ("WEEKNUM(DATE(2024, 1, 7))", "2"),
        (r#"WEEKNUM(DATE(2024, 1, 7), "Monday")"#, "1"),
        ("WEEKNUM(DATE(2012, 3, 9), 2)", "11"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (date, start) = (day_of(row, 0)?, row.text(1).trim());
            match start.parse::<i64>() {
                Ok(ty) => numbered_week(date, ty),
                Err(_) => Ok(week(date, week_start(start)?) as f64),
            }
        })
    }),
};

const ISOWEEKNUM: Function = Function {
    name: "ISOWEEKNUM",
    signature: "(date) -> number",
    doc: "The week of the year by ISO 8601: weeks start on Monday, the first has January 4.",
    examples: &[("ISOWEEKNUM(DATE(2012, 3, 9))", "10"), ("ISOWEEKNUM(DATE(2021, 1, 3))", "53")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(f64::from(day_of(row, 0)?.iso_week_date().week())))),
};

const TIME: Function = Function {
    name: "TIME",
    signature: "(hour: number, minute: number, second: number) -> number",
    doc: "A time of day as a part of a day, to be added to a date: 0.5 is noon.",
    examples: &[("TIME(12, 0, 0)", "0.5"), ("DATE(2024, 3, 5) + TIME(18, 0, 0)", "2024-03-05T18:00:00Z")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let whole = |arg: usize| row.number(arg).trunc();
            match whole(0) * 3_600.0 + whole(1) * 60.0 + whole(2) {
                seconds if seconds < 0.0 => not_a_number("a time of day is not negative"),
                seconds => Ok(seconds % 86_400.0 / 86_400.0),
            }
        })
    }),
};

const DURATION: Function = Function {
    name: "DURATION",
    signature: "(days: number, hours: number = 0, minutes: number = 0, seconds: number = 0) -> number",
    doc: "A length of time in days, to be added to a date.",
    examples: &[("DATE(2024, 3, 5) + DURATION(1, 6)", "2024-03-06T06:00:00Z"), ("DURATION(0, 36)", "1.5")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            Ok(row.number(0) + (row.number(1) * 3_600.0 + row.number(2) * 60.0 + row.number(3)) / 86_400.0)
        })
    }),
};

const EDATE: Function = Function {
    name: "EDATE",
    signature: "(date, months: number) -> date",
    doc: "The same day some months later, or the month's last.",
    examples: &[
        ("EDATE(DATE(2024, 1, 31), 1)", "2024-02-29"),
        ("EDATE(DATE(2011, 1, 15), -1)", "2010-12-15"),
    ],
    eval: Eval::Rows(|call| {
        call.dates(|row| calendar::add(row.date(0), row.number(1), Unit::Month, row.zone()).map(Some))
    }),
};

const EOMONTH: Function = Function {
    name: "EOMONTH",
    signature: "(date, months: number = 0) -> day",
    doc: "The last day of the month some months later.",
    examples: &[
        ("EOMONTH(DATE(2024, 1, 15), 1)", "2024-02-29"),
        ("EOMONTH(DATE(2011, 1, 1), -3)", "2010-10-31"),
    ],
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
    doc: "Whole days from `start` to `end`.",
    examples: &[
        ("DAYS(DATE(2024, 3, 1), DATE(2024, 2, 28))", "2"),
        (r#"DAYS("15-MAR-2021", "1-FEB-2021")"#, "42"),
    ],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(days_between(day_of(row, 1)?, day_of(row, 0)?) as f64))),
};

const DAYS360: Function = Function {
    name: "DAYS360",
    signature: "(start: date, end: date, european: bool = FALSE) -> number",
    doc: "Days between dates where every month has 30, by the method of the United States or the European one.",
    examples: &[
        ("DAYS360(DATE(2011, 1, 30), DATE(2011, 2, 1))", "1"),
        ("DAYS360(DATE(2011, 1, 1), DATE(2011, 12, 31))", "360"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (start, end) = (day_of(row, 0)?, day_of(row, 1)?);
            let days = if row.is_true(2) { days_30_european(start, end) } else { days_30_us(start, end) };
            Ok(days as f64)
        })
    }),
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

const YEARFRAC: Function = Function {
    name: "YEARFRAC",
    signature: "(start: date, end: date, basis: number = 0) -> number",
    doc: "The part of a year between dates: 0 is 30/360 of the United States, 1 actual/actual, 2 actual/360, 3 actual/365, 4 European 30/360.",
    examples: &[
        ("YEARFRAC(DATE(2012, 1, 1), DATE(2012, 7, 30), 3)", "0.5780821917808219"),
        ("YEARFRAC(DATE(2024, 1, 1), DATE(2024, 7, 1))", "0.5"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (a, b) = (day_of(row, 0)?, day_of(row, 1)?);
            let (start, end) = (a.min(b), a.max(b));
            let days = days_between(start, end) as f64;
            match row.whole(2) {
                0 => Ok(days_30_us(start, end) as f64 / 360.0),
                1 => Ok(days / mean_year(start, end)),
                2 => Ok(days / 360.0),
                3 => Ok(days / 365.0),
                4 => Ok(days_30_european(start, end) as f64 / 360.0),
                basis => not_a_number(format!("the basis is 0 to 4, got {basis}")),
            }
        })
    }),
};

/// The week of the year by one of Excel's return types: the first is that of January 1, and the last ends with the
/// year; of type 21 it is the week of ISO 8601.
pub(super) fn numbered_week(date: Date, ty: i64) -> Given<f64> {
    let first = match ty {
        21 => return Ok(f64::from(date.iso_week_date().week())),
        1 | 17 => 0,
        2 | 11 => 1,
        12..=16 => ty - 10,
        _ => {
            return not_a_number(format!("{ty} is no type of weeks; 1 starts them on Sunday, 2 on Monday"));
        }
    };
    let new_year = spell::date(date.year().into(), 1, 1).unwrap_or(date);
    let before = (weekday(new_year) - first).rem_euclid(7);
    Ok(((days_between(new_year, date) + before) / 7 + 1) as f64)
}

/// The parts of a date, or of one that no calendar has.
#[derive(Clone, Copy)]
struct Parts {
    year: i64,
    month: i64,
    day: i64,
}

impl Parts {
    fn of(date: Date) -> Self {
        Self { year: date.year().into(), month: date.month().into(), day: date.day().into() }
    }

    const fn days_360(self, to: Self) -> i64 {
        (to.year - self.year) * 360 + (to.month - self.month) * 30 + (to.day - self.day)
    }
}

/// Days between dates by the rules of the National Association of Securities Dealers.
fn days_30_us(start: Date, end: Date) -> i64 {
    let (mut from, mut to) = (Parts::of(start), Parts::of(end));
    let ends_february = |date: Date| date.month() == 2 && date.day() == date.days_in_month();
    if ends_february(start) && ends_february(end) {
        to.day = 30;
    }
    if ends_february(start) {
        from.day = 30;
    }
    if to.day == 31 && from.day >= 30 {
        to.day = 30;
    }
    from.day = from.day.min(30);
    from.days_360(to)
}

/// Days between dates of months that have 30 days, where a 31 is a 30.
fn days_30_european(start: Date, end: Date) -> i64 {
    let capped = |date: Date| {
        let parts = Parts::of(date);
        Parts { day: parts.day.min(30), ..parts }
    };
    capped(start).days_360(capped(end))
}

/// Days of a year between two dates: of the one that they are within, or the mean of all that they touch.
fn mean_year(start: Date, end: Date) -> f64 {
    let (first, last) = (i64::from(start.year()), i64::from(end.year()));
    let within =
        first == last || (first + 1 == last && (start.month(), start.day()) >= (end.month(), end.day()));
    if within {
        let leap_day = |year: i64| spell::date(year, 2, 29).is_some_and(|day| (start..=end).contains(&day));
        let leaps = (first == last && start.in_leap_year()) || leap_day(first) || leap_day(last);
        return if leaps { 366.0 } else { 365.0 };
    }
    let new_year = |year: i64| spell::date(year, 1, 1);
    match (new_year(first), new_year(last + 1)) {
        (Some(from), Some(to)) => days_between(from, to) as f64 / (last - first + 1) as f64,
        _ => 365.2425,
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

fn date_dif(row: Row<'_>) -> Given<i64> {
    let (start, end) = (day_of(row, 0)?, day_of(row, 1)?);
    match start <= end {
        true => days_and_more(row, start, end),
        false => Ok(-days_and_more(row, end, start)?),
    }
}

fn days_and_more(row: Row<'_>, start: Date, end: Date) -> Given<i64> {
    // A month is whole once its day has come, which the 31st never does in a month of 30.
    let (from, to) = (Parts::of(start), Parts::of(end));
    let months = (to.year - from.year) * 12 + to.month - from.month - i64::from(to.day < from.day);
    let since = |months: i64| {
        let month = from.month - 1 + months;
        let first = spell::date(from.year + month.div_euclid(12), month.rem_euclid(12) + 1, 1);
        first.map(|first| (first, i64::from(first.days_in_month())))
    };
    let outside = || not_a_number("the date is outside the years -9999 to 9999");
    match row.text(2).trim().to_ascii_uppercase().as_str() {
        "Y" => Ok(months / 12),
        "M" => Ok(months),
        "D" => Ok(days_between(start, end)),
        "YM" => Ok(months % 12),
        "MD" => match since(months) {
            Some((first, days)) => Ok(days_between(first, end) - (from.day.min(days) - 1)),
            None => outside(),
        },
        "YD" => match since(months / 12 * 12) {
            Some((first, _)) => Ok(days_between(first, end) - (from.day - 1)),
            None => outside(),
        },
        _ => refuse(format!("the unit is Y, M, D, MD, YM or YD, not {}", crate::eval::excerpt(row.text(2)))),
    }
}
