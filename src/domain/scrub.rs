//! Takes secrets out of a report before anything of it is stored.
//!
//! By key, in whole words (`password`, `api_key`; `max_tokens` stays), in JSON, in JSON inside
//! strings, in query strings, headers and prose; and by value, whatever the key: bearer tokens,
//! JWTs, private keys, well-known tokens, credentials in addresses, payment cards. What is taken
//! out is taken out whole, and the rest is byte for byte what it was. Of a secret key's values only
//! `null`, `true` and `false` stay: they hide nothing and often are the fault.

mod keys;
mod lines;
mod memo;
mod pairs;
mod prose;
mod shapes;
#[cfg(test)]
mod tests;
mod tree;
mod values;

use std::borrow::Cow;

use keys::{Verdict, Word};
use memo::{About, Memo};
use prose::Cards;

use super::json;

/// What stands in the place of a secret.
const REPLACEMENT: &str = "[scrubbed]";
/// How deep JSON inside strings of JSON is read as JSON; deeper it is text.
const NESTED_TEXTS_MAX: u8 = 3;
/// A shorter text is read as fast as it is remembered.
const REMEMBERED_TEXT_BYTES_MIN: usize = 24;
/// Longer names are seldom met again.
const REMEMBERED_NAME_BYTES_MAX: usize = 64;

/// The rules, with what the operator added to them. Made once and shared.
#[derive(Debug, Clone, Default)]
pub struct Scrubber {
    added: Vec<Vec<Word>>,
    excepted: Vec<Vec<Word>>,
    memo: Memo,
}

impl Scrubber {
    /// `added` are further secret keys: one is met by every key that holds its words in a row
    /// (`internal_code` by `customerInternalCode`). `excepted` are keys that are no secrets, though
    /// the rules say so: one is met only by a key of exactly its words. An exception wins.
    pub fn new(added: &[String], excepted: &[String]) -> Self {
        let split = |names: &[String]| {
            let names = names.iter().map(|name| keys::words(name.as_bytes()).collect::<Vec<_>>());
            names.filter(|words| !words.is_empty()).collect()
        };
        Self { added: split(added), excepted: split(excepted), memo: Memo::default() }
    }

    /// Scrubs free text: a message, a stack or one line of it, a path, an address. Text that is a
    /// JSON object or array is read as such. Borrowed when there was nothing to take out.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if is_key_line(text) {
            return Cow::Borrowed(REPLACEMENT);
        }
        self.nested_text(text, Cards::Scrub, 0)
    }

    /// Scrubs the raw text of one valid JSON value, keys and values at any depth; the answer is
    /// valid JSON with the same members. NUL and lone surrogates, which stores refuse, become
    /// U+FFFD. Borrowed when there was nothing to change.
    pub fn json<'a>(&self, raw: &'a str) -> Cow<'a, str> {
        tree::scrub(self, raw, 0)
    }

    /// Scrubs the lines of a stack trace as [`Self::json`] scrubs an array of them.
    pub fn lines(&self, lines: Vec<Cow<'_, str>>) -> Vec<String> {
        lines::scrub(self, lines)
    }

    /// Text inside `level` layers of JSON in strings.
    fn nested_text<'a>(&self, text: &'a str, cards: Cards, level: u8) -> Cow<'a, str> {
        if level > 0 || text.len() < REMEMBERED_TEXT_BYTES_MIN {
            return self.read_text(text, cards, level);
        }
        let about = match cards {
            Cards::Scrub => About::TextWithCards,
            Cards::Keep => About::Text,
        };
        let read = || {
            let clean = self.read_text(text, cards, level);
            let is_clean = matches!(clean, Cow::Borrowed(_));
            (clean, is_clean.then_some(0))
        };
        self.memo.ask(about, text.as_bytes(), |_| Cow::Borrowed(text), read)
    }

    fn read_text<'a>(&self, text: &'a str, cards: Cards, level: u8) -> Cow<'a, str> {
        // What is deeper than the first of the two looks is JSON all the same.
        let is_valid = |text: &str| {
            json::is_valid(text, json::DEPTH_MAX)
                || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
        };
        let is_json = |text: &str| {
            let opens = text.trim_ascii_start().as_bytes().first();
            matches!(opens, Some(b'{' | b'[')) && level < NESTED_TEXTS_MAX && is_valid(text)
        };
        if is_json(text) {
            return tree::scrub(self, text, level + 1);
        }
        match prose::scrub(self, text, cards) {
            // What kept it from being JSON was taken out: whoever reads it next reads JSON.
            Cow::Owned(clean) if is_json(&clean) => {
                Cow::Owned(tree::scrub(self, &clean, level + 1).into_owned())
            }
            other => other,
        }
    }

    /// Text that is no JSON, such as a key.
    fn line<'a>(&self, text: &'a str) -> Cow<'a, str> {
        prose::scrub(self, text, Cards::Scrub)
    }

    fn verdict(&self, name: &[u8]) -> Verdict {
        if name.len() > REMEMBERED_NAME_BYTES_MAX {
            return self.judge(name);
        }
        let judge = || {
            let verdict = self.judge(name);
            (verdict, Some(verdict.to_bits()))
        };
        self.memo.ask(About::Name, name, Verdict::from_bits, judge)
    }

    fn judge(&self, name: &[u8]) -> Verdict {
        let mut verdict = keys::judge(name);
        if self.added.iter().any(|added| holds(name, added)) {
            verdict.is_secret = true;
        }
        if self.excepted.iter().any(|excepted| keys::words(name).eq(excepted.iter().copied())) {
            verdict.is_secret = false;
        }
        verdict
    }
}

/// Whether a name holds words in a row.
fn holds(name: &[u8], wanted: &[Word]) -> bool {
    let mut rest = keys::words(name);
    loop {
        if rest.clone().take(wanted.len()).eq(wanted.iter().copied()) {
            return true;
        }
        if rest.next().is_none() {
            return false;
        }
    }
}

/// A line of a private key whose first line is elsewhere, as in a stack that came as an array: 64
/// or 76 characters of base64 in both cases and with digits, which no hash has.
fn is_key_line(text: &str) -> bool {
    let line = text.trim_ascii().as_bytes();
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    matches!(line.len(), 64 | 76)
        && line.iter().all(is_base64)
        && line.iter().any(u8::is_ascii_uppercase)
        && line.iter().any(u8::is_ascii_lowercase)
        && line.iter().any(u8::is_ascii_digit)
}
