//! `log-center run`: runs a program as if it ran alone, and reports it when it fails.
//!
//! Invariant: exit code and output are the program's, whether Log Center is there or not.

mod child;
mod group;
mod tail;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Map, Value, json};

use self::child::{End, How, Order};
use super::origin::{self, Origin};
use super::period::{in_words, period};
use super::remote::Server;
use super::report::level;
use super::sending::{self, REPORT};
use super::terminal;
use super::trouble::Trouble;
use crate::domain::level::Level;
use crate::domain::scrub::Scrubber;

const EXAMPLES: &str = "\
Examples:
  log-center run --project shop -- /usr/local/bin/backup --all
  log-center run --project shop --timeout 10m -- pg_dump shop
  log-center run --project shop --name nightly --ok 24 -- rsync -a /srv /mnt
In a crontab:
  LOG_CENTER_PROJECT=shop
  0 3 * * *  log-center run --timeout 2h -- /usr/local/bin/backup

Output and exit code are the program's own: 128 and the signal's number if one
ended it, 127 if it was not found, 126 if it cannot be run, 124 after a
time-out.
A failure is reported with the last lines of output; a good end, or one by
Ctrl-C, is not. If Log Center is away or no project is named, one line on
standard error says so, after 5 s at most, and nothing else changes.";

/// However long the server and its flags would let it take.
const REPORT_TIME: Duration = Duration::from_secs(5);
const WHICH_PROJECT: &str = "Name a project with --project or in LOG_CENTER_PROJECT.";
const CODE_TIMED_OUT: u8 = 124;
const CODE_NOT_EXECUTABLE: u8 = 126;
const CODE_NOT_FOUND: u8 = 127;
const SIGINT: i32 = 2;

/// Run a program, as from cron, and report it when it fails
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Run {
    /// The job's name, under which its failures are one issue; by default the program's
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// End it after so long, e.g. 90s, 10m or 2h: SIGTERM to it and all that it started
    #[arg(long, value_name = "TIME", value_parser = period)]
    timeout: Option<Duration>,

    /// How long after SIGTERM SIGKILL follows
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = period)]
    kill_after: Duration,

    /// Last lines of output that are reported
    #[arg(long, value_name = "N", default_value_t = 100,
        value_parser = clap::value_parser!(u16).range(0..=1_000))]
    lines: u16,

    /// Another exit code that is no failure; may be given several times
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    ok: Vec<u8>,

    /// How bad a failure is: DEBUG, INFO, WARNING, ERROR or CRITICAL
    #[arg(long, value_name = "LEVEL", default_value = "ERROR", value_parser = level)]
    level: Level,

    /// Say nothing when the failure could not be reported
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten)]
    origin: Origin,

    #[command(flatten)]
    server: Server,

    /// The program and its arguments
    #[arg(required = true, num_args = 1.., trailing_var_arg = true, allow_hyphen_values = true,
        value_name = "CMD")]
    words: Vec<OsString>,
}

