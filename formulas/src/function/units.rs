//! `CONVERT`: units of measurement, in the spelling of spreadsheets.
//!
//! Sizes are those that define the units: of the international foot and pound, the survey mile, the 2019 SI.

use super::args::{Given, not_available};
use super::{Eval, Function};

pub(super) const ALL: &[&Function] = &[&CONVERT];

const CONVERT: Function = Function {
    name: "CONVERT",
    signature: "(number, from: text, to: text) -> number",
    doc: "A measure in another unit: of mass, length, time, pressure, force, energy, power, magnetism, temperature, \
          volume, area, information or speed. The case of units matters; metric ones take prefixes.",
    examples: &[
        (r#"CONVERT(1, "lbm", "kg")"#, "0.45359237"),
        (r#"CONVERT(68, "F", "C")"#, "20"),
        (r#"CONVERT(1, "mi", "km")"#, "1.609344"),
        (r#"IFERROR(CONVERT(2.5, "ft", "sec"), "no")"#, r#""no""#),
    ],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let (number, from, to) = (row.number(0), row.text(1).trim(), row.text(2).trim());
            let (from_unit, to_unit) = (find(from)?, find(to)?);
            if from_unit.unit.measure != to_unit.unit.measure {
                return not_available(format!("{from:?} and {to:?} do not measure the same"));
            }
            if from == to {
                return Ok(number);
            }
            Ok(match from_unit.unit.measure {
                Measure::Temperature => {
                    let celsius = to_celsius(from_unit.unit.name, shifted(number, from_unit.power));
                    shifted(from_celsius(to_unit.unit.name, celsius), -to_unit.power)
                }
                _ => {
                    shifted(number * from_unit.unit.size / to_unit.unit.size, from_unit.power - to_unit.power)
                }
            })
        })
    }),
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Mass,
    Length,
    Time,
    Pressure,
    Force,
    Energy,
    Power,
    Magnetism,
    Temperature,
    Volume,
    Area,
    Information,
    Speed,
}

/// A unit; its size is in any unit of its measure, the same for all. `dimension` is the power of a prefix, and 0 if
/// there can be none.
#[derive(Debug)]
struct Unit {
    name: &'static str,
    measure: Measure,
    size: f64,
    dimension: i32,
}

const fn plain(name: &'static str, measure: Measure, size: f64) -> Unit {
    Unit { name, measure, size, dimension: 0 }
}

const fn metric(name: &'static str, measure: Measure, size: f64) -> Unit {
    Unit { name, measure, size, dimension: 1 }
}

const fn metric_power(name: &'static str, measure: Measure, size: f64, dimension: i32) -> Unit {
    Unit { name, measure, size, dimension }
}

/// Lengths are in tenths of a millimeter and masses in hundredths of a milligram: so inches, pounds, gallons and
/// their multiples are whole, and a foot is just 12 inches.
const METER: f64 = 10_000.0;
const INCH: f64 = 254.0;
const FOOT: f64 = 12.0 * INCH;
const YARD: f64 = 3.0 * FOOT;
const MILE: f64 = 5_280.0 * FOOT;
const NAUTICAL_MILE: f64 = 1_852.0 * METER;
const POINT: f64 = INCH / 72.0;
const LIGHT_YEAR: f64 = 9_460_730_472_580_800.0 * METER;
const PARSEC: f64 = 30_856_775_814_913_673.0 * METER;
const GRAM: f64 = 100_000.0;
const POUND: f64 = 45_359_237.0;
const LITER: f64 = METER * METER * METER / 1_000.0;
const GALLON: f64 = 231.0 * INCH * INCH * INCH;
const UK_GALLON: f64 = 4.546_09 * LITER;
const GRAVITY: f64 = 9.80665;
const POUND_FORCE: f64 = 0.453_592_37 * GRAVITY;
const FOOT_POUND: f64 = 0.3048 * POUND_FORCE;
const HORSEPOWER: f64 = 550.0 * FOOT_POUND;

const fn squared(size: f64) -> f64 {
    size * size
}

const fn cubed(size: f64) -> f64 {
    size * size * size
}

