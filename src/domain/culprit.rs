//! Where an error came from, read out of a stack trace whose language nobody told.
//!
//! Reads the frames of V8, Firefox, Safari, Python, Java and Go. A frame is usable when it names a
//! file and a line that a person can open; among usable frames those of the application itself win
//! over those of its dependencies.

/// Longest function name and file that are shown, in characters.
const FUNCTION_CHARACTERS_MAX: usize = 256;
const FILE_CHARACTERS_MAX: usize = 1_024;

/// One line of a stack trace, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The function's name, unless it has none.
    pub function: Option<&'a str>,
    /// Path or address of the file, without query and fragment.
    pub file: &'a str,
    /// From 1.
    pub line: u32,
    /// From 1; Python, Java and Go have none.
    pub column: Option<u32>,
    language: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    JavaScript,
    Python,
    Java,
    Go,
}

/// The [`blamed`] frame as `function (file:line:column)`, or `file:line:column` when the function
/// has no name.
pub fn culprit<'a>(lines: impl Iterator<Item = &'a str>) -> Option<String> {
    blamed(lines).map(|frame| describe(&frame))
}

/// The first usable frame. Python counts from the end: its innermost frame is the last of the last
/// traceback. `lines` may be the elements of an array or one whole text; each may hold line breaks
/// itself.
pub fn blamed<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Frame<'a>> {
    let mut search = Search::default();
    // Not `lines`, for which an empty element of an array would be no line.
    for line in lines.flat_map(|part| part.strip_suffix('\n').unwrap_or(part).split('\n')) {
        if search.read(line) {
            break;
        }
    }
    search.own.or(search.first)
}

/// Every usable frame, the innermost first: a Python traceback ends with it, and the last of
/// chained tracebacks is the one that was raised in the end.
pub fn innermost_first<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Frame<'a>> {
    let mut frames: Vec<Frame<'_>> = lines.flat_map(str::lines).filter_map(frame).collect();
    if frames.first().is_some_and(|frame| frame.language == Language::Python) {
        frames.reverse();
    }
    frames
}

/// Takes one line apart. `None` if it is no frame, or one that names no file and line. A Go frame
/// has its function on the line before, so here it has none.
pub fn frame(line: &str) -> Option<Frame<'_>> {
    let text = line.trim();
    let found = if let Some(at) = text.find("File \"") {
        python(&text[at + "File \"".len()..])
    } else if let Some(rest) = text.strip_prefix("at ") {
        java(rest).or_else(|| v8(rest))
    } else {
        go(text).or_else(|| gecko(text))
    };
    found.filter(is_usable)
}

#[derive(Default)]
struct Search<'a> {
    /// The best frame of the application's own code.
    own: Option<Frame<'a>>,
    /// The best frame of any.
    first: Option<Frame<'a>>,
    is_python: bool,
    /// The line before, where Go writes the function.
    before: &'a str,
    go_routines: u32,
}

impl<'a> Search<'a> {
    /// True when nothing that follows can be better.
    fn read(&mut self, line: &'a str) -> bool {
        let text = line.trim();
        if text.ends_with("Traceback (most recent call last):") {
            // The next of chained tracebacks is the one that was raised in the end.
            (self.is_python, self.own, self.first) = (true, None, None);
        } else if text.starts_with("goroutine ") && text.ends_with(':') {
            self.go_routines += 1;
            if self.go_routines > 1 && self.first.is_some() {
                return true;
            }
        }
        let found = frame(line);
        let before = std::mem::replace(&mut self.before, text);
        found.is_some_and(|frame| self.offer(frame, before))
    }

    fn offer(&mut self, mut frame: Frame<'a>, before: &'a str) -> bool {
        let is_python = frame.language == Language::Python;
        if self.is_python && !is_python {
            return false;
        }
        self.is_python |= is_python;
        if frame.language == Language::Go {
            frame.function = go_function(before);
            if frame.function.is_some_and(is_go_machinery) {
                return false;
            }
        }
        // Python's frames come outermost first, so a later one replaces.
        if is_python || self.first.is_none() {
            self.first = Some(frame);
        }
        if is_own(&frame) {
            self.own = Some(frame);
        }
        self.own.is_some() && !is_python
    }
}

