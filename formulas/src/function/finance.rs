//! Annuities: loans and savings with equal payments. What is paid is negative, what is received positive.
//!
//! All follow from pv (1 + r)^n + pmt (1 + r type) ((1 + r)^n - 1) / r + fv = 0, as spreadsheets document it.
//! Flows of money at any time are in `cashflow`, the loss of value in `depreciation`.

use super::args::{Given, Row, div_zero, not_a_number};
use super::sample::accept;
use super::{Eval, Function, root};
use crate::limits::PERIODS_MAX;

pub(super) const ALL: &[&Function] = &[
    &PMT,
    &IPMT,
    &PPMT,
    &PV,
    &FV,
    &NPER,
    &RATE,
    &CUMIPMT,
    &CUMPRINC,
    &ISPMT,
    &EFFECT,
    &NOMINAL,
    &RRI,
    &PDURATION,
    &FVSCHEDULE,
    &DOLLARDE,
    &DOLLARFR,
];

const PMT: Function = Function {
    name: "PMT",
    signature: "(rate: number, periods: number, pv: number, fv: number = 0, at_start: bool = FALSE) -> number",
    doc: "The payment in each period that pays back `pv` and leaves `fv`.",
    examples: &[("ROUND(PMT(0.08 / 12, 10, 10000), 2)", "-1037.03"), ("PMT(0, 10, 1000)", "-100")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            payment(row.number(0), row.number(1), row.number(2), row.number(3), row.is_true(4))
        })
    }),
};

const IPMT: Function = Function {
    name: "IPMT",
    signature: "(rate: number, period: number, periods: number, pv: number, fv: number = 0, at_start: bool = FALSE) \
                -> number",
    doc: "The interest in the payment of a period.",
    examples: &[
        ("ROUND(IPMT(0.1 / 12, 1, 36, 8000), 2)", "-66.67"),
        ("ROUND(IPMT(0.1, 3, 3, 8000), 2)", "-292.45"),
    ],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(interest_and_payment(row)?.0))),
};

const PPMT: Function = Function {
    name: "PPMT",
    signature: "(rate: number, period: number, periods: number, pv: number, fv: number = 0, at_start: bool = FALSE) \
                -> number",
    doc: "The part of a period's payment that pays back.",
    examples: &[
        ("ROUND(PPMT(0.1 / 12, 1, 24, 2000), 2)", "-75.62"),
        ("ROUND(PPMT(0.08, 10, 10, 200000), 2)", "-27598.05"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (interest, payment) = interest_and_payment(row)?;
            Ok(payment - interest)
        })
    }),
};

const PV: Function = Function {
    name: "PV",
    signature: "(rate: number, periods: number, payment: number, fv: number = 0, at_start: bool = FALSE) -> number",
    doc: "What payments and a last value are worth now.",
    examples: &[("ROUND(PV(0.08 / 12, 240, 500), 2)", "-59777.15"), ("PV(0, 10, 5)", "-50")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (rate, periods, pmt, fv) = (row.number(0), row.number(1), row.number(2), row.number(3));
            let growth = growth(rate, periods)?;
            Ok(-(fv + pmt * paid(rate, periods, row.is_true(4))?) / (growth + 1.0))
        })
    }),
};

const FV: Function = Function {
    name: "FV",
    signature: "(rate: number, periods: number, payment: number, pv: number = 0, at_start: bool = FALSE) -> number",
    doc: "What a first value and payments come to at last.",
    examples: &[
        ("ROUND(FV(0.06 / 12, 10, -200, -500, TRUE), 2)", "2581.4"),
        ("ROUND(FV(0.11 / 12, 35, -2000, 0, 1), 2)", "82846.25"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| future(row.number(0), row.number(1), row.number(2), row.number(3), row.is_true(4)))
    }),
};

