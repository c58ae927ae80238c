//! Makes a stranger's text harmless: what no channel can show goes, and what is too long is cut at
//! a character's end. What markup a channel understands is its own file's matter.

/// One line: control characters become blanks, and those that turn the direction of writing, or
/// that nobody sees, go.
pub fn line(text: &str, chars_max: usize) -> String {
    cut(&cleaned(text, false), chars_max)
}

/// Several lines, cleaned as [`line`] does.
pub fn lines(text: &str, chars_max: usize) -> String {
    cut(&cleaned(text, true), chars_max)
}

fn cleaned(text: &str, has_lines: bool) -> String {
    let shown = text.chars().filter(|one| !is_hidden(*one));
    shown
        .map(|one| match one {
            '\n' if has_lines => one,
            one if one.is_control() => ' ',
            one => one,
        })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Characters that change how others are read, and are not seen themselves.
const fn is_hidden(one: char) -> bool {
    matches!(one, '\0' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// At most so many characters; a longer text ends with `…`.
pub fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().nth(chars_max).is_none() {
        return text.to_owned();
    }
    text.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

/// A text under a line, if there is one.
pub fn above(line: &str, text: String) -> String {
    if line.is_empty() { text } else { format!("{line}\n{text}") }
}

/// Puts a zero-width space into every run of three backticks, which would end a code block.
pub fn unfenced(text: &str) -> String {
    text.replace("``", "`\u{200b}`")
}

/// `& < >` as HTML's and Slack's escapes, `&` first.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Markup of Chinese vendors becomes its full-width likeness: they know no escape. An underscore
/// within a word marks nothing up, and stays.
pub fn full_width(text: &str) -> String {
    let all: Vec<char> = text.chars().collect();
    let is_word = |at: Option<usize>| {
        at.and_then(|at| all.get(at)).is_some_and(|one| one.is_alphanumeric() || *one == '_')
    };
    all.iter()
        .enumerate()
        .map(|(at, one)| match one {
            '<' => '＜',
            '>' => '＞',
            '[' => '［',
            ']' => '］',
            '*' => '＊',
            '`' => '｀',
            '#' => '＃',
            '~' => '～',
            '|' => '｜',
            '!' => '！',
            '@' => '＠',
            '\\' => '＼',
            '_' if !(is_word(at.checked_sub(1)) && is_word(at.checked_add(1))) => '＿',
            other => *other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_goes() {
        assert_eq!(line(" a\0b\u{202e}c\r\nd\u{2066}\u{feff} ", 99), "abc  d");
        assert_eq!(lines("a\nb\u{7}", 99), "a\nb");
        assert_eq!(line("数数数数", 3), "数数…");
        assert_eq!(line("数数数", 3), "数数数");
    }

    #[test]
    fn markup_becomes_text() {
        assert_eq!(escaped("<!channel> &lt;"), "&lt;!channel&gt; &amp;lt;");
        assert_eq!(
            full_width("![a](b) <@all> get_user _x_"),
            "！［a］(b) ＜＠all＞ get_user ＿x＿"
        );
        assert!(!unfenced("`````` ``").contains("```"));
    }
}