fn describe(frame: &Frame<'_>) -> String {
    let file = first_characters(frame.file, FILE_CHARACTERS_MAX);
    let column = frame.column.map(|column| format!(":{column}")).unwrap_or_default();
    let place = format!("{file}:{}{column}", frame.line);
    match frame.function {
        Some(name) => format!("{} ({place})", first_characters(name, FUNCTION_CHARACTERS_MAX)),
        None => place,
    }
}

fn first_characters(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

/// After `at `: `name (file:line:column)` or the place alone.
fn v8(text: &str) -> Option<Frame<'_>> {
    let text = text.strip_prefix("async ").unwrap_or(text);
    let (name, place) = match text.strip_suffix(')').and_then(|t| t.split_once(" (")) {
        Some((name, place)) => (name, place),
        None => ("", text),
    };
    // Code that `eval` made has no file: the place of the `eval` is the next best.
    let place = match place.strip_prefix("eval at ") {
        Some(outer) => outer.rsplit_once('(')?.1.split_once(')')?.0,
        None => place,
    };
    let place = place.strip_prefix("address at ").unwrap_or(place);
    let (file, line, column) = place_of(place)?;
    let name = name.split_once(" [as ").map_or(name, |(name, _)| name);
    let language = Language::JavaScript;
    Some(Frame { function: named(name), file: plain_file(file), line, column, language })
}

/// `name@address:line:column` as Firefox and Safari write it.
fn gecko(text: &str) -> Option<Frame<'_>> {
    let (name, place) = text.split_once('@')?;
    let name = name.rsplit_once('*').map_or(name, |(_, name)| name);
    let is_word = !name.contains([' ', '"', '\'', '(']);
    let is_known = ["get ", "set ", "global code", "module code", "eval code"]
        .iter()
        .any(|known| name.starts_with(known));
    let (file, line, column) = match place.split_once(" line ") {
        // `address line 5 > eval:1:1`: code that `eval` made, and where.
        Some((file, rest)) => (file, leading_number(rest)?, None),
        None => place_of(place)?,
    };
    if !(is_word || is_known) || (column.is_none() && !file.contains("://")) {
        return None;
    }
    let name = name.trim_end_matches(['/', '<']);
    let name = if name.ends_with(" code") { "" } else { name };
    let language = Language::JavaScript;
    Some(Frame { function: named(name), file: plain_file(file), line, column, language })
}

/// After `File "`: `path", line 42, in name`.
fn python(text: &str) -> Option<Frame<'_>> {
    let (file, rest) = text.split_once("\", line ")?;
    let line = leading_number(rest)?;
    let name = rest.split_once(", in ").map_or("", |(_, name)| name.trim());
    Some(Frame { function: named(name), file, line, column: None, language: Language::Python })
}

/// After `at `: `loader//module@1/com.acme.Foo.bar(Foo.java:12) ~[foo.jar:1.0]`.
fn java(text: &str) -> Option<Frame<'_>> {
    let (method, rest) = text.split_once('(')?;
    let place = rest.split_once(')')?.0;
    let (file, line) = place.rsplit_once(':')?;
    let is_java = method.contains('.')
        && !method.contains(' ')
        && file.contains('.')
        && !file.contains([':', '/', '\\', ' ']);
    if !is_java {
        return None;
    }
    let method = method.rsplit_once('/').map_or(method, |(_, method)| method);
    let line = leading_number(line)?;
    Some(Frame { function: named(method), file, line, column: None, language: Language::Java })
}

/// `/src/main.go:42 +0x1d`.
fn go(text: &str) -> Option<Frame<'_>> {
    let place = text.split_once(" +0x").map_or(text, |(place, _)| place);
    let (file, line) = place.rsplit_once(':')?;
    if !file.ends_with(".go") || file.contains(": ") || file.contains("://") {
        return None;
    }
    let line = number(line)?;
    Some(Frame { function: None, file, line, column: None, language: Language::Go })
}

