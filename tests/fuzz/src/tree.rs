//! JSON as `serde_json` reads it, with the order and the repetitions of members kept, and with
//! U+FFFD for what the program replaces: NUL and halves of surrogate pairs.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// A number, `true`, `false` or `null`, as it was written.
    Plain(String),
    /// A string.
    Text(String),
    /// An array's elements, each with its raw text.
    List(Vec<(String, Tree)>),
    /// An object's members: name, raw text, value.
    Object(Vec<(String, String, Tree)>),
}

impl Tree {
    /// Reads a value; `None` if it is no JSON.
    pub fn read(json: &str) -> Option<Self> {
        Self::of(serde_json::from_str(json).ok()?, 0)
    }

    /// Deeper than anybody reads, the rest counts as plain: only the depth matters then.
    fn of(raw: &RawValue, depth: usize) -> Option<Self> {
        const DEPTH_MAX: usize = 150;
        let json = raw.get();
        Some(match json.as_bytes().first()? {
            b'"' => Self::Text(serde_json::from_str::<Text>(json).ok()?.0),
            b'[' if depth < DEPTH_MAX => {
                let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
                let each = |raw: &RawValue| Some((raw.get().to_owned(), Self::of(raw, depth + 1)?));
                Self::List(elements.into_iter().map(each).collect::<Option<_>>()?)
            }
            b'{' if depth < DEPTH_MAX => {
                let Members(members) = serde_json::from_str(json).ok()?;
                let each = |(name, raw): (String, &RawValue)| {
                    Some((name, raw.get().into(), Self::of(raw, depth + 1)?))
                };
                Self::Object(members.into_iter().map(each).collect::<Option<_>>()?)
            }
            _ => Self::Plain(json.to_owned()),
        })
    }

    /// The member that counts of an object: the last of its name, unless it is `null`.
    pub fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        let (_, _, last) = members.iter().rfind(|(found, _, _)| found == name)?;
        Some(last).filter(|last| **last != Self::Plain("null".to_owned()))
    }

    /// What a string says.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// How many objects and arrays stand inside one another.
    pub fn depth(&self) -> usize {
        match self {
            Self::Plain(_) | Self::Text(_) => 0,
            Self::List(all) => 1 + all.iter().map(|(_, one)| one.depth()).max().unwrap_or(0),
            Self::Object(all) => 1 + all.iter().map(|(_, _, one)| one.depth()).max().unwrap_or(0),
        }
    }
}

/// A string; read as bytes, since only so `serde_json` hands out halves of surrogate pairs.
struct Text(String);

struct TextVisitor;

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_bytes(TextVisitor)
    }
}

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
        self.visit_bytes(text.as_bytes())
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Text, E> {
        let mut whole = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let [first, behind @ ..] = rest {
            let half = *first == 0xed && behind.first().is_some_and(|next| *next >= 0xa0);
            if half {
                whole.extend("\u{fffd}".bytes());
                rest = &rest[3..];
                continue;
            }
            match first {
                0 => whole.extend("\u{fffd}".bytes()),
                other => whole.push(*other),
            }
            rest = behind;
        }
        Ok(Text(String::from_utf8(whole).expect("only halves of pairs are no UTF-8")))
    }
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

struct MembersVisitor;

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(MembersVisitor)
    }
}

struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<String, D::Error> {
        Text::deserialize(input).map(|Text(name)| name)
    }
}

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key_seed(Name)? {
            members.push((name, map.next_value()?));
        }
        Ok(Members(members))
    }
}
