//! The command line: what was asked for, and the words that a person reads in a terminal.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a terminal is where it speaks")]

mod event;
mod filters;
mod follow;
mod list;
mod moment;
mod progress;
mod projects;
mod remote;
mod rows;
mod search;
mod serve;
mod sheet;
mod show;
mod sse;
mod stats;
mod tail;
mod terminal;
mod tree;
mod trouble;
mod wake;
mod which;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::Config;
use crate::fetch;
use trouble::Trouble;

const EXAMPLES: &str = "\
Examples:
  log-center                          Serve at http://localhost:8002, data in your home folder
  log-center --data /srv/log-center   Keep the data elsewhere
  log-center --listen 127.0.0.1:9000  Listen on one address only

Send a first report:
  curl http://localhost:8002/api/v1/logs/report -d '{\"project_id\":\"demo\",
    \"environment\":\"development\",\"level\":\"ERROR\",\"error\":{\"type\":\"ValueError\",
    \"message\":\"hello\",\"file_path\":\"app.py\",\"line_number\":1,\"stack_trace\":[]}}'

The dashboard is at http://localhost:8002, the API's documentation at http://localhost:8002/docs.";

/// A self-hosted place where all of a team's programs report their errors
///
/// Log Center stores errors, counts repeated ones as one issue, follows each issue through a fix
/// workflow and shows them in a dashboard. It needs no other program and no network: everything
/// is in this file and in one SQLite database.
#[derive(Debug, Parser)]
#[command(name = "log-center", version, args_conflicts_with_subcommands = true)]
#[command(after_help = EXAMPLES)]
struct Line {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Config,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Receive reports and show them (also without a command)
    Serve(Box<Config>),
    /// List issues
    List(Box<list::List>),
    /// Search issues or events
    Search(Box<search::Search>),
    /// Show an issue
    Show(Box<show::Show>),
    /// Follow events as they arrive
    Tail(Box<tail::Tail>),
    /// Count reports over time
    Stats(Box<stats::Stats>),
    /// List the projects
    Projects(projects::Projects),
}

/// Runs what the command line asks for.
pub fn run() -> ExitCode {
    fetch::look_up_names_alone();
    let words = std::env::args_os().map(|word| filters::plainly_negated(&word).unwrap_or(word));
    let line = Line::command().get_matches_from(words);
    let line = match Line::from_arg_matches(&line) {
        Ok(line) => line,
        Err(error) => error.exit(),
    };
    let outcome = match line.command {
        None => serve::run(line.config).map_err(Trouble::Failed),
        Some(Command::Serve(config)) => serve::run(*config).map_err(Trouble::Failed),
        Some(Command::List(list)) => remotely(list.run()),
        Some(Command::Search(search)) => remotely(search.run()),
        Some(Command::Show(show)) => remotely(show.run()),
        Some(Command::Tail(tail)) => remotely(tail.run()),
        Some(Command::Stats(stats)) => remotely(stats.run()),
        Some(Command::Projects(projects)) => remotely(projects.run()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            let sentence = trouble.to_string();
            if !sentence.is_empty() {
                let sentence = terminal::block(&format!("log-center: {sentence}"));
                eprintln!("{}", terminal::fold(&sentence, terminal::width(), 2));
            }
            trouble.exit_code()
        }
    }
}

/// Runs a command that speaks to a server.
fn remotely<T>(command: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Trouble::Failed(format!("The system gives no threads: {error}.")))?;
    runtime.block_on(command)
}
