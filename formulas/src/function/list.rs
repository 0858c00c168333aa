//! Lists: of linked records, of what is seen through links, and of arguments.

use std::collections::HashSet;
use std::ops::Range;

use super::args::{Given, Row, compare_items, no_error, not_a_number};
use super::{Eval, Function, Special};
use crate::column::{Chunk, Vector};
use crate::dialect::Dialect;
use crate::error::{CellError, ErrorKind};
use crate::limits::SEQUENCE_ITEMS_MAX;

pub(super) const ALL: &[&Function] = &[
    &FILTER,
    &MAP,
    &SORTBY,
    &REDUCE,
    &SCAN,
    &ARRAYJOIN,
    &ARRAYUNIQUE,
    &ARRAYCOMPACT,
    &LISTCOMBINE,
    &ARRAYSLICE,
    &FIRST,
    &LAST,
    &NTH,
    &SORT,
    &REVERSE,
    &TAKE,
    &DROP,
    &SEQUENCE,
    &COUNTUNIQUE,
    &CONTAINS,
    &CONTAINSALL,
    &CONTAINSONLY,
    &LIST,
];

const FILTER: Function = Function {
    name: "FILTER",
    signature: "(list, condition: formula) -> list",
    doc: "The items for which the condition is true: a formula in which `CurrentValue` is the item, a `LAMBDA`, or \
          a list that says so for each item.",
    examples: &[
        ("SUM(LIST(1, 5, 3).FILTER(CurrentValue > 2))", "8"),
        ("FILTER(LIST(1, 5, 3), LAMBDA(x, x > 2))", "[5, 3]"),
        ("FILTER(LIST(1, 5, 3), LIST(TRUE, FALSE, TRUE))", "[1, 3]"),
    ],
    eval: Eval::Special(Special::Filter),
};

const MAP: Function = Function {
    name: "MAP",
    signature: "(list, value: formula, more: formula...) -> list",
    doc: "The value for each item: a formula in which `CurrentValue` is the item, or a `LAMBDA`, which may have a \
          parameter for each of several lists of one length.",
    examples: &[
        ("LIST(1, 2).MAP(CurrentValue * 10)", "[10, 20]"),
        ("MAP(LIST(1, 2), LIST(10, 20), LAMBDA(x, y, x + y))", "[11, 22]"),
    ],
    eval: Eval::Special(Special::Map),
};

