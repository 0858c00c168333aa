//! The clock at the door, and how moments look outside.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// Milliseconds since 1970-01-01 UTC.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// RFC 3339 in UTC, with milliseconds only where there are some.
pub fn rfc3339(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|time| time.to_string()).unwrap_or_default()
}

/// `2026-06-18` of a date that is kept as midnight UTC.
pub fn date(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map(|time| time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_moments_as_the_wire_wants_them() {
        assert_eq!(rfc3339(1_781_775_000_000), "2026-06-18T09:30:00Z");
        assert_eq!(rfc3339(1_781_775_000_250), "2026-06-18T09:30:00.25Z");
        assert_eq!(date(1_781_740_800_000), "2026-06-18");
        assert_eq!(date(-1), "1969-12-31");
    }
}
