//! What a name looks like: two people whose names look the same could pass for each other.
//! The tables are Unicode's own (UTS 39).

use unicode_security::confusable_detection::skeleton;
use unicode_security::{GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection};

use crate::domain::search::fold;

/// Whether two names are the same, or look so, in this case of their letters, in lower case or in
/// capitals: names are compared without their case, so each may be written in any.
pub fn is_alike(one: &str, other: &str) -> bool {
    let (folded_one, folded_other) = (fold(one), fold(other));
    folded_one == folded_other
        || skeleton(one).eq(skeleton(other))
        || skeleton(&folded_one).eq(skeleton(&folded_other))
        || skeleton(&folded_one.to_uppercase()).eq(skeleton(&folded_other.to_uppercase()))
}

/// Whether a word of a name has letters of alphabets that are not written together, as a Cyrillic
/// one among Latin ones. Chinese, Japanese and Korean are written together with Latin.
pub fn mixes_alphabets(name: &str) -> bool {
    let is_mixed = |word: &str| {
        let letters: String = word.chars().filter(|one| one.identifier_allowed()).collect();
        !letters.check_restriction_level(RestrictionLevel::HighlyRestrictive)
    };
    name.split(|one: char| !one.is_alphanumeric()).any(is_mixed)
}

/// Whether a character shows nothing, or is a blank other than the usual one: no name needs it.
pub fn is_invisible(one: char) -> bool {
    matches!(one,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
        || (one.is_whitespace() && one != ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_alike() {
        for (one, other) in [
            ("ann", "ANN"),
            ("ann", "аnn"),
            ("Анна", "Aннa"),
            ("paul", "pau1"),
            ("Al", "AI"),
            ("scope", "ѕсоре"),
            ("bob", "𝐛𝐨𝐛"),
            ("rn", "m"),
            ("zoe", "zo\u{fe00}e"),
            ("é", "e\u{301}"),
            ("root", "r00t"),
        ] {
            assert!(is_alike(one, other), "{one} {other}");
        }
        for (one, other) in
            [("ann", "anna"), ("ann", "anne"), ("王芳", "王方"), ("Мария", "Марина")]
        {
            assert!(!is_alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_word_is_of_one_alphabet() {
        for name in
            ["ann", "Мария Ann", "王芳 Lisa", "王芳Lisa", "d'Arc", "Лена2", "łukasz", "アンannさん"]
        {
            assert!(!mixes_alphabets(name), "{name}");
        }
        for name in ["аnn", "Mаria", "αnn", "Ann Лeнa"] {
            assert!(mixes_alphabets(name), "{name}");
        }
    }
}
