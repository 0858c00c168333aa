//! Numbers as people type them, and back.
//!
//! A text becomes decimal digits and a power of ten; `%`, `万` and `亿` only shift that power, so `7%` is the
//! number nearest to 0.07 and is printed as `7%` again. Nothing is allocated for a number of up to 15 digits.

use std::fmt::Write;

/// Bytes of a text that may be a number; the longest that we print has some 25.
const NUMBER_BYTES_MAX: usize = 80;

/// Currencies of ISO 4217 that are in use.
pub(super) const CURRENCIES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD",
    "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLF", "CLP",
    "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD",
    "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS",
    "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD",
    "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU",
    "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN",
    "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK",
    "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP",
    "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED", "VES", "VND", "VUV", "WST", "XAF",
    "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
];

/// Signs of currencies, the longer ones first.
const SIGNS: &[&str] = &[
    "US$",
    "HK$",
    "NT$",
    "CN¥",
    "JP¥",
    "A$",
    "C$",
    "R$",
    "S$",
    "¥",
    "$",
    "€",
    "£",
    "₹",
    "₩",
    "₽",
    "₫",
    "฿",
    "₺",
    "₪",
    "₱",
    "人民币",
    "RMB",
    "美元",
    "欧元",
    "日元",
    "港元",
    "港币",
    "英镑",
    "元",
];

/// Chinese units and their powers of ten, the longer ones first.
const UNITS: &[(&str, i32)] = &[("万亿", 12), ("亿", 8), ("億", 8), ("万", 4), ("萬", 4)];

/// Reads a number out of a text that went through [`super::words::narrow`]. With `percent` a number without a
/// sign counts hundredths: "45" is 0.45.
pub(super) fn read_number(text: &str, percent: bool) -> Option<f64> {
    if text.len() > NUMBER_BYTES_MAX {
        return None;
    }
    let (mut negative, mut rest) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (true, inner.trim()),
        None => (false, text),
    };
    let mut signed = negative;
    for _ in 0..2 {
        if !signed && let Some(after) = rest.strip_prefix(['-', '+']) {
            negative = rest.starts_with('-');
            signed = true;
            rest = after.trim_start();
        }
        rest = without_currency(rest, strip_front).trim_start();
    }
    let (mut decimal, after) = Decimal::read(rest)?;
    rest = after.trim_start();
    if let Some((unit, power)) = UNITS.iter().find(|(unit, _)| rest.starts_with(unit)) {
        decimal.power += power;
        rest = rest[unit.len()..].trim_start();
    }
    match rest.chars().next() {
        Some('%') => (decimal.power, rest) = (decimal.power - 2, &rest[1..]),
        Some('‰') => (decimal.power, rest) = (decimal.power - 3, &rest['‰'.len_utf8()..]),
        _ if percent => decimal.power -= 2,
        _ => {}
    }
    if !without_currency(rest.trim_start(), strip_back).is_empty() {
        return None;
    }
    let number = decimal.value()?;
    // A blank sheet has no negative zero.
    Some(if number == 0.0 {
        0.0
    } else if negative {
        -number
    } else {
        number
    })
}

fn strip_front<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.strip_prefix(word)
}

fn strip_back<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.strip_suffix(word)
}

fn without_currency(text: &str, strip: for<'a> fn(&'a str, &str) -> Option<&'a str>) -> &str {
    if text.is_empty() || text.starts_with(|char: char| char.is_ascii_digit() || char == '.') {
        return text;
    }
    SIGNS.iter().chain(CURRENCIES).find_map(|sign| strip(text, sign)).unwrap_or(text)
}

/// Digits and a power of ten.
struct Decimal {
    digits: [u8; NUMBER_BYTES_MAX],
    n_digits: usize,
    power: i32,
}

