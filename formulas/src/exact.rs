//! [`ExactSum`]: the sum of any numbers without rounding, so that parts can be added, taken away and merged.
//!
//! `SUM` and its kin are defined as the correctly rounded exact sum: it does not depend on order, and what was added
//! can be taken away again. Two forms hold the sum:
//!
//! * Two numbers whose sum it is, kept by error-free additions (Knuth's two-sum). Amounts of money, counts and
//!   the like never leave this form, which costs little more than a plain loop and 24 bytes.
//! * Where that is not exact, a superaccumulator as of Radford Neal, "Fast Exact Summation Using Small and
//!   Large Superaccumulators" (2015): a number in fixed point over the whole range of `f64`, in digits of 32 bits,
//!   each in an `i64`, so that carries can wait.

/// Digits of the wide form: 2,098 bits from the smallest subnormal number to the largest, and room above for sums.
const DIGITS: usize = 67;
const DIGIT_BITS: u32 = 32;
/// Additions until carries have to be moved on: each adds less than 2^53 to a digit.
const PENDING_MAX: u32 = 1 << 9;

/// Sums that a loop over many numbers keeps side by side, and after how many numbers it looks whether they hold.
const LANES: usize = 4;
const BLOCK: usize = 32;

/// A sum without rounding.
#[derive(Clone, Debug, Default)]
pub struct ExactSum {
    /// The sum is `high + low`, both finite, while there is no wide form.
    high: f64,
    low: f64,
    wide: Option<Box<Wide>>,
    /// Infinities and what is no number, which are counted so that they can be taken away; stored cells and
    /// results have none.
    n_infinite: i64,
}

impl ExactSum {
    /// Nothing: zero.
    pub const fn new() -> Self {
        Self { high: 0.0, low: 0.0, wide: None, n_infinite: 0 }
    }

    /// Adds a number.
    #[inline]
    pub fn add(&mut self, number: f64) {
        if self.wide.is_none() {
            let (high, rest) = two_sum(self.high, number);
            let (low, lost) = two_sum(self.low, rest);
            // Not zero as well where something is infinite or no number.
            if lost == 0.0 {
                (self.high, self.low) = (high, low);
                return;
            }
        }
        self.add_wide(number);
    }

    /// Takes a number away that was added.
    pub fn sub(&mut self, number: f64) {
        if number.is_finite() {
            self.add(-number);
        } else {
            self.n_infinite -= 1;
        }
    }

    /// Adds all of `numbers`.
    pub fn extend(&mut self, numbers: &[f64]) {
        let n_narrow = if self.wide.is_none() { self.extend_narrow(numbers) } else { 0 };
        let rest = &numbers[n_narrow..];
        if rest.is_empty() {
            return;
        }
        let wide = self.widen();
        let mut n_infinite = 0;
        for number in rest {
            if number.is_finite() {
                wide.add(*number);
            } else {
                n_infinite += 1;
            }
        }
        self.n_infinite += n_infinite;
    }

    /// Adds what another sum has.
    pub fn merge(&mut self, other: &ExactSum) {
        self.n_infinite += other.n_infinite;
        match &other.wide {
            None => {
                self.add(other.high);
                self.add(other.low);
            }
            Some(more) => self.widen().merge(more),
        }
    }

    /// The number nearest to the sum, of two the even one; infinite beyond what is finite. Never a negative zero.
    pub fn round(&self) -> f64 {
        if self.n_infinite != 0 {
            return f64::NAN;
        }
        match &self.wide {
            None => self.high + self.low + 0.0,
            Some(wide) => wide.round() + 0.0,
        }
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.wide.as_ref().map_or(0, |_| size_of::<Wide>())
    }

    /// Adds the first of `numbers`, as far as pairs of numbers hold the sum; tells how many.
    fn extend_narrow(&mut self, numbers: &[f64]) -> usize {
        // Several sums side by side: one alone would wait for each addition before the next.
        let (mut high, mut low) = ([0.0; LANES], [0.0; LANES]);
        let mut n_added = 0;
        for block in numbers.chunks_exact(BLOCK) {
            let (mut block_high, mut block_low, mut lost) = (high, low, [0.0; LANES]);
            for numbers in block.as_chunks::<LANES>().0 {
                for lane in 0..LANES {
                    let (sum, rest) = two_sum(block_high[lane], numbers[lane]);
                    let (low_sum, lost_now) = two_sum(block_low[lane], rest);
                    (block_high[lane], block_low[lane]) = (sum, low_sum);
                    lost[lane] += lost_now.abs();
                }
            }
            if lost != [0.0; LANES] {
                break;
            }
            (high, low) = (block_high, block_low);
            n_added += BLOCK;
        }
        if n_added > 0 {
            high.into_iter().chain(low).for_each(|number| self.add(number));
        }
        for number in &numbers[n_added..] {
            if self.wide.is_some() {
                break;
            }
            self.add(*number);
            n_added += 1;
        }
        n_added
    }

