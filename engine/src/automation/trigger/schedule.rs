//! `schedule`: a cron pattern on the clocks of a time zone.
//!
//! Where clocks go forward, a fixed time that does not exist runs at the first moment after the gap, and a
//! pattern with steps leaves the gap out. Where clocks go back, a fixed time runs once, at its first occurrence,
//! and a pattern with steps runs in both passes. `L` is the last day of a month.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::Deserialize;
use serde_json::Value as Json;

use super::super::KindInfo;
use super::super::definition::config;
use super::{Timetable, Trigger, TriggerKind};
use crate::state::Stored;

const HOUR_MS: i64 = 3_600_000;

/// See the module's head.
pub(super) struct Schedule;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    cron: String,
    zone: Option<String>,
}

impl TriggerKind for Schedule {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: "schedule",
            doc: "At times given by a cron pattern (minute, hour, day, month, weekday), in the base's time zone or another.",
            example: r#"{"kind": "schedule", "cron": "0 9 * * MON-FRI", "zone": "Asia/Shanghai"}"#,
        }
    }

    fn read(&self, json: &Json, stored: &Stored) -> Result<Box<dyn Trigger>, String> {
        let config: Config = config(json)?;
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(&config.cron).map_err(|error| {
            format!("\"cron\" is five fields such as \"0 9 * * MON-FRI\", got \"{}\": {error}", config.cron)
        })?;
        let name = config.zone.as_deref().unwrap_or(&stored.info.time_zone);
        let zone = TimeZone::get(name)
            .map_err(|_| format!("\"zone\" is a time zone such as \"Asia/Shanghai\", got \"{name}\""))?;
        let times = Times { cron, zone };
        times.next_after(stored.time_ms).ok_or("\"cron\" names a time that never comes")?;
        Ok(Box::new(times))
    }
}

struct Times {
    cron: Cron,
    zone: TimeZone,
}

impl Times {
    fn at(&self, ms: i64) -> Option<Zoned> {
        Some(Timestamp::from_millisecond(ms).ok()?.to_zoned(self.zone.clone()))
    }
}

impl Trigger for Times {
    fn timetable(&self) -> Option<&dyn Timetable> {
        Some(self)
    }
}

impl Timetable for Times {
    fn next_after(&self, ms: i64) -> Option<i64> {
        // Croner gives up in a gap of a whole day, as in Samoa in 2011: then the search goes on behind it.
        let next = |skip: i64| self.cron.find_next_occurrence(&self.at(ms + skip * HOUR_MS)?, skip > 0).ok();
        let next = [0, 12, 24, 36, 48].into_iter().find_map(next)?;
        Some(next.timestamp().as_millisecond()).filter(|next| *next > ms)
    }

    fn last_until(&self, ms: i64) -> Option<i64> {
        let last = self.cron.find_previous_occurrence(&self.at(ms)?, true).ok()?;
        Some(last.timestamp().as_millisecond()).filter(|last| *last <= ms)
    }
}
