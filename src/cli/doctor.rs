//! `log-center doctor`: what is wrong with this set-up, in words, and what to do about it.

mod backups;
mod doors;
mod finding;
mod machine;
mod numbers;
mod reach;
mod server;
mod system;
mod trial;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use self::finding::{Finding, State};
use self::server::Met;
use super::remote::{Remote, Server};
use super::terminal;
use super::trouble::Trouble;
use crate::config::is_loopback_host;

const EXAMPLES: &str = "\
Examples:
  log-center doctor
  log-center doctor --send
  log-center doctor --url https://errors.example.org --key \"$KEY\"
  log-center doctor --data /var/lib/log-center
In a container:
  HEALTHCHECK CMD [\"/log-center\", \"doctor\", \"--quiet\"]

Where the server asks for a login, a key with the scope read lets it look at
everything but backups, which need the scope manage; without one it says what
it did not look at.

Exit codes: 0 nothing is wrong (attention may be due), 1 something is wrong, 3
the server was not reached. It changes nothing, and reports nothing unless
--send is given.";

const CODE_WRONG: u8 = 1;
const CODE_NOT_REACHED: u8 = 3;

/// Find what is wrong with this set-up
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Doctor {
    /// Send a report to the project log-center-doctor, and see whether it arrives
    #[arg(long)]
    send: bool,

    /// The server's data folder, where it is on this machine
    #[arg(long, env = "LOG_CENTER_DATA", value_name = "DIR")]
    data: Option<PathBuf>,

    /// Print only what is wrong
    #[arg(long, short)]
    quiet: bool,

    /// Print what was found as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    server: Server,
}

impl Doctor {
    /// Looks at everything, prints what it found.
    pub(super) async fn run(self) -> Result<ExitCode, Trouble> {
        let mut remote = self.server.remote()?;
        let address = &self.server.url;
        let is_local = is_loopback_host(address.host());
        let mut found = vec![reach::variables(address)];
        let way = reach::connect(address).await;
        let is_open = way.state == State::Ok;
        found.push(way);
        let (mut is_answered, mut is_known) = (false, false);
        if is_open {
            (is_answered, is_known) = match server::identity(&mut remote).await {
                Ok(Met { findings, is_read }) => {
                    found.extend(findings);
                    self.examine(&mut remote, is_read, &mut found).await?;
                    found.extend(reach::ports(address).await);
                    (true, true)
                }
                Err(obstacle) => {
                    found.push(obstacle.finding);
                    (obstacle.is_answer, false)
                }
            };
        }
        found.extend(machine::data(self.data.as_deref(), is_local, is_known));
        self.print(&found)?;
        let is_wrong = found.iter().any(|one| one.state == State::Wrong);
        Ok(match (is_answered, is_wrong) {
            (false, _) => ExitCode::from(CODE_NOT_REACHED),
            (true, true) => ExitCode::from(CODE_WRONG),
            (true, false) => ExitCode::SUCCESS,
        })
    }

    /// Asks the server everything that it tells.
    async fn examine(
        &self,
        remote: &mut Remote,
        is_read: bool,
        found: &mut Vec<Finding>,
    ) -> Result<(), Trouble> {
        let mut stranger = Server { key: None, ..self.server.clone() }.remote()?;
        if is_read {
            found.push(server::readiness(remote).await);
        }
        let path = if is_read { "/api/v1/projects?limit=1" } else { "/healthz" };
        found.extend(server::clock_and_speed(remote, path).await);
        found.extend(doors::doors(&mut stranger).await);
        if is_read {
            found.extend(numbers::numbers(remote).await);
            found.extend(system::system(remote).await);
            found.push(backups::backups(remote).await);
        }
        if self.send {
            found.push(trial::report(remote).await);
        }
        Ok(())
    }

    fn print(&self, found: &[Finding]) -> Result<(), Trouble> {
        let shown = |one: &&Finding| !self.quiet || one.state == State::Wrong;
        let wrong = found.iter().filter(|one| one.state == State::Wrong).count();
        if self.json {
            let checks: Vec<Value> = found.iter().filter(shown).map(Finding::json).collect();
            return terminal::say_json(&json!({ "ok": wrong == 0, "checks": checks }));
        }
        for one in found.iter().filter(shown) {
            terminal::say(&one.shown())?;
        }
        if self.quiet {
            return Ok(());
        }
        let attention = found.iter().filter(|one| one.state == State::Attention).count();
        let mut care = match attention {
            0 => String::new(),
            some => format!(" Worth a look: {some}."),
        };
        if found.iter().any(|one| one.state == State::Unchecked) {
            care += " Not everything could be looked at.";
        }
        terminal::say(&match wrong {
            0 => format!("\nNothing is wrong.{care}"),
            some => format!("\nWrong: {some}.{care}"),
        })
    }
}
