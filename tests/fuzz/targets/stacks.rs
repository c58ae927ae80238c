//! Stack traces of no known language, as reports and as the command line's input hold them.
//!
//! Held: what is shown is one line within its limits and stood in the text; one text and its lines
//! say the same; nothing behind the text changes the answer; hundreds of thousands of lines or
//! characters take no second (a reader that is not linear meets the fuzzer's time-out).

#![no_main]

use libfuzzer_sys::fuzz_target;
use log_center::domain::culprit::{culprit, frame};
use log_center::domain::traceback::{self, Raised};
use log_center_fuzz::expanded;

/// Function, file, and the longest ` (:4294967295:4294967295)`.
const CULPRIT_CHARS_MAX: usize = 256 + 1_024 + 25;

/// Of a longer text only what its length may break is asked: all else shows in a short one.
const SHORT_BYTES_MAX: usize = 16_384;

fuzz_target!(|data: &[u8]| {
    let bytes = expanded(data);
    let text = &*String::from_utf8_lossy(&bytes);
    let shown = culprit(std::iter::once(text));
    if let Some(shown) = &shown {
        let chars = shown.chars().count();
        assert!(chars <= CULPRIT_CHARS_MAX, "{chars} characters");
        assert!(!shown.contains('\n'), "{shown:?}");
    }
    let raised = traceback::find(text);
    if text.len() <= SHORT_BYTES_MAX {
        text.lines().for_each(check_frame);
        check_culprit(text, shown);
        check_traceback(text, raised);
    }
});

fn check_frame(line: &str) {
    let Some(found) = frame(line) else { return };
    assert!(!found.file.is_empty() && found.line > 0, "{found:?}");
    for part in [Some(found.file), found.function].into_iter().flatten() {
        assert!(line.contains(part), "{part} is not in the line");
    }
    assert_eq!(frame(line.trim()), Some(found), "blanks around a frame say nothing");
}

fn check_culprit(text: &str, whole: Option<String>) {
    assert_eq!(culprit(text.lines()), whole, "lines and text differ");
    assert_eq!(culprit(text.split_inclusive('\n')), whole, "line ends in an array count");
    let longer = format!("{text}\n\n");
    assert_eq!(culprit(std::iter::once(&*longer)), whole, "an empty line counts");
    let returns = text.lines().collect::<Vec<_>>().join("\r\n");
    assert_eq!(culprit(std::iter::once(&*returns)), whole, "the kind of line end counts");
}

fn check_traceback(text: &str, raised: Option<Raised>) {
    let Some(raised) = raised else { return };
    assert!(!raised.kind.is_empty(), "{raised:?}");
    for part in [Some(&raised.kind), Some(&raised.message), raised.file.as_ref()] {
        let part = part.map_or("", String::as_str);
        assert!(!part.contains('\n'), "{raised:?}");
        let known = ["panic", "ShellError", "unknown"].contains(&part);
        assert!(known || text.contains(part), "{part:?} is not in the text");
    }
    let ended = traceback::find(&format!("{text}\n"));
    assert_eq!(ended, Some(raised), "an empty line counts");
}
