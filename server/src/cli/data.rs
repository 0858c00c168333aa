//! `import`, `export`, `templates`, `new`, `check`: the commands that work on a folder.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use engine::{Base, Engine, PersonId};
use indicatif::{ProgressBar, ProgressStyle};

use super::run::need_folder;
use super::{Check, Export, Import, New};
use crate::app::{App, Options, Start};
use crate::export::write_csv;
use crate::import::{Report, Target, import as import_file};
use crate::templates as known;

pub(super) fn import(command: Import) -> anyhow::Result<ExitCode> {
    let file = &command.file;
    let size = file.metadata().with_context(|| file.display().to_string())?.len();
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    if !matches!(ending.as_str(), "csv" | "tsv" | "txt") {
        bail!("{}: .csv and .tsv files can be imported; save a workbook as CSV first", file.display());
    }
    let app = App::open(Options { data: command.data.data.clone(), ..Options::default() })?;
    let person = first_person(&app)?;
    let base = match find_base(&app, &command.base)? {
        Some(base) => base,
        None => {
            println!("base \"{}\" is new", command.base);
            app.create_base(person, &command.base, "en", "UTC", Start::default())?.1
        }
    };
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let table = command.table.unwrap_or(stem);
    let target = match base.snapshot().schema().table_named(&table) {
        Some(table) => Target::Table(table.id),
        None => Target::New(table.clone()),
    };
    let bar = bar("{bar:30} {bytes} of {total_bytes}, {eta} left");
    bar.set_length(size);
    let report = import_file(&base, person, &target, file, &mut |at| bar.set_position(at.min(size)));
    bar.finish_and_clear();
    let report = report?;
    tell(&report, &table);
    app.engine.close();
    Ok(if report.n_issues > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn tell(report: &Report, table: &str) {
    println!("{} records are in table \"{table}\" now", report.records);
    println!("The file is {}, with {:?} between cells", report.encoding, report.delimiter);
    for (name, ty) in &report.fields {
        println!("  new field \"{name}\": {ty}");
    }
    for (name, note) in &report.notes {
        println!("  column \"{name}\" {note}");
    }
    for (name, why) in &report.left_out {
        println!("  column \"{name}\" was left out: {why}");
    }
    for issue in &report.issues {
        println!("  row {}, column \"{}\": {}: \"{}\"", issue.row, issue.column, issue.why, issue.text);
    }
    if report.n_issues > report.issues.len() as u64 {
        println!("  … and {} more cells", report.n_issues - report.issues.len() as u64);
    }
    if report.n_issues > 0 {
        println!("{} cells were not understood and are blank", report.n_issues);
    }
}

pub(super) fn export(command: Export) -> anyhow::Result<ExitCode> {
    need_folder(&command.data.data)?;
    let app = App::open(Options { data: command.data.data.clone(), ..Options::default() })?;
    let base =
        find_base(&app, &command.base)?.with_context(|| format!("there is no base \"{}\"", command.base))?;
    let snapshot = base.snapshot();
    let tables = snapshot.schema().tables_in_order();
    let table = match &command.table {
        Some(name) => snapshot.schema().table_named(name),
        None if tables.len() == 1 => tables.first().copied(),
        None => None,
    };
    let Some(table) = table else {
        let names: Vec<_> = tables.iter().map(|table| format!("\"{}\"", table.name)).collect();
        bail!("choose a table with --table: {}", names.join(", "));
    };
    let fields: Vec<_> = snapshot.schema().fields_of(table.id).map(|def| def.id).collect();
    let alive = snapshot.alive(table.id);
    let out = open_output(&command.output)?;
    write_csv(&snapshot, &fields, alive.iter(), command.safe, out)
        .context("the file could not be written")?;
    app.engine.close();
    Ok(ExitCode::SUCCESS)
}

fn open_output(path: &Path) -> anyhow::Result<Box<dyn Write>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdout().lock()));
    }
    let file = File::create(path).with_context(|| path.display().to_string())?;
    Ok(Box::new(BufWriter::new(file)))
}

pub(super) fn templates() -> anyhow::Result<ExitCode> {
    let list = known::list(&command_locale());
    for template in list.as_array().map(Vec::as_slice).unwrap_or_default() {
        let text = |key: &str| template[key].as_str().unwrap_or_default().to_owned();
        println!("{:16} {}: {}", text("id"), text("name"), text("description"));
    }
    Ok(ExitCode::SUCCESS)
}

/// A progress bar that looks as `template` says; it shows on a terminal alone.
pub(super) fn bar(template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

/// The language of whoever runs the command.
pub(super) fn command_locale() -> String {
    let given = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| std::env::var(name).ok());
    given.into_iter().find(|value| !value.is_empty()).unwrap_or_default()
}

pub(super) fn new(command: New) -> anyhow::Result<ExitCode> {
    let chinese = command.locale.starts_with("zh");
    let template = known::find(&command.template).map_err(|_| {
        anyhow::anyhow!("there is no template \"{}\"; `sheaf templates` lists them", command.template)
    })?;
    let app = App::open(Options { data: command.data.data, ..Options::default() })?;
    let person = first_person(&app)?;
    let zone = if chinese { "Asia/Shanghai" } else { "UTC" };
    let shown = template.name.get(engine::template::Locale::of(&command.locale));
    let name = command.name.unwrap_or_else(|| shown.to_owned());
    let start = Start { template: Some(template), sample: command.sample, ..Start::default() };
    let (id, _) = app.create_base(person, &name, &command.locale, zone, start)?;
    app.engine.close();
    println!("base \"{name}\" is {id}");
    Ok(ExitCode::SUCCESS)
}

pub(super) fn check(command: Check) -> anyhow::Result<ExitCode> {
    let problems = Engine::check(&command.data.data)?;
    if problems.is_empty() {
        println!("{} is whole", command.data.data.display());
        return Ok(ExitCode::SUCCESS);
    }
    for problem in &problems {
        println!("{problem}");
    }
    Ok(ExitCode::from(1))
}

/// Who owns what the command line makes: the first person, who set the server up.
fn first_person(app: &App) -> anyhow::Result<PersonId> {
    let index = app.directory.read();
    let first = index.people.keys().next().copied().map(crate::directory::person_id);
    first.context("nobody has an account yet; start `sheaf serve` and open the link that it prints")
}

fn find_base(app: &App, name: &str) -> anyhow::Result<Option<Base>> {
    let found: Vec<_> = {
        let index = app.directory.read();
        let same = index.bases.values().filter(|base| base.app == name || base.name == name);
        same.map(|base| base.app.clone()).collect()
    };
    match found.as_slice() {
        [] => Ok(None),
        [app_id] => Ok(Some(app.base_blocking(app_id)?.base.clone())),
        several => bail!("{} bases are named \"{name}\"; take one of {}", several.len(), several.join(", ")),
    }
}
