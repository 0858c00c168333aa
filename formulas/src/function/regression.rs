//! Two samples side by side: correlation and the line that fits best.

use super::args::{Given, div_zero};
use super::sample::{divided, mean};
use super::{Eval, Function};

pub(super) const ALL: &[&Function] =
    &[&CORREL, &COVARIANCE_P, &COVARIANCE_S, &SLOPE, &INTERCEPT, &RSQ, &STEYX, &FORECAST];

const CORREL: Function = Function {
    name: "CORREL",
    signature: "(first: sample, second: sample) -> number",
    doc: "How far two lists go together, from -1 to 1 (Pearson's coefficient).",
    examples: &[
        ("ROUND(CORREL(LIST(3, 2, 4, 5, 6), LIST(9, 7, 12, 15, 17)), 6)", "0.997054"),
        ("CORREL(LIST(1, 2, 3), LIST(6, 4, 2))", "-1"),
    ],
    eval: Eval::Rows(|call| call.pairs(0, 1, |_, a, b| Moments::of(a, b)?.correlation())),
};

const COVARIANCE_P: Function = Function {
    name: "COVARIANCE.P",
    signature: "(first: sample, second: sample) -> number",
    doc: "The mean product of the distances from the two means.",
    examples: &[
        ("COVARIANCE.P(LIST(3, 2, 4, 5, 6), LIST(9, 7, 12, 15, 17))", "5.2"),
        ("COVARIANCE.P(LIST(1, 3), LIST(5, 9))", "2"),
    ],
    eval: Eval::Rows(|call| {
        call.pairs(0, 1, |_, a, b| {
            let moments = Moments::of(a, b)?;
            Ok(moments.xy / moments.n)
        })
    }),
};

const COVARIANCE_S: Function = Function {
    name: "COVARIANCE.S",
    signature: "(first: sample, second: sample) -> number",
    doc: "The covariance of a sample.",
    examples: &[
        ("ROUND(COVARIANCE.S(LIST(2, 4, 8), LIST(5, 11, 12)), 6)", "9.666667"),
        ("COVARIANCE.S(LIST(1, 3), LIST(5, 9))", "4"),
    ],
    eval: Eval::Rows(|call| {
        call.pairs(0, 1, |_, a, b| {
            let moments = Moments::of(a, b)?;
            divided(moments.xy, moments.n - 1.0, "at least two pairs are needed")
        })
    }),
};

const SLOPE: Function = Function {
    name: "SLOPE",
    signature: "(known_y: sample, known_x: sample) -> number",
    doc: "How steep the line is that fits the points best by least squares.",
    examples: &[
        ("ROUND(SLOPE(LIST(2, 3, 9, 1, 8, 7, 5), LIST(6, 5, 11, 7, 5, 4, 4)), 6)", "0.305556"),
        ("SLOPE(LIST(1, 3, 5), LIST(0, 1, 2))", "2"),
    ],
    eval: Eval::Rows(|call| call.pairs(1, 0, |_, x, y| Moments::of(x, y)?.slope())),
};

const INTERCEPT: Function = Function {
    name: "INTERCEPT",
    signature: "(known_y: sample, known_x: sample) -> number",
    doc: "Where the line that fits the points best crosses x = 0.",
    examples: &[
        ("ROUND(INTERCEPT(LIST(2, 3, 9, 1, 8), LIST(6, 5, 11, 7, 5)), 6)", "0.048387"),
        ("INTERCEPT(LIST(1, 3, 5), LIST(0, 1, 2))", "1"),
    ],
    eval: Eval::Rows(|call| {
        call.pairs(1, 0, |_, x, y| {
            let moments = Moments::of(x, y)?;
            Ok(moments.mean_y - moments.slope()? * moments.mean_x)
        })
    }),
};

const RSQ: Function = Function {
    name: "RSQ",
    signature: "(known_y: sample, known_x: sample) -> number",
    doc: "The share of what varies that the best line explains: the square of the correlation.",
    examples: &[
        ("ROUND(RSQ(LIST(2, 3, 9, 1, 8, 7, 5), LIST(6, 5, 11, 7, 5, 4, 4)), 6)", "0.05795"),
        ("RSQ(LIST(1, 3, 5), LIST(0, 1, 2))", "1"),
    ],
    eval: Eval::Rows(|call| call.pairs(1, 0, |_, x, y| Ok(Moments::of(x, y)?.correlation()?.powi(2)))),
};

const STEYX: Function = Function {
    name: "STEYX",
    signature: "(known_y: sample, known_x: sample) -> number",
    doc: "The standard error of what the best line foretells.",
    examples: &[
        ("ROUND(STEYX(LIST(2, 3, 9, 1, 8, 7, 5), LIST(6, 5, 11, 7, 5, 4, 4)), 6)", "3.305719"),
        ("STEYX(LIST(1, 3, 5), LIST(0, 1, 2))", "0"),
    ],
    eval: Eval::Rows(|call| {
        call.pairs(1, 0, |_, x, y| {
            let moments = Moments::of(x, y)?;
            if x.len() < 3 {
                return div_zero("at least three pairs are needed");
            }
            let left = moments.yy - moments.slope()? * moments.xy;
            Ok((left.max(0.0) / (moments.n - 2.0)).sqrt())
        })
    }),
};

const FORECAST: Function = Function {
    name: "FORECAST.LINEAR",
    signature: "(x: number, known_y: sample, known_x: sample) -> number",
    doc: "What the line that fits the points best says at `x`.",
    examples: &[
        ("ROUND(FORECAST.LINEAR(30, LIST(6, 7, 9, 15, 21), LIST(20, 28, 31, 38, 40)), 5)", "10.60725"),
        ("FORECAST(3, LIST(1, 3, 5), LIST(0, 1, 2))", "7"),
    ],
    eval: Eval::Rows(|call| {
        call.pairs(2, 1, |row, x, y| {
            let moments = Moments::of(x, y)?;
            Ok(moments.mean_y + moments.slope()? * (row.number(0) - moments.mean_x))
        })
    }),
};

/// Sums of squares and products of the distances from the means, in two passes so that large means cost no digits.
struct Moments {
    n: f64,
    mean_x: f64,
    mean_y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Moments {
    fn of(x: &[f64], y: &[f64]) -> Given<Self> {
        if x.is_empty() {
            return div_zero("at least one pair of numbers is needed");
        }
        let (mean_x, mean_y) = (mean(x), mean(y));
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for (x, y) in x.iter().zip(y) {
            let (x, y) = (x - mean_x, y - mean_y);
            xx += x * x;
            yy += y * y;
            xy += x * y;
        }
        Ok(Self { n: x.len() as f64, mean_x, mean_y, xx, yy, xy })
    }

    fn slope(&self) -> Given<f64> {
        divided(self.xy, self.xx, "the numbers for x are all the same")
    }

    fn correlation(&self) -> Given<f64> {
        let product = self.xx * self.yy;
        // The root of the product is exact more often, but it may be too large or too small to be represented.
        let scale = if product.is_normal() { product.sqrt() } else { self.xx.sqrt() * self.yy.sqrt() };
        Ok(divided(self.xy, scale, "the numbers of a list are all the same")?.clamp(-1.0, 1.0))
    }
}
