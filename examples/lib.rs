//! Programs of a page each: `cargo run -p examples --example embed`, `… --example campaign`.
