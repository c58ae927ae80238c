//! One pass over free text: messages, stack lines, addresses, query strings, headers, source code.
//!
//! Most bytes start nothing and cost one table look-up. The others hand over to [`shapes`] or
//! [`pairs`]. Each look is bounded or moves the scan past what it read, so the pass is linear.

use std::borrow::Cow;

use super::{REPLACEMENT, Scrubber, pairs, shapes};

/// What a byte may be part of.
mod class {
    pub(super) const PLAIN: u8 = 0;
    pub(super) const COLON: u8 = 1;
    pub(super) const EQUALS: u8 = 2;
    pub(super) const DIGIT: u8 = 3;
    pub(super) const DASH: u8 = 4;
    pub(super) const UNDERSCORE: u8 = 5;
    pub(super) const CAPITAL_A: u8 = 6;
    pub(super) const CAPITAL_J: u8 = 7;
    pub(super) const SCHEME: u8 = 8;
    pub(super) const PERCENT: u8 = 9;
    pub(super) const TAG: u8 = 10;
    pub(super) const BRACKET: u8 = 11;
    pub(super) const WIDE: u8 = 12;
    pub(super) const HASH: u8 = 13;
}

static CLASSES: [u8; 256] = {
    let mut classes = [class::PLAIN; 256];
    // Cards begin with these; every byte that starts nothing makes the pass faster.
    let mut digit = b'2';
    while digit <= b'6' {
        classes[digit as usize] = class::DIGIT;
        digit += 1;
    }
    classes[b':' as usize] = class::COLON;
    classes[b'=' as usize] = class::EQUALS;
    classes[b'-' as usize] = class::DASH;
    classes[b'_' as usize] = class::UNDERSCORE;
    classes[b'A' as usize] = class::CAPITAL_A;
    classes[b'J' as usize] = class::CAPITAL_J;
    classes[b'b' as usize] = class::SCHEME;
    classes[b'B' as usize] = class::SCHEME;
    classes[b'%' as usize] = class::PERCENT;
    classes[b'<' as usize] = class::TAG;
    classes[b'(' as usize] = class::BRACKET;
    classes[b'[' as usize] = class::BRACKET;
    classes[b'#' as usize] = class::HASH;
    // The first byte of a Chinese colon.
    classes[0xef] = class::WIDE;
    classes
};

/// Whether payment cards are looked for: not in ids, timestamps, versions and commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cards {
    Scrub,
    Keep,
}

/// A pass over one text.
pub(super) struct Pass<'a, 's> {
    pub(super) scrubber: &'s Scrubber,
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    cards: Cards,
    /// The text so far, once something was replaced.
    out: String,
    /// What of the text is in `out`.
    copied: usize,
    /// No JWT starts before this.
    no_jwt_before: usize,
    /// Bytes that may still be read in vain for the end of a bracket; see [`pairs`].
    pub(super) bracket_bytes: usize,
}

/// Replaces every secret in free text, until reading it again finds no more: what was taken out
/// may have been the quote or bracket that hid another. Hardly any text is read a third time.
pub(super) fn scrub<'a>(scrubber: &Scrubber, text: &'a str, cards: Cards) -> Cow<'a, str> {
    const READINGS_MAX: usize = 8;
    let Cow::Owned(mut clean) = Pass::new(scrubber, text, cards).run() else {
        return Cow::Borrowed(text);
    };
    for _ in 1..READINGS_MAX {
        let Cow::Owned(next) = Pass::new(scrubber, &clean, cards).run() else { break };
        clean = next;
    }
    Cow::Owned(clean)
}

impl<'a, 's> Pass<'a, 's> {
    fn new(scrubber: &'s Scrubber, text: &'a str, cards: Cards) -> Self {
        const BRACKET_BYTES_MAX: usize = 64 * 1024;
        Pass {
            scrubber,
            text,
            bytes: text.as_bytes(),
            cards,
            out: String::new(),
            copied: 0,
            no_jwt_before: 0,
            bracket_bytes: BRACKET_BYTES_MAX,
        }
    }

