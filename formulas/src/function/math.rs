//! Arithmetic beyond the operators: divisions, factorials and what is counted with them, sums of products.

use super::args::{Call, Given, not_a_number, refuse};
use super::sample::{accept, divided};
use super::{Eval, Function};
use crate::column::Chunk;

pub(super) const ALL: &[&Function] = &[
    &MOD,
    &QUOTIENT,
    &GCD,
    &LCM,
    &FACT,
    &FACTDOUBLE,
    &COMBIN,
    &COMBINA,
    &PERMUT,
    &PERMUTATIONA,
    &MULTINOMIAL,
    &SUMSQ,
    &SUMPRODUCT,
    &SUMX2MY2,
    &SUMX2PY2,
    &SUMXMY2,
    &SERIESSUM,
    &SQRTPI,
    &DELTA,
    &GESTEP,
];

const MOD: Function = Function {
    name: "MOD",
    signature: "(number, divisor: number) -> number",
    doc: "What remains of a division; it has the divisor's sign.",
    examples: &[("MOD(7, 3)", "1"), ("MOD(-7, 3)", "2"), ("MOD(7, -3)", "-2")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let divisor = row.number(1);
            divided(row.number(0), divisor, NO_DIVISOR)?;
            let rest = row.number(0) % divisor;
            Ok(if rest != 0.0 && (rest < 0.0) != (divisor < 0.0) { rest + divisor } else { rest })
        })
    }),
};

const QUOTIENT: Function = Function {
    name: "QUOTIENT",
    signature: "(number, divisor: number) -> number",
    doc: "The whole part of a division.",
    examples: &[("QUOTIENT(7, 2)", "3"), ("QUOTIENT(-10, 3)", "-3")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| divided(row.number(0), row.number(1), NO_DIVISOR).map(f64::trunc))
    }),
};

const GCD: Function = Function {
    name: "GCD",
    signature: "(values: sample...) -> number",
    doc: "The greatest number that divides all; decimals are cut off.",
    examples: &[("GCD(24, 36)", "12"), ("GCD(5, 0)", "5")],
    eval: Eval::Rows(|call| {
        call.some_sample(|sample| {
            let whole = sample.iter().map(|number| whole(*number));
            whole.reduce(|a, b| Ok(gcd(a?, b?))).unwrap_or(Ok(0)).map(|gcd| gcd as f64)
        })
    }),
};

const LCM: Function = Function {
    name: "LCM",
    signature: "(values: sample...) -> number",
    doc: "The smallest number that all divide; decimals are cut off.",
    examples: &[("LCM(5, 2)", "10"), ("LCM(24, 36)", "72")],
    eval: Eval::Rows(|call| {
        call.some_sample(|sample| {
            let mut lcm = 1;
            for number in sample {
                let number = whole(*number)?;
                if number == 0 {
                    return Ok(0.0);
                }
                // Two numbers below 2^53 have a product of at most 106 bits.
                let product = u128::from(lcm / gcd(lcm, number)) * u128::from(number);
                lcm = whole(product as f64)?;
            }
            Ok(lcm as f64)
        })
    }),
};

const FACT: Function = Function {
    name: "FACT",
    signature: "(number) -> number",
    doc: "The product of all whole numbers from 1 on; decimals are cut off.",
    examples: &[("FACT(5)", "120"), ("FACT(1.9)", "1"), ("FACT(0)", "1")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let number = row.number(0).trunc();
            accept((0.0..=170.0).contains(&number), "a factorial is known of numbers from 0 to 170")?;
            Ok((2..=number as u32).fold(1.0, |product, number| product * f64::from(number)))
        })
    }),
};

const FACTDOUBLE: Function = Function {
    name: "FACTDOUBLE",
    signature: "(number) -> number",
    doc: "The product of every second whole number down from the given one; decimals are cut off.",
    examples: &[("FACTDOUBLE(6)", "48"), ("FACTDOUBLE(7)", "105"), ("FACTDOUBLE(-1)", "1")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let number = row.number(0).trunc();
            accept(
                (-1.0..=300.0).contains(&number),
                "a double factorial is known of numbers from -1 to 300",
            )?;
            let number = number.max(0.0) as u32;
            Ok((1..=number).rev().step_by(2).fold(1.0, |product, number| product * f64::from(number)))
        })
    }),
};

const COMBIN: Function = Function {
    name: "COMBIN",
    signature: "(number, chosen: number) -> number",
    doc: "In how many ways so many of a number of things can be chosen.",
    examples: &[("COMBIN(8, 2)", "28"), ("COMBIN(49, 6)", "13983816")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (n, k) = (row.number(0).trunc(), row.number(1).trunc());
            accept(k >= 0.0 && n >= k, "the number chosen is from 0 to the number of things")?;
            Ok(combinations(n, k))
        })
    }),
};

