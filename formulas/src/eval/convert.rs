//! From one kind of cell to another: what the checker inserts where a value is used as another type.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::operand::{Cells, Operand, lists};
use crate::column::{Bitmap, Chunk, Kind, ListVector, TextBuilder, Vector};
use crate::error::{CellError, ErrorKind};
use crate::expr::Conversion;
use crate::function::{date_text, number_text, parse_date, parse_number, text_too_long};
use crate::limits::TEXT_BYTES_MAX;

/// The cells of `chunk` as `kind`. A conversion of single values applied to lists converts their items.
pub(super) fn convert(chunk: &Chunk, how: Conversion, kind: Kind, zone: &TimeZone) -> Chunk {
    match how {
        Conversion::Single => single(chunk, kind),
        Conversion::Join => join(chunk),
        Conversion::ToList => to_list(chunk, kind),
        Conversion::All => over_items(chunk, |bits, mut range| range.all(|item| bits.get(item))),
        Conversion::Any => over_items(chunk, |bits, mut range| range.any(|item| bits.get(item))),
        Conversion::ToBool if matches!(chunk.kind(), Kind::List(_)) && kind == Kind::Bool => {
            truth(chunk, |row| !lists(chunk).range(row).is_empty())
        }
        _ => match (chunk.vector(), kind) {
            (Vector::List(own), Kind::List(item)) => {
                let items = convert_cells(own.items(), how, zone);
                let vector = Vector::List(ListVector::from_parts(item, own.ends().to_vec(), items));
                Chunk::with_errors(vector, chunk.valid().clone(), chunk.errors().to_vec())
            }
            _ => convert_cells(chunk, how, zone),
        },
    }
}

fn convert_cells(chunk: &Chunk, how: Conversion, zone: &TimeZone) -> Chunk {
    match how {
        Conversion::ToText { time } => to_text(chunk, time),
        Conversion::ToNumber => to_number(chunk, text_number),
        Conversion::ToNumberOrBlank => to_number(chunk, |text| Ok(parse_number(text))),
        Conversion::ToBool => to_bool(chunk),
        Conversion::ToDate { time } => to_date(chunk, time, zone),
        Conversion::DateToMoment => dates_to_moments(chunk, zone),
        other => unreachable!("{other:?} is not for single cells"),
    }
}

/// Makes a chunk of the valid cells of another; errors and blanks stay.
fn map_valid<T>(
    chunk: &Chunk,
    mut valid: impl FnMut(usize) -> Result<Option<T>, CellError>,
    mut push: impl FnMut(Option<T>),
) -> Cells {
    let mut cells = Cells::default();
    for row in 0..chunk.len() {
        let result = if chunk.is_valid(row) { valid(row) } else { Ok(None) };
        match (result, chunk.error(row)) {
            (Ok(Some(value)), _) => {
                push(Some(value));
                cells.valid();
                continue;
            }
            (Ok(None), None) => cells.blank(),
            (Ok(None), Some(error)) => cells.error(Arc::clone(error)),
            (Err(error), _) => cells.error(Arc::new(error)),
        }
        push(None);
    }
    cells
}

fn to_text(chunk: &Chunk, time: bool) -> Chunk {
    let mut texts = TextBuilder::default();
    let text = |row: usize| match chunk.vector() {
        Vector::Bool(bits) => if bits.get(row) { "1" } else { "0" }.to_owned(),
        Vector::Number(numbers) => number_text(numbers[row]),
        Vector::Text(texts) => texts.get(row).to_owned(),
        Vector::Date(dates) => date_text(dates[row], time),
        Vector::Choice(codes) => codes[row].to_string(),
        Vector::List(_) => unreachable!("lists are joined"),
    };
    let cells = map_valid(chunk, |row| Ok(Some(text(row))), |text| texts.push(text.as_deref().unwrap_or("")));
    cells.finish(Vector::Text(texts.finish()))
}

