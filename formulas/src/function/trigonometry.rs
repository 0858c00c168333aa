//! Angles and hyperbolic functions; angles are in radians.

use std::f64::consts::FRAC_PI_2;

use super::args::{Call, div_zero};
use super::sample::{accept, divided};
use super::{Eval, Function};
use crate::column::Chunk;

pub(super) const ALL: &[&Function] = &[
    &SIN, &COS, &TAN, &SEC, &CSC, &COT, &ASIN, &ACOS, &ATAN, &ATAN2, &ACOT, &SINH, &COSH, &TANH, &SECH,
    &CSCH, &COTH, &ASINH, &ACOSH, &ATANH, &ACOTH, &DEGREES, &RADIANS,
];

const SIN: Function = Function {
    name: "SIN",
    signature: "(angle: number) -> number",
    doc: "The sine of an angle in radians.",
    examples: &[("SIN(PI() / 2)", "1"), ("SIN(0)", "0")],
    eval: Eval::Rows(|call| each(call, f64::sin)),
};

const COS: Function = Function {
    name: "COS",
    signature: "(angle: number) -> number",
    doc: "The cosine of an angle in radians.",
    examples: &[("COS(0)", "1"), ("COS(PI())", "-1")],
    eval: Eval::Rows(|call| each(call, f64::cos)),
};

const TAN: Function = Function {
    name: "TAN",
    signature: "(angle: number) -> number",
    doc: "The tangent of an angle in radians.",
    examples: &[("TAN(0)", "0"), ("ROUND(TAN(PI() / 4), 12)", "1")],
    eval: Eval::Rows(|call| each(call, f64::tan)),
};

const SEC: Function = Function {
    name: "SEC",
    signature: "(angle: number) -> number",
    doc: "The secant of an angle in radians, 1 / COS.",
    examples: &[("SEC(0)", "1"), ("SEC(PI())", "-1")],
    eval: Eval::Rows(|call| each(call, |angle| 1.0 / angle.cos())),
};

const CSC: Function = Function {
    name: "CSC",
    signature: "(angle: number) -> number",
    doc: "The cosecant of an angle in radians, 1 / SIN.",
    examples: &[("CSC(PI() / 2)", "1"), ("IFERROR(CSC(0), 0)", "0")],
    eval: Eval::Rows(|call| call.numbers(|row| divided(1.0, row.number(0).sin(), NO_ZERO))),
};

const COT: Function = Function {
    name: "COT",
    signature: "(angle: number) -> number",
    doc: "The cotangent of an angle in radians, 1 / TAN.",
    examples: &[("ROUND(COT(PI() / 4), 12)", "1"), ("IFERROR(COT(0), 0)", "0")],
    eval: Eval::Rows(|call| call.numbers(|row| divided(1.0, row.number(0).tan(), NO_ZERO))),
};

const ASIN: Function = Function {
    name: "ASIN",
    signature: "(number) -> number",
    doc: "The angle in radians whose sine is the number, from -π/2 to π/2.",
    examples: &[("ASIN(0)", "0"), ("DEGREES(ASIN(1))", "90")],
    eval: Eval::Rows(|call| {
        within(call, |number| number.abs() <= 1.0, "the number is from -1 to 1", f64::asin)
    }),
};

const ACOS: Function = Function {
    name: "ACOS",
    signature: "(number) -> number",
    doc: "The angle in radians whose cosine is the number, from 0 to π.",
    examples: &[("ACOS(1)", "0"), ("DEGREES(ACOS(-1))", "180")],
    eval: Eval::Rows(|call| {
        within(call, |number| number.abs() <= 1.0, "the number is from -1 to 1", f64::acos)
    }),
};

const ATAN: Function = Function {
    name: "ATAN",
    signature: "(number) -> number",
    doc: "The angle in radians whose tangent is the number, between -π/2 and π/2.",
    examples: &[("ATAN(0)", "0"), ("DEGREES(ATAN(1))", "45")],
    eval: Eval::Rows(|call| each(call, f64::atan)),
};

const ATAN2: Function = Function {
    name: "ATAN2",
    signature: "(x: number, y: number) -> number",
    doc: "The angle in radians from the x axis to a point, above -π and up to π; `x` comes first.",
    examples: &[("DEGREES(ATAN2(1, 1))", "45"), ("DEGREES(ATAN2(-1, 0))", "180")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| match (row.number(0), row.number(1)) {
            (0.0, 0.0) => div_zero("the point at 0, 0 is in no direction"),
            (x, y) => Ok(y.atan2(x)),
        })
    }),
};

const ACOT: Function = Function {
    name: "ACOT",
    signature: "(number) -> number",
    doc: "The angle in radians whose cotangent is the number, between 0 and π.",
    examples: &[("DEGREES(ACOT(1))", "45"), ("DEGREES(ACOT(-1))", "135")],
    eval: Eval::Rows(|call| each(call, |number| FRAC_PI_2 - number.atan())),
};

