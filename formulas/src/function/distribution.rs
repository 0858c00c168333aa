//! Distributions: how likely a number is, and which number is how likely. The computations are in `special`.

use super::args::Given;
use super::sample::accept;
use super::special::{binomial, normal, normal_density, normal_inverse, poisson, up_to};
use super::{Eval, Function};
use crate::limits::TRIALS_MAX;

pub(super) const ALL: &[&Function] = &[
    &NORM_DIST,
    &NORM_INV,
    &NORM_S_DIST,
    &NORM_S_INV,
    &PHI,
    &GAUSS,
    &STANDARDIZE,
    &CONFIDENCE_NORM,
    &LOGNORM_DIST,
    &LOGNORM_INV,
    &BINOM_DIST,
    &POISSON_DIST,
    &EXPON_DIST,
    &WEIBULL_DIST,
    &FISHER,
    &FISHERINV,
    &ERF,
    &ERFC,
    &GAMMA,
    &GAMMALN,
];

const NORM_DIST: Function = Function {
    name: "NORM.DIST",
    signature: "(x: number, mean: number, deviation: number, cumulative: bool) -> number",
    doc: "The share of a normal distribution up to `x`, or its density there.",
    examples: &[
        ("NORM.DIST(40, 40, 1.5, TRUE)", "0.5"),
        ("ROUND(NORM.DIST(42, 40, 1.5, TRUE), 7)", "0.9087888"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let deviation = deviation(row.number(2))?;
            let z = (row.number(0) - row.number(1)) / deviation;
            Ok(if row.is_true(3) { normal(z) } else { normal_density(z) / deviation })
        })
    }),
};

const NORM_INV: Function = Function {
    name: "NORM.INV",
    signature: "(share: number, mean: number, deviation: number) -> number",
    doc: "The number up to which there is a share of a normal distribution.",
    examples: &[("NORM.INV(0.5, 40, 1.5)", "40"), ("ROUND(NORM.INV(0.908789, 40, 1.5), 4)", "42")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (share, deviation) = (share(row.number(0))?, deviation(row.number(2))?);
            Ok(row.number(1) + normal_inverse(share) * deviation)
        })
    }),
};

const NORM_S_DIST: Function = Function {
    name: "NORM.S.DIST",
    signature: "(z: number, cumulative: bool = TRUE) -> number",
    doc: "The share of the standard normal distribution up to `z`, or its density there.",
    examples: &[("NORM.S.DIST(0, TRUE)", "0.5"), ("ROUND(NORM.S.DIST(1.333333, FALSE), 9)", "0.164010148")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            Ok(if row.is_true(1) { normal(row.number(0)) } else { normal_density(row.number(0)) })
        })
    }),
};

const NORM_S_INV: Function = Function {
    name: "NORM.S.INV",
    signature: "(share: number) -> number",
    doc: "The number up to which there is a share of the standard normal distribution.",
    examples: &[("NORM.S.INV(0.5)", "0"), ("ROUND(NORM.S.INV(0.908789), 7)", "1.3333347")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(normal_inverse(share(row.number(0))?)))),
};

const PHI: Function = Function {
    name: "PHI",
    signature: "(z: number) -> number",
    doc: "The density of the standard normal distribution.",
    examples: &[("ROUND(PHI(0.75), 9)", "0.301137432"), ("PHI(1000)", "0")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(normal_density(row.number(0))))),
};

const GAUSS: Function = Function {
    name: "GAUSS",
    signature: "(z: number) -> number",
    doc: "The share of the standard normal distribution between its mean and `z`.",
    examples: &[("ROUND(GAUSS(2), 5)", "0.47725"), ("GAUSS(0)", "0")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| Ok(libm::erf(row.number(0) / std::f64::consts::SQRT_2) / 2.0))
    }),
};

const STANDARDIZE: Function = Function {
    name: "STANDARDIZE",
    signature: "(x: number, mean: number, deviation: number) -> number",
    doc: "How many standard deviations a number is above the mean.",
    examples: &[("STANDARDIZE(43, 40, 1.5)", "2"), ("STANDARDIZE(1, 3, 2)", "-1")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| Ok((row.number(0) - row.number(1)) / deviation(row.number(2))?))
    }),
};

