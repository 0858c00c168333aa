//! Samples: how they are spread and what shape they have. Places in their order are in `rank`, two samples side by
//! side in `regression`.

use super::args::{Call, Given, Row, div_zero, not_a_number};
use super::sample::{accept, divided, mean, squares};
use super::spell::parse_number;
use super::{Eval, Function};
use crate::column::{Chunk, Vector};

pub(super) const ALL: &[&Function] = &[
    &STDEV_S,
    &STDEV_P,
    &VAR_S,
    &VAR_P,
    &STDEVA,
    &STDEVPA,
    &VARA,
    &VARPA,
    &AVEDEV,
    &DEVSQ,
    &SKEW,
    &SKEW_P,
    &KURT,
    &GEOMEAN,
    &HARMEAN,
    &TRIMMEAN,
    &AVERAGEA,
    &MAXA,
    &MINA,
    &COUNTBLANK,
];

const STDEV_S: Function = Function {
    name: "STDEV.S",
    signature: "(values: sample...) -> number",
    doc: "The standard deviation of a sample.",
    examples: &[("STDEV.S(2, 4, 4, 6)", "1.632993161855452"), ("IFERROR(STDEV.S(1), 0)", "0")],
    eval: Eval::Rows(|call| call.samples(0..usize::MAX, |_, sample| Ok(Some(variance(sample, 1)?.sqrt())))),
};

const STDEV_P: Function = Function {
    name: "STDEV.P",
    signature: "(values: sample...) -> number",
    doc: "The standard deviation of all there is, not of a sample of it.",
    examples: &[("STDEV.P(2, 4, 4, 4, 5, 5, 7, 9)", "2"), ("STDEV.P(1)", "0")],
    eval: Eval::Rows(|call| call.samples(0..usize::MAX, |_, sample| Ok(Some(variance(sample, 0)?.sqrt())))),
};

const VAR_S: Function = Function {
    name: "VAR.S",
    signature: "(values: sample...) -> number",
    doc: "The variance of a sample.",
    examples: &[("VAR.S(1, 2, 3)", "1"), ("VAR.S(LIST(1, 3))", "2")],
    eval: Eval::Rows(|call| call.samples(0..usize::MAX, |_, sample| variance(sample, 1).map(Some))),
};

const VAR_P: Function = Function {
    name: "VAR.P",
    signature: "(values: sample...) -> number",
    doc: "The variance of all there is, not of a sample of it.",
    examples: &[("VAR.P(1, 3)", "1"), ("VAR.P(5)", "0")],
    eval: Eval::Rows(|call| call.samples(0..usize::MAX, |_, sample| variance(sample, 0).map(Some))),
};

