//! Secrets that a person types: never shown, never in the arguments, where every user of the
//! machine could read them.

use std::io::{BufRead, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::trouble::Trouble;

/// Bytes of a secret at most.
const BYTES_MAX: u64 = 4_096;

/// Reads a password: typed twice in a terminal, else the first line of standard input.
pub(super) fn password(question: &str) -> Result<String, Trouble> {
    if !std::io::stdin().is_terminal() {
        return line();
    }
    let first = hidden(question)?;
    let second = hidden("Once more: ")?;
    if first == second {
        return Ok(first);
    }
    Err(Trouble::Usage("The two are not the same.".into()))
}

fn line() -> Result<String, Trouble> {
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(BYTES_MAX);
    input
        .read_line(&mut text)
        .map_err(|error| Trouble::Failed(format!("Nothing can be read: {error}.")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks without showing what is typed.
fn hidden(question: &str) -> Result<String, Trouble> {
    eprint!("{question}");
    // The question may be lost, the answer not.
    let _shown = std::io::stderr().flush();
    let quiet = Quiet::start()?;
    let typed = line();
    drop(quiet);
    eprintln!();
    typed
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct Quiet(Termios);

impl Quiet {
    fn start() -> Result<Self, Trouble> {
        let failed =
            |error| Trouble::Failed(format!("The terminal cannot be kept from showing: {error}."));
        let before = tcgetattr(std::io::stdin()).map_err(failed)?;
        let mut now = before.clone();
        now.local_modes.remove(LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &now).map_err(failed)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // Nothing is left to do if the terminal is gone.
        let _restored = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}