const NPER: Function = Function {
    name: "NPER",
    signature: "(rate: number, payment: number, pv: number, fv: number = 0, at_start: bool = FALSE) -> number",
    doc: "In how many periods payments pay back `pv` and leave `fv`.",
    examples: &[
        ("ROUND(NPER(0.12 / 12, -100, -1000, 10000, 1), 5)", "59.67387"),
        ("NPER(0, -100, 1000)", "10"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (rate, pmt, pv, fv) = (row.number(0), row.number(1), row.number(2), row.number(3));
            accept(rate > -1.0, RATE_ABOVE)?;
            if rate == 0.0 {
                accept(pmt != 0.0, "without interest and payments nothing is paid back")?;
                return Ok(-(pv + fv) / pmt);
            }
            let perpetual = pmt * due(rate, row.is_true(4)) / rate;
            let ratio = (perpetual - fv) / (perpetual + pv);
            accept(ratio > 0.0 && ratio.is_finite(), "these payments never pay it back")?;
            Ok(ratio.ln() / rate.ln_1p())
        })
    }),
};

const RATE: Function = Function {
    name: "RATE",
    signature: "(periods: number, payment: number, pv: number, fv: number = 0, at_start: bool = FALSE, \
                guess: number = 0.1) -> number",
    doc: "The interest in each period at which payments pay back `pv` and leave `fv`.",
    examples: &[
        ("ROUND(RATE(48, -200, 8000), 6)", "0.007701"),
        ("ROUND(RATE(10, 0, -1000, 2000), 6)", "0.071773"),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (periods, pmt, pv, fv) = (row.number(0), row.number(1), row.number(2), row.number(3));
            let (at_start, guess) = (row.is_true(4), row.number(5));
            accept(periods > 0.0, "there is at least one period")?;
            accept(guess > -1.0, RATE_ABOVE)?;
            rate(periods, pmt, pv, fv, at_start, guess)
        })
    }),
};

const CUMIPMT: Function = Function {
    name: "CUMIPMT",
    signature: "(rate: number, periods: number, pv: number, first: number, last: number, at_start: bool) -> number",
    doc: "The interest in the payments from one period to another.",
    examples: &[
        ("ROUND(CUMIPMT(0.09 / 12, 360, 125000, 13, 24, 0), 2)", "-11135.23"),
        ("ROUND(CUMIPMT(0.09 / 12, 360, 125000, 1, 1, 0), 2)", "-937.5"),
    ],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(cumulated(row)?.0))),
};

const CUMPRINC: Function = Function {
    name: "CUMPRINC",
    signature: "(rate: number, periods: number, pv: number, first: number, last: number, at_start: bool) -> number",
    doc: "What the payments from one period to another pay back.",
    examples: &[
        ("ROUND(CUMPRINC(0.09 / 12, 360, 125000, 13, 24, 0), 2)", "-934.11"),
        ("ROUND(CUMPRINC(0.09 / 12, 360, 125000, 1, 1, 0), 2)", "-68.28"),
    ],
    eval: Eval::Rows(|call| call.numbers(|row| Ok(cumulated(row)?.1))),
};

const ISPMT: Function = Function {
    name: "ISPMT",
    signature: "(rate: number, period: number, periods: number, pv: number) -> number",
    doc: "The interest in a period, counted from 0, of a loan that is paid back in equal parts.",
    examples: &[("ISPMT(0.1, 0, 4, 4000)", "-400"), ("ISPMT(0.1, 3, 4, 4000)", "-100")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            if row.number(2) == 0.0 {
                return div_zero("there is at least one period");
            }
            Ok(row.number(3) * row.number(0) * (row.number(1) / row.number(2) - 1.0))
        })
    }),
};

const EFFECT: Function = Function {
    name: "EFFECT",
    signature: "(rate: number, periods: number) -> number",
    doc: "The interest in a year at a nominal rate that is paid so many times in it.",
    examples: &[("ROUND(EFFECT(0.0525, 4), 7)", "0.0535427"), ("EFFECT(0.1, 1)", "0.1")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (rate, periods) = (row.number(0), row.number(1).trunc());
            accept(rate > 0.0 && periods >= 1.0, "the rate is positive, and there is at least one period")?;
            if periods == 1.0 {
                return Ok(rate);
            }
            Ok((periods * (rate / periods).ln_1p()).exp_m1())
        })
    }),
};