const STDEVA: Function = Function {
    name: "STDEVA",
    signature: "(values: any...) -> number",
    doc: "The standard deviation of a sample in which texts that say no number are 0.",
    examples: &[(r#"STDEVA(1, "n/a")"#, "0.7071067811865476"), ("STDEVA(1, 3)", "1.4142135623730951")],
    eval: Eval::Rows(|call| call.all_values(|sample| Ok(variance(sample, 1)?.sqrt()))),
};

const STDEVPA: Function = Function {
    name: "STDEVPA",
    signature: "(values: any...) -> number",
    doc: "The standard deviation of all there is, where texts that say no number are 0.",
    examples: &[(r#"STDEVPA(2, "n/a")"#, "1"), ("STDEVPA(1, TRUE)", "0")],
    eval: Eval::Rows(|call| call.all_values(|sample| Ok(variance(sample, 0)?.sqrt()))),
};

const VARA: Function = Function {
    name: "VARA",
    signature: "(values: any...) -> number",
    doc: "The variance of a sample in which texts that say no number are 0.",
    examples: &[(r#"VARA(1, "n/a")"#, "0.5"), ("VARA(1, 3)", "2")],
    eval: Eval::Rows(|call| call.all_values(|sample| variance(sample, 1))),
};

const VARPA: Function = Function {
    name: "VARPA",
    signature: "(values: any...) -> number",
    doc: "The variance of all there is, where texts that say no number are 0.",
    examples: &[(r#"VARPA(2, "n/a")"#, "1"), ("VARPA(1, 3)", "1")],
    eval: Eval::Rows(|call| call.all_values(|sample| variance(sample, 0))),
};

const AVEDEV: Function = Function {
    name: "AVEDEV",
    signature: "(values: sample...) -> number",
    doc: "The mean distance of the numbers from their mean.",
    examples: &[("AVEDEV(1, 2, 3, 6)", "1.5"), ("AVEDEV(5)", "0")],
    eval: Eval::Rows(|call| {
        call.some_sample(|sample| {
            let middle = mean(sample);
            Ok(sample.iter().map(|number| (number - middle).abs()).sum::<f64>() / sample.len() as f64)
        })
    }),
};

const DEVSQ: Function = Function {
    name: "DEVSQ",
    signature: "(values: sample...) -> number",
    doc: "The sum of the squared distances of the numbers from their mean.",
    examples: &[("DEVSQ(4, 5, 8, 7, 11, 4, 3)", "48"), ("DEVSQ(2)", "0")],
    eval: Eval::Rows(|call| call.some_sample(|sample| Ok(squares(sample)))),
};

const SKEW: Function = Function {
    name: "SKEW",
    signature: "(values: sample...) -> number",
    doc: "How far a sample leans to one side; positive if the longer tail is on the right.",
    examples: &[("SKEW(1, 2, 3)", "0"), ("ROUND(SKEW(3, 4, 5, 2, 3, 4, 5, 6, 4, 7), 6)", "0.359543")],
    eval: Eval::Rows(|call| {
        call.some_sample(|sample| {
            let n = sample.len() as f64;
            if sample.len() < 3 {
                return div_zero("at least three numbers are needed");
            }
            let cubes = standardized(sample, variance(sample, 1)?.sqrt(), 3)?;
            Ok(cubes * n / ((n - 1.0) * (n - 2.0)))
        })
    }),
};

const SKEW_P: Function = Function {
    name: "SKEW.P",
    signature: "(values: sample...) -> number",
    doc: "How far all there is leans to one side, not a sample of it.",
    examples: &[("SKEW.P(1, 2, 3)", "0"), ("ROUND(SKEW.P(3, 4, 5, 2, 3, 4, 5, 6, 4, 7), 6)", "0.303193")],
    eval: Eval::Rows(|call| {
        call.some_sample(|sample| {
            if sample.len() < 3 {
                return div_zero("at least three numbers are needed");
            }
            Ok(standardized(sample, variance(sample, 0)?.sqrt(), 3)? / sample.len() as f64)
        })
    }),
};

const KURT: Function = Function {
    name: "KURT",
    signature: "(values: sample...) -> number",
    doc: "How heavy the tails of a sample are beside those of the normal distribution, which has 0.",
    examples: &[
        ("ROUND(KURT(3, 4, 5, 2, 3, 4, 5, 6, 4, 7), 6)", "-0.1518"),
        ("IFERROR(KURT(1, 2, 3), 0)", "0"),
    ],
    eval: Eval::Rows(|call| {
        call.some_sample(|sample| {
            let n = sample.len() as f64;
            if sample.len() < 4 {
                return div_zero("at least four numbers are needed");
            }
            let fourths = standardized(sample, variance(sample, 1)?.sqrt(), 4)?;
            let scale = n * (n + 1.0) / ((n - 1.0) * (n - 2.0) * (n - 3.0));
            Ok(fourths * scale - 3.0 * (n - 1.0).powi(2) / ((n - 2.0) * (n - 3.0)))
        })
    }),
};

const GEOMEAN: Function = Function {
    name: "GEOMEAN",
    signature: "(values: sample...) -> number",
    doc: "The root of the product of positive numbers: the mean of rates of growth.",
    examples: &[("GEOMEAN(2, 8)", "4"), ("ROUND(GEOMEAN(4, 5, 8, 7, 11, 4, 3), 6)", "5.476987")],
    eval: Eval::Rows(|call| {
        call.some_sample(|sample| {
            accept(sample.iter().all(|number| *number > 0.0), "only positive numbers have a geometric mean")?;
            Ok(root_of_product(sample))
        })
    }),
};

const HARMEAN: Function = Function {
    name: "HARMEAN",
    signature: "(values: sample...) -> number",
    doc: "The inverse of the mean of the inverses of positive numbers: the mean of speeds over one distance.",
    examples: &[("HARMEAN(2, 6)", "3"), ("ROUND(HARMEAN(4, 5, 8, 7, 11, 4, 3), 6)", "5.028376")],
    eval: Eval::Rows(|call| {
        call.some_sample(|sample| {
            accept(sample.iter().all(|number| *number > 0.0), "only positive numbers have a harmonic mean")?;
            Ok(sample.len() as f64 / sample.iter().map(|number| 1.0 / number).sum::<f64>())
        })
    }),
};

const TRIMMEAN: Function = Function {
    name: "TRIMMEAN",
    signature: "(values: sample, share: number) -> number",
    doc: "The mean without a share of the numbers, half of it the smallest and half the largest.",
    examples: &[
        ("TRIMMEAN(LIST(1, 2, 3, 100), 0.5)", "2.5"),
        ("ROUND(TRIMMEAN(LIST(4, 5, 6, 7, 2, 3, 4, 5, 1, 2, 3), 0.2), 3)", "3.778"),
    ],
    eval: Eval::Rows(|call| {
        call.samples(0..1, |row, sample| {
            let share = row.number(1);
            accept(!sample.is_empty(), "at least one number is needed")?;
            accept((0.0..1.0).contains(&share), "the share is from 0 to below 1")?;
            sample.sort_unstable_by(f64::total_cmp);
            let each_side = (sample.len() as f64 * share / 2.0) as usize;
            Ok(Some(mean(&sample[each_side..sample.len() - each_side])))
        })
    }),
};

const AVERAGEA: Function = Function {
    name: "AVERAGEA",
    signature: "(values: any...) -> number",
    doc: "The mean of all that is not blank; texts that say no number are 0.",
    examples: &[(r#"AVERAGEA(10, 7, 9, 2, "n/a")"#, "5.6"), ("AVERAGEA(TRUE, FALSE)", "0.5")],
    eval: Eval::Rows(|call| {
        call.all_values(|sample| divided(sample.iter().sum(), sample.len() as f64, NOTHING))
    }),
};

const MAXA: Function = Function {
    name: "MAXA",
    signature: "(values: any...) -> number",
    doc: "The largest of all that is not blank, where texts that say no number are 0; 0 if there is nothing.",
    examples: &[(r#"MAXA(-1, "n/a")"#, "0"), ("MAXA(0.5, TRUE)", "1")],
    eval: Eval::Rows(|call| {
        call.all_values(|sample| Ok(sample.iter().copied().reduce(f64::max).unwrap_or(0.0)))
    }),
};

const MINA: Function = Function {
    name: "MINA",
    signature: "(values: any...) -> number",
    doc: "The smallest of all that is not blank, where texts that say no number are 0; 0 if there is nothing.",
    examples: &[(r#"MINA(1, "n/a")"#, "0"), ("MINA(0.5, TRUE)", "0.5")],
    eval: Eval::Rows(|call| {
        call.all_values(|sample| Ok(sample.iter().copied().reduce(f64::min).unwrap_or(0.0)))
    }),
};

const COUNTBLANK: Function = Function {
    name: "COUNTBLANK",
    signature: "(values: any...) -> number",
    doc: "How many values there are that are blank or the empty text.",
    examples: &[(r#"COUNTBLANK(1, "", BLANK())"#, "2"), ("COUNTBLANK(0)", "0")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let blanks = |arg: usize| {
                let (items, range) = row.items(arg);
                let is_empty = |at: usize| items.texts().is_some_and(|texts| texts.get(at).is_empty());
                range
                    .filter(|at| items.error(*at).is_none() && (!items.is_valid(*at) || is_empty(*at)))
                    .count()
            };
            Ok((0..row.n_args()).map(blanks).sum::<usize>() as f64)
        })
    }),
};

const NOTHING: &str = "at least one value is needed";

/// The mean squared distance from the mean, where `lost` of the numbers say nothing of their own: 1 in a sample.
pub(super) fn variance(sample: &[f64], lost: usize) -> Given<f64> {
    if sample.len() <= lost {
        return div_zero(if lost == 0 {
            "at least one number is needed"
        } else {
            "at least two numbers are needed"
        });
    }
    Ok(squares(sample) / (sample.len() - lost) as f64)
}

/// The n-th root of the product of n positive numbers.
///
/// Exponents are summed apart from the product, which else would soon be too large or too small, and of which the
/// sum of logarithms would have fewer digits.
fn root_of_product(sample: &[f64]) -> f64 {
    let n = sample.len() as i64;
    let (mut product, mut exponent) = (1.0, 0_i64);
    for number in sample {
        let (fraction, own) = libm::frexp(*number);
        let (rest, more) = libm::frexp(product * fraction);
        product = rest;
        exponent += i64::from(own) + i64::from(more);
    }
    // Below 2^n, and the root of that with no error in a whole exponent.
    let (whole, left) = (exponent.div_euclid(n), exponent.rem_euclid(n));
    let root = match n {
        1 => product,
        2 => (product * (left as f64).exp2()).sqrt(),
        _ => product.powf(1.0 / n as f64) * (left as f64 / n as f64).exp2(),
    };
    libm::scalbn(root, whole as i32)
}

/// The sum of the powers of the distances from the mean, in units of the standard deviation `unit`.
fn standardized(sample: &[f64], unit: f64, power: i32) -> Given<f64> {
    if unit == 0.0 {
        return div_zero("the numbers are all the same");
    }
    let middle = mean(sample);
    Ok(sample.iter().map(|number| ((number - middle) / unit).powi(power)).sum())
}

impl Call<'_> {
    /// A number for each row, from all values that are not blank: texts that say no number are 0.
    fn all_values(&self, of: impl Fn(&[f64]) -> Given<f64>) -> Chunk {
        let buffer = std::cell::RefCell::new(Vec::new());
        self.numbers(|row| {
            let mut sample = buffer.borrow_mut();
            sample.clear();
            for arg in 0..row.n_args() {
                values_of(row, arg, &mut sample)?;
            }
            of(&sample)
        })
    }
}

fn values_of(row: Row<'_>, arg: usize, sample: &mut Vec<f64>) -> Given<()> {
    let (items, range) = row.items(arg);
    super::args::no_error(items, range.clone())?;
    for at in range.filter(|at| items.is_valid(*at)) {
        sample.push(match items.vector() {
            Vector::Bool(bits) => f64::from(u8::from(bits.get(at))),
            Vector::Number(numbers) => numbers[at],
            Vector::Text(texts) => parse_number(texts.get(at)).unwrap_or(0.0),
            Vector::Date(_) | Vector::Choice(_) | Vector::List(_) => {
                return not_a_number("dates and records are no numbers");
            }
        });
    }
    Ok(())
}
