//! Scrubs JSON over its raw text: spans are replaced, everything else is copied as it stands.

use std::borrow::Cow;

use super::keys::Verdict;
use super::prose::Cards;
use super::{Scrubber, shapes};
use crate::domain::json::{self, Token, Walker};

/// Deeper values are replaced whole. The parser has refused them before, so this only bounds the
/// call stack.
const DEPTH_MAX: usize = 130;

/// Scrubs one valid JSON value inside `level` layers of JSON in strings.
pub(super) fn scrub<'a>(scrubber: &Scrubber, raw: &'a str, level: u8) -> Cow<'a, str> {
    let mut pass =
        Pass { scrubber, raw, level, walker: Walker::new(raw), edits: Vec::new(), depth: 0 };
    pass.value(Place::default());
    pass.finish()
}

struct Pass<'a, 's> {
    scrubber: &'s Scrubber,
    raw: &'a str,
    level: u8,
    walker: Walker<'a>,
    /// What to replace by what, ascending, without overlaps.
    edits: Vec<Edit>,
    depth: usize,
}

struct Edit {
    start: usize,
    end: usize,
    text: Cow<'static, str>,
}

/// What is known of a value from where it stands.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Under a key that holds ids, times, versions or commits.
    is_identifier: bool,
    /// Under a key that holds headers, which may be a flat list of names and values.
    is_headers: bool,
    is_in_array: bool,
    /// Under a key such as `name`, beside which a `value` may stand.
    is_name: bool,
}

/// A string that was met, as far as its surroundings care.
#[derive(Default)]
struct Met {
    /// It is the name of a secret: `Authorization`.
    names_secret: bool,
    /// It is a command line's option that takes a secret: `--password`.
    is_option: bool,
    /// It begins a private key that it does not end.
    opens_key: bool,
}

/// The whole of a value, quotes included.
const WHOLE: &str = "\"[scrubbed]\"";