const NOMINAL: Function = Function {
    name: "NOMINAL",
    signature: "(rate: number, periods: number) -> number",
    doc: "The nominal rate that, paid so many times in a year, comes to an effective rate.",
    examples: &[("ROUND(NOMINAL(0.053543, 4), 8)", "0.05250032"), ("NOMINAL(0.1, 1)", "0.1")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (rate, periods) = (row.number(0), row.number(1).trunc());
            accept(rate > 0.0 && periods >= 1.0, "the rate is positive, and there is at least one period")?;
            if periods == 1.0 {
                return Ok(rate);
            }
            Ok((rate.ln_1p() / periods).exp_m1() * periods)
        })
    }),
};

const RRI: Function = Function {
    name: "RRI",
    signature: "(periods: number, pv: number, fv: number) -> number",
    doc: "The rate at which a value grows to another in so many periods.",
    examples: &[("ROUND(RRI(96, 10000, 11000), 9)", "0.000993307"), ("RRI(1, 100, 110)", "0.1")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (periods, pv, fv) = (row.number(0), row.number(1), row.number(2));
            accept(
                periods > 0.0 && pv != 0.0 && fv / pv >= 0.0,
                "periods are positive, and values have one sign",
            )?;
            // By the growth, not by the ratio, which has lost digits where they are nearly the same.
            Ok((((fv - pv) / pv).ln_1p() / periods).exp_m1())
        })
    }),
};

const PDURATION: Function = Function {
    name: "PDURATION",
    signature: "(rate: number, pv: number, fv: number) -> number",
    doc: "In how many periods a value grows to another at a rate.",
    examples: &[("ROUND(PDURATION(0.025, 2000, 2200), 2)", "3.86"), ("PDURATION(1, 1, 8)", "3")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (rate, pv, fv) = (row.number(0), row.number(1), row.number(2));
            accept(rate > 0.0 && pv > 0.0 && fv > 0.0, "the rate and both values are positive")?;
            Ok((fv / pv).ln() / rate.ln_1p())
        })
    }),
};

const FVSCHEDULE: Function = Function {
    name: "FVSCHEDULE",
    signature: "(principal: number, rates: sample) -> number",
    doc: "What a value comes to at a list of rates, one after the other.",
    examples: &[
        ("ROUND(FVSCHEDULE(1, LIST(0.09, 0.11, 0.1)), 5)", "1.33089"),
        ("FVSCHEDULE(100, 0.5)", "150"),
    ],
    eval: Eval::Rows(|call| {
        call.samples(1..2, |row, rates| {
            Ok(Some(rates.iter().fold(row.number(0), |value, rate| value * (1.0 + rate))))
        })
    }),
};

const DOLLARDE: Function = Function {
    name: "DOLLARDE",
    signature: "(price: number, fraction: number) -> number",
    doc: "A price whose decimals count parts of a dollar, such as sixteenths, as a decimal number.",
    examples: &[("DOLLARDE(1.02, 16)", "1.125"), ("ROUND(DOLLARDE(1.1, 32), 6)", "1.3125")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (whole, part, fraction, digits) = price(row)?;
            Ok(whole + part * digits / fraction)
        })
    }),
};

const DOLLARFR: Function = Function {
    name: "DOLLARFR",
    signature: "(price: number, fraction: number) -> number",
    doc: "A price in decimals as one whose decimals count parts of a dollar, such as sixteenths.",
    examples: &[("DOLLARFR(1.125, 16)", "1.02"), ("DOLLARFR(1.125, 32)", "1.04")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (whole, part, fraction, digits) = price(row)?;
            Ok(whole + part * fraction / digits)
        })
    }),
};

const RATE_ABOVE: &str = "a rate is above -1";

/// (1 + rate)^periods - 1, with all digits also for small rates.
fn growth(rate: f64, periods: f64) -> Given<f64> {
    if rate > -1.0 {
        return Ok((periods * rate.ln_1p()).exp_m1());
    }
    if rate == -1.0 && periods < 0.0 {
        return div_zero("at a rate of -1 nothing is left");
    }
    Ok((1.0 + rate).powf(periods) - 1.0)
}

/// By what a payment is worth more for being made at the start of its period.
fn due(rate: f64, at_start: bool) -> f64 {
    if at_start { 1.0 + rate } else { 1.0 }
}

/// What payments of 1 come to.
fn paid(rate: f64, periods: f64, at_start: bool) -> Given<f64> {
    if rate == 0.0 { Ok(periods) } else { Ok(due(rate, at_start) * growth(rate, periods)? / rate) }
}

