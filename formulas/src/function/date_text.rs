//! Dates as texts and texts as dates; time zones and languages; how long ago.

use std::rc::Rc;

use jiff::tz::TimeZone;

use super::args::{Call, Given, Row, refuse};
use super::calendar::{self, DAY_MS, civil, moment};
use super::date::{day_of, utc};
use super::locale::Locale;
use super::moment::{Format, Part};
use super::pattern::{Last, short_format};
use super::spell::{self, iso_date};
use super::{Eval, Function};
use crate::column::Chunk;
use crate::limits::DATE_TEXT_BYTES_MAX;

pub(super) const ALL: &[&Function] = &[
    &DATETIME_FORMAT,
    &DATETIME_PARSE,
    &DATESTR,
    &TIMESTR,
    &DATEVALUE,
    &TIMEVALUE,
    &SET_TIMEZONE,
    &SET_LOCALE,
    &FROMNOW,
    &TONOW,
];

const DATETIME_FORMAT: Function = Function {
    name: "DATETIME_FORMAT",
    signature: r#"(date, format: text = "YYYY-MM-DDTHH:mm:ssZ", locale: text = "", zone: text = "") -> text"#,
    doc: "A date in a format such as `YYYY-MM-DD HH:mm`, `dddd, MMMM Do` or `[week] w`; in a language and a zone if they are given, or SET_LOCALE and SET_TIMEZONE give them.",
    examples: &[
        (r#"DATETIME_FORMAT(DATE(2024, 3, 5), "dddd, MMM Do YYYY")"#, r#""Tuesday, Mar 5th 2024""#),
        (r#"DATETIME_FORMAT(SET_LOCALE(DATE(2024, 3, 5), "es"), "LL")"#, r#""5 de marzo de 2024""#),
    ],
    eval: Eval::Rows(|call| {
        let (formats, zones): (Last<Format>, Last<TimeZone>) = (Last::default(), Last::default());
        call.maybe_texts(|row, out| {
            let format = format_named(&formats, row.text(1), row.text(2))?;
            match row.text(3) {
                "" => format.write(row.date(0), row.zone(), out)?,
                zone => format.write(as_moment(call, row)?, &*zone_named(&zones, zone)?, out)?,
            }
            Ok(true)
        })
    }),
};

const DATETIME_PARSE: Function = Function {
    name: "DATETIME_PARSE",
    signature: r#"(text, format: text = "", locale: text = "") -> moment"#,
    doc: "The date that a text says, in a format and a language or in a form that people commonly write; times are of the base's zone.",
    examples: &[
        (r#"YEAR(DATETIME_PARSE("5 Mar 2024", "D MMM YYYY"))"#, "2024"),
        (r#"DATESTR(DATETIME_PARSE("2024-01-02"))"#, r#""2024-01-02""#),
    ],
    eval: Eval::Rows(|call| {
        let (zone, formats) = (&call.context.zone, Last::default());
        call.dates(|row| match (row.text(0), row.text(1)) {
            (text, _) if text.trim().is_empty() => Ok(None),
            (text, "") => match spell::parse_date(text, zone) {
                Some(ms) => Ok(Some(ms)),
                None => refuse(format!("{} is not a date", crate::eval::excerpt(text))),
            },
            (text, _) if text.len() > DATE_TEXT_BYTES_MAX => {
                refuse(format!("a date is a text of at most {DATE_TEXT_BYTES_MAX} bytes"))
            }
            (text, spelled) => {
                let format = format_named(&formats, spelled, row.text(2))?;
                super::moment_parse::parse(text, &format, spelled, zone, call.context.now_ms).map(Some)
            }
        })
    }),
};

const DATESTR: Function = Function {
    name: "DATESTR",
    signature: "(date) -> text",
    doc: "The day as `YYYY-MM-DD`.",
    examples: &[
        ("DATESTR(DATE(2024, 3, 5))", r#""2024-03-05""#),
        (r#"DATESTR("March 5, 2024 5:30 pm")"#, r#""2024-03-05""#),
    ],
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
    examples: &[
        (r#"TIMESTR(DATETIME_PARSE("2024-03-05 17:30"))"#, r#""17:30:00""#),
        ("TIMESTR(DATE(2024, 3, 5))", r#""00:00:00""#),
    ],
    eval: Eval::Rows(|call| {
        call.maybe_texts(|row, out| {
            let at = civil(row.date(0), row.zone())?;
            out.push_str(&format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second()));
            Ok(true)
        })
    }),
};

const DATEVALUE: Function = Function {
    name: "DATEVALUE",
    signature: "(text) -> day",
    doc: "The day that a text says, in a form that people commonly write; a time in it is left out.",
    examples: &[
        (r#"DATEVALUE("22-May-2011")"#, "2011-05-22"),
        (r#"DATEVALUE("2011/02/23 10:00")"#, "2011-02-23"),
    ],
    eval: Eval::Rows(|call| {
        let zone = &call.context.zone;
        call.dates(|row| match row.text(0) {
            text if text.trim().is_empty() => Ok(None),
            text => match spell::parse_date(text, zone) {
                Some(ms) => utc(civil(ms, zone)?.date()).map(Some),
                None => refuse(format!("{} is not a date", crate::eval::excerpt(text))),
            },
        })
    }),
};

const TIMEVALUE: Function = Function {
    name: "TIMEVALUE",
    signature: "(text) -> number",
    doc: "The time of day that a text says, as a part of a day: 0.5 is noon.",
    examples: &[(r#"TIMEVALUE("2:24 AM")"#, "0.1"), (r#"TIMEVALUE("22-Aug-2011 6:00")"#, "0.25")],
    eval: Eval::Rows(|call| {
        call.maybe_numbers(|row| {
            let text = row.text(0);
            if text.trim().is_empty() {
                return Ok(None);
            }
            let day = || spell::parse_date(text, &TimeZone::UTC).map(|ms| ms.rem_euclid(DAY_MS));
            match spell::parse_time(text).or_else(day) {
                Some(ms) => Ok(Some(ms as f64 / DAY_MS as f64)),
                None => refuse(format!("{} is not a time of day", crate::eval::excerpt(text))),
            }
        })
    }),
};

const SET_TIMEZONE: Function = Function {
    name: "SET_TIMEZONE",
    signature: "(date, zone: text) -> moment",
    doc: "A date for DATETIME_FORMAT to show in a zone such as `Asia/Shanghai`; elsewhere one whose clock shows what clocks in the zone show, not for comparing.",
    examples: &[
        (
            r#"DATETIME_FORMAT(SET_TIMEZONE(DATETIME_PARSE("2024-03-05T12:00Z"), "Asia/Shanghai"), "HH:mm Z")"#,
            r#""20:00 +08:00""#,
        ),
        (r#"HOUR(SET_TIMEZONE(DATETIME_PARSE("2024-03-05T12:00Z"), "Asia/Tokyo"))"#, "21"),
    ],
    eval: Eval::Rows(|call| {
        let zones = Last::default();
        call.dates(|row| {
            let zone = zone_named(&zones, row.text(1))?;
            moment(civil(as_moment(call, row)?, &zone)?, &call.context.zone).map(Some)
        })
    }),
};

const SET_LOCALE: Function = Function {
    name: "SET_LOCALE",
    signature: "(date, locale: text) -> date",
    doc: "A date for DATETIME_FORMAT to write in a language such as `de` or `zh-cn`; elsewhere the date itself.",
    examples: &[
        (r#"SET_LOCALE(DATE(2024, 3, 5), "fr")"#, "2024-03-05"),
        (r#"DATETIME_FORMAT(SET_LOCALE(DATE(2024, 3, 5), "fr"), "dddd D MMMM")"#, r#""mardi 5 mars""#),
    ],
    eval: Eval::Rows(|call| {
        let locales = Last::default();
        call.dates(|row| {
            locales.get(row.text(1), Locale::named)?;
            Ok(Some(row.date(0)))
        })
    }),
};

const FROMNOW: Function = Function {
    name: "FROMNOW",
    signature: "(date) -> text",
    doc: "How long it is between the date and now, such as `3 days` or `a month`.",
    examples: &[
        (r#"FROMNOW(DATEADD(NOW(), -3, "days"))"#, r#""3 days""#),
        (r#"FROMNOW(DATEADD(NOW(), 20, "seconds"))"#, r#""a few seconds""#),
    ],
    eval: Eval::Rows(since),
};

const TONOW: Function = Function {
    name: "TONOW",
    signature: "(date) -> text",
    doc: "As FROMNOW.",
    examples: &[
        (r#"TONOW(DATEADD(NOW(), 2, "hours"))"#, r#""2 hours""#),
        (r#"TONOW(DATEADD(NOW(), -1, "day"))"#, r#""a day""#),
    ],
    eval: Eval::Rows(since),
};

/// Whether a format of DATETIME_PARSE says no year, so that what it reads is of the present one.
pub(crate) fn format_needs_now(format: &str) -> bool {
    let says_year = |part: &Part| match part {
        Part::Token(token) => token.starts_with(['Y', 'G', 'g', 'y', 'X', 'x']) || *token == "GGGG",
        Part::Literal(_) => false,
    };
    !format.is_empty() && !Format::new(format, Locale::english()).parts.iter().any(says_year)
}

fn format_named(formats: &Last<Format>, format: &str, locale: &str) -> Given<Rc<Format>> {
    let make = |locale| move |_: &str| Ok(Format::new(short_format(format)?, locale));
    match locale {
        "" => formats.get(format, make(Locale::english())),
        // A locale's name has no new line.
        _ => formats.get(&format!("{locale}\n{format}"), |key| make(Locale::named(locale)?)(key)),
    }
}

fn zone_named(zones: &Last<TimeZone>, name: &str) -> Given<Rc<TimeZone>> {
    zones.get(name, |name| match TimeZone::get(name.trim()) {
        Ok(zone) => Ok(zone),
        Err(_) => {
            refuse(format!("{} is not a time zone, such as \"Europe/Berlin\"", crate::eval::excerpt(name)))
        }
    })
}

/// The date in front as a moment: a day is its midnight in the zone of the base.
fn as_moment(call: &Call<'_>, row: Row<'_>) -> Given<i64> {
    match call.zone == call.context.zone {
        true => Ok(row.date(0)),
        false => moment(civil(row.date(0), row.zone())?, &call.context.zone),
    }
}

fn since(call: &Call<'_>) -> Chunk {
    call.maybe_texts(|row, out| {
        out.push_str(&humanized(as_moment(call, row)?, call.context.now_ms, &call.context.zone)?);
        Ok(true)
    })
}

/// How long it is between two moments in the words and with the thresholds of Moment.js.
fn humanized(a: i64, b: i64, zone: &TimeZone) -> Given<String> {
    let (from, to) = (a.min(b), a.max(b));
    let months = calendar::difference(from, to, calendar::Unit::Month, zone)?;
    let rest = (to - calendar::add(from, months as f64, calendar::Unit::Month, zone)?) as f64;
    // Mean months of the calendar's 400 years.
    let days = (months as f64 * 146_097.0 / 4_800.0).round() + rest / DAY_MS as f64;
    let months = months as f64 + rest / DAY_MS as f64 * 4_800.0 / 146_097.0;
    let (seconds, minutes, hours) = (days * 86_400.0, days * 1_440.0, days * 24.0);
    let [seconds, minutes, hours, days, months, years] =
        [seconds, minutes, hours, days, months, months / 12.0].map(|n| n.round() as i64);
    Ok(match () {
        () if seconds <= 44 => "a few seconds".to_owned(),
        () if minutes <= 1 => "a minute".to_owned(),
        () if minutes < 45 => format!("{minutes} minutes"),
        () if hours <= 1 => "an hour".to_owned(),
        () if hours < 22 => format!("{hours} hours"),
        () if days <= 1 => "a day".to_owned(),
        () if days < 26 => format!("{days} days"),
        () if months <= 1 => "a month".to_owned(),
        () if months < 11 => format!("{months} months"),
        () if years <= 1 => "a year".to_owned(),
        () => format!("{years} years"),
    })
}
