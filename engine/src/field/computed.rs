//! What the types have in common whose cells nobody writes.

use formulas::Value;

use super::{Accept, Acceptor, Input};

/// Takes nothing.
pub(super) struct Refuse;

impl Acceptor for Refuse {
    fn accept(&mut self, _input: &Input, _context: &mut Accept<'_>) -> Result<Value, String> {
        Err("is kept by the base and cannot be written".into())
    }
}
