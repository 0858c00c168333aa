//! Special functions to the full precision of a number, with the source of each.
//!
//! `libm` gives the error function and the logarithm of gamma; what is built on them is here.

#![expect(clippy::excessive_precision, reason = "coefficients stand as they were published")]

use std::f64::consts::{PI, SQRT_2};

/// The share of the standard normal distribution below `z`; keeps all digits in both tails.
pub(super) fn normal(z: f64) -> f64 {
    libm::erfc(-z / SQRT_2) / 2.0
}

/// The density of the standard normal distribution.
pub(super) fn normal_density(z: f64) -> f64 {
    (-z * z / 2.0).exp() / (2.0 * PI).sqrt()
}

/// The number below which the share `p`, between 0 and 1, of the standard normal distribution lies.
///
/// Michael J. Wichura: Algorithm AS 241, The percentage points of the normal distribution. Applied Statistics 37
/// (1988), PPND16: rational approximations for the middle and two parts of the tails, to about 16 digits.
pub(super) fn normal_inverse(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(&MIDDLE.0, r) / polynomial(&MIDDLE.1, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-tail.ln()).sqrt();
    let (terms, r) = if r <= 5.0 { (&NEAR_TAIL, r - 1.6) } else { (&FAR_TAIL, r - 5.0) };
    (polynomial(&terms.0, r) / polynomial(&terms.1, r)).copysign(q)
}

/// Numerator and denominator, from the constant term on.
type Rational = ([f64; 8], [f64; 8]);

const MIDDLE: Rational = (
    [
        3.387_132_872_796_366_608,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561e3,
    ],
);

const NEAR_TAIL: Rational = (
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_9,
        5.769_497_221_460_691_405_5,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        2.417_807_251_774_506_117_7e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_4e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_4,
        6.897_673_349_851_000_045_5e-1,
        1.481_039_764_274_800_745_9e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
);

const FAR_TAIL: Rational = (
    [
        6.657_904_643_501_103_777_2,
        5.463_784_911_164_114_369_9,
        1.784_826_539_917_291_335_8,
        2.965_605_718_285_048_912_3e-1,
        2.653_218_952_657_612_309_3e-2,
        1.242_660_947_388_078_438_6e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        5.998_322_065_558_879_376_9e-1,
        1.369_298_809_227_358_053_1e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591e-4,
        1.846_318_317_510_054_681_8e-5,
        1.421_511_758_316_445_888_7e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
);

fn polynomial(terms: &[f64; 8], x: f64) -> f64 {
    terms.iter().rev().fold(0.0, |sum, term| sum * x + term)
}

/// The chance of just `k` successes in `n` trials with the chance `p` each.
///
/// Catherine Loader: Fast and accurate computation of binomial probabilities (2000). The saddle point keeps the
/// digits that a difference of logarithms of factorials loses.
pub(super) fn binomial(k: f64, n: f64, p: f64) -> f64 {
    let q = 1.0 - p;
    if p == 0.0 || q == 0.0 {
        return f64::from(u8::from(k == if p == 0.0 { 0.0 } else { n }));
    }
    if k == 0.0 {
        return (n * (-p).ln_1p()).exp();
    }
    if k == n {
        return (n * p.ln()).exp();
    }
    let power = stirling_rest(n)
        - stirling_rest(k)
        - stirling_rest(n - k)
        - deviance(k, n * p)
        - deviance(n - k, n * q);
    power.exp() * (n / (2.0 * PI * k * (n - k))).sqrt()
}

/// The chance of just `k` events where `mean` are expected; the source is that of [`binomial`].
pub(super) fn poisson(k: f64, mean: f64) -> f64 {
    if mean == 0.0 {
        return f64::from(u8::from(k == 0.0));
    }
    if k == 0.0 {
        return (-mean).exp();
    }
    (-stirling_rest(k) - deviance(k, mean)).exp() / (2.0 * PI * k).sqrt()
}

/// The sum of the terms of a distribution from `k` downwards or, if that is the longer way, 1 without those above.
///
/// `down` and `up` say by what the chance of a number is multiplied to have that of its neighbor. The terms fall
/// at least as fast as those of a normal distribution, and the sum ends where they no longer matter.
pub(super) fn up_to(
    k: f64,
    chance: f64,
    mean: f64,
    down: impl Fn(f64) -> f64,
    up: impl Fn(f64) -> f64,
) -> f64 {
    let sum = |mut at: f64, mut term: f64, step: f64, factor: &dyn Fn(f64) -> f64| {
        let mut sum = 0.0;
        while term > sum * f64::EPSILON / 4.0 {
            sum += term;
            term *= factor(at);
            at += step;
        }
        sum
    };
    if k <= mean { sum(k, chance, -1.0, &down) } else { 1.0 - sum(k + 1.0, chance * up(k), 1.0, &up) }
}

/// ln(n!) without Stirling's formula for it: what is left of it.
fn stirling_rest(n: f64) -> f64 {
    const OF_SMALL: [f64; 16] = [
        0.0,
        0.081_061_466_795_327_258_22,
        0.041_340_695_955_409_294_09,
        0.027_677_925_684_998_339_15,
        0.020_790_672_103_765_093_11,
        0.016_644_691_189_821_192_16,
        0.013_876_128_823_070_748_00,
        0.011_896_709_945_891_770_1,
        0.010_411_265_261_972_096_5,
        0.009_255_462_182_712_732_918,
        0.008_330_563_433_362_871_256,
        0.007_573_675_487_951_840_795,
        0.006_942_840_107_209_529_866,
        0.006_408_994_188_004_207_068,
        0.005_951_370_112_758_847_736,
        0.005_554_733_551_962_801_371,
    ];
    if n < OF_SMALL.len() as f64 {
        return OF_SMALL[n as usize];
    }
    let squared = n * n;
    let series = 1.0 / 1_680.0 - 1.0 / 1_188.0 / squared;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1_260.0 - series / squared) / squared) / squared) / n
}

/// x ln(x / mean) + mean - x, also where both are nearly the same and the terms cancel.
fn deviance(x: f64, mean: f64) -> f64 {
    let (distance, sum) = (x - mean, x + mean);
    if distance.abs() >= 0.1 * sum {
        return x * (x / mean).ln() + mean - x;
    }
    let share = distance / sum;
    let mut total = distance * share;
    let mut term = 2.0 * x * share;
    // The share is below a tenth: each term is at most a hundredth of the one before.
    for odd in (3..).step_by(2) {
        term *= share * share;
        let next = total + term / f64::from(odd);
        if next == total {
            break;
        }
        total = next;
    }
    total
}
