//! Writes numbers in a section of a spreadsheet's format.

use super::pattern::round_half_away;
use super::sheet_format::{Item, Section};

/// Digits behind the point that are ever written.
const DECIMALS_MAX: usize = 30;

/// Writes `number`; a negative one with a sign before everything.
pub(super) fn write(section: &Section, number: f64, out: &mut String) {
    let mut body = String::new();
    let has = |wanted: fn(&Item) -> bool| section.items.iter().any(wanted);
    let is_zero = if has(|item| matches!(item, Item::General | Item::Text)) {
        general(section, number.abs(), &mut body)
    } else if has(|item| matches!(item, Item::Exponent { .. })) {
        exponent(section, number.abs(), &mut body)
    } else if has(|item| matches!(item, Item::Slash)) {
        fraction(section, number.abs(), &mut body)
    } else {
        plain(&section.items, number.abs(), &mut body)
    };
    if number < 0.0 && !is_zero {
        out.push('-');
    }
    out.push_str(&body);
}

/// Whether all digits that were written are zeros, so that no sign is.
type IsZero = bool;

fn plain(items: &[Item], number: f64, out: &mut String) -> IsZero {
    let last_digit = items.iter().rposition(|item| matches!(item, Item::Digit(_)));
    let point = items.iter().position(|item| *item == Item::Point);
    let units_end = point.unwrap_or(items.len());
    let last_unit = items[..units_end].iter().rposition(|item| matches!(item, Item::Digit(_)));
    let first_unit = items[..units_end].iter().position(|item| matches!(item, Item::Digit(_)));
    let is_comma = |at: usize| items[at] == Item::Comma;
    // Commas between digits group; behind the last digit each divides by a thousand.
    let grouped = match (first_unit, last_unit) {
        (Some(first), Some(last)) => (first..last).any(is_comma),
        _ => false,
    };
    let behind_units = last_unit.map_or(0..0, |last| last + 1..units_end);
    let behind_all = last_digit.filter(|last| *last >= units_end).map_or(0..0, |last| last + 1..items.len());
    let scale = behind_units.chain(behind_all).filter(|at| is_comma(*at)).count();
    let percents = items.iter().filter(|item| **item == Item::Percent).count();
    // What many percents lift beyond the largest number is the largest number.
    let value = (number * 100f64.powi(percents as i32) / 1_000f64.powi(scale as i32)).min(f64::MAX);

    let decimals = items[units_end..].iter().filter(|item| matches!(item, Item::Digit(_))).count();
    let decimals = decimals.min(DECIMALS_MAX);
    let digits = format!("{:.decimals$}", round_half_away(value, decimals as i32));
    let (units, behind) = digits.split_once('.').unwrap_or((&digits, ""));
    let is_zero = !digits.contains(|char: char| matches!(char, '1'..='9'));
    let units = if units == "0" { "" } else { units };

    let n_slots = items[..units_end].iter().filter(|item| matches!(item, Item::Digit(_))).count();
    let mut slot = 0;
    let mut behind_left = behind;
    for (at, item) in items.iter().enumerate() {
        match item {
            Item::Literal(text) => out.push_str(text),
            Item::Percent => out.push('%'),
            Item::Point => {
                if n_slots == 0 {
                    out.push_str(units);
                }
                out.push('.');
            }
            Item::Digit(kind) if at < units_end => {
                unit_digits(*kind, slot, n_slots, units, grouped, out);
                slot += 1;
            }
            Item::Digit(kind) => {
                let digit = behind_left.chars().next().unwrap_or('0');
                behind_left = behind_left.get(1..).unwrap_or_default();
                let rest_is_zero = digit == '0' && behind_left.bytes().all(|byte| byte == b'0');
                match kind {
                    '#' if rest_is_zero => {}
                    '?' if rest_is_zero => out.push(' '),
                    _ => out.push(digit),
                }
            }
            _ => {}
        }
    }
    is_zero
}

/// Writes the digits for the slot `slot` of `n`; the first takes all that stand before the others.
fn unit_digits(kind: char, slot: usize, n: usize, units: &str, grouped: bool, out: &mut String) {
    let from_right = n - slot;
    let mut put = |digit: char, place: usize| {
        out.push(digit);
        if grouped && place > 1 && (place - 1).is_multiple_of(3) {
            out.push(',');
        }
    };
    if slot == 0 && units.len() > n {
        for (at, digit) in units[..=units.len() - n].chars().enumerate() {
            put(digit, units.len() - at);
        }
        return;
    }
    match units.len().checked_sub(from_right) {
        Some(at) => put(char::from(units.as_bytes()[at]), from_right),
        None => match kind {
            '0' => put('0', from_right),
            '?' => out.push(' '),
            _ => {}
        },
    }
}

/// As Excel shows a number in a cell that was not formatted.
fn general(section: &Section, number: f64, out: &mut String) -> IsZero {
    for item in &section.items {
        match item {
            Item::General | Item::Text => out.push_str(&general_text(number)),
            Item::Literal(text) => out.push_str(text),
            Item::Percent => out.push('%'),
            _ => {}
        }
    }
    number == 0.0
}

/// At most ten digits, with an exponent beyond 11 places.
fn general_text(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    if (1e-9..1e11).contains(&number) {
        let places = number.log10().floor().max(0.0) as i32;
        let text =
            format!("{:.*}", (9 - places).max(0) as usize, round_half_away(number, (9 - places).max(0)));
        return match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        };
    }
    let text = format!("{number:.5E}");
    let (digits, power) = text.split_once('E').unwrap_or((&text, "0"));
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    let power: i32 = power.parse().unwrap_or(0);
    format!("{digits}E{}{:02}", if power < 0 { '-' } else { '+' }, power.abs())
}

