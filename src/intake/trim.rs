//! Cuts texts to their limits, on the borders of characters.

use crate::domain::report::{STACK_BYTES_MAX, Stack};

/// Bytes that stay free for the line that says how much went.
const NOTICE_BYTES: usize = 128;

/// Keeps the first characters; true if some went.
pub(super) fn text(text: &mut String, chars_max: usize) -> bool {
    // No character is shorter than a byte, so most texts need no count.
    if text.len() <= chars_max {
        return false;
    }
    let Some((end, _)) = text.char_indices().nth(chars_max) else { return false };
    text.truncate(end);
    true
}

/// Takes the middle out of a stack that is larger than [`STACK_BYTES_MAX`] (each line counted with
/// its line feed) and says in its place how much went. True if it did.
pub(super) fn stack(stack: &mut Stack) -> bool {
    let bytes: usize = stack.parts().iter().map(|part| part.len() + 1).sum();
    // Between two lines stands one line feed, and none behind the last.
    let size = bytes.saturating_sub(1);
    if size <= STACK_BYTES_MAX {
        return false;
    }
    let side_max = (STACK_BYTES_MAX - NOTICE_BYTES) / 2;
    match stack {
        Stack::Text(text) => {
            let head = border_before(text, side_max);
            let tail = border_after(text, text.len() - side_max);
            let notice = format!("\n{}\n", notice(tail - head));
            text.replace_range(head..tail, &notice);
        }
        Stack::Lines(lines) => {
            let mut head = first_lines(lines.iter(), side_max, |line, room| {
                &line[..border_before(line, room)]
            });
            let tail = first_lines(lines.iter().rev(), side_max, |line, room| {
                &line[border_after(line, line.len() - room)..]
            });
            let kept: usize = head.iter().chain(&tail).map(|line| line.len() + 1).sum();
            head.push(notice(size.saturating_sub(kept)));
            head.extend(tail.into_iter().rev());
            *lines = head;
        }
    }
    true
}

/// The lines that fit, and of the next one the part that does.
fn first_lines<'a>(
    lines: impl Iterator<Item = &'a String>,
    bytes_max: usize,
    part: impl Fn(&'a str, usize) -> &'a str,
) -> Vec<String> {
    let mut room = bytes_max;
    let mut kept = Vec::new();
    for line in lines {
        if line.len() < room {
            room -= line.len() + 1;
            kept.push(line.clone());
            continue;
        }
        let rest = part(line, room.saturating_sub(1));
        if !rest.is_empty() {
            kept.push(rest.to_owned());
        }
        break;
    }
    kept
}

/// The last border of two characters that is not behind `at`.
pub(super) fn border_before(text: &str, at: usize) -> usize {
    let mut border = at.min(text.len());
    while !text.is_char_boundary(border) {
        border -= 1;
    }
    border
}

fn border_after(text: &str, at: usize) -> usize {
    let mut border = at.min(text.len());
    while !text.is_char_boundary(border) {
        border += 1;
    }
    border
}

fn notice(bytes: usize) -> String {
    format!("… {bytes} bytes of this stack trace were removed here …")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let table = [
            ("abc", 3, "abc", false),
            ("abcd", 3, "abc", true),
            ("数据库", 3, "数据库", false),
            ("数据库错", 3, "数据库", true),
            ("", 3, "", false),
        ];
        for (given, max, expected, expected_cut) in table {
            let mut short = given.to_owned();
            assert_eq!(text(&mut short, max), expected_cut, "{given}");
            assert_eq!(short, expected);
        }
    }

    #[test]
    fn a_stack_of_the_limit_stays_whole() {
        let mut whole = Stack::Text("x".repeat(STACK_BYTES_MAX));
        assert!(!stack(&mut whole));
        let mut lines = Stack::Lines(vec!["x".repeat(1_023); STACK_BYTES_MAX / 1_024]);
        assert!(!stack(&mut lines));
        assert!(!stack(&mut Stack::Lines(Vec::new())));
    }

    #[test]
    fn the_middle_of_a_long_text_goes() {
        let given = format!("first{}last", "é".repeat(STACK_BYTES_MAX));
        let mut short = Stack::Text(given.clone());
        assert!(stack(&mut short));
        let Stack::Text(short) = short else { panic!("still a text") };
        assert!(short.len() <= STACK_BYTES_MAX && short.len() > STACK_BYTES_MAX - 256);
        assert!(short.starts_with("firsté") && short.ends_with("élast"));
        let lines: Vec<_> = short.lines().collect();
        let removed = given.len() - lines[0].len() - lines[2].len();
        assert_eq!(lines[1], notice(removed));
    }

    #[test]
    fn the_middle_of_many_lines_goes() {
        let line = |at: usize| format!("line {at} {}", "x".repeat(100));
        let mut short = Stack::Lines((0..10_000).map(line).collect());
        assert!(stack(&mut short));
        let lines = short.parts();
        let size: usize = lines.iter().map(|line| line.len() + 1).sum();
        assert!(size <= STACK_BYTES_MAX && size > STACK_BYTES_MAX - 512, "{size}");
        assert_eq!(lines[0], line(0));
        assert_eq!(lines[lines.len() - 1], line(9_999));
        assert_eq!(lines.iter().filter(|line| line.contains("were removed here")).count(), 1);
    }

    #[test]
    fn one_huge_line_and_many_empty_ones_are_cut_too() {
        for given in [
            vec!["a".to_owned(), "é".repeat(STACK_BYTES_MAX), "z".to_owned()],
            vec!["é".repeat(STACK_BYTES_MAX)],
            vec![String::new(); STACK_BYTES_MAX * 2],
        ] {
            let mut short = Stack::Lines(given.clone());
            assert!(stack(&mut short));
            let size: usize = short.parts().iter().map(|line| line.len() + 1).sum();
            assert!(size <= STACK_BYTES_MAX && size > STACK_BYTES_MAX - 512, "{size}");
            assert_eq!(short.parts()[0].chars().next(), given[0].chars().next());
        }
    }
}
