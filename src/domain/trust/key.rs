//! Keys of programs: to report, and to use the API. The key itself is told once; what is kept is
//! its hash and its first characters.

use serde::{Serialize, Serializer};

use super::reach::{Place, Reach};
use super::role::Role;
use crate::domain::issue::{opt_time, time};

/// Keys that are valid at most.
pub const KEYS_MAX: i64 = 10_000;
/// Characters of a key's name at most: with its mark before it, it is still a name.
pub const KEY_NAME_CHARS_MAX: usize = 60;
/// Pages of a key at most.
pub const ORIGINS_MAX: usize = 64;
/// Days that a key lasts at most, if it is to end at all: 10 years.
pub const KEY_DAYS_MAX: i64 = 3_660;
/// Digits of the secret of a key, session or link: 192 bits.
pub const SECRET_DIGITS: usize = 48;
/// Characters of a key that are shown later.
const SHOWN_CHARS: usize = 8;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To report, and nothing else.
    Report,
    /// To use the API.
    Api,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Report, Self::Api];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Api => "api",
        }
    }

    /// Reads a name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }

    /// What such a key begins with, so that people and scanners know what they found.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Report => "lcr_",
            Self::Api => "lca_",
        }
    }
}

/// One thing that a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Send reports.
    Report,
    /// Look, as a viewer.
    Read,
    /// Change, as a member.
    Change,
    /// Say who may do what, as an administrator.
    Manage,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Report, Self::Read, Self::Change, Self::Manage];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Read => "read",
            Self::Change => "change",
            Self::Manage => "manage",
        }
    }

    /// Reads a name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == word)
    }

    const fn bit(self) -> i64 {
        1 << self as i64
    }
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(i64);

impl Scopes {
    /// These.
    pub fn of(scopes: &[Scope]) -> Self {
        Self(scopes.iter().fold(0, |sum, scope| sum | scope.bit()))
    }

    /// Whether it is among them.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The number in the database.
    pub const fn code(self) -> i64 {
        self.0
    }

    /// The scopes of a number; bits that nobody wrote say nothing.
    pub const fn from_code(code: i64) -> Self {
        Self(code & 0b1111)
    }

    /// A key that only reports is one to report.
    pub const fn kind(self) -> Kind {
        if self.0 == Scope::Report.bit() { Kind::Report } else { Kind::Api }
    }

    /// What its bearer may do with the API; `None` if nothing.
    pub const fn role(self) -> Option<Role> {
        if self.has(Scope::Manage) {
            Some(Role::Administrator)
        } else if self.has(Scope::Change) {
            Some(Role::Member)
        } else if self.has(Scope::Read) {
            Some(Role::Viewer)
        } else {
            None
        }
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(Scope::ALL.iter().filter(|scope| self.has(**scope)).map(|s| s.name()))
    }
}

fn kind_name<S: Serializer>(kind: &Kind, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(kind.name())
}

fn project_name<S: Serializer>(place: &Option<Place>, out: S) -> Result<S::Ok, S::Error> {
    match place {
        Some(place) => out.serialize_str(&place.name),
        None => out.serialize_none(),
    }
}

/// What is told of a key.
#[derive(Clone, Debug, Serialize)]
pub struct Key {
    /// Its number.
    pub id: i64,
    /// What it is for.
    #[serde(serialize_with = "kind_name")]
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// Its first characters.
    pub shown: String,
    /// The only project it is for; none: the whole server.
    #[serde(rename = "project_id", serialize_with = "project_name")]
    pub project: Option<Place>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Origins of the pages that may use it; none: any caller.
    pub origins: Vec<String>,
    /// When it was made.
    #[serde(serialize_with = "time")]
    pub created_at: i64,
    /// By whom.
    pub created_by: String,
    /// When it ends.
    #[serde(serialize_with = "opt_time")]
    pub expires_at: Option<i64>,
    /// When it was used last, within a minute or two.
    #[serde(serialize_with = "opt_time")]
    pub last_used_at: Option<i64>,
    /// When it was ended.
    #[serde(serialize_with = "opt_time")]
    pub revoked_at: Option<i64>,
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// The only project it is for.
    pub project: Option<String>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Pages that may use it.
    pub origins: Vec<String>,
    /// When it ends.
    pub expires_at: Option<i64>,
}

impl Key {
    /// As the store reads it: `made` is its number, name and first characters.
    pub fn new(made: (i64, String, String), scopes: Scopes, project: Option<Place>) -> Self {
        let (id, name, shown) = made;
        Self {
            id,
            kind: scopes.kind(),
            name,
            shown,
            project,
            scopes,
            origins: Vec::new(),
            created_at: 0,
            created_by: String::new(),
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
        }
    }