const CONFIDENCE_NORM: Function = Function {
    name: "CONFIDENCE.NORM",
    signature: "(alpha: number, deviation: number, size: number) -> number",
    doc: "How far the true mean may be from that of a sample of some size, but for the risk `alpha`.",
    examples: &[
        ("ROUND(CONFIDENCE.NORM(0.05, 2.5, 50), 6)", "0.692952"),
        ("IFERROR(CONFIDENCE.NORM(0, 2.5, 50), 0)", "0"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (alpha, size) = (share(row.number(0))?, row.number(2).trunc());
            let deviation = deviation(row.number(1))?;
            accept(size >= 1.0, "the size is at least 1")?;
            Ok(-normal_inverse(alpha / 2.0) * deviation / size.sqrt())
        })
    }),
};

const LOGNORM_DIST: Function = Function {
    name: "LOGNORM.DIST",
    signature: "(x: number, mean: number, deviation: number, cumulative: bool = TRUE) -> number",
    doc: "The share up to `x`, or the density there, of numbers whose logarithms are normally distributed.",
    examples: &[
        ("ROUND(LOGNORM.DIST(4, 3.5, 1.2, TRUE), 7)", "0.0390836"),
        ("ROUND(LOGNORM.DIST(4, 3.5, 1.2, FALSE), 7)", "0.0176176"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (x, deviation) = (row.number(0), deviation(row.number(2))?);
            accept(x > 0.0, "only positive numbers have a logarithm")?;
            let z = (x.ln() - row.number(1)) / deviation;
            Ok(if row.is_true(3) { normal(z) } else { normal_density(z) / (deviation * x) })
        })
    }),
};

const LOGNORM_INV: Function = Function {
    name: "LOGNORM.INV",
    signature: "(share: number, mean: number, deviation: number) -> number",
    doc: "The number up to which there is a share of numbers whose logarithms are normally distributed.",
    examples: &[("ROUND(LOGNORM.INV(0.039084, 3.5, 1.2), 5)", "4.00003"), ("LOGNORM.INV(0.5, 0, 1)", "1")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (share, deviation) = (share(row.number(0))?, deviation(row.number(2))?);
            Ok((row.number(1) + normal_inverse(share) * deviation).exp())
        })
    }),
};

const BINOM_DIST: Function = Function {
    name: "BINOM.DIST",
    signature: "(successes: number, trials: number, chance: number, cumulative: bool) -> number",
    doc: "How likely so many successes are, or at most so many, if each trial succeeds with `chance`.",
    examples: &[
        ("ROUND(BINOM.DIST(6, 10, 0.5, FALSE), 7)", "0.2050781"),
        ("ROUND(BINOM.DIST(6, 10, 0.5, TRUE), 6)", "0.828125"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (k, n, p) = (row.number(0).trunc(), row.number(1).trunc(), row.number(2));
            accept(k >= 0.0 && k <= n, "the successes are from 0 to the number of trials")?;
            accept((0.0..=1.0).contains(&p), "a chance is from 0 to 1")?;
            accept(n <= TRIALS_MAX, "so many trials are too many")?;
            let chance = binomial(k, n, p);
            let odds = p / (1.0 - p);
            Ok(match row.is_true(3) {
                false => chance,
                true if k == n => 1.0,
                true => {
                    up_to(k, chance, n * p, |k| k / ((n - k + 1.0) * odds), |k| (n - k) * odds / (k + 1.0))
                }
            })
        })
    }),
};

const POISSON_DIST: Function = Function {
    name: "POISSON.DIST",
    signature: "(events: number, mean: number, cumulative: bool) -> number",
    doc: "How likely so many events are, or at most so many, where `mean` are expected.",
    examples: &[
        ("ROUND(POISSON.DIST(2, 5, TRUE), 6)", "0.124652"),
        ("ROUND(POISSON.DIST(2, 5, FALSE), 6)", "0.084224"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (k, mean) = (row.number(0).trunc(), row.number(1));
            accept(k >= 0.0 && mean >= 0.0, "neither the number of events nor the mean is negative")?;
            accept(k.min(mean) <= TRIALS_MAX, "so many events are too many")?;
            let chance = poisson(k, mean);
            Ok(match row.is_true(2) {
                false => chance,
                true if mean == 0.0 => 1.0,
                true => up_to(k, chance, mean, |k| k / mean, |k| mean / (k + 1.0)),
            })
        })
    }),
};