impl Decimal {
    /// Reads digits with separators of thousands, a point and an exponent; gives what follows.
    fn read(text: &str) -> Option<(Self, &str)> {
        let bytes = text.as_bytes();
        let mut decimal = Self { digits: [0; NUMBER_BYTES_MAX], n_digits: 0, power: 0 };
        let mut at = 0;
        // Digits since the last separator, if there was one.
        let mut group: Option<usize> = None;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'0'..=b'9' => {
                    decimal.push(*byte);
                    group = group.map(|n| n + 1);
                }
                b',' | b'\'' | b' ' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                    let fits = group.map_or((1..=3).contains(&decimal.n_digits), |n| n == 3);
                    if !fits {
                        return None;
                    }
                    group = Some(0);
                }
                _ => break,
            }
            at += 1;
        }
        if group.is_some_and(|n| n != 3) {
            return None;
        }
        if bytes.get(at) == Some(&b'.') {
            at += 1;
            while let Some(byte) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
                decimal.push(*byte);
                decimal.power -= 1;
                at += 1;
            }
        }
        if decimal.n_digits == 0 {
            return None;
        }
        at += decimal.read_exponent(&bytes[at..]);
        Some((decimal, &text[at..]))
    }

    fn push(&mut self, digit: u8) {
        self.digits[self.n_digits] = digit;
        self.n_digits += 1;
    }

    /// Reads `e-7` if it is there and tells how many bytes it has.
    fn read_exponent(&mut self, bytes: &[u8]) -> usize {
        if !matches!(bytes.first(), Some(b'e' | b'E')) {
            return 0;
        }
        let sign = usize::from(matches!(bytes.get(1), Some(b'+' | b'-')));
        let digits = bytes[1 + sign..].iter().take_while(|byte| byte.is_ascii_digit());
        let mut n_digits = 0;
        let mut exponent = 0i32;
        for digit in digits {
            n_digits += 1;
            exponent = (exponent * 10 + i32::from(digit - b'0')).min(10_000);
        }
        if n_digits == 0 {
            return 0;
        }
        self.power += if bytes.get(1) == Some(&b'-') { -exponent } else { exponent };
        1 + sign + n_digits
    }

    /// The nearest `f64`; `None` beyond what is finite.
    fn value(&self) -> Option<f64> {
        const POWERS: [f64; 23] = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
            1e18, 1e19, 1e20, 1e21, 1e22,
        ];
        let digits = &self.digits[..self.n_digits];
        // Both operands are exact, so the one operation rounds once.
        if digits.len() <= 15 && self.power.unsigned_abs() < POWERS.len() as u32 {
            let mantissa = digits.iter().fold(0u64, |sum, digit| sum * 10 + u64::from(digit - b'0')) as f64;
            let power = POWERS[self.power.unsigned_abs() as usize];
            return Some(if self.power < 0 { mantissa / power } else { mantissa * power });
        }
        let digits = std::str::from_utf8(digits).ok()?;
        format!("{digits}e{}", self.power).parse().ok().filter(|number: &f64| number.is_finite())
    }
}

/// Adds a number as people type it: all its digits, no separators; `1e300` where zeros would not be counted.
pub(super) fn push_number(out: &mut String, number: f64) {
    if number == number.trunc() && number.abs() < 1e15 {
        let _ = write!(out, "{}", number as i64);
    } else {
        push_shifted(out, number, 0);
    }
}

/// Adds a fraction as a percentage: 0.07 as `7%`.
pub(super) fn push_percent(out: &mut String, number: f64) {
    push_shifted(out, number, 2);
    out.push('%');
}

/// Adds `number × 10^shift` by its shortest digits, so that nothing is rounded.
fn push_shifted(out: &mut String, number: f64, shift: i32) {
    let shortest = format!("{:e}", number.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if number < 0.0 {
        out.push('-');
    }
    if digits == "0" || !number.is_finite() {
        out.push('0');
        return;
    }
    let power = exponent.parse::<i32>().unwrap_or(0) + shift;
    let n_digits = digits.len() as i32;
    match power {
        -7..0 => {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', (-power - 1) as usize));
            out.push_str(&digits);
        }
        0..21 if power + 1 >= n_digits => {
            out.push_str(&digits);
            out.extend(std::iter::repeat_n('0', (power + 1 - n_digits) as usize));
        }
        0..21 => {
            let (whole, fraction) = digits.split_at((power + 1) as usize);
            let _ = write!(out, "{whole}.{fraction}");
        }
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            let _ = write!(out, "{first}{point}{rest}e{power}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_is_read_back(number in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
            let (mut plain, mut percent) = (String::new(), String::new());
            push_number(&mut plain, number);
            push_percent(&mut percent, number);
            prop_assert_eq!(read_number(&plain, false), Some(number), "{}", plain);
            prop_assert_eq!(read_number(&percent, true), Some(number), "{}", percent);
        }

        #[test]
        fn short_decimals_are_the_nearest_number(digits in 0u64..1_000_000_000_000_000, power in 0usize..20) {
            let text = format!("{digits}e-{power}");
            prop_assert_eq!(read_number(&text, false), text.parse::<f64>().ok());
        }

        #[test]
        fn any_text_is_a_number_or_none(text in "[-+(¥$0-9 .,eE%‰万亿)]{0,90}") {
            prop_assert!(read_number(&text, false).is_none_or(f64::is_finite));
        }
    }
}
