//! How things lose their value: in equal parts, by the digits of years, by a share of what is left.

use super::args::div_zero;
use super::sample::accept;
use super::{Eval, Function};

pub(super) const ALL: &[&Function] = &[&SLN, &SYD, &DB, &DDB];

const SLN: Function = Function {
    name: "SLN",
    signature: "(cost: number, salvage: number, life: number) -> number",
    doc: "The loss in each period, if it is the same in all.",
    examples: &[("SLN(30000, 7500, 10)", "2250"), ("SLN(100, 0, 4)", "25")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| match row.number(2) {
            0.0 => div_zero("there is at least one period"),
            life => Ok((row.number(0) - row.number(1)) / life),
        })
    }),
};

const SYD: Function = Function {
    name: "SYD",
    signature: "(cost: number, salvage: number, life: number, period: number) -> number",
    doc: "The loss in a period, if it shrinks in proportion to the periods that are left.",
    examples: &[
        ("ROUND(SYD(30000, 7500, 10, 1), 2)", "4090.91"),
        ("ROUND(SYD(30000, 7500, 10, 10), 2)", "409.09"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (life, period) = (row.number(2), row.number(3));
            accept(period >= 1.0 && period <= life, "the period is from 1 to the number of periods")?;
            Ok((row.number(0) - row.number(1)) * (life - period + 1.0) * 2.0 / (life * (life + 1.0)))
        })
    }),
};

const DB: Function = Function {
    name: "DB",
    signature: "(cost: number, salvage: number, life: number, period: number, months: number = 12) -> number",
    doc: "The loss in a period, if it is a fixed share of what is left; the first year may have fewer months.",
    examples: &[
        ("ROUND(DB(1000000, 100000, 6, 1, 7), 2)", "186083.33"),
        ("ROUND(DB(1000000, 100000, 6, 7, 7), 2)", "15845.1"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (cost, salvage, life) = (row.number(0), row.number(1), row.number(2));
            let (period, months) = (row.number(3).trunc(), row.number(4).trunc());
            accept(
                cost >= 0.0 && salvage >= 0.0 && life > 0.0,
                "cost and salvage are not negative, life is positive",
            )?;
            accept((1.0..=12.0).contains(&months), "a year has 1 to 12 months")?;
            let last = if months < 12.0 { life + 1.0 } else { life };
            accept(period >= 1.0 && period <= last, "the period is from 1 to the number of periods")?;
            if cost == 0.0 {
                return Ok(0.0);
            }
            // The share has three decimals.
            let share = ((1.0 - (salvage / cost).powf(1.0 / life)) * 1_000.0).round() / 1_000.0;
            let first = cost * share * months / 12.0;
            if period == 1.0 {
                return Ok(first);
            }
            let left = (cost - first) * (1.0 - share).powf(period - 2.0);
            Ok(left * share * if period > life { (12.0 - months) / 12.0 } else { 1.0 })
        })
    }),
};

const DDB: Function = Function {
    name: "DDB",
    signature: "(cost: number, salvage: number, life: number, period: number, factor: number = 2) -> number",
    doc: "The loss in a period, if it is `factor` times the share of one period of what is left, down to `salvage`.",
    examples: &[("DDB(2400, 300, 10, 1, 2)", "480"), ("ROUND(DDB(2400, 300, 10, 10), 2)", "22.12")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (cost, salvage, life) = (row.number(0), row.number(1), row.number(2));
            let (period, factor) = (row.number(3), row.number(4));
            accept(cost >= 0.0 && salvage >= 0.0 && factor > 0.0, "the arguments are not negative")?;
            accept(period >= 1.0 && period <= life, "the period is from 1 to the number of periods")?;
            let left = |periods: f64| cost * (1.0 - (factor / life).min(1.0)).powf(periods);
            Ok((left(period - 1.0) - left(period).max(salvage)).max(0.0))
        })
    }),
};
