//! The command line: what was asked for, and the words that a person reads in a terminal.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a terminal is where it speaks")]

mod admin;
mod assigning;
mod audit;
mod backup;
mod change;
mod channels;
mod code_pages;
mod commenting;
mod demo;
mod deploying;
mod doctor;
mod event;
mod export;
mod filters;
mod follow;
mod holder;
mod import;
mod keys;
mod list;
mod moment;
mod moving;
mod muting;
mod numbered;
mod origin;
mod overview;
mod pages;
mod people;
mod period;
mod plain;
mod progress;
mod projects;
mod remote;
mod report;
mod restore;
mod rows;
mod rules;
mod run;
mod search;
mod secret_input;
mod sending;
mod serve;
mod settings;
mod sheet;
mod show;
mod sse;
mod stats;
mod systemd;
mod tail;
mod terminal;
mod transfer;
mod tree;
mod trouble;
mod verify;
mod wake;
mod which;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::Config;
use crate::fetch;
use trouble::Trouble;

/// A self-hosted place where all of a team's programs report their errors
///
/// Log Center stores errors, counts repeated ones as one issue, follows each issue through a fix
/// workflow and shows them in a dashboard. It needs no other program and no network: everything
/// is in this file and in one SQLite database.
#[derive(Debug, Parser)]
#[command(name = "log-center", version, args_conflicts_with_subcommands = true)]
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
    Demo(Box<demo::Demo>),
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
    /// Send a report from a shell or a pipe
    Report(Box<report::Report>),
    /// Run a program, as from cron, and report it when it fails
    Run(Box<run::Run>),
    /// Move issues to another status
    Move(moving::Move),
    /// Keep issues quiet for a while
    Mute(muting::Mute),
    /// End the quiet of issues
    Unmute(muting::Unmute),
    /// Say who looks after issues
    Assign(assigning::Assign),
    /// Add a comment to an issue
    Comment(commenting::Comment),
    /// Tell that a version is deployed
    Deploy(deploying::Deploy),
    Admin(admin::Admin),
    People(people::People),
    Keys(keys::Keys),
    Channels(channels::Channels),
    Rules(rules::Rules),
    Audit(audit::Audit),
    /// Find what is wrong with this set-up
    Doctor(doctor::Doctor),
    /// Print what lets a shell complete commands and flags
    Completions(pages::Completions),
    /// Print the manual page
    Man(pages::Manual),
    /// Print a systemd unit that runs Log Center as a service
    Systemd(systemd::Systemd),
    /// Write everything that a server knows into a file
    Export(export::Export),
    /// Read an export into an empty server
    Import(import::Import),
    Backup(backup::Backup),
    Verify(verify::Verify),
    Restore(restore::Restore),
}

/// Runs what the command line asks for.
pub fn run() -> ExitCode {
    fetch::look_up_names_alone();
    let words = filters::plainly_negated(std::env::args_os().collect());
    let line = described().get_matches_from(words);
    let line = match Line::from_arg_matches(&line) {
        Ok(line) => line,
        Err(error) => error.exit(),
    };
    let outcome = match line.command {
        None => serve::run(line.config).map_err(Trouble::Failed).map(done),
        Some(command) => command.run(),
    };
    outcome.unwrap_or_else(|trouble| {
        let sentence = trouble.to_string();
        if !sentence.is_empty() {
            let sentence = terminal::block(&format!("log-center: {sentence}"));
            eprintln!("{}", terminal::fold(&sentence, terminal::width(), 2));
        }
        trouble.exit_code()
    })
}

/// The command line with the help that people see.
fn described() -> clap::Command {
    overview::with_overview(Line::command())
}

impl Command {
    fn run(self) -> Result<ExitCode, Trouble> {
        match self {
            Self::Serve(config) => serve::run(*config).map_err(Trouble::Failed).map(done),
            Self::Demo(demo) => demo.run().map_err(Trouble::Failed).map(done),
            Self::Admin(admin) => admin.run().map(done),
            Self::People(people) => remotely(people.run()).map(done),
            Self::Keys(keys) => remotely(keys.run()).map(done),
            Self::Channels(channels) => remotely(channels.run()).map(done),
            Self::Rules(rules) => remotely(rules.run()).map(done),
            Self::Audit(audit) => remotely(audit.run()).map(done),
            Self::Systemd(systemd) => systemd.run().map(done),
            Self::Export(export) => remotely(export.run()).map(done),
            Self::Import(import) => remotely(import.run()).map(done),
            Self::Backup(backup) => remotely(backup.run()).map(done),
            Self::Verify(verify) => remotely(verify.run()),
            Self::Restore(restore) => restore.run().map(done),
            Self::Projects(projects) => remotely(projects.run()).map(done),
            Self::Report(report) => remotely(report.run()).map(done),
            Self::Run(run) => run.run(),
            Self::Move(wanted) => remotely(wanted.run()).map(done),
            Self::Mute(mute) => remotely(mute.run()).map(done),
            Self::Unmute(unmute) => remotely(unmute.run()).map(done),
            Self::Assign(assign) => remotely(assign.run()).map(done),
            Self::Comment(comment) => remotely(comment.run()).map(done),
            Self::Deploy(deploy) => remotely(deploy.run()).map(done),
            Self::Doctor(doctor) => remotely(doctor.run()),
            Self::Completions(completions) => completions.run(described()).map(done),
            Self::Man(manual) => manual.run(described()).map(done),
            Self::List(list) => remotely(list.run()).map(done),
            Self::Search(search) => remotely(search.run()).map(done),
            Self::Show(show) => remotely(show.run()).map(done),
            Self::Tail(tail) => remotely(tail.run()).map(done),
            Self::Stats(stats) => remotely(stats.run()).map(done),
        }
    }
}

fn done(_: ()) -> ExitCode {
    ExitCode::SUCCESS
}

/// Runs a command that speaks to a server.
fn remotely<T>(command: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Trouble::Failed(format!("The system gives no threads: {error}.")))?;
    runtime.block_on(command)
}