/// `main.(*Server).get(0xc000010000, {0x1, 0x2})`, `created by main.run in goroutine 1` or the name
/// alone.
fn go_function(line: &str) -> Option<&str> {
    let name = match line.strip_prefix("created by ") {
        Some(rest) => rest.split(" in goroutine").next().unwrap_or(rest),
        None => line.strip_suffix(')').and_then(|l| l.rsplit_once('(')).map_or(line, |(n, _)| n),
    };
    named(name).filter(|name| !name.contains(' ') && !name.ends_with(':'))
}

/// The frames between the fault and the code that made it.
fn is_go_machinery(function: &str) -> bool {
    function == "panic" || function.starts_with("runtime.") || function.starts_with("runtime/")
}

/// Splits `file:line:column` or `file:line` from the right: the file may hold colons itself.
fn place_of(place: &str) -> Option<(&str, u32, Option<u32>)> {
    let (rest, last) = place.rsplit_once(':')?;
    let last = number(last)?;
    match rest.rsplit_once(':').and_then(|(file, line)| Some((file, number(line)?))) {
        Some((file, line)) => Some((file, line, Some(last))),
        None => Some((rest, last, None)),
    }
}

/// Without scheme, query and fragment: they differ between machines and may hold secrets.
fn plain_file(file: &str) -> &str {
    let file = file.strip_prefix("file://").unwrap_or(file);
    let file = ["webpack-internal:///", "webpack:///"]
        .iter()
        .find_map(|scheme| file.strip_prefix(scheme))
        .map_or(file, |file| file.strip_prefix("./").unwrap_or(file));
    let is_address = file.contains("://") || file.starts_with('/');
    let end = if is_address { file.find(['?', '#']) } else { None };
    end.map_or(file, |end| &file[..end])
}

fn is_usable(frame: &Frame<'_>) -> bool {
    const NAMES: [&str; 5] = ["native", "unknown", "undefined", "null", "anonymous"];
    const STARTS: [&str; 5] = ["<", "[", "node:", "internal/", "debugger eval code"];
    const EXTENSIONS: [&str; 5] = [
        "chrome-extension:",
        "moz-extension:",
        "safari-extension:",
        "safari-web-extension:",
        "webkit-masked-url:",
    ];
    let file = frame.file;
    let is_nowhere = match frame.language {
        Language::Python => file.starts_with('<'),
        Language::JavaScript => {
            let starts = |prefix: &&str| file.starts_with(*prefix);
            NAMES.contains(&file) || STARTS.iter().chain(&EXTENSIONS).any(starts)
        }
        Language::Java | Language::Go => false,
    };
    frame.line > 0 && !file.is_empty() && !is_nowhere
}

/// The application's own code, as far as its place tells.
pub fn is_own(frame: &Frame<'_>) -> bool {
    const FOREIGN: [&str; 10] = [
        "node_modules/",
        "node_modules\\",
        "site-packages",
        "dist-packages",
        "/lib/python3",
        "/vendor/",
        "/pkg/mod/",
        "/usr/local/go/src/",
        "webpack/bootstrap",
        "/@vite/",
    ];
    const JAVA: [&str; 8] =
        ["java.", "javax.", "jakarta.", "jdk.", "sun.", "com.sun.", "kotlin.", "scala."];
    if frame.language == Language::Java {
        let function = frame.function.unwrap_or("");
        return !JAVA.iter().any(|package| function.starts_with(package));
    }
    !FOREIGN.iter().any(|part| frame.file.contains(part)) && !frame.file.starts_with("vendor/")
}

/// A name that says something.
fn named(name: &str) -> Option<&str> {
    let name = name.trim();
    let says_nothing = matches!(
        name,
        "" | "<anonymous>" | "Object.<anonymous>" | "anonymous" | "?" | "<module>" | "eval"
    );
    (!says_nothing).then_some(name)
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    number(&text[..end])
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
