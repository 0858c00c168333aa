//! What the source shows of the rules in ARCHITECTURE.md: who imports what, and that registries are whole.

#![allow(missing_docs)]

use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source file");
            files.push((path, text));
        }
    }
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// Files of `krate` outside of `home` whose code mentions `word`.
fn strays(krate: &str, word: &str, home: &str) -> Vec<String> {
    let src = root().join(krate).join("src");
    let code = |text: &str| -> String {
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    sources(&src)
        .into_iter()
        .filter(|(_, text)| code(text).contains(word))
        .map(|(path, _)| path.strip_prefix(&src).expect("below src").to_string_lossy().into_owned())
        .filter(|path| !path.ends_with("tests.rs") && (home.is_empty() || !path.starts_with(home)))
        .collect()
}

#[test]
fn only_their_own_folders_import_the_heavy_crates() {
    for (word, home) in [("sled::", "store"), ("polars::", "analyze"), ("rhai::", "automation/script")] {
        assert_eq!(strays("engine", word, home), Vec::<String>::new(), "{word} is imported in {home} alone");
    }
}

#[test]
fn formulas_is_pure() {
    for word in ["std::fs", "std::net", "std::thread", "SystemTime", "Instant", "serde", "tokio"] {
        assert_eq!(strays("formulas", word, ""), Vec::<String>::new(), "formulas does not know {word}");
    }
}

#[test]
fn the_engine_knows_no_http() {
    for word in ["axum", "hyper", "tokio", "reqwest"] {
        assert_eq!(strays("engine", word, ""), Vec::<String>::new(), "the engine does not know {word}");
    }
}

#[test]
fn only_logs_and_stores_touch_the_disk() {
    let mut files = strays("engine", "std::fs", "log");
    files.retain(|file| !file.starts_with("store") && file != "engine.rs");
    assert_eq!(files, Vec::<String>::new());
}

#[test]
fn only_the_planner_and_replay_apply_changes() {
    let mut files = strays("engine", "apply::", "command");
    // `automation/follow.rs` replays commits on a private copy.
    let known = ["checkpoint.rs", "engine.rs", "check.rs", "automation/follow.rs"];
    files.retain(|file| !known.contains(&file.as_str()));
    assert_eq!(files, Vec::<String>::new());
}

#[test]
fn each_field_type_has_words_and_operators() {
    let mut names = std::collections::BTreeSet::new();
    for ty in engine::field::REGISTRY {
        assert!(names.insert(ty.name()), "{} stands twice", ty.name());
        assert!(ty.doc().ends_with('.'), "{}: a doc is a sentence", ty.name());
        assert!(!ty.operators().is_empty(), "{} can be filtered", ty.name());
    }
    assert!(names.len() >= 21, "{names:?}");
}