const SORTBY: Function = Function {
    name: "SORTBY",
    signature: "(list, key: formula, order: number = 1, more: formula...) -> list",
    doc: "The items in the order of a key: a formula in which `CurrentValue` is the item, a `LAMBDA`, a column of the \
          table whose records are sorted, or a list of keys. `order` is 1 or TRUE for ascending, -1 or FALSE for \
          descending; blank keys come last. Further keys with their orders decide between equal ones.",
    examples: &[
        (r#"LIST("aaa", "b", "cc").SORTBY(LEN(CurrentValue))"#, r#"["b", "cc", "aaa"]"#),
        (r#"SORTBY(LIST("a", "b"), LIST(1, 2), -1)"#, r#"["b", "a"]"#),
    ],
    eval: Eval::Special(Special::SortBy),
};

const REDUCE: Function = Function {
    name: "REDUCE",
    signature: "(initial: any, list, step: formula) -> any",
    doc: "What a `LAMBDA(before, item, …)` gives for the last item, where `before` is what it gave for the one before, \
          and `initial` at first.",
    examples: &[("REDUCE(0, LIST(1, 2, 3), LAMBDA(sum, x, sum + x * x))", "14")],
    eval: Eval::Special(Special::Reduce),
};

const SCAN: Function = Function {
    name: "SCAN",
    signature: "(initial: any, list, step: formula) -> list",
    doc: "As REDUCE, but the list of what the `LAMBDA` gave for each item: a running total.",
    examples: &[("SCAN(0, LIST(1, 2, 3), LAMBDA(sum, x, sum + x))", "[1, 3, 6]")],
    eval: Eval::Special(Special::Scan),
};

const ARRAYJOIN: Function = Function {
    name: "ARRAYJOIN",
    signature: r#"(values: texts, delimiter: text = ", ") -> text"#,
    doc: "The items as text with `delimiter` between them; blank ones are left out.",
    examples: &[(r#"ARRAYJOIN(LIST(1, 2, 3), "-")"#, r#""1-2-3""#)],
    eval: Eval::Rows(|call| {
        call.texts(|row, out| {
            let (items, range) = row.items(0);
            no_error(items, range.clone())?;
            let texts = items.texts().expect("the signature says texts");
            let mut first = true;
            for at in range.filter(|at| items.is_valid(*at)) {
                if !std::mem::take(&mut first) {
                    out.push_str(row.text(1));
                }
                out.push_str(texts.get(at));
                if out.len() > crate::limits::TEXT_BYTES_MAX {
                    break;
                }
            }
            Ok(())
        })
    }),
};

const ARRAYUNIQUE: Function = Function {
    name: "ARRAYUNIQUE",
    signature: "(list) -> list",
    doc: "Each item once, where it stands first.",
    examples: &[("UNIQUE(LIST(1, 2, 1))", "[1, 2]")],
    eval: Eval::Rows(|call| {
        call.picks(|_, items, range, picked| {
            let mut seen = HashSet::new();
            picked.extend(range.filter(|at| seen.insert(key(items, *at))));
            Ok(())
        })
    }),
};

const ARRAYCOMPACT: Function = Function {
    name: "ARRAYCOMPACT",
    signature: "(list) -> list",
    doc: "Without blank items and empty texts.",
    examples: &[(r#"ARRAYCOMPACT(LIST("a", "", "b"))"#, r#"["a", "b"]"#)],
    eval: Eval::Rows(|call| {
        call.picks(|_, items, range, picked| {
            let is_empty = |at: usize| items.texts().is_some_and(|texts| texts.get(at).is_empty());
            picked.extend(
                range.filter(|at| items.error(*at).is_some() || items.is_valid(*at) && !is_empty(*at)),
            );
            Ok(())
        })
    }),
};

const LISTCOMBINE: Function = Function {
    name: "LISTCOMBINE",
    signature: "(values: any...) -> list",
    doc: "One list of all values and of the items of all lists.",
    examples: &[("LISTCOMBINE(LIST(1, 2), 3)", "[1, 2, 3]")],
    eval: Eval::Special(Special::Flatten),
};

const LIST: Function = Function {
    name: "LIST",
    signature: "(values: any...) -> list",
    doc: "A list of the values; those of lists become items of their own, blank ones are left out.",
    examples: &[("LIST(1, 2)", "[1, 2]"), (r#"LIST(1, "a")"#, r#"["1", "a"]"#)],
    eval: Eval::Special(Special::Flatten),
};

const ARRAYSLICE: Function = Function {
    name: "ARRAYSLICE",
    signature: "(list, start: number, end: number?) -> list",
    doc: "The items from position `start` to `end`, both counted; negative positions count from the end.",
    examples: &[
        ("ARRAYSLICE(LIST(1, 2, 3, 4), 2, 3)", "[2, 3]"),
        ("ARRAYSLICE(LIST(1, 2, 3), -2)", "[2, 3]"),
    ],
    eval: Eval::Rows(|call| {
        call.picks(|row, _, range, picked| {
            let len = range.len() as i64;
            let place = |at: i64| if at < 0 { len + at } else { at - 1 };
            let start = place(row.whole(1).max(-len - 1)).max(0);
            let end = if row.has(2) { place(row.whole(2).min(len)) + 1 } else { len };
            if start < end.min(len) {
                picked.extend(range.start + start as usize..range.start + end.min(len) as usize);
            }
            Ok(())
        })
    }),
};

const FIRST: Function = Function {
    name: "FIRST",
    signature: "(list) -> T",
    doc: "The first item; blank if there is none.",
    examples: &[("FIRST(LIST(3, 1))", "3")],
    eval: Eval::Rows(|call| call.item(|_, _, range| Ok(range.into_iter().next()))),
};

const LAST: Function = Function {
    name: "LAST",
    signature: "(list) -> T",
    doc: "The last item; blank if there is none.",
    examples: &[("LAST(LIST(3, 1))", "1")],
    eval: Eval::Rows(|call| call.item(|_, _, range| Ok(range.into_iter().next_back()))),
};

const NTH: Function = Function {
    name: "NTH",
    signature: "(list, position: number) -> T",
    doc: "The item at a position, counted from 1, or from the end if negative; blank if there is none.",
    examples: &[
        ("NTH(LIST(5, 6, 7), 2)", "6"),
        ("NTH(LIST(5, 6, 7), -1)", "7"),
        ("NTH(LIST(5), 2)", "blank"),
    ],
    eval: Eval::Rows(|call| {
        call.item(|row, _, range| {
            let (at, len) = (row.whole(1), range.len() as i64);
            let at = if at < 0 { len.saturating_add(at) } else { at - 1 };
            Ok((0..len).contains(&at).then(|| range.start + at as usize))
        })
    }),
};

const SORT: Function = Function {
    name: "SORT",
    signature: "(list, order: number = 1) -> list",
    doc: "The items in order, which is 1 or TRUE for ascending, -1 or FALSE for descending; blank ones come last.",
    examples: &[("SORT(LIST(3, 1, 2))", "[1, 2, 3]"), ("SORT(LIST(3, 1, 2), -1)", "[3, 2, 1]")],
    eval: Eval::Rows(|call| {
        call.picks(|row, items, range, picked| {
            let start = picked.len();
            picked.extend(range);
            let descending = row.number(1) <= 0.0;
            picked[start..].sort_by(|a, b| compare_items(items, *a, *b, descending));
            Ok(())
        })
    }),
};

const REVERSE: Function = Function {
    name: "REVERSE",
    signature: "(list) -> list",
    doc: "The items from the last to the first.",
    examples: &[("REVERSE(LIST(1, 2))", "[2, 1]")],
    eval: Eval::Rows(|call| {
        call.picks(|_, _, range, picked| {
            picked.extend(range.rev());
            Ok(())
        })
    }),
};

const TAKE: Function = Function {
    name: "TAKE",
    signature: "(list, count: number) -> list",
    doc: "So many items from the start, or from the end if negative.",
    examples: &[("TAKE(LIST(1, 2, 3), 2)", "[1, 2]"), ("TAKE(LIST(1, 2, 3), -2)", "[2, 3]")],
    eval: Eval::Rows(|call| {
        call.picks(|row, _, range, picked| {
            let (start, end) = ends(row.whole(1), &range);
            picked.extend(if row.whole(1) < 0 { start..range.end } else { range.start..end });
            Ok(())
        })
    }),
};

const DROP: Function = Function {
    name: "DROP",
    signature: "(list, count: number) -> list",
    doc: "Without so many items from the start, or from the end if negative.",
    examples: &[("DROP(LIST(1, 2, 3), 1)", "[2, 3]"), ("DROP(LIST(1, 2, 3), -1)", "[1, 2]")],
    eval: Eval::Rows(|call| {
        call.picks(|row, _, range, picked| {
            let (start, end) = ends(row.whole(1), &range);
            picked.extend(if row.whole(1) < 0 { range.start..start } else { end..range.end });
            Ok(())
        })
    }),
};

/// Where the last and where the first `count` items of a range begin and end.
fn ends(count: i64, range: &Range<usize>) -> (usize, usize) {
    let n = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX).min(range.len());
    (range.end - n, range.start + n)
}

const SEQUENCE: Function = Function {
    name: "SEQUENCE",
    signature: "(count: number, end: number?, step: number?, more: number?) -> numbers",
    doc: "Numbers in sequence. `SEQUENCE(5)` counts from 1 to 5; `SEQUENCE(start, end, step)` goes from a start to an \
          end, by 1 or -1 if nothing else is said; `SEQUENCE(rows, columns, start, step)` makes rows × columns \
          numbers, as it does in the dialect of Excel with fewer arguments.",
    examples: &[
        ("SEQUENCE(3)", "[1, 2, 3]"),
        ("SEQUENCE(2, 8, 3)", "[2, 5, 8]"),
        ("SEQUENCE(3, 1, 10, 5)", "[10, 15, 20]"),
    ],
    eval: Eval::Rows(|call| {
        call.number_lists(|row, out| {
            let (start, step, n) = sequence(row)?;
            if n > SEQUENCE_ITEMS_MAX as f64 {
                let message = format!("a sequence has at most {SEQUENCE_ITEMS_MAX} numbers");
                return Err(CellError::new(ErrorKind::Error, message));
            }
            out.extend((0..n as usize).map(|at| start + at as f64 * step));
            match out.last().is_none_or(|last| last.is_finite()) {
                true => Ok(()),
                false => not_a_number("the sequence leaves what can be represented"),
            }
        })
    }),
};

/// The first number, the step and how many there are.
fn sequence(row: Row<'_>) -> Given<(f64, f64, f64)> {
    if row.has(3) || row.has(1) && row.dialect() == Dialect::Excel {
        let n = row.count(0)? as f64 * row.count(1)? as f64;
        let or_one = |arg: usize| if row.has(arg) { row.number(arg) } else { 1.0 };
        return Ok((or_one(2), or_one(3), n));
    }
    if !row.has(1) {
        return Ok((1.0, 1.0, row.count(0)? as f64));
    }
    let (start, end) = (row.number(0), row.number(1));
    let step = match row.has(2) {
        true => row.number(2),
        false => 1f64.copysign(end - start),
    };
    if step == 0.0 {
        return not_a_number("a step is not 0");
    }
    // A step such as 0.1 is not quite that: what should be reached is.
    let n = ((end - start) / step + 1e-9).floor() + 1.0;
    Ok((start, step, n.max(0.0)))
}

const COUNTUNIQUE: Function = Function {
    name: "COUNTUNIQUE",
    signature: "(values: texts...) -> number",
    doc: "How many different values there are; blank ones are not counted.",
    examples: &[(r#"COUNTUNIQUE(LIST("a", "b", "a"))"#, "2")],
    eval: Eval::Rows(|call| {
        call.numbers(|row| {
            let mut seen = HashSet::new();
            row.each_text(0, |text| {
                if !text.is_empty() {
                    seen.insert(text);
                }
            })?;
            Ok(seen.len() as f64)
        })
    }),
};

const CONTAINS: Function = Function {
    name: "CONTAINS",
    signature: "(values: texts, wanted: texts...) -> bool",
    doc: "Whether any of the wanted values is an item of the list.",
    examples: &[(r#"CONTAINS(LIST("a", "b"), "b")"#, "true"), (r#"CONTAINS(LIST("ab"), "b")"#, "false")],
    eval: Eval::Rows(|call| {
        call.bools(|row| {
            let (items, range) = row.items(0);
            no_error(items, range.clone())?;
            let texts = items.texts().expect("the signature says texts");
            let mut found = false;
            row.each_text(1, |wanted| {
                found |= range.clone().any(|at| items.is_valid(at) && texts.get(at) == wanted);
            })?;
            Ok(found)
        })
    }),
};

const CONTAINSALL: Function = Function {
    name: "CONTAINSALL",
    signature: "(values: texts, wanted: texts...) -> bool",
    doc: "Whether all of the wanted values are items of the list.",
    examples: &[
        (r#"CONTAINSALL(LIST("a", "b", "c"), "a", "c")"#, "true"),
        (r#"CONTAINSALL(LIST("a", "b"), "a", "c")"#, "false"),
    ],
    eval: Eval::Rows(|call| call.bools(|row| Ok(wanted_and_others(row)?.0))),
};

const CONTAINSONLY: Function = Function {
    name: "CONTAINSONLY",
    signature: "(values: texts, wanted: texts...) -> bool",
    doc: "Whether all of the wanted values are items of the list, and nothing else is.",
    examples: &[
        (r#"CONTAINSONLY(LIST("b", "a"), "a", "b")"#, "true"),
        (r#"CONTAINSONLY(LIST("a", "b"), "a")"#, "false"),
    ],
    eval: Eval::Rows(|call| call.bools(|row| wanted_and_others(row).map(|(all, others)| all && !others))),
};

/// Whether all wanted values are items of the list in front, and whether that has others.
fn wanted_and_others(row: Row<'_>) -> Given<(bool, bool)> {
    let (items, range) = row.items(0);
    no_error(items, range.clone())?;
    let texts = items.texts().expect("the signature says texts");
    let own: HashSet<&str> = range.filter(|at| items.is_valid(*at)).map(|at| texts.get(at)).collect();
    let mut wanted = HashSet::new();
    row.each_text(1, |text| {
        wanted.insert(text);
    })?;
    Ok((wanted.is_subset(&own), !own.is_subset(&wanted)))
}

/// What is equal for equal items; failed ones are equal by their place only.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Blank,
    Failed(usize),
    Bits(u64),
    Text(&'a str),
}

fn key(items: &Chunk, at: usize) -> Key<'_> {
    if !items.is_valid(at) {
        return if items.error(at).is_some() { Key::Failed(at) } else { Key::Blank };
    }
    match items.vector() {
        Vector::Bool(bits) => Key::Bits(u64::from(bits.get(at))),
        Vector::Number(numbers) => Key::Bits((numbers[at] + 0.0).to_bits()),
        Vector::Text(texts) => Key::Text(texts.get(at)),
        Vector::Date(dates) => Key::Bits(dates[at] as u64),
        Vector::Choice(codes) => Key::Bits(u64::from(codes[at])),
        Vector::List(_) => unreachable!("lists are flat"),
    }
}