const COMBINA: Function = Function {
    name: "COMBINA",
    signature: "(number, chosen: number) -> number",
    doc: "In how many ways so many can be chosen, where each thing may be chosen again.",
    examples: &[("COMBINA(4, 3)", "20"), ("COMBINA(10, 3)", "220")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (n, k) = (row.number(0).trunc(), row.number(1).trunc());
            accept(n >= 0.0 && k >= 0.0 && (n > 0.0 || k == 0.0), "both numbers are not negative")?;
            Ok(if n == 0.0 { 1.0 } else { combinations(n + k - 1.0, k) })
        })
    }),
};

const PERMUT: Function = Function {
    name: "PERMUT",
    signature: "(number, chosen: number) -> number",
    doc: "In how many orders so many of a number of things can be chosen.",
    examples: &[("PERMUT(100, 3)", "970200"), ("PERMUT(3, 2)", "6")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (n, k) = (row.number(0).trunc(), row.number(1).trunc());
            accept(k >= 0.0 && n >= k && n > 0.0, "the number chosen is from 0 to the number of things")?;
            let mut product = 1.0;
            let mut factor = n;
            // At each step the product at least doubles, but for the last one: it soon is too large.
            while factor > n - k && f64::is_finite(product) {
                product *= factor;
                factor -= 1.0;
            }
            Ok(product)
        })
    }),
};

const PERMUTATIONA: Function = Function {
    name: "PERMUTATIONA",
    signature: "(number, chosen: number) -> number",
    doc: "In how many orders so many can be chosen, where each thing may be chosen again.",
    examples: &[("PERMUTATIONA(3, 2)", "9"), ("PERMUTATIONA(2, 10)", "1024")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (n, k) = (row.number(0).trunc(), row.number(1).trunc());
            accept(n >= 0.0 && k >= 0.0, "both numbers are not negative")?;
            Ok(n.powf(k))
        })
    }),
};

const MULTINOMIAL: Function = Function {
    name: "MULTINOMIAL",
    signature: "(values: sample...) -> number",
    doc: "In how many ways things can be parted into groups of these sizes.",
    examples: &[("MULTINOMIAL(2, 3, 4)", "1260"), ("MULTINOMIAL(5)", "1")],
    eval: Eval::Rows(|call| {
        call.some_sample(|sample| {
            let (mut all, mut ways) = (0.0, 1.0);
            for size in sample.iter().map(|size| size.trunc()) {
                accept(size >= 0.0, "the sizes of groups are not negative")?;
                all += size;
                ways *= combinations(all, size);
            }
            Ok(ways)
        })
    }),
};

const SUMSQ: Function = Function {
    name: "SUMSQ",
    signature: "(values: sample...) -> number",
    doc: "The sum of the squares.",
    examples: &[("SUMSQ(3, 4)", "25"), ("SUMSQ(LIST(1, 2, 3))", "14")],
    eval: Eval::Rows(|call| {
        call.samples(0..usize::MAX, |_, sample| Ok(Some(sample.iter().map(|number| number * number).sum())))
    }),
};

const SUMPRODUCT: Function = Function {
    name: "SUMPRODUCT",
    signature: "(values: sample, more: sample...) -> number",
    doc: "The products of items at the same place of lists of one length, summed; blank is 0.",
    examples: &[("SUMPRODUCT(LIST(2, 3), LIST(10, 100))", "320"), ("SUMPRODUCT(LIST(1, 2, 3))", "6")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (first, range) = row.items(0);
            for arg in 0..row.n_args() {
                let (items, other) = row.items(arg);
                super::args::no_error(items, other.clone())?;
                if other.len() != range.len() {
                    return refuse(format!(
                        "all lists have one length, got {} and {}",
                        range.len(),
                        other.len()
                    ));
                }
            }
            let at = |items: &Chunk, at: usize| match items.is_valid(at) {
                true => items.numbers().expect("the signature says numbers")[at],
                false => 0.0,
            };
            let product = |place: usize| {
                (1..row.n_args()).fold(at(first, range.start + place), |product, arg| {
                    let (items, range) = row.items(arg);
                    product * at(items, range.start + place)
                })
            };
            Ok((0..range.len()).map(product).fold(0.0, |sum, product| sum + product))
        })
    }),
};

const SUMX2MY2: Function = Function {
    name: "SUMX2MY2",
    signature: "(x: sample, y: sample) -> number",
    doc: "The sum of x² - y² over two lists of one length.",
    examples: &[
        ("SUMX2MY2(LIST(2, 3, 9, 1, 8, 7, 5), LIST(6, 5, 11, 7, 5, 4, 4))", "-55"),
        ("SUMX2MY2(3, 2)", "5"),
    ],
    eval: Eval::Rows(|call| over_pairs(call, |x, y| x * x - y * y)),
};