#[rustfmt::skip]
const UNITS: &[Unit] = {
    use Measure::*;
    &[
        metric("g", Mass, GRAM), plain("sg", Mass, POUND * GRAVITY / 0.3048), plain("lbm", Mass, POUND),
        metric("u", Mass, 1.660_539_066_60e-24 * GRAM), plain("ozm", Mass, POUND / 16.0), plain("grain", Mass, POUND / 7_000.0),
        plain("cwt", Mass, POUND * 100.0), plain("shweight", Mass, POUND * 100.0), plain("uk_cwt", Mass, POUND * 112.0),
        plain("lcwt", Mass, POUND * 112.0), plain("hweight", Mass, POUND * 112.0), plain("stone", Mass, POUND * 14.0),
        plain("ton", Mass, POUND * 2_000.0), plain("uk_ton", Mass, POUND * 2_240.0), plain("LTON", Mass, POUND * 2_240.0),
        plain("brton", Mass, POUND * 2_240.0),

        metric("m", Length, METER), plain("mi", Length, MILE), plain("Nmi", Length, NAUTICAL_MILE), plain("in", Length, INCH),
        plain("ft", Length, FOOT), plain("yd", Length, YARD), metric("ang", Length, METER / 1e10), plain("ell", Length, 45.0 * INCH),
        metric("ly", Length, LIGHT_YEAR), metric("parsec", Length, PARSEC), metric("pc", Length, PARSEC),
        plain("Picapt", Length, POINT), plain("Pica", Length, POINT), plain("pica", Length, INCH / 6.0),
        plain("survey_mi", Length, 6_336_000.0 / 3_937.0 * METER),

        plain("yr", Time, 31_557_600.0), plain("day", Time, 86_400.0), plain("d", Time, 86_400.0), plain("hr", Time, 3_600.0),
        plain("mn", Time, 60.0), plain("min", Time, 60.0), metric("sec", Time, 1.0), metric("s", Time, 1.0),

        metric("Pa", Pressure, 1.0), metric("p", Pressure, 1.0), metric("atm", Pressure, 101_325.0),
        metric("at", Pressure, 101_325.0), metric("mmHg", Pressure, 133.322), plain("psi", Pressure, POUND_FORCE / (0.0254 * 0.0254)),
        plain("Torr", Pressure, 101_325.0 / 760.0),

        metric("N", Force, 1.0), metric("dyn", Force, 1e-5), metric("dy", Force, 1e-5), plain("lbf", Force, POUND_FORCE),
        metric("pond", Force, GRAVITY / 1_000.0),

        metric("J", Energy, 1.0), metric("e", Energy, 1e-7), metric("c", Energy, 4.184), metric("cal", Energy, 4.1868),
        metric("eV", Energy, 1.602_176_634e-19), metric("ev", Energy, 1.602_176_634e-19),
        plain("HPh", Energy, HORSEPOWER * 3_600.0), plain("hh", Energy, HORSEPOWER * 3_600.0), metric("Wh", Energy, 3_600.0),
        metric("wh", Energy, 3_600.0), plain("flb", Energy, FOOT_POUND), plain("BTU", Energy, 1_055.055_852_62),
        plain("btu", Energy, 1_055.055_852_62),

        plain("HP", Power, HORSEPOWER), plain("h", Power, HORSEPOWER), plain("PS", Power, 75.0 * GRAVITY), metric("W", Power, 1.0),
        metric("w", Power, 1.0),

        metric("T", Magnetism, 1.0), metric("ga", Magnetism, 1e-4),

        plain("C", Temperature, 1.0), plain("cel", Temperature, 1.0), plain("F", Temperature, 1.0), plain("fah", Temperature, 1.0),
        metric("K", Temperature, 1.0), metric("kel", Temperature, 1.0), plain("Rank", Temperature, 1.0),
        plain("Reau", Temperature, 1.0),

        plain("tsp", Volume, GALLON / 768.0), plain("tspm", Volume, LITER / 200.0), plain("tbs", Volume, GALLON / 256.0),
        plain("oz", Volume, GALLON / 128.0), plain("cup", Volume, GALLON / 16.0), plain("pt", Volume, GALLON / 8.0),
        plain("us_pt", Volume, GALLON / 8.0), plain("uk_pt", Volume, UK_GALLON / 8.0), plain("qt", Volume, GALLON / 4.0),
        plain("uk_qt", Volume, UK_GALLON / 4.0), plain("gal", Volume, GALLON), plain("uk_gal", Volume, UK_GALLON),
        metric("l", Volume, LITER), metric("L", Volume, LITER), metric("lt", Volume, LITER), metric_power("ang3", Volume, 1e-27 * LITER, 3),
        metric_power("ang^3", Volume, 1e-27 * LITER, 3), plain("barrel", Volume, GALLON * 42.0), plain("bushel", Volume, 2_150.42 * cubed(INCH)),
        plain("ft3", Volume, cubed(FOOT)), plain("ft^3", Volume, cubed(FOOT)), plain("in3", Volume, cubed(INCH)),
        plain("in^3", Volume, cubed(INCH)), plain("ly3", Volume, cubed(LIGHT_YEAR)), plain("ly^3", Volume, cubed(LIGHT_YEAR)),
        metric_power("m3", Volume, cubed(METER), 3), metric_power("m^3", Volume, cubed(METER), 3), plain("mi3", Volume, cubed(MILE)),
        plain("mi^3", Volume, cubed(MILE)), plain("yd3", Volume, cubed(YARD)), plain("yd^3", Volume, cubed(YARD)),
        plain("Nmi3", Volume, cubed(NAUTICAL_MILE)), plain("Nmi^3", Volume, cubed(NAUTICAL_MILE)),
        plain("Picapt3", Volume, cubed(POINT)), plain("Picapt^3", Volume, cubed(POINT)), plain("Pica3", Volume, cubed(POINT)),
        plain("Pica^3", Volume, cubed(POINT)), plain("GRT", Volume, 100.0 * cubed(FOOT)), plain("regton", Volume, 100.0 * cubed(FOOT)),
        plain("MTON", Volume, 40.0 * cubed(FOOT)),

        plain("uk_acre", Area, 43_560.0 * squared(FOOT)), plain("us_acre", Area, 62_726_400_000.0 / 15_499_969.0 * squared(METER)),
        metric_power("ang2", Area, 1e-12, 2), metric_power("ang^2", Area, 1e-12, 2), metric("ar", Area, 100.0 * squared(METER)),
        plain("ft2", Area, squared(FOOT)), plain("ft^2", Area, squared(FOOT)), plain("ha", Area, 10_000.0 * squared(METER)),
        plain("in2", Area, squared(INCH)), plain("in^2", Area, squared(INCH)), plain("ly2", Area, squared(LIGHT_YEAR)),
        plain("ly^2", Area, squared(LIGHT_YEAR)), metric_power("m2", Area, squared(METER), 2), metric_power("m^2", Area, squared(METER), 2),
        plain("Morgen", Area, 2_500.0 * squared(METER)), plain("mi2", Area, squared(MILE)), plain("mi^2", Area, squared(MILE)),
        plain("Nmi2", Area, squared(NAUTICAL_MILE)), plain("Nmi^2", Area, squared(NAUTICAL_MILE)),
        plain("Picapt2", Area, squared(POINT)), plain("Pica2", Area, squared(POINT)), plain("Pica^2", Area, squared(POINT)),
        plain("Picapt^2", Area, squared(POINT)), plain("yd2", Area, squared(YARD)), plain("yd^2", Area, squared(YARD)),

        metric("bit", Information, 1.0), metric("byte", Information, 8.0),

        plain("admkn", Speed, 6_080.0 * FOOT), plain("kn", Speed, NAUTICAL_MILE),
        metric("m/h", Speed, METER), metric("m/hr", Speed, METER), metric("m/s", Speed, 3_600.0 * METER),
        metric("m/sec", Speed, 3_600.0 * METER), plain("mph", Speed, MILE),
    ]
};

