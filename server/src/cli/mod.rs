//! The command line. `--help` is written for people; every option is an environment variable too.
//!
//! Exit codes: 0 done, 1 something is wrong, 2 the command line itself is.

mod data;
mod eval;
mod functions;
mod run;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::outgoing::Network;

/// Sheaf: tables, links, formulas, automations and dashboards for a team, in one program and one folder.
#[derive(Debug, Parser)]
#[command(name = "sheaf", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Try `sheaf demo` first. Every option can be given as an environment variable, shown in brackets."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// What to write to the log: error, warn, info, debug, or a filter such as server=debug
    #[arg(
        long,
        global = true,
        env = "SHEAF_LOG",
        default_value = "warn,server=info,engine=info",
        hide_default_value = true
    )]
    log: String,
    /// How to write it
    #[arg(long, global = true, env = "SHEAF_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show Sheaf with a base that is ready to try, and print a link that logs in
    Demo(Demo),
    /// Serve a data folder to the people who work with it
    Serve(Serve),
    /// Print an API token for a person; the server may be running or not
    Token(Token),
    /// Read a .csv or .tsv file into a table
    Import(Import),
    /// Write a table as .csv
    Export(Export),
    /// List what a new base can start from
    Templates,
    /// Make a base from a template
    New(New),
    /// Read everything in a data folder and tell whether it is whole
    Check(Check),
    /// Give the value of a formula, or of many, without a base
    Eval(eval::Eval),
    /// List the functions of formulas
    Functions(functions::Functions),
}

#[derive(Clone, Debug, Args)]
struct DataDir {
    /// The folder that holds everything
    #[arg(long, env = "SHEAF_DATA", value_name = "DIR")]
    data: PathBuf,
}

#[derive(Clone, Debug, Args)]
struct Network_ {
    /// Where to listen
    #[arg(long, env = "SHEAF_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7300")]
    listen: SocketAddr,
    /// How people reach the server, such as `https://sheaf.example.org`; https makes cookies secure
    #[arg(long, env = "SHEAF_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Serve the browser app from a folder and not from the program
    #[arg(long, env = "SHEAF_WEB_DIR", value_name = "DIR")]
    web_dir: Option<PathBuf>,
    /// Proxies whose X-Forwarded-For is believed
    #[arg(long, env = "SHEAF_TRUSTED_PROXY", value_name = "NETWORK", value_delimiter = ',')]
    trusted_proxy: Vec<Network>,
    /// Networks that automations may reach although they are not public
    #[arg(long, env = "SHEAF_ALLOW_NETWORK", value_name = "NETWORK", value_delimiter = ',')]
    allow_network: Vec<Network>,
}

#[derive(Debug, Args)]
struct Demo {
    /// Keep the data here; without it, it is gone when the demo ends
    #[arg(long, env = "SHEAF_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Daily figures to make; millions are fine
    #[arg(long, env = "SHEAF_ROWS", value_name = "N")]
    rows: Option<usize>,
    /// The language of the base: zh-CN or en
    #[arg(long, env = "SHEAF_LOCALE", value_name = "TAG", default_value = "zh-CN")]
    locale: String,
    #[command(flatten)]
    network: Network_,
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    data: DataDir,
    #[command(flatten)]
    network: Network_,
}

#[derive(Debug, Args)]
struct Token {
    #[command(flatten)]
    data: DataDir,
    /// The person's e-mail address
    #[arg(long, value_name = "EMAIL")]
    user: String,
    /// What the token is for
    #[arg(long, default_value = "command line")]
    name: String,
}

#[derive(Debug, Args)]
struct Import {
    /// A .csv or .tsv file with names in its first line
    file: PathBuf,
    #[command(flatten)]
    data: DataDir,
    /// The base's name or id; it is made if it is not there
    #[arg(long, value_name = "NAME")]
    base: String,
    /// The table's name; the file's name without it
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
}

#[derive(Debug, Args)]
struct Export {
    #[command(flatten)]
    data: DataDir,
    /// The base's name or id
    #[arg(long, value_name = "NAME")]
    base: String,
    /// The table's name; not needed if there is one table
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// Where to write; - for the terminal
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Put a ' before texts that a spreadsheet program would take for formulas
    #[arg(long)]
    safe: bool,
}

#[derive(Debug, Args)]
struct New {
    /// One of `sheaf templates`
    template: String,
    #[command(flatten)]
    data: DataDir,
    /// The base's name; the template's without it
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// BCP 47, such as zh-CN
    #[arg(long, default_value = "en")]
    locale: String,
    /// Fill it with sample data
    #[arg(long)]
    sample: bool,
}

#[derive(Debug, Args)]
struct Check {
    #[command(flatten)]
    data: DataDir,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    // Clap ends with 2 for a wrong command line, and with 0 for --help.
    let cli = Cli::parse();
    start_log(&cli);
    let done = match cli.command {
        Command::Demo(demo) => run::demo(demo),
        Command::Serve(serve) => run::serve(serve),
        Command::Token(token) => run::token(token),
        Command::Import(import) => data::import(import),
        Command::Export(export) => data::export(export),
        Command::Templates => data::templates(),
        Command::New(new) => data::new(new),
        Command::Check(check) => data::check(check),
        Command::Eval(eval) => eval::run(eval),
        Command::Functions(functions) => functions::run(&functions),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("sheaf: {error:#}");
            ExitCode::from(1)
        }
    }
}

fn start_log(cli: &Cli) {
    let filter = tracing_subscriber::EnvFilter::new(&cli.log);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process keeps the first.
    drop(match cli.log_format {
        LogFormat::Text => log.with_target(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