    fn run(mut self) -> Cow<'a, str> {
        let bytes = self.bytes;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let class = CLASSES[usize::from(byte)];
            at = if class == class::PLAIN { at + 1 } else { self.step(class, at) };
        }
        if self.copied == 0 {
            return Cow::Borrowed(self.text);
        }
        self.out.push_str(&self.text[self.copied..]);
        Cow::Owned(self.out)
    }

    /// Looks at the byte at `at` and returns where to go on: always further.
    fn step(&mut self, class: u8, at: usize) -> usize {
        let bytes = self.bytes;
        match class {
            class::DIGIT => self.digits(at),
            class::COLON if bytes[at + 1..].starts_with(b"//") => {
                let found = shapes::credentials(bytes, at);
                found.map_or(at + 3, |range| self.replace(range.start, range.end))
            }
            class::COLON => pairs::colon(self, at),
            class::EQUALS => pairs::equals(self, at),
            class::PERCENT => pairs::percent(self, at),
            class::TAG => pairs::tag(self, at),
            class::BRACKET => pairs::bracket(self, at),
            class::WIDE => pairs::wide_colon(self, at),
            class::DASH => self.dash(at),
            class::HASH => match shapes::own_link(bytes, at) {
                Some(secret) => self.replace(secret.start, secret.end),
                None => at + 1,
            },
            class::UNDERSCORE => self.issued(at).unwrap_or(at + 1),
            class::CAPITAL_A => match shapes::cloud_key_end(bytes, at) {
                Some(end) => self.replace(at, end),
                None => at + 1,
            },
            class::CAPITAL_J => self.jwt(at),
            _ => match shapes::after_scheme(bytes, at) {
                Some(token) => self.replace(token.start, token.end),
                None => at + 1,
            },
        }
    }

    fn digits(&mut self, at: usize) -> usize {
        let digits = shapes::card(self.bytes, at);
        match digits.card_end {
            Some(end) if self.cards == Cards::Scrub && !pairs::is_identifier(self, at) => {
                self.replace(at, end)
            }
            _ => digits.run_end,
        }
    }

    fn dash(&mut self, at: usize) -> usize {
        if self.bytes.get(at + 1) == Some(&b'-') {
            if let Some(key) = shapes::private_key(self.bytes, at, self.copied) {
                return self.replace(key.start, key.end);
            }
            return pairs::option(self, at);
        }
        self.issued(at).unwrap_or(at + 1)
    }

    fn issued(&mut self, at: usize) -> Option<usize> {
        // Dates, UUIDs and names in capitals go no further.
        let before = self.bytes[at.checked_sub(1)?];
        if !before.is_ascii_lowercase() && before != b'1' {
            return None;
        }
        let token =
            shapes::issued_token(self.bytes, at).or_else(|| shapes::own_session(self.bytes, at))?;
        (token.start >= self.copied).then(|| self.replace(token.start, token.end))
    }

    fn jwt(&mut self, at: usize) -> usize {
        let bytes = self.bytes;
        let is_start = bytes[..at].ends_with(b"ey")
            && !at.checked_sub(3).is_some_and(|b| bytes[b].is_ascii_alphanumeric());
        if !is_start || at - 2 < self.no_jwt_before.max(self.copied) {
            return at + 1;
        }
        match shapes::jwt_end(bytes, at - 2) {
            Ok(end) => self.replace(at - 2, end),
            Err(part_end) => {
                self.no_jwt_before = part_end;
                at + 1
            }
        }
    }

    /// Where the text begins that was neither replaced nor stands before something that was.
    pub(super) const fn copied(&self) -> usize {
        self.copied
    }

    /// Replaces a range, unless it was already or is empty, and returns its end.
    pub(super) fn replace(&mut self, start: usize, end: usize) -> usize {
        if start < end && &self.text[start..end] != REPLACEMENT {
            self.out.push_str(&self.text[self.copied..start]);
            self.out.push_str(REPLACEMENT);
            self.copied = end;
        }
        end
    }
}