/// Prefixes and their powers of ten.
const PREFIXES: &[(&str, i32)] = &[
    ("Y", 24),
    ("Z", 21),
    ("E", 18),
    ("P", 15),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("h", 2),
    ("da", 1),
    ("e", 1),
    ("d", -1),
    ("c", -2),
    ("m", -3),
    ("u", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
    ("a", -18),
    ("z", -21),
    ("y", -24),
];

/// Prefixes of bits and bytes, and their powers of 1,024.
const BINARY_PREFIXES: [(&str, i32); 8] =
    [("ki", 1), ("Mi", 2), ("Gi", 3), ("Ti", 4), ("Pi", 5), ("Ei", 6), ("Zi", 7), ("Yi", 8)];

/// A unit, perhaps with a prefix.
struct Found {
    unit: Unit,
    /// The power of ten of the prefix.
    power: i32,
}

fn find(name: &str) -> Given<Found> {
    let known = |name: &str| UNITS.iter().find(|unit| unit.name == name);
    if let Some(unit) = known(name) {
        return Ok(Found { unit: Unit { ..*unit }, power: 0 });
    }
    for (prefix, power) in PREFIXES {
        if let Some(unit) = name.strip_prefix(prefix).and_then(known)
            && unit.dimension > 0
        {
            return Ok(Found { unit: Unit { ..*unit }, power: power * unit.dimension });
        }
    }
    for (prefix, power) in BINARY_PREFIXES {
        if let Some(unit) = name.strip_prefix(prefix).and_then(known)
            && unit.measure == Measure::Information
        {
            let size = unit.size * 1_024_f64.powi(power);
            return Ok(Found { unit: Unit { size, ..*unit }, power: 0 });
        }
    }
    not_available(format!("there is no unit {}", crate::eval::excerpt(name)))
}

/// A number times a power of ten; powers of ten up to 10^22 are exact, their inverses are not.
fn shifted(number: f64, power: i32) -> f64 {
    if power >= 0 { number * 10_f64.powi(power) } else { number / 10_f64.powi(-power) }
}

fn to_celsius(unit: &str, number: f64) -> f64 {
    match unit {
        "F" | "fah" => (number - 32.0) / 1.8,
        "K" | "kel" => number - 273.15,
        "Rank" => number / 1.8 - 273.15,
        "Reau" => number * 1.25,
        _ => number,
    }
}

fn from_celsius(unit: &str, number: f64) -> f64 {
    match unit {
        "F" | "fah" => number * 1.8 + 32.0,
        "K" | "kel" => number + 273.15,
        "Rank" => (number + 273.15) * 1.8,
        "Reau" => number / 1.25,
        _ => number,
    }
}
