//! The demo: people without passwords, and a campaign base with a quarter of a year of data.

use engine::PersonId;
use engine::state::schema::Role;
use engine::template::{self, Sample};

use crate::app::{App, SAMPLE_SEED, Start};
use crate::time::now_ms;

/// Who is in the demo; the first one is who looks at it.
const PEOPLE: [(&str, &str); 6] = [
    ("陈晓", "chenxiao@localhost"),
    ("李雷", "lilei@localhost"),
    ("周杰", "zhoujie@localhost"),
    ("Wang Fang", "wangfang@localhost"),
    ("Tomas", "tomas@localhost"),
    ("Kim", "kim@localhost"),
];

/// Makes what is missing; `rows` daily figures, or a few thousand. Blocks.
///
/// # Errors
///
/// If the folder cannot be written.
pub fn prepare(
    app: &App,
    rows: Option<usize>,
    locale: &str,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<PersonId> {
    let known = app.directory.read().people.keys().next().copied().map(crate::directory::person_id);
    if let Some(person) = known {
        return Ok(person);
    }
    let people = PEOPLE.iter().map(|(name, email)| app.directory.add_person(name, email, ""));
    let people = people.collect::<Result<Vec<_>, _>>()?;
    let template =
        template::find("campaign").ok_or_else(|| anyhow::anyhow!("the campaign template is missing"))?;
    let chinese = locale.starts_with("zh");
    let name = if chinese { "双十一大促" } else { "Double Eleven" };
    let zone = "Asia/Shanghai";
    let start = Start { template: Some(template), ..Start::default() };
    let (id, base) = app.create_base(people[0], name, locale, zone, start)?;
    for person in &people[1..] {
        app.directory.set_member(&id, *person, Some(Role::Editor))?;
    }
    app.sync_people(&id, &base)?;
    let sample =
        Sample { author: Some(people[0]), people: &people, rows, seed: SAMPLE_SEED, now_ms: now_ms() };
    (template.fill)(&base, &sample, progress)?;
    Ok(people[0])
}