fn to_number(chunk: &Chunk, of_text: fn(&str) -> Result<Option<f64>, CellError>) -> Chunk {
    let mut numbers = Vec::with_capacity(chunk.len());
    let number = |row: usize| match chunk.vector() {
        Vector::Bool(bits) => Ok(Some(f64::from(u8::from(bits.get(row))))),
        Vector::Number(numbers) => Ok(Some(numbers[row])),
        Vector::Text(texts) => of_text(texts.get(row)),
        Vector::Date(dates) => Ok(Some(dates[row] as f64)),
        Vector::Choice(_) | Vector::List(_) => unreachable!("the checker makes text of records first"),
    };
    let cells = map_valid(chunk, number, |number| numbers.push(number.unwrap_or(0.0)));
    cells.finish(Vector::Number(numbers))
}

/// The empty text is blank, as a cell without text is.
fn text_number(text: &str) -> Result<Option<f64>, CellError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match parse_number(text) {
        Some(number) => Ok(Some(number)),
        None => Err(CellError::new(ErrorKind::Value, format!("{} is not a number", excerpt(text)))),
    }
}

fn to_bool(chunk: &Chunk) -> Chunk {
    truth(chunk, |row| match chunk.vector() {
        Vector::Bool(bits) => bits.get(row),
        Vector::Number(numbers) => numbers[row] != 0.0,
        Vector::Text(texts) => !texts.get(row).is_empty(),
        Vector::Date(_) | Vector::Choice(_) => true,
        Vector::List(lists) => !lists.range(row).is_empty(),
    })
}

/// True or false for the valid cells; blank stays blank, which is false wherever it matters.
fn truth(chunk: &Chunk, is_true: impl Fn(usize) -> bool) -> Chunk {
    let bits: Bitmap = (0..chunk.len()).map(|row| chunk.is_valid(row) && is_true(row)).collect();
    Chunk::with_errors(Vector::Bool(bits), chunk.valid().clone(), chunk.errors().to_vec())
}

fn to_date(chunk: &Chunk, time: bool, zone: &TimeZone) -> Chunk {
    let Some(texts) = chunk.texts() else {
        panic!("the checker makes dates of texts, not of {:?}", chunk.kind());
    };
    let zone = if time { zone } else { &TimeZone::UTC };
    let mut dates = Vec::with_capacity(chunk.len());
    let date = |row: usize| match texts.get(row) {
        text if text.trim().is_empty() => Ok(None),
        text => match parse_date(text, zone) {
            Some(ms) => Ok(Some(ms)),
            None => Err(CellError::new(ErrorKind::Value, format!("{} is not a date", excerpt(text)))),
        },
    };
    let cells = map_valid(chunk, date, |date| dates.push(date.unwrap_or(0)));
    cells.finish(Vector::Date(dates))
}

fn dates_to_moments(chunk: &Chunk, zone: &TimeZone) -> Chunk {
    let own = chunk.dates().expect("the checker gives dates");
    let mut dates = Vec::with_capacity(chunk.len());
    let date = |row: usize| crate::function::to_moment(own[row], zone).map(Some);
    let cells = map_valid(chunk, date, |date| dates.push(date.unwrap_or(0)));
    cells.finish(Vector::Date(dates))
}

/// The one item of each list; none is blank, several are an error.
fn single(chunk: &Chunk, kind: Kind) -> Chunk {
    let lists = lists(chunk);
    if lists.items().is_empty() {
        let vector = Vector::zeros(kind, chunk.len());
        return Chunk::with_errors(vector, Bitmap::filled(false, chunk.len()), chunk.errors().to_vec());
    }
    // Rows without just one item take the first of all, and lose it again to a blank or an error.
    let first = |row: usize| lists.range(row).next().filter(|_| lists.range(row).len() == 1);
    let mut out = lists.items().gather((0..chunk.len()).map(|row| first(row).unwrap_or(0)));
    for row in 0..chunk.len() {
        match (chunk.error(row), lists.range(row).len()) {
            (Some(error), _) => out.set(row, &crate::Value::Error(Arc::clone(error))),
            (None, 1) => {}
            (None, 0) => out.set(row, &crate::Value::Blank),
            (None, n) => {
                let message = format!("one value is expected, the list has {n}");
                out.set(row, &CellError::new(ErrorKind::Value, message).into());
            }
        }
    }
    out
}