const SUMX2PY2: Function = Function {
    name: "SUMX2PY2",
    signature: "(x: sample, y: sample) -> number",
    doc: "The sum of x² + y² over two lists of one length.",
    examples: &[
        ("SUMX2PY2(LIST(2, 3, 9, 1, 8, 7, 5), LIST(6, 5, 11, 7, 5, 4, 4))", "521"),
        ("SUMX2PY2(3, 2)", "13"),
    ],
    eval: Eval::Rows(|call| over_pairs(call, |x, y| x * x + y * y)),
};

const SUMXMY2: Function = Function {
    name: "SUMXMY2",
    signature: "(x: sample, y: sample) -> number",
    doc: "The sum of (x - y)² over two lists of one length.",
    examples: &[
        ("SUMXMY2(LIST(2, 3, 9, 1, 8, 7, 5), LIST(6, 5, 11, 7, 5, 4, 4))", "79"),
        ("SUMXMY2(3, 2)", "1"),
    ],
    eval: Eval::Rows(|call| over_pairs(call, |x, y| (x - y) * (x - y))),
};

const SERIESSUM: Function = Function {
    name: "SERIESSUM",
    signature: "(x: number, first_power: number, step: number, coefficients: sample) -> number",
    doc: "The sum of a power series: each coefficient times a power of x that grows by `step`.",
    examples: &[("SERIESSUM(2, 0, 1, LIST(1, 1, 1))", "7"), ("SERIESSUM(3, 1, 2, LIST(1, 2))", "57")],
    eval: Eval::Rows(|call| {
        call.samples(3..4, |row, coefficients| {
            let (x, first, step) = (row.number(0), row.number(1), row.number(2));
            let terms = coefficients.iter().enumerate();
            Ok(Some(terms.map(|(at, factor)| factor * x.powf(first + step * at as f64)).sum()))
        })
    }),
};

const SQRTPI: Function = Function {
    name: "SQRTPI",
    signature: "(number) -> number",
    doc: "The square root of π times the number.",
    examples: &[("ROUND(SQRTPI(1), 6)", "1.772454"), ("SQRTPI(0)", "0")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            accept(row.number(0) >= 0.0, "a negative number has no square root")?;
            Ok((row.number(0) * std::f64::consts::PI).sqrt())
        })
    }),
};

const DELTA: Function = Function {
    name: "DELTA",
    signature: "(number, other: number = 0) -> number",
    doc: "1 if both numbers are equal, else 0.",
    examples: &[("DELTA(5, 5)", "1"), ("DELTA(5, 4)", "0")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(f64::from(u8::from(row.number(0) == row.number(1)))))),
};

const GESTEP: Function = Function {
    name: "GESTEP",
    signature: "(number, step: number = 0) -> number",
    doc: "1 if the number is not below the step, else 0.",
    examples: &[("GESTEP(5, 4)", "1"), ("GESTEP(-1)", "0")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(f64::from(u8::from(row.number(0) >= row.number(1)))))),
};

const NO_DIVISOR: &str = "a division by zero";

/// Beyond it not every whole number can be represented.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// A number without its decimals, if it is neither negative nor too large to be exact.
fn whole(number: f64) -> Given<u64> {
    let number = number.trunc();
    if (0.0..WHOLE_MAX).contains(&number) {
        return Ok(number as u64);
    }
    not_a_number(format!("the numbers are from 0 to {WHOLE_MAX}"))
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// How many ways there are to choose `k` of `n`, both whole and `k` at most `n`; infinite if that is too many.
///
/// Each step leaves a whole number, which is exact as long as it fits 128 bits. Since each step but the last
/// at least doubles the number of ways, about a thousand steps are enough for any.
pub(super) fn combinations(n: f64, k: f64) -> f64 {
    let k = k.min(n - k);
    let (mut exact, mut step) = (Some(1_u128), 1.0);
    let mut ways = 1.0;
    while step <= k && f64::is_finite(ways) {
        let factor = n - k + step;
        exact = match exact {
            Some(before) if factor < WHOLE_MAX => {
                before.checked_mul(factor as u128).map(|product| product / step as u128)
            }
            _ => None,
        };
        ways = exact.map_or_else(|| ways / step * factor, |exact| exact as f64);
        step += 1.0;
    }
    ways
}

fn over_pairs(call: &Call<'_>, of: fn(f64, f64) -> f64) -> Chunk {
    call.pairs(0, 1, |_, x, y| Ok(x.iter().zip(y).map(|(x, y)| of(*x, *y)).sum()))
}
