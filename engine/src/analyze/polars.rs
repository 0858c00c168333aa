//! The shapes that are left to `polars`: quantiles by group; and in tests the oracle of our own loops.
//!
//! The only module that imports polars. Whatever fails there is `None` here, and our own loops do it.

use polars::prelude::*;

/// Values below which our own loops are quicker than building a frame.
const VALUES_MIN: usize = 100_000;

/// The `p` quantile of each slot, linear between the two nearest values.
pub(super) fn quantiles(values: &[(u32, f64)], n_slots: usize, p: f64) -> Option<Vec<Option<f64>>> {
    if values.len() < VALUES_MIN {
        return None;
    }
    by_slot(values, n_slots, |value| value.quantile(lit(p), QuantileMethod::Linear)).ok()
}

/// Aggregates the values of each slot with an expression.
pub(super) fn by_slot(
    values: &[(u32, f64)],
    n_slots: usize,
    aggregate: impl FnOnce(Expr) -> Expr,
) -> PolarsResult<Vec<Option<f64>>> {
    let slots: Vec<u32> = values.iter().map(|(slot, _)| *slot).collect();
    let numbers: Vec<f64> = values.iter().map(|(_, number)| *number).collect();
    let frame = df!("slot" => slots, "value" => numbers)?;
    let frame = frame.lazy().group_by([col("slot")]).agg([aggregate(col("value")).alias("out")]).collect()?;
    let mut out = vec![None; n_slots];
    let slots = frame.column("slot")?.u32()?.clone();
    let numbers = frame.column("out")?.cast(&DataType::Float64)?;
    for (slot, number) in slots.iter().zip(numbers.f64()?.iter()) {
        if let Some(out) = slot.and_then(|slot| out.get_mut(slot as usize)) {
            *out = number;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::quantile::plain_by_slot;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn our_quantiles_are_those_of_polars(values in proptest::collection::vec((0u32..5, -1e6f64..1e6), 1..200),
                                             p in 0usize..=100) {
            let p = p as f64 / 100.0;
            let theirs = by_slot(&values, 5, |value| value.quantile(lit(p), QuantileMethod::Linear));
            let ours = plain_by_slot(&values, 5, p);
            for (ours, theirs) in ours.into_iter().zip(theirs.expect("polars computes it")) {
                let close = ours.zip(theirs).is_none_or(|(a, b)| (a - b).abs() <= 1e-9 * a.abs().max(1.0));
                prop_assert!(close && ours.is_some() == theirs.is_some(), "{ours:?} {theirs:?}");
            }
        }
    }
}