    #[cold]
    fn add_wide(&mut self, number: f64) {
        if number.is_finite() {
            self.widen().add(number);
        } else {
            self.n_infinite += 1;
        }
    }

    fn widen(&mut self) -> &mut Wide {
        let (high, low) = (self.high, self.low);
        self.wide.get_or_insert_with(|| {
            let mut wide = Box::new(Wide { digits: [0; DIGITS], pending: 0 });
            wide.add(high);
            wide.add(low);
            wide
        })
    }
}

impl Extend<f64> for ExactSum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, numbers: I) {
        numbers.into_iter().for_each(|number| self.add(number));
    }
}

/// The correctly rounded sum of `numbers`; infinite beyond what is finite.
pub fn exact_sum(numbers: &[f64]) -> f64 {
    let mut sum = ExactSum::new();
    sum.extend(numbers);
    sum.round()
}

/// `a + b` rounded, and what the rounding lost, which is a number too unless the sum is infinite.
#[inline]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

/// Digit `i` counts `2^(32 i - 1074)`; its sign is its own.
#[derive(Clone, Debug)]
struct Wide {
    digits: [i64; DIGITS],
    pending: u32,
}

impl Wide {
    fn add(&mut self, number: f64) {
        let bits = number.to_bits();
        let exponent = (bits >> 52 & 0x7FF) as usize;
        let fraction = bits & ((1 << 52) - 1);
        // Subnormal numbers have the exponent of the smallest normal ones, and no leading one.
        let (mantissa, place) = match exponent {
            0 => (fraction, 0),
            _ => (fraction | 1 << 52, exponent - 1),
        };
        let (digit, shift) = (place / DIGIT_BITS as usize, place as u32 % DIGIT_BITS);
        let low = (mantissa << shift & u64::from(u32::MAX)) as i64;
        let high = (mantissa >> (DIGIT_BITS - shift)) as i64;
        let sign = if bits >> 63 == 1 { -1 } else { 1 };
        self.digits[digit] += sign * low;
        self.digits[digit + 1] += sign * high;
        self.pending += 1;
        if self.pending >= PENDING_MAX {
            self.carry();
        }
    }

    fn merge(&mut self, other: &Wide) {
        let mut other = other.clone();
        other.carry();
        self.carry();
        self.digits.iter_mut().zip(&other.digits).for_each(|(own, more)| *own += more);
        self.pending += 1;
    }

    /// Brings all digits but the last into `0..2^32`; the last has the sign of the sum.
    fn carry(&mut self) {
        let mut carry = 0;
        for digit in &mut self.digits[..DIGITS - 1] {
            let value = *digit + carry;
            carry = value >> DIGIT_BITS;
            *digit = value & i64::from(u32::MAX);
        }
        self.digits[DIGITS - 1] += carry;
        self.pending = 0;
    }

    fn round(&self) -> f64 {
        let mut size = self.clone();
        size.carry();
        let negative = size.digits[DIGITS - 1] < 0;
        if negative {
            size.digits.iter_mut().for_each(|digit| *digit = -*digit);
            size.carry();
        }
        let rounded = size.round_size();
        if negative { -rounded } else { rounded }
    }

    /// As [`Wide::round`] for a sum that is not negative, carries moved on.
    fn round_size(&self) -> f64 {
        let Some(top) = self.digits.iter().rposition(|digit| *digit != 0) else { return 0.0 };
        // The leading 65 bits or more, which is enough for a mantissa and the bit behind it.
        let window = |at: usize| self.digits.get(at).map_or(0, |digit| *digit as u128);
        let first = top.saturating_sub(2);
        let value = window(first) | window(first + 1) << 32 | window(first + 2) << 64;
        let is_more = self.digits[..first].iter().any(|digit| *digit != 0);
        let n_bits = 128 - value.leading_zeros();
        if n_bits <= 53 && first == 0 {
            // Whole units of the smallest subnormal are kept as they are.
            return f64::from_bits(value as u64);
        }
        let shift = n_bits - 53;
        let mantissa = (value >> shift) as u64;
        let rest = value & ((1 << shift) - 1);
        let half = 1u128 << (shift - 1);
        let up = rest > half || rest == half && (is_more || mantissa & 1 == 1);
        let exponent = (first as u64) * u64::from(DIGIT_BITS) + u64::from(shift);
        if exponent > 2_045 {
            return f64::INFINITY;
        }
        // The leading one of the mantissa is the one that the exponent lacks; a carry out of it is right too.
        f64::from_bits((exponent << 52) + mantissa + u64::from(up))
    }
}

#[cfg(test)]
mod tests;
