//! Output of programs as plain text: without the colours and the redrawing meant for a terminal.

/// The text of bytes that a program wrote. What is not UTF-8 becomes U+FFFD; escape sequences and
/// control characters go; of a line that was drawn anew (`\r`) the last state stays.
pub(super) fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split('\n').map(line);
    lines.collect::<Vec<_>>().join("\n")
}

fn line(text: &str) -> String {
    let text = text.trim_end_matches('\r');
    let drawn_last = text.rsplit('\r').next().unwrap_or(text);
    let mut out = String::with_capacity(drawn_last.len());
    let mut rest = drawn_last.chars();
    while let Some(one) = rest.next() {
        match one {
            '\x1b' => skip_sequence(&mut rest),
            '\t' => out.push(one),
            _ if one.is_control() => {}
            _ => out.push(one),
        }
    }
    out
}

/// Passes over what follows an escape: `[…m` and its like, or `]…` up to its end.
fn skip_sequence(rest: &mut std::str::Chars<'_>) {
    match rest.next() {
        Some('[') => {
            let _last = rest.find(|one| ('\x40'..='\x7e').contains(one));
        }
        Some(']') => {
            while let Some(one) = rest.next() {
                if one == '\x07' {
                    return;
                }
                if one == '\x1b' {
                    let _backslash = rest.next();
                    return;
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_for_a_terminal_goes() {
        let table: [(&[u8], &str); 6] = [
            (b"\x1b[1;31merror:\x1b[0m no\n", "error: no\n"),
            (b"10 %\r50 %\r100 %\r\nend", "100 %\nend"),
            (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x07!", "link!"),
            (b"\tat x\x07\x00", "\tat x"),
            (b"\xff\xfe", "\u{fffd}\u{fffd}"),
            (b"cut \x1b[3", "cut "),
        ];
        for (bytes, expected) in table {
            assert_eq!(text(bytes), expected);
        }
    }
}
