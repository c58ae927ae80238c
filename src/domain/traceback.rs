//! Finds what failed, and where, in the output of a program: the traceback of Python, Node, Java,
//! Go, Ruby, PHP or Rust, or the complaint of a shell.
//!
//! Place and type are those that the guide's own code would report from inside the program, so
//! both ways lead to one issue.

use super::culprit::{self, Frame};

/// Lines above a JavaScript or Java frame in which its error may stand.
const HEADING_LINES_MAX: usize = 50;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Raised {
    /// The exception's class, or what a program calls the fault.
    pub kind: String,
    /// What it says; may be empty.
    pub message: String,
    /// Where it was raised, if the text tells.
    pub file: Option<String>,
    /// From 1; 0 if the text does not tell.
    pub line: u32,
    /// The error's own code.
    pub code: Option<String>,
}

/// The last error that a text tells of.
pub fn find(text: &str) -> Option<Raised> {
    let lines: Vec<&str> = text.lines().collect();
    python(&lines)
        .or_else(|| go(&lines))
        .or_else(|| php(&lines))
        .or_else(|| ruby(&lines))
        .or_else(|| rust(&lines))
        .or_else(|| at_frames(&lines))
        .or_else(|| shell(&lines))
}

fn raised(kind: &str, message: &str, file: &str, line: u32) -> Raised {
    let file = Some(file.to_owned());
    Raised { kind: kind.into(), message: message.trim().into(), file, line, code: None }
}

/// The innermost frame of the program's own code, or of any. `lines`: innermost first.
fn place<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> Option<Frame<'a>> {
    let frames = lines.filter_map(culprit::frame);
    frames.clone().find(culprit::is_own).or_else(|| frames.clone().next())
}

/// The last traceback: of chained ones it is what was raised in the end.
fn python(lines: &[&str]) -> Option<Raised> {
    let head = "Traceback (most recent call last):";
    let start = lines.iter().rposition(|line| line.trim_end().ends_with(head))?;
    let indent = lines[start].len() - lines[start].trim_start().len();
    let below = &lines[start + 1..];
    let inner =
        |line: &&str| line.trim().is_empty() || line.len() - line.trim_start().len() > indent;
    let end = below.iter().position(|line| !inner(line))?;
    let innermost = place(below[..end].iter().rev().copied());
    let (kind, message) = below[end].trim().split_once(": ").unwrap_or((below[end].trim(), ""));
    let kind = kind.trim_end_matches(':').rsplit('.').next().unwrap_or(kind);
    let (file, line) = innermost.map_or(("unknown", 0), |frame| (frame.file, frame.line));
    is_name(kind).then(|| raised(kind, message, file, line))
}

fn go(lines: &[&str]) -> Option<Raised> {
    let is_head = |line: &str| line.starts_with("panic: ") || line.starts_with("fatal error: ");
    let start = lines.iter().position(|line| is_head(line))?;
    if !lines[start..].iter().any(|line| line.starts_with("goroutine ")) {
        return None;
    }
    let (kind, message) = lines[start].split_once(": ")?;
    let place = culprit::blamed(lines[start..].iter().copied());
    let (file, line) = place.map_or(("unknown", 0), |frame| (frame.file, frame.line));
    Some(raised(kind, message, file, line))
}

fn php(lines: &[&str]) -> Option<Raised> {
    for line in lines {
        let text = line.trim();
        if let Some((_, rest)) = text.split_once("Uncaught ") {
            let Some((kind, rest)) = rest.split_once(": ") else { continue };
            let Some((message, place)) = rest.rsplit_once(" in ") else { continue };
            let Some((file, line)) = place.rsplit_once(':') else { continue };
            if let Ok(line) = line.parse() {
                return Some(raised(kind, message, file, line));
            }
        }
        let level = text.strip_prefix("PHP ").unwrap_or(text).split_once(": ");
        let Some((kind @ ("Fatal error" | "Parse error" | "Warning"), rest)) = level else {
            continue;
        };
        if let Some((rest, line)) = rest.rsplit_once(" on line ")
            && let Some((message, file)) = rest.rsplit_once(" in ")
            && let Ok(line) = line.parse()
        {
            return Some(raised(kind, message, file, line));
        }
    }
    None
}

