//! Between milliseconds and civil time, and arithmetic by calendar units.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::args::{Given, not_a_number, refuse};

/// Milliseconds of a day without a change of clocks.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// A moment as an `i64`, if it is within the years -9999 to 9999.
pub(crate) fn checked_date(ms: f64) -> Given<i64> {
    let (min, max) = (Timestamp::MIN.as_millisecond() as f64, Timestamp::MAX.as_millisecond() as f64);
    if ms >= min && ms <= max {
        Ok(ms as i64)
    } else {
        not_a_number("the date is outside the years -9999 to 9999")
    }
}

/// The wall clock of `zone` at a moment.
pub(crate) fn civil(ms: i64, zone: &TimeZone) -> Given<DateTime> {
    match Timestamp::from_millisecond(ms) {
        Ok(moment) => Ok(zone.to_datetime(moment)),
        Err(_) => not_a_number("the date is outside the years -9999 to 9999"),
    }
}

/// The moment at which the wall clock of `zone` shows `civil`; a time that a change of clocks leaves out is
/// moved by the change, of two the earlier is taken.
pub(crate) fn moment(civil: DateTime, zone: &TimeZone) -> Given<i64> {
    match zone.to_timestamp(civil) {
        Ok(moment) => Ok(moment.as_millisecond()),
        Err(_) => not_a_number("the date is outside the years -9999 to 9999"),
    }
}

/// The moment of a civil date that is kept as UTC.
pub(crate) fn to_moment(ms: i64, zone: &TimeZone) -> Given<i64> {
    moment(civil(ms, &TimeZone::UTC)?, zone)
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

const UNITS: &[(&str, &str, Unit)] = &[
    ("millisecond", "ms", Unit::Millisecond),
    ("second", "s", Unit::Second),
    ("minute", "m", Unit::Minute),
    ("hour", "h", Unit::Hour),
    ("day", "d", Unit::Day),
    ("week", "w", Unit::Week),
    ("month", "M", Unit::Month),
    ("quarter", "Q", Unit::Quarter),
    ("year", "y", Unit::Year),
];

impl Unit {
    /// A unit by its name in singular or plural, or its short form.
    pub(crate) fn named(name: &str) -> Given<Unit> {
        let name = name.trim();
        let long = name.to_ascii_lowercase();
        let long = long.strip_suffix('s').filter(|long| long.len() > 2).unwrap_or(&long);
        // Of the short forms only `m` and `M` differ by their case.
        let is_short =
            |short: &str| short == name || (short.eq_ignore_ascii_case(name) && !matches!(name, "m" | "M"));
        let found = UNITS.iter().find(|(full, short, _)| is_short(short) || *full == long);
        match found {
            Some((.., unit)) => Ok(*unit),
            None => {
                let name = crate::eval::excerpt(name);
                refuse(format!("{name} is not a unit of time, such as \"days\" or \"months\""))
            }
        }
    }

    /// Milliseconds of units that have always as many.
    fn ms(self) -> Option<i64> {
        match self {
            Self::Millisecond => Some(1),
            Self::Second => Some(1_000),
            Self::Minute => Some(60_000),
            Self::Hour => Some(3_600_000),
            _ => None,
        }
    }
}

/// `ms` some units later: by the clock for hours and less, by the calendar for days and more.
pub(crate) fn add(ms: i64, count: f64, unit: Unit, zone: &TimeZone) -> Given<i64> {
    if let Some(each) = unit.ms() {
        return checked_date(ms as f64 + (count * each as f64).trunc());
    }
    let count = count.trunc() as i64;
    let span = match unit {
        Unit::Day => Span::new().try_days(count),
        Unit::Week => Span::new().try_weeks(count),
        Unit::Month => Span::new().try_months(count),
        Unit::Quarter => Span::new().try_months(count.saturating_mul(3)),
        _ => Span::new().try_years(count),
    };
    match span.and_then(|span| civil(ms, zone).map_or(Ok(None), |from| from.checked_add(span).map(Some))) {
        Ok(Some(later)) => moment(later, zone),
        _ => not_a_number("the date is outside the years -9999 to 9999"),
    }
}

/// Whole units from `from` to `to`; negative if `to` is earlier.
pub(crate) fn difference(from: i64, to: i64, unit: Unit, zone: &TimeZone) -> Given<i64> {
    if let Some(each) = unit.ms() {
        return Ok((to - from) / each);
    }
    let (from, to) = (civil(from, zone)?, civil(to, zone)?);
    Ok(match unit {
        Unit::Day => wall_ms(from, to) / DAY_MS,
        Unit::Week => wall_ms(from, to) / (7 * DAY_MS),
        Unit::Month => months(from, to),
        Unit::Quarter => months(from, to) / 3,
        _ => months(from, to) / 12,
    })
}

/// Milliseconds on the wall clock, so that a day is a day where clocks change.
fn wall_ms(from: DateTime, to: DateTime) -> i64 {
    let utc = |civil: DateTime| TimeZone::UTC.to_timestamp(civil).map_or(0, Timestamp::as_millisecond);
    utc(to) - utc(from)
}

fn months(from: DateTime, to: DateTime) -> i64 {
    let count = i64::from(to.year() - from.year()) * 12 + i64::from(to.month() - from.month());
    let anchor = Span::new().try_months(count).and_then(|span| from.checked_add(span)).unwrap_or(from);
    match (count > 0 && anchor > to, count < 0 && anchor < to) {
        (true, _) => count - 1,
        (_, true) => count + 1,
        _ => count,
    }
}

/// The start of the unit in which `civil` is; weeks start on Sunday.
pub(crate) fn start_of(civil: DateTime, unit: Unit) -> DateTime {
    let date = civil.date();
    let midnight = |date: Date| date.to_datetime(jiff::civil::Time::midnight());
    let month = |month: i8| midnight(Date::new(date.year(), month, 1).unwrap_or(date));
    match unit {
        Unit::Millisecond => civil,
        Unit::Second => civil.date().at(civil.hour(), civil.minute(), civil.second(), 0),
        Unit::Minute => civil.date().at(civil.hour(), civil.minute(), 0, 0),
        Unit::Hour => civil.date().at(civil.hour(), 0, 0, 0),
        Unit::Day => midnight(date),
        Unit::Week => midnight(days_later(date, -weekday(date)).unwrap_or(date)),
        Unit::Month => month(date.month()),
        Unit::Quarter => month((date.month() - 1) / 3 * 3 + 1),
        Unit::Year => month(1),
    }
}

/// 0 for Sunday to 6 for Saturday.
pub(crate) fn weekday(date: Date) -> i64 {
    i64::from(date.weekday().to_sunday_zero_offset())
}

/// A date some days later, if there is one.
pub(crate) fn days_later(date: Date, days: i64) -> Option<Date> {
    Span::new().try_days(days).and_then(|span| date.checked_add(span)).ok()
}

/// Days from one date to another.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    let at = |date: Date| date.to_datetime(jiff::civil::Time::midnight());
    wall_ms(at(from), at(to)) / DAY_MS
}

/// The week of the year, where the first week is that of January 1 and weeks start on `first`.
pub(crate) fn week(date: Date, first: Weekday) -> i64 {
    let back = |date: Date| (weekday(date) - i64::from(first.to_sunday_zero_offset())).rem_euclid(7);
    let Ok(next) = Date::new(date.year().saturating_add(1), 1, 1) else { return 53 };
    if days_between(date, next) <= back(next) {
        return 1;
    }
    let new_year = Date::new(date.year(), 1, 1).unwrap_or(date);
    (days_between(new_year, date) + back(new_year)) / 7 + 1
}
