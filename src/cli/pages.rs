//! `log-center completions` and `log-center man`: both are made of the command line itself.

use clap::{Args, Command, ValueEnum};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::terminal;
use super::trouble::Trouble;

/// Print what lets a shell complete commands and flags
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  log-center completions bash > /etc/bash_completion.d/log-center
  log-center completions zsh > ~/.zfunc/_log-center     (with ~/.zfunc in fpath)
  log-center completions fish > ~/.config/fish/completions/log-center.fish")]
pub(super) struct Completions {
    /// The shell
    shell: Known,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Known {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    /// Prints the script.
    pub(super) fn run(self, mut command: Command) -> Result<(), Trouble> {
        let shell = match self.shell {
            Known::Bash => Shell::Bash,
            Known::Zsh => Shell::Zsh,
            Known::Fish => Shell::Fish,
        };
        let mut script = Vec::new();
        generate(shell, &mut command, "log-center", &mut script);
        // For bash clap_complete names the same thing in two ways when a program's name has a
        // hyphen, and then finds no flag of any command.
        let script = String::from_utf8_lossy(&script).replace("log__subcmd__center", "log__center");
        terminal::say(script.trim_end())
    }
}

/// Print the manual page
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  log-center man | man -l -
  log-center man report | man -l -
  log-center man > ~/.local/share/man/man1/log-center.1")]
pub(super) struct Manual {
    /// Only the page of this command
    #[arg(value_name = "COMMAND")]
    of: Option<String>,
}

impl Manual {
    /// Prints the page, as roff.
    pub(super) fn run(self, mut command: Command) -> Result<(), Trouble> {
        command.build();
        let page = match &self.of {
            None => whole(&command),
            Some(name) => {
                let found = command.find_subcommand(name).ok_or_else(|| {
                    Trouble::Usage(format!("There is no command {name:?}; --help lists them."))
                })?;
                title(found) + &sections(found) + &examples(found, ".SH")
            }
        };
        terminal::say(page.trim_end())
    }
}

/// One page: what `--help` says, then a section for each command.
fn whole(command: &Command) -> String {
    let mut page = title(command);
    page.push_str(".SH SYNOPSIS\n\\fBlog\\-center\\fR [\\fICOMMAND\\fR] [\\fIFLAGS\\fR]\n");
    page.push_str(&rendered(|out| Man::new(command.clone()).render_description_section(out)));
    page.push_str(&examples(command, ".SH"));
    for one in command.get_subcommands().filter(|one| one.get_name() != "help") {
        page.push_str(&format!(".SH {}\n", escaped(&one.get_name().to_uppercase())));
        let inner = sections(one).replace(".SH ", ".SS ") + &examples(one, ".SS");
        page.push_str(&inner);
    }
    page
}

fn title(command: &Command) -> String {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    format!(
        ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n.TH {} 1 \"\" \"Log Center {version}\"\n.SH NAME\n\
         {} \\- {}\n",
        escaped(&name.to_uppercase()),
        escaped(name),
        escaped(&about),
    )
}

fn sections(command: &Command) -> String {
    let man = Man::new(command.clone());
    rendered(|out| {
        man.render_synopsis_section(out)?;
        man.render_description_section(out)?;
        man.render_options_section(out)
    })
}

/// A part that clap_mangen writes, without the definitions that the page has once.
fn rendered(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("a Vec takes everything");
    let text = String::from_utf8_lossy(&out).into_owned();
    let is_preamble = |line: &&str| line.starts_with(".ie ") || line.starts_with(".el ");
    let lines: Vec<&str> = text.lines().filter(|line| !is_preamble(line)).collect();
    lines.join("\n") + "\n"
}

/// What stands below the help, line by line.
fn examples(command: &Command, heading: &str) -> String {
    let Some(text) = command.get_after_help() else { return String::new() };
    let text = text.to_string();
    let lines = text.lines().map(escaped).collect::<Vec<_>>().join("\n");
    format!("{heading} EXAMPLES AND NOTES\n.nf\n{lines}\n.fi\n")
}

/// Text that roff takes as it is.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}
