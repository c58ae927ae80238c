//! Scrubs the lines of a stack trace: each for itself, and what goes through several of them.

use std::borrow::Cow;

use super::prose::Cards;
use super::tree::{is_name, opens_key};
use super::{REPLACEMENT, Scrubber};

/// Scrubs lines of which none stands inside JSON. They may be those of a private key, none of which
/// alone looks like a secret, or the arguments of a command (`--password`, `x`).
pub(super) fn scrub(scrubber: &Scrubber, lines: Vec<Cow<'_, str>>) -> Vec<String> {
    let (mut is_in_key, mut hides_next) = (false, false);
    let clean = |line: Cow<'_, str>| {
        if is_in_key || hides_next {
            (is_in_key, hides_next) = (is_in_key && !line.contains("-----END"), false);
            return REPLACEMENT.to_owned();
        }
        hides_next =
            line.starts_with("--") && is_name(&line) && scrubber.verdict(line.as_bytes()).is_secret;
        if let Cow::Owned(clean) = scrubber.nested_text(&line, Cards::Scrub, 0) {
            is_in_key = opens_key(&line);
            return clean;
        }
        line.into_owned()
    };
    lines.into_iter().map(clean).collect()
}
