//! `demo`, `serve`, `token`: the commands that run a server or talk to one.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::{Demo, Network_, Serve, Token};
use crate::api::local;
use crate::app::{App, Options};
use crate::control::Control;
use crate::{demo as sample, secret, serve as server};

pub(super) fn serve(command: Serve) -> anyhow::Result<ExitCode> {
    let data = command.data.data;
    runtime()?.block_on(async move {
        let (app, listener) = open(data, &command.network).await?;
        let url = url(&app, listener.local_addr()?);
        if app.directory.read().people.is_empty() {
            let token = app.auth.setup_token();
            println!("Sheaf is ready. Make the first account here, with this link, once:\n\n    {url}/setup?token={token}\n");
        } else {
            println!("Sheaf is ready: {url}");
        }
        server::serve(app, listener, server::signals()).await?;
        Ok(ExitCode::SUCCESS)
    })
}

pub(super) fn demo(command: Demo) -> anyhow::Result<ExitCode> {
    let (data, temporary) = match command.data {
        Some(data) => (data, None),
        None => {
            let name = format!("sheaf-demo-{}", secret::hex(&secret::random::<6>()));
            let data = std::env::temp_dir().join(name);
            (data.clone(), Some(Temporary(data)))
        }
    };
    let done = runtime()?.block_on(async move {
        let (app, listener) = open(data, &command.network).await?;
        let url = url(&app, listener.local_addr()?);
        let making = app.clone();
        let (rows, locale) = (command.rows, command.locale);
        let person = tokio::task::spawn_blocking(move || {
            let bar = super::data::bar("{bar:30} {pos} of {len} records, {eta} left");
            let person = sample::prepare(&making, rows, &locale, &mut |done, of| {
                bar.set_length(of as u64);
                bar.set_position(done as u64);
            });
            bar.finish_and_clear();
            person
        })
        .await??;
        let link = app.auth.login_link(person);
        println!("Sheaf's demo is ready. This link logs in, once:\n\n    {url}/login?token={link}\n\nCtrl-C ends it.");
        server::serve(app, listener, server::signals()).await?;
        anyhow::Ok(ExitCode::SUCCESS)
    });
    drop(temporary);
    done
}

pub(super) fn token(command: Token) -> anyhow::Result<ExitCode> {
    let data = command.data.data;
    need_folder(&data)?;
    if let Some(control) = Control::read(&data)
        && let Some(token) = runtime()?.block_on(ask_server(&control, &command.user, &command.name))?
    {
        println!("{token}");
        return Ok(ExitCode::SUCCESS);
    }
    let app = App::open(Options { data, ..Options::default() })?;
    let token = local::make_token(&app, &command.user, &command.name)
        .map_err(|problem| anyhow::anyhow!(problem.message))?;
    app.engine.close();
    println!("{token}");
    Ok(ExitCode::SUCCESS)
}

/// Asks the running server; `None` if there is none (any more).
async fn ask_server(control: &Control, email: &str, name: &str) -> anyhow::Result<Option<String>> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let body = serde_json::json!({ "email": email, "name": name }).to_string();
    let request = client
        .post(format!("http://{}/api/v1/local/token", reachable(control.address)))
        .header("content-type", "application/json")
        .header(local::HEADER, &control.secret)
        .body(body);
    let Ok(answer) = request.send().await else { return Ok(None) };
    let status = answer.status();
    let text = answer.text().await?;
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    match json["secret"].as_str() {
        Some(token) if status.is_success() => Ok(Some(token.to_owned())),
        // Another program has the port by now.
        _ if status.as_u16() == 404 => Ok(None),
        _ => bail!("the running server refused: {}", json["message"].as_str().unwrap_or(&text)),
    }
}

/// An address that everybody listens on is reached at the loopback one.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let loopback = if address.is_ipv4() { "127.0.0.1" } else { "::1" };
    loopback.parse().map_or(address, |ip| SocketAddr::new(ip, address.port()))
}

async fn open(data: PathBuf, network: &Network_) -> anyhow::Result<(App, tokio::net::TcpListener)> {
    // The port first: it fails at once, while a folder takes time to open.
    let listener = server::listen(network.listen).await.map_err(anyhow::Error::msg)?;
    if let Some(web) = &network.web_dir {
        anyhow::ensure!(
            web.join("index.html").is_file(),
            "{} has no index.html; build the app there first",
            web.display()
        );
    }
    let public_url = match &network.public_url {
        None => None,
        Some(text) => {
            let url = url::Url::parse(text).with_context(|| format!("--public-url {text}"))?;
            anyhow::ensure!(
                matches!(url.scheme(), "http" | "https") && url.path() == "/",
                "--public-url is like https://sheaf.example.org"
            );
            Some(text.trim_end_matches('/').to_owned())
        }
    };
    let options = Options {
        data,
        public_url,
        web_dir: network.web_dir.clone(),
        trusted_proxies: network.trusted_proxy.clone(),
        allowed_networks: network.allow_network.clone(),
        runs: true,
    };
    let app = tokio::task::spawn_blocking(move || App::open(options)).await??;
    Ok((app, listener))
}

fn url(app: &App, address: SocketAddr) -> String {
    app.options.public_url.clone().unwrap_or_else(|| format!("http://{}", reachable(address)))
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")
}

/// The folder of a command that needs one that is there.
pub(super) fn need_folder(data: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(data.join("bases").is_dir(), "{} is not a data folder of Sheaf", data.display());
    Ok(())
}

struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("sheaf: {} could not be removed: {error}", self.0.display());
        }
    }
}