impl<'a> Pass<'a, '_> {
    fn finish(self) -> Cow<'a, str> {
        if self.edits.is_empty() {
            return Cow::Borrowed(self.raw);
        }
        let mut out = String::with_capacity(self.raw.len() + 16 * self.edits.len());
        let mut copied = 0;
        for edit in &self.edits {
            out.push_str(&self.raw[copied..edit.start]);
            out.push_str(&edit.text);
            copied = edit.end;
        }
        out.push_str(&self.raw[copied..]);
        Cow::Owned(out)
    }

    /// Scrubs the next value. `None` at the end of an object or array, or of the text.
    fn value(&mut self, place: Place) -> Option<Met> {
        let (token, start, end) = self.walker.next()?;
        match token {
            Token::CloseObject | Token::CloseArray => return None,
            Token::OpenObject | Token::OpenArray if self.depth == DEPTH_MAX => {
                self.rest_of_nested(start);
            }
            Token::OpenObject => {
                self.depth += 1;
                self.object();
                self.depth -= 1;
            }
            Token::OpenArray => {
                self.depth += 1;
                self.array(place);
                self.depth -= 1;
            }
            Token::Plain(number) => {
                if !place.is_identifier && shapes::is_card_number(number) {
                    self.edits.push(Edit { start, end, text: WHOLE.into() });
                }
            }
            Token::Key(inner) | Token::Text(inner) => {
                return Some(self.text(inner, start, place));
            }
        }
        Some(Met::default())
    }

    /// Replaces a value that was opened at `start`, too deep to be read.
    fn rest_of_nested(&mut self, start: usize) {
        let mut open = 1_usize;
        let mut last = start + 1;
        while open > 0
            && let Some((token, _, end)) = self.walker.next()
        {
            last = end;
            match token {
                Token::OpenObject | Token::OpenArray => open += 1,
                Token::CloseObject | Token::CloseArray => open -= 1,
                _ => {}
            }
        }
        self.edits.push(Edit { start, end: last, text: WHOLE.into() });
    }

    fn object(&mut self) {
        let mut has_secret_name = false;
        let mut value_span = None;
        while let Some((Token::Key(inner), start, _)) = self.walker.next() {
            let (raw, clean) = self.key(inner, start);
            let mut verdict = self.scrubber.verdict(raw.as_bytes());
            let was_secret = verdict.is_secret;
            if let Some(clean) = &clean {
                // What is written is what a second reading judges.
                verdict = self.scrubber.verdict(clean.as_bytes());
            }
            let key = clean.unwrap_or(raw);
            let part = part_of_pair(&key);
            if was_secret || verdict.is_secret || (has_secret_name && part == Some(PairPart::Value))
            {
                self.replace_next(&key);
                continue;
            }
            let value_start = self.walker.upcoming().map_or(0, |(start, _)| start);
            let place = place_under(&key, verdict, part);
            let met = self.value(place).unwrap_or_default();
            match part {
                Some(PairPart::Name) => has_secret_name |= met.names_secret,
                Some(PairPart::Value) => value_span = Some((value_start, self.walker.position())),
                None => {}
            }
        }
        // The value may have come before the name.
        if let Some((start, end)) = value_span.filter(|_| has_secret_name) {
            self.replace_past(start, end);
        }
    }

    /// Elements in turn. They may be pairs inside a list (`[["Cookie","x"]]`), headers as names and
    /// values in turn, arguments of a command (`["--password","x"]`) or lines of a private key.
    fn array(&mut self, place: Place) {
        let inner = Place { is_in_array: true, ..place };
        let mut first = Met::default();
        let mut second = (0, 0);
        let (mut count, mut is_in_key, mut hides_next) = (0, false, false);
        while let Some((start, byte)) = self.walker.upcoming()
            && byte != b']'
        {
            let mut met = Met::default();
            let is_header = place.is_headers && count % 2 == 0;
            if hides_next || (is_in_key && byte == b'"') {
                let hidden = self.replace_next("");
                is_in_key &= !hidden.contains("-----END");
                // What an option took may be the name of the header that follows.
                let hidden = hidden.trim_matches('"');
                hides_next = is_header && self.names_secret(hidden);
            } else {
                met = self.value(inner).unwrap_or_default();
                is_in_key |= met.opens_key;
                hides_next = (is_header && met.names_secret) || met.is_option;
            }
            match count {
                0 => first = met,
                1 => second = (start, self.walker.position()),
                _ => {}
            }
            count += 1;
        }
        self.walker.next();
        if count == 2 && place.is_in_array && first.names_secret {
            self.replace_past(second.0, second.1);
        }
    }

    /// Reads a key. One that holds a secret itself is replaced like any text: that comes second.
    fn key(&mut self, inner: &'a str, start: usize) -> (Cow<'a, str>, Option<Cow<'a, str>>) {
        const HARMLESS_BYTES_MAX: usize = 12;
        let (key, is_changed) = unescape(inner);
        let mut clean = None;
        if is_changed || key.len() > HARMLESS_BYTES_MAX {
            let scrubbed = self.scrubber.line(&key);
            if is_changed || matches!(scrubbed, Cow::Owned(_)) {
                self.replace_inner(inner, start, &scrubbed);
            }
            if let Cow::Owned(scrubbed) = scrubbed {
                clean = Some(Cow::Owned(scrubbed));
            }
        }
        (key, clean)
    }

    fn text(&mut self, inner: &'a str, start: usize, place: Place) -> Met {
        let (text, is_changed) = unescape(inner);
        let cards = if place.is_identifier { Cards::Keep } else { Cards::Scrub };
        let is_plain_id = place.is_identifier && is_plain_id(&text);
        let scrubbed = match is_plain_id {
            true => Cow::Borrowed(&*text),
            false => self.scrubber.nested_text(&text, cards, self.level),
        };
        let is_scrubbed = matches!(scrubbed, Cow::Owned(_));
        if is_changed || is_scrubbed {
            self.replace_inner(inner, start, &scrubbed);
        }
        let names_secret = (place.is_in_array || place.is_name) && self.names_secret(&text);
        Met {
            names_secret,
            is_option: names_secret && text.starts_with("--"),
            opens_key: is_scrubbed && place.is_in_array && opens_key(&text),
        }
    }

    fn names_secret(&self, text: &str) -> bool {
        is_name(text) && self.scrubber.verdict(text.as_bytes()).is_secret
    }

    /// Replaces the value that comes next, unless it is `null`, `true` or `false`, and returns what
    /// it was.
    fn replace_next(&mut self, key: &str) -> &'a str {
        let (start, end) = self.walker.skip_value();
        let value = &self.raw[start..end];
        // The environment variable is the working directory.
        let is_folder = key == "PWD" && value.starts_with("\"/");
        if !matches!(value, "null" | "true" | "false") && value != WHOLE && !is_folder {
            self.edits.push(Edit { start, end, text: WHOLE.into() });
        }
        value
    }

    /// Replaces a value that was read already, and with it what was replaced inside.
    fn replace_past(&mut self, start: usize, end: usize) {
        if matches!(&self.raw[start..end], "null" | "true" | "false") {
            return;
        }
        let from = self.edits.partition_point(|edit| edit.start < start);
        let to = self.edits.partition_point(|edit| edit.start < end);
        self.edits.splice(from..to, [Edit { start, end, text: WHOLE.into() }]);
    }

    /// Replaces the inside of a string whose opening quote is at `start`.
    fn replace_inner(&mut self, inner: &str, start: usize, text: &str) {
        let mut escaped = String::with_capacity(text.len() + 8);
        json::escape_into(&mut escaped, text);
        let start = start + 1;
        self.edits.push(Edit { start, end: start + inner.len(), text: escaped.into() });
    }
}

