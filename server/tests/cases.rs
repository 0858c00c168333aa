//! Requests and what they must answer, as text: `cases/*.http`, run in order against a real server.
//!
//! ```text
//! ### what it shows
//! POST /api/v1/session as ada
//! {"email": …}
//! → 200
//! {"person": {"id": "$ada", …}}
//! ```
//!
//! `as NAME` sends NAME's cookie, and keeps a cookie that comes back. `$name` in an expected answer matches anything
//! the first time and is put in for it afterwards, in paths and bodies too. An object may have members that are not
//! named; a list is compared whole; `"…"` matches anything.

mod common;

use std::collections::BTreeMap;

use common::{Server, cookie_of};
use serde_json::Value as Json;

#[test]
fn answers_are_as_written() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> =
        std::fs::read_dir(dir).expect("cases").flatten().map(|entry| entry.path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a readable case");
        check(&file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(), &text);
    }
}

fn check(file: &str, text: &str) {
    let server = Server::start();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    known.insert("setup".into(), server.setup.clone());
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    for case in text.split("### ").skip(1) {
        let (name, rest) = case.split_once('\n').unwrap_or((case, ""));
        let place = format!("{file}: {name}");
        let (request, expected) = rest.split_once("\n→ ").unwrap_or_else(|| panic!("{place}: no answer"));
        let mut lines = request.trim_start().splitn(2, '\n');
        let mut words = lines.next().unwrap_or_default().split_whitespace();
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let who = words.nth(1).unwrap_or_default();
        let mut headers: Vec<(String, String)> =
            vec![("cookie".into(), cookies.get(who).cloned().unwrap_or_default())];
        let mut body = String::new();
        for line in lines.next().unwrap_or_default().lines() {
            match line.split_once(": ") {
                Some((key, value))
                    if body.is_empty() && !line.starts_with(['{', '[']) && !key.contains(' ') =>
                {
                    headers.push((key.to_owned(), fill(value, &known)));
                }
                _ => body.push_str(&format!("{line}\n")),
            }
        }
        let headers: Vec<_> = headers.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let answer = server.call(method, &fill(path, &known), &headers, &fill(body.trim_end(), &known));
        if answer.header("set-cookie").is_some() && !who.is_empty() {
            cookies.insert(who.to_owned(), cookie_of(&answer));
        }
        let (status, wanted) = expected.split_once('\n').unwrap_or((expected, ""));
        assert_eq!(answer.status.to_string(), status.trim(), "{place}: {}", answer.body);
        let wanted = wanted.trim();
        if wanted.is_empty() {
            continue;
        }
        match serde_json::from_str::<Json>(wanted) {
            Ok(wanted) => {
                let got = answer.json();
                if let Err(why) = fits(&wanted, &got, &mut known) {
                    panic!("{place}: {why}\n{got:#}");
                }
            }
            Err(_) => assert_eq!(fill(wanted, &known), answer.body.trim().replace('\r', ""), "{place}"),
        }
    }
}

fn fill(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut filled = text.to_owned();
    // Longer names first: `$task` is not `$tasks`.
    let mut names: Vec<_> = known.iter().collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, value) in names {
        filled = filled.replace(&format!("${name}"), value);
    }
    filled
}

fn fits(wanted: &Json, got: &Json, known: &mut BTreeMap<String, String>) -> Result<(), String> {
    let differ = |known: &BTreeMap<String, String>| {
        Err(format!("expected {}, got {got}", fill(&wanted.to_string(), known)))
    };
    match (wanted, got) {
        (Json::String(text), _) if text == "…" => Ok(()),
        (Json::String(text), Json::String(got)) if text.starts_with('$') => {
            let name = &text[1..];
            match known.get(name) {
                Some(value) if value == got => Ok(()),
                Some(_) => differ(known),
                None => {
                    known.insert(name.to_owned(), got.clone());
                    Ok(())
                }
            }
        }
        (Json::Object(wanted), Json::Object(got)) => {
            // `$fld` as a key stands for the id that it has by now.
            wanted.iter().try_for_each(|(key, value)| match got.get(&fill(key, known)) {
                Some(got) => fits(value, got, known),
                None => Err(format!("there is no {key:?}")),
            })
        }
        (Json::Array(wanted), Json::Array(got)) if wanted.len() == got.len() => {
            wanted.iter().zip(got).try_for_each(|(wanted, got)| fits(wanted, got, known))
        }
        (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64() => Ok(()),
        _ if wanted == got => Ok(()),
        _ => differ(known),
    }
}
