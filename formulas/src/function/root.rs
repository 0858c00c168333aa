//! [`rate`]: where a function is zero, for rates that have no formula.

/// Newton's steps and bisections in a bracket; 60 bisections alone leave no digit unknown.
const STEPS_MAX: usize = 200;

/// The rate 0 is the root if it is found but for the last digits.
const NEAR_ZERO: f64 = 1e-12;

/// As [`root`], of the logarithm of 1 + a rate that is sought from `guess` on; a rate is below e^30.
pub(super) fn rate(of: impl Fn(f64) -> (f64, f64), guess: f64) -> Option<f64> {
    const LOG_RATE_MAX: f64 = 30.0;
    let x = root(&of, guess.ln_1p(), LOG_RATE_MAX)?;
    let is_zero = x.abs() < NEAR_ZERO && of(0.0).0 == 0.0;
    Some(if is_zero { 0.0 } else { x.exp_m1() })
}

/// The place nearest to `guess` where `of`, which gives a value and a slope, changes its sign; `None` if there
/// seems to be none within `reach`.
///
/// A bracket is sought outwards from the guess in growing steps. In it Newton's method is used, and bisection
/// where Newton would leave the bracket or is slow: `rtsafe` in Press et al., Numerical Recipes, section 9.4.
fn root(of: impl Fn(f64) -> (f64, f64), guess: f64, reach: f64) -> Option<f64> {
    let (mut low, mut high) = bracket(&of, guess, reach)?;
    if of(low).0 > 0.0 {
        std::mem::swap(&mut low, &mut high);
    }
    // From here on the value is negative or zero at `low` and positive at `high`, whichever is larger.
    let mut x = if guess > low.min(high) && guess < low.max(high) { guess } else { f64::midpoint(low, high) };
    let (mut step_before, mut step) = ((high - low).abs(), (high - low).abs());
    for _ in 0..STEPS_MAX {
        let (value, slope) = of(x);
        if value == 0.0 {
            return Some(x);
        }
        if value < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - value / slope;
        let inside = newton > low.min(high) && newton < low.max(high);
        let is_fast = (2.0 * value).abs() <= (step_before * slope).abs();
        let next = if inside && is_fast { newton } else { f64::midpoint(low, high) };
        step_before = step;
        step = (next - x).abs();
        if next == x || step <= f64::EPSILON * next.abs() / 2.0 {
            return Some(next);
        }
        x = next;
    }
    Some(x)
}

/// Two places between which the sign changes.
fn bracket(of: &impl Fn(f64) -> (f64, f64), guess: f64, reach: f64) -> Option<(f64, f64)> {
    let at = |x: f64| Some((x, of(x).0)).filter(|(_, value)| value.is_finite());
    let differ = |a: (f64, f64), b: (f64, f64)| (a.1 <= 0.0) != (b.1 <= 0.0) || b.1 == 0.0;
    let start = at(guess)?;
    if start.1 == 0.0 {
        return Some((guess, guess));
    }
    let (mut below, mut above) = (Some(start), Some(start));
    let mut distance = 0.01;
    while distance <= reach && (below.is_some() || above.is_some()) {
        for (edge, next) in [(&mut above, guess + distance), (&mut below, guess - distance)] {
            let Some(inner) = *edge else { continue };
            let outer = at(next);
            if let Some(outer) = outer
                && differ(inner, outer)
            {
                return Some((inner.0, outer.0));
            }
            *edge = outer;
        }
        distance *= 1.25;
    }
    None
}
