//! What matches: patterns with `*` for values, and text inside text in any case for words.

/// A value to match: all of it, case as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The value itself; may be empty (`code:""`).
    Exact(String),
    /// The literal parts between the stars: at least two, of which the first begins the value and
    /// the last ends it. `*` alone is two empty ones and matches every value.
    Wild(Vec<String>),
}

impl Pattern {
    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        let parts = match self {
            Self::Exact(value) => return value == text,
            Self::Wild(parts) => parts,
        };
        let [first, middle @ .., last] = parts.as_slice() else { return false };
        let Some(rest) = text.strip_prefix(first.as_str()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_str()) else { return false };
        // Taking each part at its first place leaves the most for those behind it.
        for part in middle {
            let Some(at) = rest.find(part.as_str()) else { return false };
            rest = &rest[at + part.len()..];
        }
        true
    }

    /// Whether the path matches, or what stands behind any `/` in it: `views.py` and
    /// `users/views.py` both match `apps/users/views.py`.
    pub fn matches_path(&self, path: &str) -> bool {
        self.matches(path) || path.match_indices('/').any(|(at, _)| self.matches(&path[at + 1..]))
    }

    /// What every match begins with: the value itself, or what stands before the first star.
    pub fn prefix(&self) -> &str {
        match self {
            Self::Exact(value) => value,
            Self::Wild(parts) => parts.first().map_or("", String::as_str),
        }
    }

    /// The value, if nothing in it is wild.
    pub fn exact(&self) -> Option<&str> {
        match self {
            Self::Exact(value) => Some(value),
            Self::Wild(_) => None,
        }
    }
}

/// The text in lower case, character by character, so that a part of it folds to a part.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Whether the text holds the needle in any case. The needle is [`fold`]ed already.
pub fn contains_folded(haystack: &str, folded_needle: &str) -> bool {
    if !haystack.is_ascii() {
        return fold(haystack).contains(folded_needle);
    }
    let (text, needle) = (haystack.as_bytes(), folded_needle.as_bytes());
    let Some(&first) = needle.first() else { return true };
    let Some(last_start) = text.len().checked_sub(needle.len()) else { return false };
    text[..=last_start].iter().enumerate().any(|(at, byte)| {
        byte.to_ascii_lowercase() == first
            && text[at..at + needle.len()].eq_ignore_ascii_case(needle)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wild(pattern: &str) -> Pattern {
        Pattern::Wild(pattern.split('*').map(str::to_owned).collect())
    }

    #[test]
    fn a_star_stands_for_anything() {
        let table = [
            ("*", "", true),
            ("*", "anything", true),
            ("Value*", "ValueError", true),
            ("Value*", "value", false),
            ("*Error", "ValueError", true),
            ("*Error", "ErrorCode", false),
            ("*Err*", "ValueError", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("ab*ba", "aba", false),
            ("a**b", "ab", true),
            ("*ab*ab*", "ab", false),
            ("*ab*ab*", "abab", true),
            ("数*错", "数据库错", true),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(wild(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn an_exact_value_is_the_whole_value() {
        let pattern = Pattern::Exact("ValueError".to_owned());
        assert!(pattern.matches("ValueError"));
        assert!(!pattern.matches("ValueErrors"));
        assert!(!pattern.matches("valueerror"));
    }

    #[test]
    fn a_path_matches_from_any_slash() {
        let path = "apps/users/views.py";
        let table = [
            ("apps/users/views.py", true),
            ("users/views.py", true),
            ("views.py", true),
            ("iews.py", false),
            ("apps", false),
            ("", false),
        ];
        for (value, expected) in table {
            assert_eq!(Pattern::Exact(value.to_owned()).matches_path(path), expected, "{value}");
        }
        for (pattern, expected) in
            [("apps/*", true), ("users/*", true), ("view*", true), ("sers/*", false)]
        {
            assert_eq!(wild(pattern).matches_path(path), expected, "{pattern}");
        }
    }

    #[test]
    fn a_prefix_is_what_stands_before_the_star() {
        assert_eq!(wild("Val*Err*").prefix(), "Val");
        assert_eq!(wild("*x").prefix(), "");
        assert_eq!(Pattern::Exact("a b".to_owned()).prefix(), "a b");
        assert_eq!(wild("*x").exact(), None);
    }

    #[test]
    fn words_match_in_any_case_and_script() {
        let table = [
            ("ValueError: invalid literal", "LITERAL", true),
            ("ValueError", "error", true),
            ("ValueError", "errors", false),
            ("Err", "error", false),
            ("", "x", false),
            ("x", "", true),
            ("Ошибка Подключения", "ПОДКЛЮЧ", true),
            ("数据库连接失败", "连接", true),
            ("数据库 Timeout", "TIMEOUT", true),
            ("plain", "连接", false),
            ("STRASSE", "straße", false),
            ("\u{212a}elvin", "kelvin", true),
        ];
        for (text, needle, expected) in table {
            assert_eq!(contains_folded(text, &fold(needle)), expected, "{text} {needle}");
        }
    }
}