/// `app.rb:3:in 'Integer#/': divided by 0 (ZeroDivisionError)`.
fn ruby(lines: &[&str]) -> Option<Raised> {
    lines.iter().find_map(|line| {
        let (place, rest) = line.split_once(":in ")?;
        let (file, number) = place.rsplit_once(':')?;
        let (_, said) = rest.split_once("': ")?;
        let (message, kind) = said.trim_end().strip_suffix(')')?.rsplit_once(" (")?;
        is_name(kind).then(|| Some(raised(kind, message, file, number.parse().ok()?)))?
    })
}

/// `thread 'main' panicked at src/main.rs:2:5:` and the message below.
fn rust(lines: &[&str]) -> Option<Raised> {
    let at = lines.iter().position(|line| {
        line.starts_with("thread '") && line.contains(" panicked at ") && line.ends_with(':')
    })?;
    let (_, place) = lines[at].trim_end_matches(':').split_once(" panicked at ")?;
    let mut parts = place.rsplitn(3, ':');
    let (_column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    let message = lines.get(at + 1).copied().unwrap_or_default();
    Some(raised("panic", message, file, line.parse().ok()?))
}

/// Node and Java: frames that begin with `at`, below the line that names the error.
fn at_frames(lines: &[&str]) -> Option<Raised> {
    let is_frame = |line: &str| line.trim_start().starts_with("at ");
    let first = lines.iter().position(|line| is_frame(line) && culprit::frame(line).is_some())?;
    let above = lines[..first].iter().rev().take(HEADING_LINES_MAX);
    let (kind, message, code) = above.copied().find_map(heading)?;
    let frame = place(lines[first..].iter().copied())?;
    Some(Raised { code, ..raised(kind, message, frame.file, frame.line) })
}

/// `java.io.IOException: gone`, `TypeError: x`, `Error [ERR_X]: x`; the last is a code.
fn heading(line: &str) -> Option<(&str, &str, Option<String>)> {
    if line.starts_with(char::is_whitespace) || line.starts_with("Caused by") {
        return None;
    }
    let text = match line.strip_prefix("Exception in thread \"") {
        Some(rest) => rest.split_once("\" ")?.1,
        None => line.strip_prefix("Uncaught ").unwrap_or(line),
    };
    let (kind, message) = text.trim_end().split_once(": ").unwrap_or((text.trim_end(), ""));
    let (kind, code) = match kind.strip_suffix(']').and_then(|kind| kind.split_once(" [")) {
        Some((kind, code)) => (kind, Some(code.to_owned())),
        None => (kind, None),
    };
    is_name(kind).then_some((kind, message, code))
}

/// `backup.sh: line 12: pg_dump: command not found`.
fn shell(lines: &[&str]) -> Option<Raised> {
    lines.iter().rev().find_map(|line| {
        let (file, rest) = line.split_once(": line ")?;
        let (number, message) = rest.split_once(": ")?;
        let is_file = !file.is_empty() && !file.contains(' ');
        is_file.then(|| Some(raised("ShellError", message, file, number.parse().ok()?)))?
    })
}

/// A class, perhaps with its package: no blank in it, and more than a small word.
fn is_name(text: &str) -> bool {
    let of_name = |one: char| one.is_alphanumeric() || matches!(one, '_' | '.' | '$' | ':' | '\\');
    let last = text.rsplit(['.', ':', '\\', '$']).next().unwrap_or_default();
    text.chars().all(of_name) && last.starts_with(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracebacks_of_every_language_are_read() {
        let table = [
            (
                "starting\nTraceback (most recent call last):\n  File \"a.py\", line 3, in \
                 <module>\n    f()\n  File \"lib/b.py\", line 7, in f\n    g(\n    ^^\n\
                 foo.bar.BadThing: no: never\n",
                ("BadThing", "no: never", "lib/b.py", 7),
            ),
            (
                "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n\
                 KeyError: 'a'\n\nDuring handling of the above exception, another exception \
                 occurred:\n\nTraceback (most recent call last):\n  File \"a.py\", line 9, in g\n\
                 KeyboardInterrupt\n",
                ("KeyboardInterrupt", "", "a.py", 9),
            ),
            (
                "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n    \
                 json.loads(x)\n  File \"/usr/lib/python3.12/json/decoder.py\", line 353, in f\n\
                 \x20   g()\njson.decoder.JSONDecodeError: no\n",
                ("JSONDecodeError", "no", "a.py", 3),
            ),
            (
                "/app/x.js:3\n  throw new TypeError('boom');\n  ^\n\nTypeError: boom\n    at f \
                 (/app/x.js:3:9)\n    at Object.<anonymous> (/app/x.js:6:1)\n\nNode.js v20.0.0\n",
                ("TypeError", "boom", "/app/x.js", 3),
            ),
            (
                "Exception in thread \"main\" java.lang.IllegalStateException: closed\n\tat \
                 com.acme.Shop.pay(Shop.java:12)\nCaused by: java.io.IOException: gone\n\tat \
                 com.acme.Net.open(Net.java:4)\n",
                ("java.lang.IllegalStateException", "closed", "Shop.java", 12),
            ),
            (
                "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 \
                 [running]:\nmain.pick(...)\n\t/src/main.go:8\nmain.main()\n\t\
                 /src/main.go:4 +0x1d\nexit status 2\n",
                ("panic", "runtime error: index out of range [5] with length 3", "/src/main.go", 8),
            ),
            (
                "app.rb:3:in 'Integer#/': divided by 0 (ZeroDivisionError)\n\tfrom app.rb:3:in \
                 'Object#f'\n",
                ("ZeroDivisionError", "divided by 0", "app.rb", 3),
            ),
            (
                "PHP Fatal error:  Uncaught RuntimeException: no in stock in /srv/a.php:12\nStack \
                 trace:\n#0 {main}\n  thrown in /srv/a.php on line 12\n",
                ("RuntimeException", "no in stock", "/srv/a.php", 12),
            ),
            (
                "PHP Warning:  Undefined variable $x in /srv/a.php on line 2\n",
                ("Warning", "Undefined variable $x", "/srv/a.php", 2),
            ),
            (
                "thread 'main' panicked at src/main.rs:2:5:\nno luck\nnote: run with\n",
                ("panic", "no luck", "src/main.rs", 2),
            ),
            (
                "ok\n./backup.sh: line 12: pg_dump: command not found\n",
                ("ShellError", "pg_dump: command not found", "./backup.sh", 12),
            ),
        ];
        for (text, (kind, message, file, line)) in table {
            let found = find(text).unwrap_or_default();
            assert_eq!(found, raised(kind, message, file, line), "{text}");
        }
    }

    #[test]
    fn a_place_with_brackets_and_a_column_is_taken_as_it_stands() {
        let text = "panic: no\n\ngoroutine 1 [running]:\n    at f (/app/a (copy).js:17:4)\n";
        assert_eq!(find(text), Some(raised("panic", "no", "/app/a (copy).js", 17)));
    }

    #[test]
    fn a_code_in_brackets_is_a_code() {
        let found = find("Error [ERR_X]: no\n    at f (/a.js:1:2)\n").unwrap_or_default();
        assert_eq!((found.kind.as_str(), found.code.as_deref()), ("Error", Some("ERR_X")));
    }

    #[test]
    fn ordinary_output_is_no_traceback() {
        for text in ["", "disk full", "look at me\nat the end: no", "Note: all is well"] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
