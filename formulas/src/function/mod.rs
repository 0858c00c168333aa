//! [`Function`]: a function of the language as data; the families list them.

/// A function of the language.
#[derive(Debug)]
pub struct Function {
    /// The name in capitals; formulas may write it in any case.
    pub name: &'static str,
    /// Parameters and result, such as `(text, count: number = 1) -> text`.
    pub signature: &'static str,
    /// A sentence or two for people.
    pub doc: &'static str,
    /// Formulas and their results; each is run as a test.
    pub examples: &'static [(&'static str, &'static str)],
}

/// Functions that belong together.
#[derive(Debug)]
pub struct Family {
    /// One word: text, number, date, logic, list.
    pub name: &'static str,
    /// Its functions.
    pub functions: &'static [&'static Function],
}

/// All families in the order of the reference page.
pub const FAMILIES: &[Family] = &[];

/// All functions of the language.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|family| family.functions.iter().copied())
}

/// The function of this name in any case.
pub fn function_named(name: &str) -> Option<&'static Function> {
    functions().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// The family that a function is in.
pub fn family_of(function: &Function) -> &'static Family {
    let is_in = |family: &&Family| family.functions.iter().any(|other| other.name == function.name);
    FAMILIES.iter().find(is_in).expect("every function is listed in a family")
}