    /// Whether it can be used at this moment.
    pub fn is_valid(&self, now: i64) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether a caller from this page, or from none, may use it.
    pub fn is_for_origin(&self, origin: Option<&str>) -> bool {
        self.origins.is_empty()
            || origin.is_some_and(|origin| {
                self.origins.iter().any(|own| own.eq_ignore_ascii_case(origin))
            })
    }

    /// The projects that it is for.
    pub fn reach(&self) -> Reach {
        self.project.clone().map_or(Reach::Every, |place| Reach::Of([place].into()))
    }
}

/// A secret with the mark of what it is.
pub fn marked(mark: &str, digits: &str) -> String {
    [mark, digits].concat()
}

/// Whether a text can be a key at all: what is none is not looked for.
pub fn is_key(text: &str) -> bool {
    let digits = Kind::ALL.iter().find_map(|kind| text.strip_prefix(kind.mark()));
    digits.is_some_and(|digits| {
        digits.len() == SECRET_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// The characters of a key by which people tell it from others.
pub fn shown(key: &str) -> String {
    key.chars().take(SHOWN_CHARS).collect()
}

/// An origin as browsers write it; `None` if the text is none.
pub fn origin(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let (scheme, rest) = lower.split_once("://")?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let of_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let is_one = !scheme.is_empty()
        && scheme.bytes().all(of_scheme)
        && !rest.is_empty()
        && rest.bytes().all(of_host);
    is_one.then(|| format!("{scheme}://{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_roles_and_a_key_that_only_reports_may_nothing_else() {
        let report = Scopes::of(&[Scope::Report]);
        assert_eq!((report.kind(), report.role()), (Kind::Report, None));
        let both = Scopes::of(&[Scope::Report, Scope::Change]);
        assert_eq!((both.kind(), both.role()), (Kind::Api, Some(Role::Member)));
        assert!(both.has(Scope::Report) && !both.has(Scope::Manage));
        assert_eq!(Scopes::of(&[Scope::Manage]).role(), Some(Role::Administrator));
        assert_eq!(Scopes::from_code(both.code() | 1 << 40), both);
        assert_eq!(Scopes::from_code(0).role(), None);
    }

    #[test]
    fn a_key_ends_when_it_says_so_or_is_ended() {
        let place = Place { number: 1, name: "shop".into() };
        let of = |expires_at, revoked_at| Key {
            expires_at,
            revoked_at,
            ..Key::new((1, "ci".into(), "lcr_1".into()), Scopes(1), Some(place.clone()))
        };
        assert!(of(None, None).is_valid(5) && of(Some(6), None).is_valid(5));
        assert!(!of(Some(5), None).is_valid(5) && !of(None, Some(1)).is_valid(5));
        assert!(of(None, None).reach().has("shop") && !of(None, None).reach().has("other"));
    }

    #[test]
    fn a_key_with_pages_is_for_them_alone() {
        let mut key = Key::new((1, "web".into(), "lcr_1".into()), Scopes(1), None);
        assert!(key.is_for_origin(None) && key.is_for_origin(Some("https://evil.example")));
        key.origins = vec!["https://shop.example".into()];
        assert!(key.is_for_origin(Some("https://Shop.example")));
        for other in
            [None, Some("null"), Some("http://shop.example"), Some("https://shop.example.evil")]
        {
            assert!(!key.is_for_origin(other), "{other:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_key_is_not_looked_for() {
        let digits = "0".repeat(SECRET_DIGITS);
        assert!(is_key(&marked("lcr_", &digits)) && is_key(&marked("lca_", &digits)));
        for text in ["", "lcr_", &digits, &marked("lcx_", &digits), &marked("lcr_", &digits[1..])] {
            assert!(!is_key(text), "{text}");
        }
        assert_eq!(shown(&marked("lcr_", "1a2b3c")), "lcr_1a2b");
    }

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        assert_eq!(origin("HTTPS://Shop.example/").as_deref(), Some("https://shop.example"));
        assert_eq!(origin("http://localhost:3000").as_deref(), Some("http://localhost:3000"));
        assert_eq!(origin("capacitor://localhost").as_deref(), Some("capacitor://localhost"));
        for text in ["", "*", "shop.example", "https://", "https://a/b", "https://a b", "null"] {
            assert_eq!(origin(text), None, "{text}");
        }
    }
}
