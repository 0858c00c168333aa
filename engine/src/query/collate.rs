//! Order of texts as a locale has it: ICU sort keys, numbers by value, case and width ignored.
//!
//! Keys are compared as bytes. A key for a group also tells apart what the locale calls equal.

use std::sync::Arc;

use icu_collator::options::{CollatorOptions, Strength};
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;

/// Makes the sort keys of one locale; cheap to clone.
#[derive(Clone)]
pub(crate) struct Collation {
    collator: Arc<CollatorBorrowed<'static>>,
}

impl Collation {
    /// Of a BCP 47 locale; the root's order for one that is not known.
    pub(crate) fn new(locale: &str) -> Self {
        let collator = Self::of(locale).or_else(|| Self::of("und"));
        Self { collator: Arc::new(collator.expect("the root locale's data is compiled in")) }
    }

    fn of(locale: &str) -> Option<CollatorBorrowed<'static>> {
        let locale: Locale = locale.parse().ok()?;
        let mut preferences = CollatorPreferences::from(locale);
        preferences.numeric_ordering = Some(CollationNumericOrdering::True);
        let mut options = CollatorOptions::default();
        options.strength = Some(Strength::Secondary);
        CollatorBorrowed::try_new(preferences, options).ok()
    }

    /// Adds the sort key of `text`; it has no zero byte.
    pub(crate) fn write(&self, text: &str, key: &mut Vec<u8>) {
        let Ok(()) = self.collator.write_sort_key_to(text, key);
    }

    /// The sort key of `text`, ended by a zero byte and `tail`: what tells apart texts that collate equal.
    pub(crate) fn write_with(&self, text: &str, tail: &[u8], key: &mut Vec<u8>) {
        self.write(text, key);
        key.push(0);
        key.extend_from_slice(tail);
    }
}

impl std::fmt::Debug for Collation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collation").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(locale: &str, mut texts: Vec<&str>) -> Vec<String> {
        let collation = Collation::new(locale);
        texts.sort_by_key(|text| {
            let mut key = Vec::new();
            collation.write(text, &mut key);
            key
        });
        texts.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn numbers_by_value_and_case_ignored() {
        assert_eq!(sorted("en", vec!["item 10", "Item 9", "item 1"]), ["item 1", "Item 9", "item 10"]);
        assert_eq!(sorted("en", vec!["zoo", "élan", "Apple"]), ["Apple", "élan", "zoo"]);
    }

    #[test]
    fn chinese_by_pinyin() {
        assert_eq!(sorted("zh-CN", vec!["上海", "北京", "广州", "安徽"]), ["安徽", "北京", "广州", "上海"]);
    }

    #[test]
    fn an_unknown_locale_has_the_order_of_the_root() {
        assert_eq!(sorted("not a locale", vec!["b", "A"]), ["A", "b"]);
    }
}
