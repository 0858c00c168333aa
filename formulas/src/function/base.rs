//! Numbers written in other bases, as Roman numerals, and taken bit by bit.
//!
//! Binary, octal and hexadecimal numbers have at most ten digits; ten of them whose first is in the upper half of
//! the base are negative, in two's complement.

use super::args::{Call, Given, Row, not_a_number, refuse};
use super::sample::accept;
use super::spell::parse_number;
use super::{Eval, Function};
use crate::column::{Chunk, Vector};

pub(super) const ALL: &[&Function] = &[
    &BIN2DEC, &BIN2HEX, &BIN2OCT, &DEC2BIN, &DEC2HEX, &DEC2OCT, &HEX2BIN, &HEX2DEC, &HEX2OCT, &OCT2BIN,
    &OCT2DEC, &OCT2HEX, &BASE, &DECIMAL, &ROMAN, &ARABIC, &BITAND, &BITOR, &BITXOR, &BITLSHIFT, &BITRSHIFT,
];

const BIN2DEC: Function = Function {
    name: "BIN2DEC",
    signature: "(binary: text) -> number",
    doc: "The value of a binary number of at most ten digits; of ten the first is the sign.",
    examples: &[(r#"BIN2DEC("1100100")"#, "100"), ("BIN2DEC(1111111111)", "-1")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(read(row.text(0), 2)? as f64))),
};

const BIN2HEX: Function = Function {
    name: "BIN2HEX",
    signature: "(binary: text, places: number?) -> text",
    doc: "A binary number in hexadecimal, with zeros before it up to `places` digits.",
    examples: &[(r#"BIN2HEX("11111011", 4)"#, r#""00FB""#), (r#"BIN2HEX("1111111111")"#, r#""FFFFFFFFFF""#)],
    eval: Eval::Rows(|call| rewritten(call, 2, 16)),
};

const BIN2OCT: Function = Function {
    name: "BIN2OCT",
    signature: "(binary: text, places: number?) -> text",
    doc: "A binary number in octal, with zeros before it up to `places` digits.",
    examples: &[(r#"BIN2OCT("1001", 3)"#, r#""011""#), (r#"BIN2OCT("1100100")"#, r#""144""#)],
    eval: Eval::Rows(|call| rewritten(call, 2, 8)),
};

const DEC2BIN: Function = Function {
    name: "DEC2BIN",
    signature: "(number, places: number?) -> text",
    doc: "A number from -512 to 511 in binary, with zeros before it up to `places` digits.",
    examples: &[("DEC2BIN(9, 4)", r#""1001""#), ("DEC2BIN(-100)", r#""1110011100""#)],
    eval: Eval::Rows(|call| written(call, 2)),
};

const DEC2HEX: Function = Function {
    name: "DEC2HEX",
    signature: "(number, places: number?) -> text",
    doc: "A number in hexadecimal, at most ten digits, with zeros before it up to `places` digits.",
    examples: &[("DEC2HEX(100, 4)", r#""0064""#), ("DEC2HEX(-54)", r#""FFFFFFFFCA""#)],
    eval: Eval::Rows(|call| written(call, 16)),
};

const DEC2OCT: Function = Function {
    name: "DEC2OCT",
    signature: "(number, places: number?) -> text",
    doc: "A number in octal, at most ten digits, with zeros before it up to `places` digits.",
    examples: &[("DEC2OCT(58, 3)", r#""072""#), ("DEC2OCT(-100)", r#""7777777634""#)],
    eval: Eval::Rows(|call| written(call, 8)),
};

const HEX2BIN: Function = Function {
    name: "HEX2BIN",
    signature: "(hexadecimal: text, places: number?) -> text",
    doc: "A hexadecimal number in binary, with zeros before it up to `places` digits.",
    examples: &[(r#"HEX2BIN("F", 8)"#, r#""00001111""#), (r#"HEX2BIN("B7")"#, r#""10110111""#)],
    eval: Eval::Rows(|call| rewritten(call, 16, 2)),
};

const HEX2DEC: Function = Function {
    name: "HEX2DEC",
    signature: "(hexadecimal: text) -> number",
    doc: "The value of a hexadecimal number of at most ten digits; of ten the first has the sign.",
    examples: &[(r#"HEX2DEC("A5")"#, "165"), (r#"HEX2DEC("FFFFFFFF5B")"#, "-165")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(read(row.text(0), 16)? as f64))),
};

const HEX2OCT: Function = Function {
    name: "HEX2OCT",
    signature: "(hexadecimal: text, places: number?) -> text",
    doc: "A hexadecimal number in octal, with zeros before it up to `places` digits.",
    examples: &[(r#"HEX2OCT("F", 3)"#, r#""017""#), (r#"HEX2OCT("3B4E")"#, r#""35516""#)],
    eval: Eval::Rows(|call| rewritten(call, 16, 8)),
};

const OCT2BIN: Function = Function {
    name: "OCT2BIN",
    signature: "(octal: text, places: number?) -> text",
    doc: "An octal number in binary, with zeros before it up to `places` digits.",
    examples: &[(r#"OCT2BIN("3", 3)"#, r#""011""#), (r#"OCT2BIN("7777777000")"#, r#""1000000000""#)],
    eval: Eval::Rows(|call| rewritten(call, 8, 2)),
};

const OCT2DEC: Function = Function {
    name: "OCT2DEC",
    signature: "(octal: text) -> number",
    doc: "The value of an octal number of at most ten digits; of ten the first has the sign.",
    examples: &[(r#"OCT2DEC("54")"#, "44"), (r#"OCT2DEC("7777777533")"#, "-165")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(read(row.text(0), 8)? as f64))),
};

const OCT2HEX: Function = Function {
    name: "OCT2HEX",
    signature: "(octal: text, places: number?) -> text",
    doc: "An octal number in hexadecimal, with zeros before it up to `places` digits.",
    examples: &[(r#"OCT2HEX("100", 4)"#, r#""0040""#), (r#"OCT2HEX("7777777533")"#, r#""FFFFFFFF5B""#)],
    eval: Eval::Rows(|call| rewritten(call, 8, 16)),
};

const BASE: Function = Function {
    name: "BASE",
    signature: "(number, base: number, digits: number = 0) -> text",
    doc: "A number that is not negative in a base from 2 to 36, with zeros before it up to so many digits.",
    examples: &[
        ("BASE(7, 2)", r#""111""#),
        ("BASE(100, 16)", r#""64""#),
        ("BASE(15, 2, 10)", r#""0000001111""#),
    ],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let (number, base, least) = (row.number(0).trunc(), row.number(1).trunc(), row.number(2).trunc());
            accept((0.0..EXACT_MAX).contains(&number), "the number is from 0 to 2^53")?;
            accept((2.0..=36.0).contains(&base), "a base is from 2 to 36")?;
            accept((0.0..=255.0).contains(&least), "the number of digits is from 0 to 255")?;
            write(number as u64, base as u32, least as usize, out);
            Ok(())
        })
    }),
};

const DECIMAL: Function = Function {
    name: "DECIMAL",
    signature: "(text, base: number) -> number",
    doc: "The value of a text that is a number in a base from 2 to 36.",
    examples: &[
        (r#"DECIMAL("FF", 16)"#, "255"),
        (r#"DECIMAL("zap", 36)"#, "45745"),
        ("DECIMAL(111, 2)", "7"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (text, base) = (row.text(0).trim(), row.number(1).trunc());
            accept((2.0..=36.0).contains(&base), "a base is from 2 to 36")?;
            accept(text.len() <= 255, "the text has at most 255 digits")?;
            text.chars().try_fold(0.0, |value, char| match char.to_digit(base as u32) {
                Some(digit) => Ok(value * base + f64::from(digit)),
                None => not_a_number(format!("{char:?} is no digit of the base {base}")),
            })
        })
    }),
};

const ROMAN: Function = Function {
    name: "ROMAN",
    signature: "(number, form: any?) -> text",
    doc: "A number from 0 to 3999 in Roman numerals: classic, which is the form 0 or TRUE, or shorter up to 4 or FALSE.",
    examples: &[("ROMAN(499)", r#""CDXCIX""#), ("ROMAN(499, 2)", r#""XDIX""#), ("ROMAN(499, 4)", r#""ID""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let (number, form) = (row.number(0).trunc(), form(row)?);
            if !(0.0..=3_999.0).contains(&number) || !(0.0..=4.0).contains(&form) {
                return refuse("the number is from 0 to 3999, the form from 0 to 4");
            }
            roman(number as u32, form as usize, out);
            Ok(())
        })
    }),
};

const ARABIC: Function = Function {
    name: "ARABIC",
    signature: "(text) -> number",
    doc: "The value of Roman numerals, in any form and perhaps with a minus before them.",
    examples: &[(r#"ARABIC("LVII")"#, "57"), (r#"ARABIC("mcmxii")"#, "1912"), (r#"ARABIC("-IV")"#, "-4")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let text = row.text(0).trim();
            let (digits, sign) = text.strip_prefix('-').map_or((text, 1.0), |digits| (digits, -1.0));
            if text.len() > 255 {
                return refuse("Roman numerals have at most 255 digits");
            }
            let (mut value, mut before) = (0, 0);
            for char in digits.chars().rev() {
                let Some((_, digit)) = NUMERALS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&char))
                else {
                    return refuse(format!("{char:?} is no Roman numeral"));
                };
                value += if *digit < before { -i64::from(*digit) } else { i64::from(*digit) };
                before = before.max(*digit);
            }
            Ok(value as f64 * sign)
        })
    }),
};

const BITAND: Function = Function {
    name: "BITAND",
    signature: "(a: number, b: number) -> number",
    doc: "The bits that both numbers have.",
    examples: &[("BITAND(13, 25)", "9"), ("BITAND(1, 5)", "1")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok((bits(row, 0)? & bits(row, 1)?) as f64))),
};

const BITOR: Function = Function {
    name: "BITOR",
    signature: "(a: number, b: number) -> number",
    doc: "The bits that any of the numbers has.",
    examples: &[("BITOR(23, 10)", "31"), ("BITOR(1, 2)", "3")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok((bits(row, 0)? | bits(row, 1)?) as f64))),
};

const BITXOR: Function = Function {
    name: "BITXOR",
    signature: "(a: number, b: number) -> number",
    doc: "The bits that just one of the numbers has.",
    examples: &[("BITXOR(5, 3)", "6"), ("BITXOR(7, 7)", "0")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok((bits(row, 0)? ^ bits(row, 1)?) as f64))),
};

const BITLSHIFT: Function = Function {
    name: "BITLSHIFT",
    signature: "(number, places: number) -> number",
    doc: "The bits moved to the left, or to the right if `places` is negative.",
    examples: &[("BITLSHIFT(4, 2)", "16"), ("BITLSHIFT(4, -1)", "2")],
    eval: Eval::Rows(|call| call.numbers(|row| shifted(row, 1.0))),
};

const BITRSHIFT: Function = Function {
    name: "BITRSHIFT",
    signature: "(number, places: number) -> number",
    doc: "The bits moved to the right, or to the left if `places` is negative.",
    examples: &[("BITRSHIFT(13, 2)", "3"), ("BITRSHIFT(1, -3)", "8")],
    eval: Eval::Rows(|call| call.numbers(|row| shifted(row, -1.0))),
};

/// Beyond it not every whole number can be represented.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Digits of a number in base 2, 8 or 16.
const DIGITS_MAX: usize = 10;

/// Bits of a number of the bitwise functions.
const BITS_MAX: u32 = 48;

const NUMERALS: [(char, u32); 7] =
    [('M', 1_000), ('D', 500), ('C', 100), ('L', 50), ('X', 10), ('V', 5), ('I', 1)];

/// A number of ten digits in two's complement.
fn read(text: &str, base: u32) -> Given<i64> {
    let text = text.trim();
    let wrong = || not_a_number(format!("{} is no number in base {base}", crate::eval::excerpt(text)));
    if text.len() > DIGITS_MAX || !text.chars().all(|char| char.is_digit(base)) {
        return wrong();
    }
    let value = if text.is_empty() { 0 } else { i64::from_str_radix(text, base).or_else(|_| wrong())? };
    let all = i64::from(base).pow(DIGITS_MAX as u32);
    Ok(if value >= all / 2 { value - all } else { value })
}

/// Writes the digits of a number, at least `least` of them.
fn write(mut number: u64, base: u32, least: usize, out: &mut String) {
    let start = out.len();
    while number > 0 || out.len() - start < least.max(1) {
        let digit =
            char::from_digit((number % u64::from(base)) as u32, base).expect("a digit is below its base");
        out.insert(start, digit.to_ascii_uppercase());
        number /= u64::from(base);
    }
}

/// Writes a number in ten digits at most, a negative one in two's complement.
fn write_signed(row: Row<'_>, number: f64, base: u32, out: &mut String) -> Given<()> {
    let all = i64::from(base).pow(DIGITS_MAX as u32);
    let half = (all / 2) as f64;
    accept(number >= -half && number < half, "the number needs more than ten digits")?;
    if number < 0.0 {
        write((number as i64 + all) as u64, base, DIGITS_MAX, out);
        return Ok(());
    }
    let places = if row.has(1) { row.number(1).trunc() } else { 1.0 };
    accept((1.0..=DIGITS_MAX as f64).contains(&places), "the number of places is from 1 to 10")?;
    write(number as u64, base, places as usize, out);
    accept(!row.has(1) || out.len() <= places as usize, "the number needs more places")
}

fn written(call: &Call<'_>, base: u32) -> Chunk {
    call.texts(|row, out| write_signed(row, row.number(0).trunc(), base, out))
}

fn rewritten(call: &Call<'_>, from: u32, to: u32) -> Chunk {
    call.texts(|row, out| write_signed(row, read(row.text(0), from)? as f64, to, out))
}

/// The form of Roman numerals in the second argument: of truth values, TRUE is the classic one.
fn form(row: Row<'_>) -> Given<f64> {
    if !row.has(1) || row.is_blank(1) {
        return Ok(0.0);
    }
    let (items, range) = row.items(1);
    let form = match items.vector() {
        _ if range.len() != 1 => None,
        Vector::Bool(bits) => Some(if bits.get(range.start) { 0.0 } else { 4.0 }),
        Vector::Number(numbers) => Some(numbers[range.start].trunc()),
        Vector::Text(texts) => parse_number(texts.get(range.start)).map(f64::trunc),
        Vector::Date(_) | Vector::Choice(_) | Vector::List(_) => None,
    };
    form.map_or_else(|| refuse("the form is a number from 0 to 4, TRUE or FALSE"), Ok)
}

/// Writes Roman numerals.
///
/// A four or a nine of a decimal place is a smaller numeral before a larger one. The classic form subtracts the
/// one of the place; each further form allows for a numeral one step smaller, if the rest is large enough for it.
fn roman(mut number: u32, form: usize, out: &mut String) {
    for place in (0..NUMERALS.len()).step_by(2) {
        let value = |at: usize| NUMERALS[at].1;
        let digit = number / value(place);
        if digit % 5 == 4 {
            let large = place - if digit == 4 { 1 } else { 2 };
            let smaller = (place + 1..NUMERALS.len()).take(form);
            let fits = smaller.take_while(|small| value(large) - value(*small) <= number);
            let small = fits.last().unwrap_or(place);
            out.push(NUMERALS[small].0);
            out.push(NUMERALS[large].0);
            number = number + value(small) - value(large);
            continue;
        }
        if digit > 4 {
            out.push(NUMERALS[place - 1].0);
        }
        out.extend(std::iter::repeat_n(NUMERALS[place].0, (digit % 5) as usize));
        number %= value(place);
    }
}

fn bits(row: Row<'_>, arg: usize) -> Given<u64> {
    let number = row.number(arg);
    let most = (1_u64 << BITS_MAX) as f64;
    accept(
        number.fract() == 0.0 && (0.0..most).contains(&number),
        "the numbers are whole and from 0 to 2^48 - 1",
    )?;
    Ok(number as u64)
}

fn shifted(row: Row<'_>, direction: f64) -> Given<f64> {
    let (number, places) = (bits(row, 0)? as f64, row.number(1).trunc() * direction);
    accept(places.abs() <= 53.0, "the bits move by at most 53 places")?;
    let moved = (number * places.exp2()).floor();
    accept(moved < (1_u64 << BITS_MAX) as f64, "the result has more than 48 bits")?;
    Ok(moved)
}