fn exponent(section: &Section, number: f64, out: &mut String) -> IsZero {
    let items = &section.items;
    let at = items.iter().position(|item| matches!(item, Item::Exponent { .. })).unwrap_or(items.len());
    let (mantissa, rest) = items.split_at(at);
    let is_digit = |item: &&Item| matches!(item, Item::Digit(_));
    let point = mantissa.iter().position(|item| *item == Item::Point).unwrap_or(mantissa.len());
    let places = (mantissa[..point].iter().filter(is_digit).count() as i32).max(1);
    let decimals = mantissa[point..].iter().filter(is_digit).count().min(DECIMALS_MAX) as i32;
    let mut power = if number == 0.0 { 0 } else { exact_power(number) };
    power -= power.rem_euclid(places);
    let mut value = shifted(number, -power);
    if round_half_away(value, decimals) >= 10f64.powi(places) {
        power += places;
        value = shifted(number, -power);
    }
    let is_zero = plain(mantissa, value, out);
    let [Item::Exponent { plus }, rest @ ..] = rest else { return is_zero };
    out.push('E');
    if power < 0 {
        out.push('-');
    } else if *plus {
        out.push('+');
    }
    plain(rest, f64::from(power.abs()), out);
    is_zero
}

/// The power of ten of the first digit.
fn exact_power(number: f64) -> i32 {
    let text = format!("{number:e}");
    text.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0)
}

fn shifted(number: f64, by: i32) -> f64 {
    format!("{number:e}")
        .split_once('e')
        .and_then(|(digits, power)| Some((digits, power.parse::<i32>().ok()? + by)))
        .and_then(|(digits, power)| format!("{digits}e{power}").parse().ok())
        .unwrap_or(number)
}

/// `# ?/?`, `?/?` or `# ?/8`.
fn fraction(section: &Section, number: f64, out: &mut String) -> IsZero {
    let items = &section.items;
    let slash = items.iter().position(|item| *item == Item::Slash).unwrap_or(items.len());
    let is_digit = |item: &Item| matches!(item, Item::Digit(_));
    // The digits right before the slash are the numerator's; what stands before them is the whole number.
    let above_end = items[..slash].iter().rposition(is_digit).map_or(0, |at| at + 1);
    let above = items[..above_end].iter().rposition(|item| !is_digit(item)).map_or(0, |at| at + 1);
    let below_end =
        items[slash + 1..].iter().position(|item| !is_digit(item)).map_or(items.len(), |n| slash + 1 + n);
    let below = &items[slash + 1..below_end];
    let mixed = items[..above].iter().any(is_digit);
    let fixed: String = below
        .iter()
        .filter_map(|item| match item {
            Item::Digit(char) => Some(*char),
            _ => None,
        })
        .collect();
    let fixed: Option<u64> =
        if fixed.contains(|char: char| matches!(char, '1'..='9')) { fixed.parse().ok() } else { None };
    let n_below = below.len().min(9);
    let mut whole = if mixed { number.floor() } else { 0.0 };
    let (mut over, under) = match fixed {
        Some(under) => ((((number - whole) * under as f64).round()) as u64, under),
        None => nearest(number - whole, 10u64.pow(n_below as u32) - 1),
    };
    if mixed && over >= under {
        whole += 1.0;
        over = 0;
    }
    let is_zero = whole == 0.0 && over == 0;
    let hidden = mixed && over == 0;
    if mixed {
        // A whole number of 0 is shown only where no fraction is.
        let mut before = items[..above].to_vec();
        if whole == 0.0
            && hidden
            && let Some(last) = before.iter().rposition(is_digit)
        {
            before[last] = Item::Digit('0');
        }
        plain(&before, whole, out);
    } else {
        items[..above].iter().for_each(|item| {
            if let Item::Literal(text) = item {
                out.push_str(text)
            }
        });
    }
    let (n_above, under_text) = ((above_end - above).min(9), under.to_string());
    if hidden {
        out.push_str(&" ".repeat(n_above.max(1) + 1 + n_below.max(1)));
    } else {
        let zeros = items[above..above_end].contains(&Item::Digit('0'));
        match zeros {
            true => out.push_str(&format!("{over:0n_above$}")),
            false => out.push_str(&format!("{over:>n_above$}")),
        }
        out.push('/');
        out.push_str(&under_text);
        let filler = " ".repeat(n_below.saturating_sub(under_text.len()));
        out.push_str(&filler);
    }
    items[below_end..].iter().for_each(|item| {
        if let Item::Literal(text) = item {
            out.push_str(text)
        }
    });
    is_zero
}

/// The fraction nearest to `number` with a denominator of at most `most`, by its continued fraction.
fn nearest(number: f64, most: u64) -> (u64, u64) {
    let (mut before, mut now) = ((1u64, 0u64), (number.floor() as u64, 1u64));
    let mut rest = number - number.floor();
    for _ in 0..32 {
        if rest < 1e-11 {
            break;
        }
        let inverse = 1.0 / rest;
        let step = inverse.floor() as u64;
        let next = |n: u64| {
            (
                now.0.saturating_mul(n).saturating_add(before.0),
                now.1.saturating_mul(n).saturating_add(before.1),
            )
        };
        let (over, under) = next(step);
        if under > most {
            // The largest step that still fits may be nearer than the last convergent.
            let part = next((most - before.1) / now.1.max(1));
            let distance = |(over, under): (u64, u64)| (over as f64 / under as f64 - number).abs();
            return if part.1 > 0 && distance(part) < distance(now) { part } else { now };
        }
        (before, now) = (now, (over, under));
        rest = inverse - inverse.floor();
    }
    now
}