/// Lists of texts as text: what is not blank, with a comma and a space between.
fn join(chunk: &Chunk) -> Chunk {
    let lists = lists(chunk);
    let items = lists.items();
    let texts = items.texts().expect("the checker makes texts of items first");
    let mut out = TextBuilder::default();
    let joined = |row: usize| {
        let mut text = String::new();
        let mut first = true;
        for item in lists.range(row) {
            if let Some(error) = items.error(item) {
                return Err(CellError::clone(error));
            }
            if !items.is_valid(item) {
                continue;
            }
            if !std::mem::take(&mut first) {
                text.push_str(", ");
            }
            text.push_str(texts.get(item));
            if text.len() > TEXT_BYTES_MAX {
                return Err(CellError::clone(&text_too_long()));
            }
        }
        Ok(Some(text))
    };
    let cells = map_valid(chunk, joined, |text| out.push(text.as_deref().unwrap_or("")));
    cells.finish(Vector::Text(out.finish()))
}

fn to_list(chunk: &Chunk, kind: Kind) -> Chunk {
    let Kind::List(item) = kind else { panic!("a list is wanted, not {kind:?}") };
    let mut end = 0;
    let ends = chunk.valid().iter().map(|valid| {
        end += u32::from(valid);
        end
    });
    let ends = ends.collect();
    let items = chunk.gather((0..chunk.len()).filter(|row| chunk.is_valid(*row)));
    let vector = Vector::List(ListVector::from_parts(item, ends, items));
    Chunk::with_errors(vector, chunk.valid().clone(), chunk.errors().to_vec())
}

/// Lists of booleans as one; a blank item is false, the first error of a list is the cell's.
fn over_items(chunk: &Chunk, of: impl Fn(&Bitmap, std::ops::Range<usize>) -> bool) -> Chunk {
    let lists = lists(chunk);
    let items = lists.items();
    let bits = items.bools().expect("the checker makes booleans of items first");
    let mut out = Bitmap::default();
    let row_of = |row: usize| {
        if let Some(error) = lists.range(row).find_map(|item| items.error(item)) {
            return Err(CellError::clone(error));
        }
        Ok(Some(of(bits, lists.range(row))))
    };
    let cells = map_valid(chunk, row_of, |bit| out.push(bit.unwrap_or(false)));
    cells.finish(Vector::Bool(out))
}

/// The items of all arguments, row by row; a blank single value is no item, a failed one fails the row.
pub(super) fn flatten(args: &[Operand], kind: Kind, len: usize) -> Chunk {
    let Kind::List(item) = kind else { panic!("a list is wanted, not {kind:?}") };
    let refs: Vec<&Operand> = args.iter().collect();
    let failed = super::operand::first_errors(&refs, len);
    let mut valid = Bitmap::filled(true, len);
    failed.iter().for_each(|(row, _)| valid.set(*row as usize, false));
    let mut all = Chunk::blank(item.kind(), 0);
    let mut offsets = Vec::new();
    for arg in args {
        offsets.push(all.len());
        all.append(arg.chunk.lists().map_or(&arg.chunk, ListVector::items));
    }
    let (mut picked, mut ends) = (Vec::new(), Vec::with_capacity(len));
    for row in 0..len {
        if valid.get(row) {
            for (arg, offset) in args.iter().zip(&offsets) {
                let at = arg.at(row);
                match arg.chunk.lists() {
                    Some(lists) => picked.extend(lists.range(at).map(|item| offset + item)),
                    None if arg.chunk.is_valid(at) => picked.push(offset + at),
                    None => {}
                }
            }
        }
        ends.push(picked.len() as u32);
    }
    let items = all.gather(picked.into_iter());
    Chunk::with_errors(Vector::List(ListVector::from_parts(item, ends, items)), valid, failed)
}

/// `text` as a message quotes it.
pub(crate) fn excerpt(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut out: String = text.chars().take(CHARS_MAX).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    format!("{out:?}")
}
