//! Who asks. What they may do is decided by the engine (`engine::access`) for every command.

use engine::PersonId;
use engine::state::schema::Role;

/// Who asks, within one base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The person.
    pub person: PersonId,
    /// What they may do here.
    pub role: Role,
}