const SINH: Function = Function {
    name: "SINH",
    signature: "(number) -> number",
    doc: "The hyperbolic sine.",
    examples: &[("SINH(0)", "0"), ("ROUND(SINH(1), 6)", "1.175201")],
    eval: Eval::Rows(|call| each(call, f64::sinh)),
};

const COSH: Function = Function {
    name: "COSH",
    signature: "(number) -> number",
    doc: "The hyperbolic cosine.",
    examples: &[("COSH(0)", "1"), ("ROUND(COSH(4), 6)", "27.308233")],
    eval: Eval::Rows(|call| each(call, f64::cosh)),
};

const TANH: Function = Function {
    name: "TANH",
    signature: "(number) -> number",
    doc: "The hyperbolic tangent.",
    examples: &[("TANH(0)", "0"), ("ROUND(TANH(-2), 6)", "-0.964028")],
    eval: Eval::Rows(|call| each(call, f64::tanh)),
};

const SECH: Function = Function {
    name: "SECH",
    signature: "(number) -> number",
    doc: "The hyperbolic secant, 1 / COSH.",
    examples: &[("SECH(0)", "1"), ("SECH(1000)", "0")],
    eval: Eval::Rows(|call| each(call, |number| 1.0 / number.cosh())),
};

const CSCH: Function = Function {
    name: "CSCH",
    signature: "(number) -> number",
    doc: "The hyperbolic cosecant, 1 / SINH.",
    examples: &[("ROUND(CSCH(1.5), 4)", "0.4696"), ("IFERROR(CSCH(0), 0)", "0")],
    eval: Eval::Rows(|call| call.numbers(|row| divided(1.0, row.number(0).sinh(), NO_ZERO))),
};

const COTH: Function = Function {
    name: "COTH",
    signature: "(number) -> number",
    doc: "The hyperbolic cotangent, 1 / TANH.",
    examples: &[("ROUND(COTH(2), 4)", "1.0373"), ("IFERROR(COTH(0), 0)", "0")],
    eval: Eval::Rows(|call| call.numbers(|row| divided(1.0, row.number(0).tanh(), NO_ZERO))),
};

const ASINH: Function = Function {
    name: "ASINH",
    signature: "(number) -> number",
    doc: "The number whose hyperbolic sine is given.",
    examples: &[("ASINH(0)", "0"), ("ROUND(ASINH(-2.5), 6)", "-1.647231")],
    eval: Eval::Rows(|call| each(call, f64::asinh)),
};

const ACOSH: Function = Function {
    name: "ACOSH",
    signature: "(number) -> number",
    doc: "The number, not negative, whose hyperbolic cosine is given.",
    examples: &[("ACOSH(1)", "0"), ("ROUND(ACOSH(10), 6)", "2.993223")],
    eval: Eval::Rows(|call| within(call, |number| number >= 1.0, "the number is at least 1", f64::acosh)),
};

const ATANH: Function = Function {
    name: "ATANH",
    signature: "(number) -> number",
    doc: "The number whose hyperbolic tangent is given.",
    examples: &[("ATANH(0)", "0"), ("ROUND(ATANH(0.76159416), 6)", "1")],
    eval: Eval::Rows(|call| {
        within(call, |number| number.abs() < 1.0, "the number is between -1 and 1", f64::atanh)
    }),
};

const ACOTH: Function = Function {
    name: "ACOTH",
    signature: "(number) -> number",
    doc: "The number whose hyperbolic cotangent is given.",
    examples: &[("ROUND(ACOTH(6), 3)", "0.168"), ("IFERROR(ACOTH(1), 0)", "0")],
    eval: Eval::Rows(|call| {
        let inverse = |number: f64| (1.0 / number).atanh();
        within(call, |number| number.abs() > 1.0, "the number is below -1 or above 1", inverse)
    }),
};

const DEGREES: Function = Function {
    name: "DEGREES",
    signature: "(angle: number) -> number",
    doc: "An angle in radians as degrees.",
    examples: &[("DEGREES(PI())", "180"), ("DEGREES(0)", "0")],
    eval: Eval::Rows(|call| each(call, f64::to_degrees)),
};

const RADIANS: Function = Function {
    name: "RADIANS",
    signature: "(degrees: number) -> number",
    doc: "An angle in degrees as radians.",
    examples: &[("RADIANS(180) = PI()", "true"), ("ROUND(RADIANS(270), 6)", "4.712389")],
    eval: Eval::Rows(|call| each(call, f64::to_radians)),
};

const NO_ZERO: &str = "this is not defined where the result would be a division by zero";

fn each(call: &Call<'_>, of: impl Fn(f64) -> f64) -> Chunk {
    call.numbers(|row| Ok(of(row.number(0))))
}

/// As [`each`] where `is_good` is true; `message` says where that is.
fn within(call: &Call<'_>, is_good: fn(f64) -> bool, message: &str, of: impl Fn(f64) -> f64) -> Chunk {
    call.numbers(|row| {
        accept(is_good(row.number(0)), message)?;
        Ok(of(row.number(0)))
    })
}
