//! Days, weeks and months in a base's time zone.
//!
//! A date without a time of day is midnight UTC of its day; a moment belongs to the day that the zone's clocks
//! show. Zone rules are asked once for each transition and kept as a table, never once for each record.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value as Json;

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Days beyond which a date is taken for the last or first one: the years 9998 and -9998.
const DAYS_MAX: i64 = 2_932_000;
const DAYS_MIN: i64 = -4_371_000;

/// What a date is rounded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bucket {
    /// A day.
    Day,
    /// A week from Monday on.
    Week,
    /// A calendar month.
    Month,
    /// Three months from January, April, July or October on.
    Quarter,
    /// A calendar year.
    Year,
}

impl Bucket {
    /// The first day of the bucket that `day` (days since 1970-01-01) is in.
    pub(crate) fn start(self, day: i64) -> i64 {
        match self {
            Self::Day => day,
            Self::Week => day - (day + 3).rem_euclid(7),
            Self::Month | Self::Quarter | Self::Year => {
                let date = civil(day);
                let month = match self {
                    Self::Month => date.month(),
                    Self::Quarter => (date.month() - 1) / 3 * 3 + 1,
                    _ => 1,
                };
                epoch_day(Date::new(date.year(), month, 1).unwrap_or(date))
            }
        }
    }

    /// The bucket that starts on `day`, for people and sortable: `2026-06-18`, `2026-W25`, `2026-06`,
    /// `2026-Q2`, `2026`.
    pub(crate) fn label(self, day: i64) -> String {
        let date = civil(day);
        match self {
            Self::Day => date.to_string(),
            Self::Week => {
                let week = date.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Self::Month => format!("{:04}-{:02}", date.year(), date.month()),
            Self::Quarter => format!("{:04}-Q{}", date.year(), (date.month() - 1) / 3 + 1),
            Self::Year => format!("{:04}", date.year()),
        }
    }
}

/// A day of the calendar, from days since 1970-01-01.
pub(crate) fn civil(day: i64) -> Date {
    let day = day.clamp(DAYS_MIN, DAYS_MAX);
    jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day))
}

fn epoch_day(date: Date) -> i64 {
    date.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| i64::from(span.get_days()))
}

/// The offsets of a time zone as a table.
#[derive(Debug)]
pub(crate) struct Zone {
    zone: TimeZone,
    /// From which moment on which offset holds, in milliseconds; ascending, the first from the beginning.
    steps: Vec<(i64, i64)>,
    /// From here on the rules are asked.
    end_ms: i64,
}

impl Zone {
    /// Of an IANA name; UTC for one that is not known.
    pub(crate) fn named(name: &str) -> Arc<Self> {
        static ZONES: LazyLock<Mutex<BTreeMap<String, Arc<Zone>>>> = LazyLock::new(Mutex::default);
        let mut zones = ZONES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = zones.get(name) {
            return Arc::clone(zone);
        }
        let zone = Arc::new(Self::new(TimeZone::get(name).unwrap_or(TimeZone::UTC)));
        zones.insert(name.to_owned(), Arc::clone(&zone));
        zone
    }

    fn new(zone: TimeZone) -> Self {
        // 1900 to 2100: before, offsets are local mean times that nobody means.
        let from = Timestamp::from_millisecond(-25_567 * DAY_MS).unwrap_or(Timestamp::UNIX_EPOCH);
        let end_ms = 47_482 * DAY_MS;
        let mut steps = vec![(i64::MIN, i64::from(zone.to_offset(from).seconds()) * 1_000)];
        for transition in zone.following(from) {
            let at_ms = transition.timestamp().as_millisecond();
            if at_ms >= end_ms {
                break;
            }
            steps.push((at_ms, i64::from(transition.offset().seconds()) * 1_000));
        }
        Self { zone, steps, end_ms }
    }

    /// What is added to UTC at `ms` to read the zone's clocks.
    pub(crate) fn offset_ms(&self, ms: i64) -> i64 {
        if ms < self.end_ms {
            return self.steps[self.steps.partition_point(|(from, _)| *from <= ms) - 1].1;
        }
        let moment = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
        i64::from(self.zone.to_offset(moment).seconds()) * 1_000
    }

    /// The day that the zone's clocks show at `ms`.
    pub(crate) fn day(&self, ms: i64) -> i64 {
        ms.saturating_add(self.offset_ms(ms)).div_euclid(DAY_MS)
    }

    /// The moments around `ms` in which one offset holds, and the offset.
    pub(crate) fn span(&self, ms: i64) -> (i64, i64, i64) {
        if ms >= self.end_ms {
            return (ms, ms.saturating_add(1), self.offset_ms(ms));
        }
        let next = self.steps.partition_point(|(from, _)| *from <= ms);
        let to = self.steps.get(next).map_or(self.end_ms, |(from, _)| *from);
        (self.steps[next - 1].0, to, self.steps[next - 1].1)
    }

    /// The first moment of a day.
    pub(crate) fn start_ms(&self, day: i64) -> i64 {
        let zoned = civil(day).to_zoned(self.zone.clone());
        zoned.map_or(day * DAY_MS, |zoned| zoned.timestamp().as_millisecond())
    }
}

/// What a filter compares dates with: whole days, or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// From the first day up to and without the second.
    Days(i64, i64),
    /// One moment, milliseconds UTC.
    Moment(i64),
}

