//! Dates as spreadsheets count them: days since the last one of 1899; and writing them in a format's section.

use jiff::civil::{Date, DateTime};

use super::calendar::{DAY_MS, days_between, days_later, weekday};
use super::locale::{Locale, MonthForm};
use super::sheet_format::{DatePart, Item, Section};
use super::spell::date;

/// A date and a time of day that a format shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    year: i64,
    month: i64,
    day: i64,
    /// 0 for Sunday.
    weekday: i64,
    /// Milliseconds of the day.
    ms: i64,
    /// Days since the day 0.
    days: i64,
}

/// The day that Excel numbers 0, for days from 61 on.
fn day_zero() -> Date {
    date(1899, 12, 30).expect("there was such a day")
}

/// The day of a serial number, if there is one; Excel's calendar has a February 29 in 1900 (day 60) that never was.
pub(super) fn date_of_serial(days: i64) -> Option<Date> {
    days_later(day_zero(), if (1..60).contains(&days) { days + 1 } else { days })
}

/// The serial number of a day.
pub(super) fn serial_of_date(date: Date) -> i64 {
    let days = days_between(day_zero(), date);
    if (2..=60).contains(&days) { days - 1 } else { days }
}

impl Clock {
    pub(super) fn of_civil(at: DateTime) -> Self {
        let midnight = at.date().to_datetime(jiff::civil::Time::midnight());
        let ms = at.duration_since(midnight).as_millis() as i64;
        Self::new(at.date(), serial_of_date(at.date()), ms)
    }

    /// The date of a serial number, to the nearest millisecond.
    pub(super) fn of_serial(serial: f64) -> Self {
        let serial = serial.clamp(-1e6, 3e6);
        let ms = ((serial - serial.floor()) * DAY_MS as f64).round() as i64;
        Self::of_days(serial.floor() as i64 + ms / DAY_MS, ms % DAY_MS)
    }

    /// The nearest one with so many digits of a second.
    pub(super) fn rounded(self, digits: usize) -> Self {
        let step = 10i64.pow(3 - digits.min(3) as u32);
        let ms = (self.ms + step / 2) / step * step;
        Self::of_days(self.days + ms / DAY_MS, ms % DAY_MS)
    }

    fn of_days(days: i64, ms: i64) -> Self {
        match days {
            0 => Self { year: 1900, month: 1, day: 0, weekday: 6, ms, days },
            60 => Self { year: 1900, month: 2, day: 29, weekday: 3, ms, days },
            _ => Self::new(date_of_serial(days).unwrap_or_else(day_zero), days, ms),
        }
    }

    fn new(date: Date, days: i64, ms: i64) -> Self {
        let weekday = if (1..60).contains(&days) { (days + 6) % 7 } else { weekday(date) };
        Self {
            year: date.year().into(),
            month: date.month().into(),
            day: date.day().into(),
            weekday,
            ms,
            days,
        }
    }

    /// Days since the day 0, with the time as a fraction.
    pub(super) fn serial(&self) -> f64 {
        self.days as f64 + self.ms as f64 / DAY_MS as f64
    }
}

/// Writes a date.
pub(super) fn write(section: &Section, clock: Clock, out: &mut String) {
    let is_half = |item: &Item| matches!(item, Item::Date(DatePart::Half { .. }));
    let twelve = section.items.iter().any(is_half);
    for item in &section.items {
        match item {
            Item::Literal(text) => out.push_str(text),
            Item::Date(part) => write_part(*part, clock, twelve, out),
            Item::Percent => out.push('%'),
            Item::Slash => out.push('/'),
            Item::Digit(digit) => out.push(*digit),
            _ => {}
        }
    }
}

fn write_part(part: DatePart, clock: Clock, twelve: bool, out: &mut String) {
    let english = Locale::english();
    let (hour, minute, second) = (clock.ms / 3_600_000, clock.ms / 60_000 % 60, clock.ms / 1_000 % 60);
    let all = clock.days * DAY_MS + clock.ms;
    let (number, width) = match part {
        DatePart::Year(1 | 2) => (clock.year.rem_euclid(100), 2),
        DatePart::Year(_) => (clock.year, 4),
        DatePart::Month(3) => return out.push_str(english.month_short(clock.month, MonthForm::Alone)),
        DatePart::Month(5) => return out.extend(english.month(clock.month, MonthForm::Alone).chars().next()),
        DatePart::Month(4..) => return out.push_str(english.month(clock.month, MonthForm::Alone)),
        DatePart::Month(n) => (clock.month, n),
        DatePart::Day(3) => return out.push_str(english.day_short(clock.weekday)),
        DatePart::Day(4..) => return out.push_str(english.day(clock.weekday)),
        DatePart::Day(n) => (clock.day, n),
        DatePart::Hour(n) if twelve => ((hour + 11) % 12 + 1, n.min(2)),
        DatePart::Hour(n) => (hour, n.min(2)),
        DatePart::Minute(n) => (minute, n),
        DatePart::Second(n) => (second, n.min(2)),
        DatePart::Fraction(n) => {
            let digits = format!("{:03}000000", clock.ms % 1_000);
            out.push('.');
            return out.push_str(&digits[..n]);
        }
        DatePart::Half { long, lower } => {
            let word = if hour < 12 { "AM" } else { "PM" };
            let word = if long { word } else { &word[..1] };
            return match lower {
                true => out.push_str(&word.to_lowercase()),
                false => out.push_str(word),
            };
        }
        DatePart::Elapsed('h', n) => (all / 3_600_000, n),
        DatePart::Elapsed('m', n) => (all / 60_000, n),
        DatePart::Elapsed(_, n) => (all / 1_000, n),
    };
    let sign = if number < 0 { "-" } else { "" };
    out.push_str(&format!("{sign}{:0width$}", number.unsigned_abs()));
}
