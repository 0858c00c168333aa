use super::*;
use proptest::prelude::*;
use std::sync::Arc;

fn value_of(kind: Kind) -> BoxedStrategy<Value> {
    let some = match kind {
        Kind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Kind::Number => (-1e9..1e9f64).prop_map(Value::Number).boxed(),
        Kind::Text => "\\PC{0,6}".prop_map(|text: String| Value::text(text)).boxed(),
        Kind::Date => any::<i32>().prop_map(|ms| Value::Date(i64::from(ms))).boxed(),
        Kind::Choice => (0u32..9).prop_map(Value::Choice).boxed(),
        Kind::List(item) => proptest::collection::vec(value_of(item.kind()), 0..4)
            .prop_map(|items| Value::List(items.into()))
            .boxed(),
    };
    prop_oneof![1 => Just(Value::Blank), 4 => some].boxed()
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Bool),
        Just(Kind::Number),
        Just(Kind::Text),
        Just(Kind::Date),
        Just(Kind::Choice),
        Just(Kind::List(Item::Text)),
        Just(Kind::List(Item::Choice)),
    ]
}

fn edits() -> impl Strategy<Value = (Kind, Vec<(usize, Value)>)> {
    kind()
        .prop_flat_map(|kind| (Just(kind), proptest::collection::vec((0usize..5_000, value_of(kind)), 1..60)))
}

proptest! {
    #[test]
    fn a_column_behaves_as_a_plain_vector((kind, edits) in edits()) {
        let mut column = Column::new(kind, 5_000);
        let mut plain = vec![Value::Blank; 5_000];
        let before = column.clone();
        for (row, value) in &edits {
            column.set(RecordId(*row as u32), value);
            plain[*row] = value.clone();
        }
        for (row, value) in plain.iter().enumerate() {
            prop_assert_eq!(&column.get(RecordId(row as u32)), value);
        }
        prop_assert!(before.chunks().all(|chunk| (0..chunk.len()).all(|row| chunk.is_blank(row))));
        let rebuilt = Column::from_chunks(kind, (0..column.n_chunks()).map(|at| {
            let from = at * CHUNK;
            Arc::new(Chunk::from_values(kind, &plain[from..(from + CHUNK).min(5_000)]))
        }));
        prop_assert_eq!(rebuilt, column);
    }

    #[test]
    fn gathering_picks_the_same_cells((kind, edits) in edits()) {
        let values: Vec<Value> = edits.into_iter().map(|(_, value)| value).collect();
        let chunk = Chunk::from_values(kind, &values);
        let rows: Vec<usize> = (0..values.len()).rev().chain(0..values.len()).collect();
        let picked = chunk.gather(rows.iter().copied());
        for (at, row) in rows.iter().enumerate() {
            prop_assert_eq!(&picked.get(at), &values[*row]);
            prop_assert!(picked.same(at, &chunk, *row));
        }
    }
}

#[test]
fn a_text_chunk_that_is_edited_often_stays_small() {
    let mut column = Column::new(Kind::Text, CHUNK);
    for round in 0..20_000u32 {
        column.set(RecordId(round % 7), &Value::text(format!("round {round}")));
    }
    assert_eq!(column.get(RecordId(3)), Value::text("round 19995"));
    assert!(column.heap_bytes() < 120_000, "{} bytes", column.heap_bytes());
}