impl When {
    /// The milliseconds from and up to, as cells of a date field have them. `time`: whether the cells have a
    /// time of day.
    pub(crate) fn range_ms(self, time: bool, zone: &Zone) -> (i64, i64) {
        match (self, time) {
            (Self::Days(from, to), false) => (from * DAY_MS, to * DAY_MS),
            (Self::Days(from, to), true) => (zone.start_ms(from), zone.start_ms(to)),
            (Self::Moment(ms), true) => (ms, ms.saturating_add(1)),
            (Self::Moment(ms), false) => {
                let day = zone.day(ms);
                (day * DAY_MS, (day + 1) * DAY_MS)
            }
        }
    }
}

/// Reads a date of the wire: `2026-06-18` or `2026-06-18T09:30:00Z`.
pub(crate) fn read_date(text: &str) -> Option<When> {
    let text = text.trim();
    if text.len() <= 10 {
        let day = epoch_day(text.parse::<Date>().ok()?);
        return Some(When::Days(day, day + 1));
    }
    text.parse::<Timestamp>().ok().map(|moment| When::Moment(moment.as_millisecond()))
}

/// The words for days relative to today.
pub(crate) const RELATIVE: &str = "today, yesterday, tomorrow, daysAgo, daysFromNow, thisWeek, lastWeek, \
     nextWeek, thisMonth, lastMonth, nextMonth, thisYear, pastDays or nextDays";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Relative {
    relative: String,
    #[serde(default)]
    n: i64,
}

/// Reads `{relative, n?}` as the days it means when today is `today`.
///
/// `pastDays` and `nextDays` include today and `n` days before or after it.
pub(crate) fn read_relative(json: &Json, today: i64) -> Option<When> {
    let Relative { relative, n } = Relative::deserialize(json).ok()?;
    let n = n.clamp(0, 100_000);
    let days = |from: i64, len: i64| Some(When::Days(from, from + len));
    let week = Bucket::Week.start(today);
    let month = |offset: i32| {
        let span = jiff::Span::new().months(offset);
        epoch_day(civil(Bucket::Month.start(today)).saturating_add(span))
    };
    match relative.as_str() {
        "today" => days(today, 1),
        "yesterday" => days(today - 1, 1),
        "tomorrow" => days(today + 1, 1),
        "daysAgo" => days(today - n, 1),
        "daysFromNow" => days(today + n, 1),
        "thisWeek" => days(week, 7),
        "lastWeek" => days(week - 7, 7),
        "nextWeek" => days(week + 7, 7),
        "thisMonth" => Some(When::Days(month(0), month(1))),
        "lastMonth" => Some(When::Days(month(-1), month(0))),
        "nextMonth" => Some(When::Days(month(1), month(2))),
        "thisYear" => {
            let date = civil(today);
            let first = |year: i16| Date::new(year, 1, 1).map_or(today, epoch_day);
            Some(When::Days(first(date.year()), first(date.year() + 1)))
        }
        "pastDays" => days(today - n, n + 1),
        "nextDays" => days(today, n + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn day(text: &str) -> i64 {
        epoch_day(text.parse().expect("a date"))
    }

    #[test]
    fn buckets_start_on_their_first_day() {
        let thursday = day("2026-06-18");
        let starts = [Bucket::Day, Bucket::Week, Bucket::Month, Bucket::Quarter, Bucket::Year]
            .map(|bucket| (civil(bucket.start(thursday)).to_string(), bucket.label(bucket.start(thursday))));
        let expected = [
            ("2026-06-18", "2026-06-18"),
            ("2026-06-15", "2026-W25"),
            ("2026-06-01", "2026-06"),
            ("2026-04-01", "2026-Q2"),
            ("2026-01-01", "2026"),
        ];
        assert_eq!(starts, expected.map(|(date, label)| (date.to_owned(), label.to_owned())));
    }

    #[test]
    fn the_table_agrees_with_the_rules() {
        for name in ["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"] {
            let zone = Zone::named(name);
            let rules = TimeZone::get(name).expect("a zone of the database");
            let moments: Vec<i64> =
                (-100..1_500).map(|n| n * 53 * DAY_MS / 24 * 17 + n * 1_234_567).collect();
            for ms in moments {
                let moment = Timestamp::from_millisecond(ms).expect("in range");
                assert_eq!(civil(zone.day(ms)), moment.to_zoned(rules.clone()).date(), "{name} {moment}");
                let (from, to, offset) = zone.span(ms);
                assert!((from..to).contains(&ms) && offset == zone.offset_ms(ms), "{name} {moment}");
            }
        }
    }

    #[test]
    fn relative_days() {
        let today = day("2026-03-18");
        let read = |json: Json| match read_relative(&json, today) {
            Some(When::Days(from, to)) => format!("{}..{}", civil(from), civil(to)),
            other => format!("{other:?}"),
        };
        assert_eq!(read(json!({"relative": "lastMonth"})), "2026-02-01..2026-03-01");
        assert_eq!(read(json!({"relative": "thisWeek"})), "2026-03-16..2026-03-23");
        assert_eq!(read(json!({"relative": "pastDays", "n": 2})), "2026-03-16..2026-03-19");
        assert_eq!(read(json!({"relative": "thisYear"})), "2026-01-01..2027-01-01");
        assert_eq!(read(json!({"relative": "someday"})), "None");
    }
}
