//! Which passwords are refused: short ones, and those that programs try first. Length is what
//! counts; no kind of character is asked for.

/// Characters of a password at least.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Characters of a password at most: hashing takes no longer for them.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// Different characters at least.
const DIFFERENT_MIN: usize = 5;
/// Words that most guesses are made of, with a number or a sign before or behind.
const COMMON: &str = include_str!("common_passwords.txt");
/// Keys as they lie beside each other, and what else is counted on.
const ROWS: [&str; 8] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
];

/// Why a password is refused; `None` if it may be used. `name` is whose it is.
pub fn fault(password: &str, name: &str) -> Option<String> {
    let length = password.chars().count();
    if length < PASSWORD_CHARS_MIN {
        return Some(format!("expected {PASSWORD_CHARS_MIN} characters or more"));
    }
    if length > PASSWORD_CHARS_MAX {
        return Some(format!("expected {PASSWORD_CHARS_MAX} characters or fewer"));
    }
    let lower = password.to_lowercase();
    let mut different: Vec<char> = lower.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT_MIN {
        return Some(format!("expected {DIFFERENT_MIN} or more different characters"));
    }
    let core = core(&lower);
    let own = self::core(&name.to_lowercase());
    if !own.is_empty() && (core == own || core == own.repeat(2)) {
        return Some("expected more than the name".into());
    }
    let is_common = is_listed(&lower) || is_listed(&core) || is_listed(&plain(&core));
    if is_common || is_row(&lower) || is_row(&core) {
        return Some("this is among the passwords that are tried first".into());
    }
    None
}

/// Without the digits and signs at both ends; all of it if nothing else is there.
fn core(lower: &str) -> String {
    let trimmed = lower.trim_matches(|one: char| !one.is_alphabetic());
    trimmed.chars().filter(|one| !one.is_whitespace()).collect()
}

/// With letters for the digits and signs that stand for them.
fn plain(word: &str) -> String {
    let letter = |one| match one {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    word.chars().map(letter).collect()
}

fn is_listed(word: &str) -> bool {
    COMMON.split_ascii_whitespace().any(|common| common == word)
}

/// Whether it is keys in a row, there or back.
fn is_row(word: &str) -> bool {
    let back: String = word.chars().rev().collect();
    word.chars().count() >= 4 && ROWS.iter().any(|row| row.contains(word) || row.contains(&back))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_refused() {
        let table = [
            ("short", "10 characters or more"),
            ("aaaaaaaaaaaa", "different"),
            ("abababababab", "different"),
            ("password123", "tried first"),
            ("P@ssw0rd2024!", "tried first"),
            ("Password!!!!", "tried first"),
            ("1234567890", "tried first"),
            ("0987654321", "tried first"),
            ("qwertyuiop", "tried first"),
            ("QwertyUiop1!", "tried first"),
            ("Summer2026!", "tried first"),
            ("administrator", "tried first"),
            ("logcenter2026", "tried first"),
            ("log-center", "tried first"),
            ("Пароль123456", "tried first"),
            ("йцукенгшщз", "tried first"),
            ("letmein-2026-11", "tried first"),
            ("annalee2026", "more than the name"),
            ("Anna Lee 1999", "more than the name"),
        ];
        for (password, why) in table {
            let fault = fault(password, "Anna Lee").unwrap_or_else(|| panic!("{password} passed"));
            assert!(fault.contains(why), "{password}: {fault}");
        }
        assert!(fault(&"x1y2z3".repeat(50), "ann").expect("too long").contains("fewer"));
    }

    #[test]
    fn what_is_long_and_not_listed_is_taken() {
        for password in [
            "correct horse staple battery",
            "vK3#pq0Lz9",
            "мама мыла раму",
            "我的猫喜欢在窗台上睡觉",
            "password of my old bicycle",
        ] {
            assert_eq!(fault(password, "ann"), None, "{password}");
        }
    }
}
