//! [`Dialect`]: whose results a formula gives where the families of spreadsheets disagree.
//!
//! The grammar is one for all. The checker asks [`Schema::dialect`](crate::Schema::dialect), functions read
//! `call.context.dialect`; the page `docs/decisions/005-dialects.md` lists each difference with its reason.

/// Whose results a formula gives where the families of spreadsheets disagree; a setting of the base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// As Airtable's formula field.
    #[default]
    Airtable,
    /// As Feishu Base (Lark Base).
    Feishu,
    /// As Microsoft Excel.
    Excel,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Airtable, Self::Feishu, Self::Excel];

    /// The name that settings, files and the command line use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Airtable => "airtable",
            Self::Feishu => "feishu",
            Self::Excel => "excel",
        }
    }

    /// The dialect of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }
}

impl std::fmt::Display for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
