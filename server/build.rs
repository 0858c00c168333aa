//! Builds the browser app, or takes one that was built, and lists its files for `src/assets.rs`.
//!
//! 1. `SHEAF_WEB_DIST=dir`: that folder (releases, Docker, distributions).
//! 2. Release, or `SHEAF_WEB_BUILD=always`, and there is npm: `npm ci` if need be, `npm run build`.
//! 3. Otherwise one page that says so: `cargo check` and debug builds never run npm.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let web = here.join("web");
    for name in ["SHEAF_WEB_DIST", "SHEAF_WEB_BUILD"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    // Naming the folder itself would rerun for node_modules.
    for name in ["src", "package-lock.json", "vite.config.ts", "index.html"] {
        let path = web.join(name);
        if path.exists() {
            println!("cargo:rerun-if-changed={}", path.display());
        }
    }
    println!("cargo:rerun-if-changed=build.rs");
    let dist = given().or_else(|| built(&web, &out));
    let dist = dist.unwrap_or_else(|| placeholder(&out));
    list(&dist, &out.join("assets.rs"));
}

fn given() -> Option<PathBuf> {
    let dist = PathBuf::from(env::var_os("SHEAF_WEB_DIST")?);
    let dist =
        dist.canonicalize().unwrap_or_else(|error| panic!("SHEAF_WEB_DIST={}: {error}", dist.display()));
    assert!(dist.join("index.html").is_file(), "SHEAF_WEB_DIST={} has no index.html", dist.display());
    println!("cargo:rerun-if-changed={}", dist.display());
    Some(dist)
}

fn built(web: &Path, out: &Path) -> Option<PathBuf> {
    let wish = env::var("SHEAF_WEB_BUILD").unwrap_or_default();
    let release = env::var("PROFILE").as_deref() == Ok("release");
    if wish == "never" || !(release || wish == "always") || !web.join("package.json").is_file() {
        return None;
    }
    if Command::new("npm").arg("--version").output().is_err() {
        println!("cargo:warning=npm was not found: sheaf is built without its web UI");
        return None;
    }
    let changed = |path: PathBuf| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let (lock, installed) =
        (changed(web.join("package-lock.json")), changed(web.join("node_modules/.package-lock.json")));
    if installed.is_none() || installed < lock {
        run(web, out, &["ci", "--prefer-offline", "--no-audit", "--no-fund"]);
    }
    run(web, out, &["run", "build"]);
    Some(out.join("web-dist"))
}

fn run(web: &Path, out: &Path, args: &[&str]) {
    let status =
        Command::new("npm").args(args).current_dir(web).env("WEB_OUT_DIR", out.join("web-dist")).status();
    let done = status.is_ok_and(|status| status.success());
    assert!(
        done,
        "`npm {}` failed in {}; SHEAF_WEB_BUILD=never builds without the web UI",
        args.join(" "),
        web.display()
    );
}

fn placeholder(out: &Path) -> PathBuf {
    let dist = out.join("web-none");
    fs::create_dir_all(&dist).expect("OUT_DIR can be written");
    let page = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Sheaf</title>\n\
        <body><h1>Sheaf</h1>\n<p>This binary was built without the web UI. Build it with \
        <code>SHEAF_WEB_BUILD=always</code> or in release, or start it with <code>--web-dir server/web/dist</code>.</p>\n\
        <p><a href=\"/api/docs\">The API</a> works.</p></body></html>\n";
    fs::write(dist.join("index.html"), page).expect("OUT_DIR can be written");
    if env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo:warning=sheaf is built without its web UI");
    }
    dist
}

/// Writes `[(path, bytes)]`, sorted, as Rust.
fn list(dist: &Path, file: &Path) {
    let mut paths = Vec::new();
    walk(dist, &mut paths);
    paths.sort();
    let mut code = String::from("&[\n");
    for path in paths {
        let name = path.strip_prefix(dist).expect("it is below").to_string_lossy().replace('\\', "/");
        let _ = writeln!(code, "    ({name:?}, include_bytes!({:?}) as &[u8]),", path.display().to_string());
    }
    code.push_str("]\n");
    fs::write(file, code).expect("OUT_DIR can be written");
}

fn walk(dir: &Path, paths: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, paths) } else { paths.push(path) }
    }
}