const EXPON_DIST: Function = Function {
    name: "EXPON.DIST",
    signature: "(x: number, rate: number, cumulative: bool) -> number",
    doc: "How likely an event is within `x`, or the density there, if `rate` of them are expected in a unit.",
    examples: &[
        ("ROUND(EXPON.DIST(0.2, 10, TRUE), 8)", "0.86466472"),
        ("ROUND(EXPON.DIST(0.2, 10, FALSE), 8)", "1.35335283"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (x, rate) = (row.number(0), row.number(1));
            accept(x >= 0.0 && rate > 0.0, "x is not negative, and the rate is positive")?;
            Ok(if row.is_true(2) { -(-rate * x).exp_m1() } else { rate * (-rate * x).exp() })
        })
    }),
};

const WEIBULL_DIST: Function = Function {
    name: "WEIBULL.DIST",
    signature: "(x: number, shape: number, scale: number, cumulative: bool) -> number",
    doc: "The share of a Weibull distribution up to `x`, or its density there: times until something fails.",
    examples: &[
        ("ROUND(WEIBULL.DIST(105, 20, 100, TRUE), 6)", "0.929581"),
        ("ROUND(WEIBULL.DIST(105, 20, 100, FALSE), 6)", "0.035589"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (x, shape, scale) = (row.number(0), row.number(1), row.number(2));
            accept(
                x >= 0.0 && shape > 0.0 && scale > 0.0,
                "x is not negative, shape and scale are positive",
            )?;
            let power = (x / scale).powf(shape);
            Ok(match row.is_true(3) {
                true => -(-power).exp_m1(),
                false => shape / scale * (x / scale).powf(shape - 1.0) * (-power).exp(),
            })
        })
    }),
};

const FISHER: Function = Function {
    name: "FISHER",
    signature: "(correlation: number) -> number",
    doc: "Fisher's transformation of a correlation, which makes it nearly normally distributed.",
    examples: &[("ROUND(FISHER(0.75), 7)", "0.9729551"), ("FISHER(0)", "0")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            accept(row.number(0).abs() < 1.0, "the correlation is between -1 and 1")?;
            Ok(row.number(0).atanh())
        })
    }),
};

const FISHERINV: Function = Function {
    name: "FISHERINV",
    signature: "(number) -> number",
    doc: "The correlation of which FISHER gives the number.",
    examples: &[("ROUND(FISHERINV(0.972955), 2)", "0.75"), ("FISHERINV(0)", "0")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(row.number(0).tanh()))),
};

const ERF: Function = Function {
    name: "ERF",
    signature: "(number, upper: number?) -> number",
    doc: "The error function from 0 to the number, or from it to `upper`.",
    examples: &[("ROUND(ERF(0.745), 8)", "0.70792892"), ("ROUND(ERF(1), 8)", "0.84270079")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (from, to) = (row.number(0), row.has(1).then(|| row.number(1)));
            Ok(match to {
                None => libm::erf(from),
                // Both in one tail: the difference of the small rests keeps the digits.
                Some(to) if from > 0.5 && to > 0.5 => libm::erfc(from) - libm::erfc(to),
                Some(to) if from < -0.5 && to < -0.5 => libm::erfc(-to) - libm::erfc(-from),
                Some(to) => libm::erf(to) - libm::erf(from),
            })
        })
    }),
};

const ERFC: Function = Function {
    name: "ERFC",
    signature: "(number) -> number",
    doc: "What the error function lacks to 1.",
    examples: &[("ROUND(ERFC(1), 8)", "0.15729921"), ("ERFC(0)", "1")],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(libm::erfc(row.number(0))))),
};

const GAMMA: Function = Function {
    name: "GAMMA",
    signature: "(number) -> number",
    doc: "The gamma function, which for a whole number is the factorial of the one before.",
    examples: &[("GAMMA(5)", "24"), ("ROUND(GAMMA(2.5), 6)", "1.32934")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let number = row.number(0);
            accept(
                number > 0.0 || number.fract() != 0.0,
                "gamma is not known of 0 and negative whole numbers",
            )?;
            Ok(libm::tgamma(number))
        })
    }),
};

const GAMMALN: Function = Function {
    name: "GAMMALN",
    signature: "(number) -> number",
    doc: "The natural logarithm of the gamma function.",
    examples: &[("ROUND(GAMMALN(4), 7)", "1.7917595"), ("GAMMALN(1)", "0")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            accept(row.number(0) > 0.0, "the number is positive")?;
            Ok(libm::lgamma(row.number(0)))
        })
    }),
};

fn deviation(number: f64) -> Given<f64> {
    accept(number > 0.0, "a standard deviation is positive")?;
    Ok(number)
}

fn share(number: f64) -> Given<f64> {
    accept(number > 0.0 && number < 1.0, "a share is between 0 and 1")?;
    Ok(number)
}