fn payment(rate: f64, periods: f64, pv: f64, fv: f64, at_start: bool) -> Given<f64> {
    accept(periods != 0.0, "there is at least one period")?;
    Ok(-(pv * (growth(rate, periods)? + 1.0) + fv) / paid(rate, periods, at_start)?)
}

fn future(rate: f64, periods: f64, pmt: f64, pv: f64, at_start: bool) -> Given<f64> {
    Ok(-(pv * (growth(rate, periods)? + 1.0) + pmt * paid(rate, periods, at_start)?))
}

/// The interest in a payment: on what is owed before it, if it is not the first of payments at the start.
fn interest(rate: f64, period: f64, pmt: f64, pv: f64, at_start: bool) -> Given<f64> {
    if !at_start {
        return Ok(future(rate, period - 1.0, pmt, pv, false)? * rate);
    }
    if period == 1.0 {
        return Ok(0.0);
    }
    Ok((future(rate, period - 2.0, pmt, pv, true)? - pmt) * rate)
}

/// The interest in a payment, and the payment, of the arguments of `IPMT`.
fn interest_and_payment(row: Row<'_>) -> Given<(f64, f64)> {
    let (rate, period, periods) = (row.number(0), row.number(1), row.number(2));
    let (pv, fv, at_start) = (row.number(3), row.number(4), row.is_true(5));
    accept(period >= 1.0 && period < periods + 1.0, "the period is from 1 to the number of periods")?;
    let pmt = payment(rate, periods, pv, fv, at_start)?;
    Ok((interest(rate, period, pmt, pv, at_start)?, pmt))
}

/// The interest and what is paid back in the payments of the arguments of `CUMIPMT`.
fn cumulated(row: Row<'_>) -> Given<(f64, f64)> {
    let (rate, periods, pv, at_start) = (row.number(0), row.number(1), row.number(2), row.is_true(5));
    let (first, last) = (row.number(3).ceil(), row.number(4).floor());
    accept(rate > 0.0 && periods > 0.0 && pv > 0.0, "rate, number of periods and value are positive")?;
    accept(
        first >= 1.0 && first <= last && last <= periods,
        "the periods are from 1 to their number, in order",
    )?;
    accept(last - first < PERIODS_MAX, "so many periods are too many")?;
    let pmt = payment(rate, periods, pv, 0.0, at_start)?;
    let (mut all, mut period) = (0.0, first);
    while period <= last {
        all += interest(rate, period, pmt, pv, at_start)?;
        period += 1.0;
    }
    Ok((all, pmt * (last - first + 1.0) - all))
}

fn rate(periods: f64, pmt: f64, pv: f64, fv: f64, at_start: bool, guess: f64) -> Given<f64> {
    // In x = ln(1 + rate) and divided by (1 + rate)^n no term grows beyond bounds for rates that are sought.
    let of = |x: f64| {
        let (rate, shrunk) = (x.exp_m1(), (-periods * x).exp());
        let lost = -(-periods * x).exp_m1();
        let (due, grown) = (due(rate, at_start), rate + 1.0);
        let (sum, slope) = if x == 0.0 {
            (periods, if at_start { periods } else { 0.0 } - periods * (periods + 1.0) / 2.0)
        } else {
            let slope_due = if at_start { grown } else { 0.0 };
            let sum = due * lost / rate;
            (sum, (slope_due * lost + due * periods * shrunk) / rate - sum * grown / rate)
        };
        (pv + pmt * sum + fv * shrunk, pmt * slope - periods * fv * shrunk)
    };
    match root::rate(of, guess) {
        Some(rate) => Ok(rate),
        None => not_a_number("no rate pays this back"),
    }
}

/// The whole part of a price, the rest, how many parts there are and the power of ten that their number needs.
fn price(row: Row<'_>) -> Given<(f64, f64, f64, f64)> {
    let (price, fraction) = (row.number(0), row.number(1).trunc());
    accept(row.number(1) >= 0.0, "the number of parts is not negative")?;
    if fraction < 1.0 {
        return div_zero("there is at least one part");
    }
    let digits = 10_f64.powf(fraction.log10().ceil());
    Ok((price.trunc(), price.fract(), fraction, digits))
}
