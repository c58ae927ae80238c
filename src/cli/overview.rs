//! What `log-center --help` shows: the commands in groups instead of every flag of `serve`.

use clap::Command;

/// The commands by what they are for. Each has its place in one group; a test holds that.
const GROUPS: [(&str, &[&str]); 8] = [
    ("Serving", &["serve", "demo"]),
    ("Reporting", &["report", "run"]),
    ("Reading", &["projects", "list", "show", "search", "tail", "stats"]),
    ("Working", &["move", "mute", "unmute", "assign", "comment", "deploy"]),
    ("Notifying", &["channels", "rules"]),
    ("Keeping data", &["backup", "verify", "restore", "import", "export"]),
    ("Trust", &["admin", "people", "keys", "audit"]),
    ("Setting up", &["doctor", "systemd", "completions", "man"]),
];

const EXAMPLES: &str = "\
Examples:
  log-center                                  Serve at http://localhost:8002
  log-center --data /srv/log-center           Keep the data elsewhere
  ./backup.sh 2>&1 | log-center report --project shop
  log-center run --project shop -- ./backup.sh
  log-center move 12 VERIFYING --note 'seen on production'
  log-center doctor                           What is wrong with this set-up?

Without a command it serves, and takes the flags of serve. Commands speak to the
server that --url or LOG_CENTER_URL names. Exit codes: 0 done, 1 refused or
failed, 2 wrong usage, 3 the server was not reached.

log-center COMMAND --help tells more. The dashboard is at http://localhost:8002,
the API's documentation at http://localhost:8002/docs.";

/// The command with a help that fits a screen.
pub(super) fn with_overview(command: Command) -> Command {
    let groups = groups(&command);
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}\
         Options:\n  -h, --help     Print help\n  -V, --version  Print version{{after-help}}"
    );
    command
        .mut_args(|arg| arg.hide(true))
        .override_usage("log-center [COMMAND] [FLAGS]")
        .after_help(EXAMPLES)
        .help_template(template)
}

fn groups(command: &Command) -> String {
    let known = |name: &&&str| command.find_subcommand(**name).is_some();
    let mut text = String::new();
    for (title, names) in GROUPS {
        let mut names = names.iter().filter(known).peekable();
        if names.peek().is_none() {
            continue;
        }
        text.push_str(&format!("{title}:\n"));
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            text.push_str(&format!("  {name:<11}  {about}\n"));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Line;

    #[test]
    fn every_command_has_its_place_in_the_help() {
        for command in Line::command().get_subcommands() {
            let name = command.get_name();
            let places = GROUPS.iter().filter(|(_, names)| names.contains(&name)).count();
            assert_eq!(places, 1, "{name}");
        }
    }

    #[test]
    fn examples_fit_a_terminal() {
        let command = with_overview(Line::command());
        for one in command.get_subcommands().chain([&command]) {
            let text = one.get_after_help().map(ToString::to_string).unwrap_or_default();
            // Prose is folded at the terminal's width; an example must stay one line.
            for line in text.lines().filter(|line| line.starts_with("  log-center")) {
                assert!(line.chars().count() <= 80, "{}: {line}", one.get_name());
            }
        }
        let text = with_overview(Line::command()).render_long_help().to_string();
        assert!(!text.contains("--retention-days"), "the flags of serve are in its own help");
    }
}