/// The string, and whether it held what cannot be stored.
fn unescape(inner: &str) -> (Cow<'_, str>, bool) {
    if !inner.contains('\\') {
        return (Cow::Borrowed(inner), false);
    }
    let mut text = String::with_capacity(inner.len());
    let is_changed = json::unescape_into(&mut text, inner);
    (Cow::Owned(text), is_changed)
}

fn place_under(key: &str, verdict: Verdict, part: Option<PairPart>) -> Place {
    const HEADERS: &str = "headers";
    let end = key.len().checked_sub(HEADERS.len()).and_then(|start| key.get(start..));
    Place {
        is_identifier: verdict.is_identifier,
        is_headers: end.is_some_and(|end| end.eq_ignore_ascii_case(HEADERS)),
        is_in_array: false,
        is_name: part == Some(PairPart::Name),
    }
}

/// What a key is in an object that is itself a pair: `{"name":"Cookie","value":"x"}`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PairPart {
    Name,
    Value,
}

fn part_of_pair(key: &str) -> Option<PairPart> {
    match key {
        "name" | "Name" | "key" | "Key" | "field" | "header" | "param" | "k" => {
            Some(PairPart::Name)
        }
        "value" | "Value" | "values" | "val" | "v" => Some(PairPart::Value),
        _ => None,
    }
}

/// A name as keys have it, rather than a sentence.
pub(super) fn is_name(text: &str) -> bool {
    const NAME_BYTES_MAX: usize = 64;
    let belongs = |b: u8| shapes::is_base64url(b) || matches!(b, b'.' | b'[' | b']') || b >= 0x80;
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(belongs)
}

/// A UUID, a hash or a number.
fn is_plain_id(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// Whether a text begins a private key that it does not end.
pub(super) fn opens_key(text: &str) -> bool {
    text.rfind("-----BEGIN ").is_some_and(|at| !text[at..].contains("-----END "))
}
