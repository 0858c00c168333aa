//! Templates build, say what they mean, and can be filled.

#![allow(missing_docs)]

mod common;

use common::NOW_MS;
use engine::Base;
use engine::template::{self, Locale, Template};

const LOCALES: [Locale; 2] = [Locale::Zh, Locale::En];

fn built(template: &Template, locale: Locale) -> Base {
    let base = common::base_over(engine::memory_base(), "");
    template::create(&base, template, locale, Some(engine::PersonId(1)), NOW_MS)
        .unwrap_or_else(|error| panic!("{} {locale:?}: {error}", template.id));
    base
}

#[test]
fn each_template_builds_in_each_language() {
    for template in template::list() {
        for locale in LOCALES {
            let base = built(template, locale);
            println!("{}", engine::text::print(&base.snapshot(), false));
        }
    }
}
