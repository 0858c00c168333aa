//! Sums against whole numbers of any size, in any order, added and taken away.

use super::*;
use proptest::prelude::*;

/// A whole number of any size, in digits of 32 bits.
#[derive(Clone, Debug, Default, PartialEq)]
struct Big(Vec<u32>);

impl Big {
    fn add_shifted(&mut self, mantissa: u64, shift: usize) {
        let (at, bits) = (shift / 32, shift % 32);
        let mut rest = u128::from(mantissa) << bits;
        let mut place = at;
        while rest > 0 {
            if self.0.len() <= place {
                self.0.resize(place + 1, 0);
            }
            rest += u128::from(self.0[place]);
            self.0[place] = rest as u32;
            rest >>= 32;
            place += 1;
        }
    }

    fn trimmed(mut self) -> Self {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }

    fn is_less(&self, other: &Big) -> bool {
        self.0.len() < other.0.len()
            || self.0.len() == other.0.len() && self.0.iter().rev().lt(other.0.iter().rev())
    }

    fn minus(&self, other: &Big) -> Big {
        let mut borrow = 0;
        let digit = |at: usize, digit: &u32| {
            let value = i64::from(*digit) - i64::from(other.0.get(at).copied().unwrap_or(0)) - borrow;
            borrow = i64::from(value < 0);
            value as u32
        };
        let mut digit = digit;
        Big(self.0.iter().enumerate().map(|(at, own)| digit(at, own)).collect()).trimmed()
    }

    fn times(&mut self, factor: u32) {
        let mut carry = 0u64;
        for digit in &mut self.0 {
            carry += u64::from(*digit) * u64::from(factor);
            *digit = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Divides by ten to the ninth; gives what remains.
    fn cut(&mut self) -> u32 {
        let mut rest = 0u64;
        for digit in self.0.iter_mut().rev() {
            rest = rest << 32 | u64::from(*digit);
            *digit = (rest / 1_000_000_000) as u32;
            rest %= 1_000_000_000;
        }
        self.0.truncate(self.0.iter().rposition(|digit| *digit != 0).map_or(0, |at| at + 1));
        rest as u32
    }
}

/// The sum by way of its decimal digits, which the standard library reads with one rounding.
fn reference(numbers: &[f64]) -> f64 {
    let mut sides = [Big::default(), Big::default()];
    for number in numbers {
        let bits = number.to_bits();
        let exponent = (bits >> 52 & 0x7FF) as usize;
        let fraction = bits & ((1 << 52) - 1);
        let mantissa = if exponent == 0 { fraction } else { fraction | 1 << 52 };
        sides[(bits >> 63) as usize].add_shifted(mantissa, exponent.saturating_sub(1));
    }
    let [plus, minus] = sides.map(Big::trimmed);
    let negative = plus.is_less(&minus);
    let mut size = if negative { minus.minus(&plus) } else { plus.minus(&minus) };
    (0..1_074).for_each(|_| size.times(5));
    let mut groups = Vec::new();
    while !size.0.is_empty() {
        groups.push(size.cut());
    }
    let digits: String = groups.iter().rev().map(|group| format!("{group:09}")).collect();
    let sum: f64 = format!("0{digits}e-1074").parse().expect("a number");
    if negative { -sum } else { sum }
}

fn number() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![
        4 => (-10_000_000i64..10_000_000).prop_map(|cents| cents as f64 / 100.0),
        2 => (-1_000_000_000_000_000i64..1_000_000_000_000_000).prop_map(|whole| whole as f64),
        2 => POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO,
        1 => (0u64..50, any::<bool>()).prop_map(|(bits, minus)| if minus { -1.0 } else { 1.0 } * f64::from_bits(bits)),
        1 => prop_oneof![Just(f64::MAX), Just(f64::MIN), Just(f64::MAX / 2.0), Just(1e292), Just(-1e292)],
        1 => (-60i32..60).prop_map(|exponent| 2f64.powi(exponent)),
    ]
}

proptest! {
    #[test]
    fn it_is_the_number_nearest_to_the_sum(numbers in proptest::collection::vec(number(), 0..40)) {
        let expected = reference(&numbers);
        prop_assert_eq!(exact_sum(&numbers).to_bits(), (expected + 0.0).to_bits(), "{} {}", exact_sum(&numbers), expected);
        let mut one_by_one = ExactSum::new();
        numbers.iter().for_each(|number| one_by_one.add(*number));
        prop_assert_eq!(one_by_one.round().to_bits(), exact_sum(&numbers).to_bits());
    }

    #[test]
    fn order_and_parts_do_not_matter(
        numbers in proptest::collection::vec(number(), 0..200),
        seed in any::<u64>(),
        cut in 0usize..200,
    ) {
        let expected = exact_sum(&numbers).to_bits();
        let mut mixed = numbers.clone();
        let mut at = seed;
        for idx in (1..mixed.len()).rev() {
            at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            mixed.swap(idx, (at >> 33) as usize % (idx + 1));
        }
        prop_assert_eq!(exact_sum(&mixed).to_bits(), expected);
        let (left, right) = mixed.split_at(cut.min(mixed.len()));
        let (mut sum, mut more) = (ExactSum::new(), ExactSum::new());
        sum.extend(left);
        more.extend(right);
        sum.merge(&more);
        prop_assert_eq!(sum.round().to_bits(), expected);
    }

    #[test]
    fn what_is_taken_away_was_never_there(
        numbers in proptest::collection::vec(number(), 0..60),
        others in proptest::collection::vec(number(), 0..60),
    ) {
        let mut sum = ExactSum::new();
        for at in 0..numbers.len().max(others.len()) {
            numbers.get(at).into_iter().chain(others.get(at)).for_each(|number| sum.add(*number));
        }
        others.iter().for_each(|number| sum.sub(*number));
        prop_assert_eq!(sum.round().to_bits(), exact_sum(&numbers).to_bits());
    }
}

#[test]
fn many_additions_move_their_carries_on() {
    let mut sum = ExactSum::new();
    sum.add(1e300);
    sum.add(1.0);
    sum.add(1e-300);
    (0..100_000).for_each(|_| sum.add(0.1));
    (0..100_000).for_each(|_| sum.sub(0.1));
    sum.sub(1e300);
    sum.sub(1e-300);
    assert_eq!(sum.round(), 1.0);
}

#[test]
fn what_is_infinite_can_be_taken_away() {
    let mut sum = ExactSum::new();
    sum.extend(&[1.5, f64::INFINITY]);
    assert!(!sum.round().is_finite());
    sum.sub(f64::INFINITY);
    assert_eq!(sum.round(), 1.5);
    assert_eq!(exact_sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
    assert_eq!(exact_sum(&[f64::MAX, f64::MAX, f64::MIN]), f64::MAX);
}
