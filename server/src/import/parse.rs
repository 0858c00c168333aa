//! Texts as people write them → numbers, dates, yes and no. Nothing is guessed: `03/04/2026` is no date.

use jiff::civil;
use jiff::tz::TimeZone;

/// What stands in cells that mean "nothing".
pub fn is_placeholder(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "-" | "–" | "—" | "n/a" | "na" | "#n/a" | "null" | "none" | "nan" | "无"
    )
}

/// `1,234.5`, `¥99`, `45%`, `-3`, `(12)`, `1.5e3`.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let (text, negative) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let (text, percent) = match text.strip_suffix(['%', '％']) {
        Some(text) => (text.trim_end(), true),
        None => (text, false),
    };
    let (sign, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.trim_start_matches(['¥', '￥', '$', '€', '£', '₹']).trim_start();
    let text = text.trim_end_matches(['元', '¥', '€']).trim_end();
    if !text.starts_with(|char: char| char.is_ascii_digit() || char == '.') {
        return None;
    }
    let plain = without_thousands(text)?;
    let number: f64 = plain.parse().ok().filter(|number: &f64| number.is_finite())?;
    let number = number * sign * if negative { -1.0 } else { 1.0 };
    // Dividing keeps 45 % the same as 0.45; multiplying by 0.01 would not.
    Some(if percent { number / 100.0 } else { number })
}

/// Commas must stand where thousands are, and not behind the point.
fn without_thousands(text: &str) -> Option<String> {
    let (whole, rest) = text.split_at(text.find(['.', 'e', 'E']).unwrap_or(text.len()));
    if rest.contains(',') || !rest.chars().all(|char| char.is_ascii_digit() || ".eE+-".contains(char)) {
        return None;
    }
    if !whole.contains(',') {
        return whole.chars().all(|char| char.is_ascii_digit()).then(|| text.to_owned());
    }
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let digits = |group: &str| group.chars().all(|char| char.is_ascii_digit());
    let fits = (1..=3).contains(&first.len())
        && digits(first)
        && groups.all(|group| group.len() == 3 && digits(group));
    fits.then(|| text.replace(',', ""))
}

/// Yes or no in the words of spreadsheets.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "y" | "x" | "✓" | "✔" | "☑" | "是" | "真" | "1" | "checked" => Some(true),
        "false" | "no" | "n" | "✗" | "✘" | "☐" | "否" | "假" | "0" | "unchecked" => Some(false),
        _ => None,
    }
}

/// A date, `2026-06-18`, or a moment, `2026-06-18T09:30:00Z`, in the wire's form. A time without a zone is one of
/// `zone`.
pub fn date(text: &str, zone: &TimeZone) -> Option<String> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.to_string());
    }
    let (day, time) = split_time(text);
    let day = civil_date(day)?;
    match time {
        None => Some(day.to_string()),
        Some(time) => {
            let moment = day.to_datetime(civil_time(time)?).to_zoned(zone.clone()).ok()?;
            Some(moment.timestamp().to_string())
        }
    }
}

/// Whether a text that [`date`] takes has a time of day.
pub fn has_time(text: &str) -> bool {
    split_time(text.trim()).1.is_some()
}

fn split_time(text: &str) -> (&str, Option<&str>) {
    let is_time = |part: &str| part.contains(':') && part.starts_with(|char: char| char.is_ascii_digit());
    let after_day = text.find(['T', ' ']).filter(|at| is_time(text[at + 1..].trim_start()));
    let at = after_day.or_else(|| text.rfind(' ').filter(|at| is_time(&text[at + 1..])));
    match at {
        Some(at) => (&text[..at], Some(text[at + 1..].trim())),
        None => (text, None),
    }
}

fn civil_time(text: &str) -> Option<civil::Time> {
    let mut parts = text.split(':');
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = parts.next()?.parse().ok()?;
    let second: f64 = parts.next().map_or(Some(0.0), |text| text.parse().ok())?;
    if parts.next().is_some() || !(0.0..60.0).contains(&second) {
        return None;
    }
    civil::Time::new(hour, minute, second as i8, ((second.fract() * 1e3).round() * 1e6) as i32).ok()
}

fn civil_date(text: &str) -> Option<civil::Date> {
    let year_first = |parts: [&str; 3]| {
        let [year, month, day] = parts;
        if year.len() != 4 {
            return None;
        }
        civil::Date::new(year.parse().ok()?, month.trim().parse().ok()?, day.trim().parse().ok()?).ok()
    };
    let three = |separator: char| {
        let mut parts = text.split(separator);
        let three = [parts.next()?, parts.next()?, parts.next()?];
        parts.next().is_none().then_some(three)
    };
    if let Some(rest) = text.strip_suffix('日') {
        let (year, rest) = rest.split_once('年')?;
        let (month, day) = rest.split_once('月')?;
        return year_first([year, month, day]);
    }
    for separator in ['-', '/', '.'] {
        if let Some(found) = three(separator).and_then(year_first) {
            return Some(found);
        }
    }
    // 18 Jun 2026, June 18, 2026, 18-Jun-2026
    let words: Vec<_> = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let [a, b, year] = words.as_slice() else { return None };
    let (day, month) = if let Some(month) = month_named(b) { (a, month) } else { (b, month_named(a)?) };
    if year.len() != 4 {
        return None;
    }
    civil::Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

fn month_named(text: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let text = text.trim_end_matches('.').to_ascii_lowercase();
    if text.len() < 3 {
        return None;
    }
    MONTHS.iter().position(|month| month.starts_with(&text)).map(|at| at as i8 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        let cases = [
            ("1,234.5", Some(1_234.5)),
            ("¥99", Some(99.0)),
            ("45%", Some(0.45)),
            ("-3", Some(-3.0)),
            ("(12)", Some(-12.0)),
            ("1.5e3", Some(1_500.0)),
            ("$ 1,000,000", Some(1e6)),
            ("12元", Some(12.0)),
            (".5", Some(0.5)),
            ("1,23", None),
            ("12,34,567", None),
            ("1.2.3", None),
            ("abc", None),
            ("", None),
            ("1 apple", None),
            ("-", None),
            ("inf", None),
            ("1e999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn dates_as_people_write_them() {
        let shanghai = TimeZone::get("Asia/Shanghai").expect("the time zones are built in");
        let cases = [
            ("2026-06-18", Some("2026-06-18")),
            ("2026/6/18", Some("2026-06-18")),
            ("2026.06.18", Some("2026-06-18")),
            ("2026年6月18日", Some("2026-06-18")),
            ("18 Jun 2026", Some("2026-06-18")),
            ("June 18, 2026", Some("2026-06-18")),
            ("18-Jun-2026", Some("2026-06-18")),
            ("2026-06-18 17:30", Some("2026-06-18T09:30:00Z")),
            ("2026-06-18T09:30:00Z", Some("2026-06-18T09:30:00Z")),
            ("2026-06-18T17:30:00+08:00", Some("2026-06-18T09:30:00Z")),
            ("2026/6/18 8:05:09", Some("2026-06-18T00:05:09Z")),
            ("03/04/2026", None),
            ("2026-13-01", None),
            ("2026-02-30", None),
            ("soon", None),
            ("12", None),
            ("1:30", None),
        ];
        for (text, expected) in cases {
            assert_eq!(date(text, &shanghai).as_deref(), expected, "{text}");
        }
    }
}
