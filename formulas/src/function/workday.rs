//! Working days: all but weekends and holidays.

use std::rc::Rc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::args::{Given, Row, not_a_number, refuse};
use super::calendar::{self, Unit, civil, days_between, days_later, weekday};
use super::date::day_of;
use super::pattern::Last;
use super::{Eval, Function, spell};
use crate::limits::WORKDAYS_MAX;

pub(super) const ALL: &[&Function] = &[&WORKDAY, &WORKDAY_DIFF, &WORKDAY_INTL, &NETWORKDAYS_INTL];

const WORKDAY: Function = Function {
    name: "WORKDAY",
    signature: r#"(date, days: number, holidays: text = "") -> date"#,
    doc: "The day some working days later; holidays are dates with commas between, or a list of dates.",
    examples: &[
        ("WORKDAY(DATE(2024, 3, 8), 1)", "2024-03-11"),
        (r#"WORKDAY(DATE(2024, 3, 8), 1, "2024-03-11")"#, "2024-03-12"),
    ],
    eval: Eval::Rows(|call| {
        let known = Last::default();
        call.dates(|row| {
            let holidays = known.get(row.text(2), holidays)?;
            workday(row, Weekend::SATURDAY_AND_SUNDAY, &holidays).map(Some)
        })
    }),
};

const WORKDAY_DIFF: Function = Function {
    name: "WORKDAY_DIFF",
    signature: r#"(start: date, end: date, holidays: text = "") -> number"#,
    doc: "How many working days there are from `start` to `end`, both counted.",
    examples: &[
        ("WORKDAY_DIFF(DATE(2024, 3, 8), DATE(2024, 3, 12))", "3"),
        (r#"WORKDAY_DIFF("2024-03-08", "2024-03-12", "2024-03-11")"#, "2"),
    ],
    eval: Eval::Rows(|call| {
        let known = Last::default();
        call.numbers(|row| {
            let holidays = known.get(row.text(2), holidays)?;
            Ok(workdays(row, Weekend::SATURDAY_AND_SUNDAY, &holidays)? as f64)
        })
    }),
};

const WORKDAY_INTL: Function = Function {
    name: "WORKDAY.INTL",
    signature: r#"(date, days: number, weekend: text = "1", holidays: text = "") -> date"#,
    doc: "The day some working days later, with other weekends: 1 to 7 for two days from Saturday and Sunday on, 11 to 17 for one from Sunday on, or seven digits from Monday on with 1 for a day off.",
    examples: &[
        ("WORKDAY.INTL(DATE(2012, 1, 1), 90, 11)", "2012-04-14"),
        (r#"WORKDAY.INTL(DATE(2024, 3, 7), 1, "0000111")"#, "2024-03-11"),
    ],
    eval: Eval::Rows(|call| {
        let (known, weekends) = (Last::default(), Last::default());
        call.dates(|row| {
            let (weekend, holidays) = intl(row, &weekends, &known)?;
            workday(row, weekend, &holidays).map(Some)
        })
    }),
};

const NETWORKDAYS_INTL: Function = Function {
    name: "NETWORKDAYS.INTL",
    signature: r#"(start: date, end: date, weekend: text = "1", holidays: text = "") -> number"#,
    doc: "How many working days there are from `start` to `end`, both counted, with weekends as WORKDAY.INTL has them.",
    examples: &[
        ("NETWORKDAYS.INTL(DATE(2006, 1, 1), DATE(2006, 1, 31))", "22"),
        ("NETWORKDAYS.INTL(DATE(2006, 2, 28), DATE(2006, 1, 31))", "-21"),
    ],
    eval: Eval::Rows(|call| {
        let (known, weekends) = (Last::default(), Last::default());
        call.numbers(|row| {
            let (weekend, holidays) = intl(row, &weekends, &known)?;
            Ok(workdays(row, weekend, &holidays)? as f64)
        })
    }),
};

/// The days off of every week, by day, 0 for Sunday.
#[derive(Clone, Copy)]
struct Weekend([bool; 7]);

impl Weekend {
    const SATURDAY_AND_SUNDAY: Self = Self([true, false, false, false, false, false, true]);

    /// A code of Excel, or seven digits from Monday on.
    fn named(text: &str) -> Given<Self> {
        let mut off = [false; 7];
        match (text.trim(), text.trim().parse::<usize>()) {
            (digits, _) if digits.len() == 7 && digits.bytes().all(|digit| matches!(digit, b'0' | b'1')) => {
                digits.bytes().enumerate().for_each(|(at, digit)| off[(at + 1) % 7] = digit == b'1');
            }
            // 1 is Saturday and Sunday, 2 Sunday and Monday, and so on.
            (_, Ok(code @ 1..=7)) => (off[(code + 5) % 7], off[(code + 6) % 7]) = (true, true),
            (_, Ok(code @ 11..=17)) => off[code - 11] = true,
            _ => {
                let text = crate::eval::excerpt(text);
                return not_a_number(format!(
                    "a weekend is 1 to 7, 11 to 17 or seven digits such as \"0000011\", not {text}"
                ));
            }
        }
        Ok(Self(off))
    }

    fn is_off(self, date: Date) -> bool {
        self.0[weekday(date).rem_euclid(7) as usize]
    }

    /// Working days of a week.
    fn per_week(self) -> i64 {
        self.0.iter().filter(|off| !**off).count() as i64
    }
}

/// The weekend and the holidays of the functions that are told both.
fn intl(row: Row<'_>, weekends: &Last<Weekend>, known: &Last<Vec<Date>>) -> Given<(Weekend, Rc<Vec<Date>>)> {
    Ok((*weekends.get(row.text(2), Weekend::named)?, known.get(row.text(3), holidays)?))
}

/// The dates of a text, sorted, each once.
fn holidays(text: &str) -> Given<Vec<Date>> {
    let mut days = Vec::new();
    for part in text.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
        match spell::parse_date(part, &TimeZone::UTC) {
            Some(ms) => days.push(civil(ms, &TimeZone::UTC)?.date()),
            None => return refuse(format!("the holiday {} is not a date", crate::eval::excerpt(part))),
        }
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

/// The date in front, as many working days later as stand behind it, at the same time of day.
fn workday(row: Row<'_>, weekend: Weekend, holidays: &[Date]) -> Given<i64> {
    let (start, days) = (day_of(row, 0)?, row.whole(1));
    if days.saturating_abs() > WORKDAYS_MAX {
        return refuse(format!("at most {WORKDAYS_MAX} working days can be counted"));
    }
    if weekend.per_week() == 0 {
        return refuse("a week without a working day has none to count");
    }
    let outside = || not_a_number("the date is outside the years -9999 to 9999");
    let step = days.signum();
    let (mut at, mut left) = (start, days.abs());
    // Without holidays all weeks have as many working days.
    if holidays.is_empty() && left > weekend.per_week() {
        let weeks = (left - 1) / weekend.per_week();
        let Some(later) = days_later(at, step * weeks * 7) else { return outside() };
        at = later;
        left -= weeks * weekend.per_week();
    }
    while left > 0 {
        let Some(next) = days_later(at, step) else { return outside() };
        at = next;
        left -= i64::from(!weekend.is_off(at) && holidays.binary_search(&at).is_err());
    }
    calendar::add(row.date(0), days_between(start, at) as f64, Unit::Day, row.zone())
}

/// Working days between the two dates in front, both counted; negative if they are the other way around.
fn workdays(row: Row<'_>, weekend: Weekend, holidays: &[Date]) -> Given<i64> {
    let (start, end) = (day_of(row, 0)?, day_of(row, 1)?);
    let (from, to, sign) = if start <= end { (start, end, 1) } else { (end, start, -1) };
    let days = days_between(from, to) + 1;
    let first = weekday(from);
    let rest = (0..days % 7).filter(|day| !weekend.0[((first + day) % 7) as usize]).count() as i64;
    let off = holidays.iter().filter(|day| (from..=to).contains(*day) && !weekend.is_off(**day)).count();
    Ok(sign * (days / 7 * weekend.per_week() + rest - off as i64))
}