impl Run {
    /// Runs the program; what this process has to exit with.
    pub(super) fn run(self) -> Result<ExitCode, Trouble> {
        if self.origin.project().is_none() && !self.quiet {
            eprintln!("log-center: No failure will be reported. {WHICH_PROJECT}");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime
            .map_err(|error| Trouble::Failed(format!("The system gives no threads: {error}.")))?;
        let code = runtime.block_on(self.watch());
        // Output that nobody takes may still be on its way; it must not hold the end up.
        runtime.shutdown_background();
        code.map(ExitCode::from)
    }

    async fn watch(&self) -> Result<u8, Trouble> {
        let began = Instant::now();
        let order = Order {
            words: &self.words,
            limit: self.timeout,
            grace: self.kill_after,
            lines: usize::from(self.lines),
        };
        let end = child::run(&order)
            .await
            .map_err(|error| Trouble::Failed(format!("The program cannot be watched: {error}.")))?;
        let took = began.elapsed();
        let shown = self.words.first().map(|word| word.to_string_lossy()).unwrap_or_default();
        let code = match &end.how {
            How::Exited(code) => u8::try_from(*code).unwrap_or(1),
            How::Killed(signal) => u8::try_from(128 + signal).unwrap_or(1),
            How::TimedOut => CODE_TIMED_OUT,
            How::NotFound => {
                eprintln!("log-center: {}: no such program", terminal::line(&shown));
                CODE_NOT_FOUND
            }
            How::NotExecutable(error) => {
                eprintln!("log-center: {}: {error}", terminal::line(&shown));
                CODE_NOT_EXECUTABLE
            }
        };
        if self.origin.project().is_some() && self.is_failure(&end, code) {
            self.tell(end, code, took).await;
        }
        Ok(code)
    }

    fn is_failure(&self, end: &End, code: u8) -> bool {
        let interrupted = end.passed == Some(SIGINT) && code == 128 + SIGINT as u8;
        match end.how {
            How::Exited(0) => false,
            How::Exited(_) if self.ok.contains(&code) => false,
            How::Exited(_) | How::Killed(_) => !interrupted,
            How::TimedOut | How::NotFound | How::NotExecutable(_) => true,
        }
    }

    /// Reports, and says so only if that failed.
    async fn tell(&self, end: End, code: u8, took: Duration) {
        let report = self.report(end, code, took);
        let sent = async {
            let mut remote = self.server.remote()?;
            sending::post(&mut remote, REPORT, &report).await
        };
        let why = match tokio::time::timeout(REPORT_TIME, sent).await {
            Ok(Ok(_)) => return,
            Ok(Err(trouble)) => trouble.to_string(),
            Err(_) => format!("{} did not answer in time.", self.server.url),
        };
        if !self.quiet {
            eprintln!("log-center: The failure was not reported. {}", terminal::line(&why));
        }
    }

    fn report(&self, end: End, code: u8, took: Duration) -> Value {
        let (lines, telling) = end.tail.finish();
        let program = self.words.first().map_or(Path::new(""), Path::new);
        let program = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
        let name = self.name.clone().unwrap_or_else(|| program.into_owned());
        let (kind, said) = self.in_words(&end.how, took);
        let message = format!("{name}: {}", telling.as_ref().unwrap_or(&said));
        let mut context = json!({
            "command": command(&self.words),
            "exit_code": code,
            "duration_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "outcome": said,
            "tags": { "job": name },
        });
        if let Some(host) = origin::host_name() {
            context["server_name"] = host.into();
        }
        if let Ok(folder) = std::env::current_dir() {
            context["working_folder"] = folder.to_string_lossy().into();
        }
        let mut report = Map::new();
        report.insert("level".into(), self.level.name().into());
        report.insert("event_id".into(), sending::event_id().into());
        self.origin.complete(&mut report);
        let error = json!({
            "type": kind,
            "message": message,
            "file_path": name,
            "line_number": 0,
            "stack_trace": lines,
        });
        report.insert("error".into(), error);
        report.insert("context".into(), context);
        report.into()
    }

    /// The error's type, and what is said of the job.
    fn in_words(&self, how: &How, took: Duration) -> (String, String) {
        let took = in_words(took);
        match how {
            How::Exited(code) => {
                (format!("ExitStatus {code}"), format!("ended with {code} after {took}"))
            }
            How::Killed(signal) => {
                let name = signal_name(*signal);
                (format!("Killed by {name}"), format!("{name} ended it after {took}"))
            }
            How::TimedOut => {
                let limit = in_words(self.timeout.unwrap_or_default());
                ("TimedOut".into(), format!("took longer than {limit} and was ended"))
            }
            How::NotFound => ("NotFound".into(), "there is no such program".into()),
            How::NotExecutable(error) => {
                ("NotExecutable".into(), format!("cannot be run: {error}"))
            }
        }
    }
}

fn signal_name(number: i32) -> String {
    let known = [
        (1, "HUP"),
        (2, "INT"),
        (3, "QUIT"),
        (4, "ILL"),
        (6, "ABRT"),
        (7, "BUS"),
        (8, "FPE"),
        (9, "KILL"),
        (11, "SEGV"),
        (13, "PIPE"),
        (14, "ALRM"),
        (15, "TERM"),
    ];
    let name = known.iter().find(|(known, _)| *known == number);
    name.map_or_else(|| format!("signal {number}"), |(_, name)| format!("SIG{name}"))
}

/// The command as a shell would take it. The server takes secrets out of text; which argument
/// belongs to `--password` only the words tell.
fn command(words: &[OsString]) -> String {
    let scrubber = Scrubber::default();
    let short = words.first().and_then(|program| short_secret(Path::new(program)));
    let mut shown: Vec<String> = Vec::with_capacity(words.len());
    let mut flag: Option<String> = None;
    for word in words {
        let word = word.to_string_lossy();
        let is_flag = word.starts_with('-');
        let secret = flag.take().filter(|_| !is_flag).is_some_and(|flag| {
            let pair = json!({ flag.trim_start_matches('-'): word }).to_string();
            Some(flag.as_str()) == short || scrubber.json(&pair) != pair.as_str()
        });
        let joined = short.filter(|short| word.len() > short.len() && word.starts_with(short));
        shown.push(match joined {
            Some(short) => format!("{short}[scrubbed]"),
            None if secret => "[scrubbed]".into(),
            None => quoted(&word),
        });
        flag = is_flag.then(|| word.into_owned());
    }
    shown.join(" ")
}

/// The flag of well-known programs whose value is a password, though its name does not say so.
fn short_secret(program: &Path) -> Option<&'static str> {
    match program.file_name()?.to_str()? {
        "curl" => Some("-u"),
        "sshpass" => Some("-p"),
        name if name.starts_with("mysql") || name.starts_with("mariadb") => Some("-p"),
        _ => None,
    }
}

fn quoted(word: &str) -> String {
    let plain = |one: char| one.is_alphanumeric() || "-_./=:,@%+".contains(one);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed_and_without_secrets() {
        let table: [(&[&str], &str); 8] = [
            (&["ls", "-l", "a b"], "ls -l 'a b'"),
            (&["x", "--password", "hunter2", "db"], "x --password [scrubbed] db"),
            (&["x", "--token", "-v"], "x --token -v"),
            (&["x", "--level", "high"], "x --level high"),
            (&["/usr/bin/mysqldump", "-phunter2", "db"], "/usr/bin/mysqldump -p[scrubbed] db"),
            (&["curl", "-u", "me:hunter2", "-s"], "curl -u [scrubbed] -s"),
            (&["rm", "-p7", "db"], "rm -p7 db"),
            (&["sh", "-c", "echo 'it'"], r"sh -c 'echo '\''it'\'''"),
        ];
        for (words, expected) in table {
            let words: Vec<OsString> = words.iter().map(Into::into).collect();
            assert_eq!(command(&words), expected);
        }
    }

    #[test]
    fn signals_have_names() {
        assert_eq!(signal_name(9), "SIGKILL");
        assert_eq!(signal_name(35), "signal 35");
    }
}
