//! Medians and percentiles: the values of each slot are gathered and the ones in question selected.

/// The `p` quantile (0 to 1) of each of `n_slots` slots, linear between the two nearest values.
pub(super) fn by_slot(values: &[(u32, f64)], n_slots: usize, p: f64) -> Vec<Option<f64>> {
    #[cfg(feature = "polars")]
    if let Some(quantiles) = super::polars::quantiles(values, n_slots, p) {
        return quantiles;
    }
    plain_by_slot(values, n_slots, p)
}

/// The same with our own loops.
pub(super) fn plain_by_slot(values: &[(u32, f64)], n_slots: usize, p: f64) -> Vec<Option<f64>> {
    let mut starts = vec![0usize; n_slots + 1];
    values.iter().for_each(|(slot, _)| starts[*slot as usize + 1] += 1);
    for slot in 0..n_slots {
        starts[slot + 1] += starts[slot];
    }
    let mut places = starts.clone();
    let mut sorted = vec![0.0; values.len()];
    for (slot, value) in values {
        sorted[places[*slot as usize]] = *value;
        places[*slot as usize] += 1;
    }
    (0..n_slots).map(|slot| quantile(&mut sorted[starts[slot]..starts[slot + 1]], p)).collect()
}

/// The quantile over all slots.
pub(super) fn of_all(values: &[(u32, f64)], p: f64) -> Option<f64> {
    let mut all: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
    quantile(&mut all, p)
}

fn quantile(values: &mut [f64], p: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let at = p * last as f64;
    let (low, share) = (at.floor() as usize, at - at.floor());
    let (_, value, above) = values.select_nth_unstable_by(low.min(last), f64::total_cmp);
    let value = *value;
    if share == 0.0 || above.is_empty() {
        return Some(value);
    }
    let next = above.iter().copied().fold(f64::INFINITY, f64::min);
    Some(value + (next - value) * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_the_two_nearest() {
        let quantile = |values: &[f64], p: f64| super::quantile(&mut values.to_vec(), p);
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[7.0], 0.9), Some(7.0));
        assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 0.5), Some(2.5));
        assert_eq!(quantile(&[10.0, 0.0, 5.0], 0.25), Some(2.5));
        assert_eq!(quantile(&[10.0, 0.0, 5.0], 1.0), Some(10.0));
        assert_eq!(plain_by_slot(&[(2, 1.0), (0, 5.0), (2, 3.0)], 3, 0.5), [Some(5.0), None, Some(2.0)]);
    }
}
