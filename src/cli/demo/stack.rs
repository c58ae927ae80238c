//! Stack traces as each language and browser prints them.

use super::data::{IssueData, Kind, ProjectData};
use super::people::Browser;

/// One frame of the files: `file:line function | code`; code of libraries begins with a slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    file: &'a str,
    line: u32,
    function: &'a str,
    code: &'a str,
}

impl<'a> Frame<'a> {
    /// Takes one apart.
    pub(super) fn of(text: &'a str) -> Self {
        let (place, code) = text.split_once(" | ").unwrap_or((text, ""));
        let (place, function) = place.split_once(' ').unwrap_or((place, ""));
        let (file, line) = place.rsplit_once(':').unwrap_or((place, "0"));
        Self { file, line: line.parse().unwrap_or(0), function, code }
    }

    /// A column that fits the line, the same each time.
    fn column(self) -> u32 {
        let letters = self.function.len() as u32;
        if self.line > 1 {
            (self.line * 7 + letters * 13) % 70 + 5
        } else {
            letters * 7_919 + 4_083
        }
    }
}

/// Where an error was raised, and how it got there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trace<'a> {
    /// The project.
    pub(super) project: &'a ProjectData,
    /// The issue.
    pub(super) issue: &'a IssueData,
    /// How it is printed.
    pub(super) kind: Kind,
    /// The frame that raised it.
    pub(super) place: Frame<'a>,
}

impl<'a> Trace<'a> {
    /// `file_path` and `line_number`, as the reporter sends them.
    pub(super) fn place(&self) -> (String, u32) {
        if self.issue.unknown {
            return ("unknown".to_owned(), 0);
        }
        let line = self.place.line;
        match self.kind {
            Kind::Shell => (format!("/opt/jobs/{}", self.place.file), line),
            Kind::Go => (self.go_path(self.place), line),
            _ => (self.file(self.place), line),
        }
    }

    /// The stack, an element a frame.
    pub(super) fn lines(&self, message: &str, browser: Option<&Browser>) -> Vec<String> {
        match (self.kind, browser) {
            (Kind::Browser, Some(browser)) if browser.prints_gecko => {
                self.frames().iter().map(|frame| self.gecko(*frame)).collect()
            }
            (Kind::Browser | Kind::Nest, _) => self.v8(message),
            (Kind::Django | Kind::Celery, _) => self.python(message),
            (Kind::Spring, _) => self.java(message),
            (Kind::Go, _) => self.go(message),
            (Kind::Shell, _) => self.shell(message),
        }
    }

    /// As the language prints them: Python the outermost first, the others the innermost.
    fn frames(&self) -> Vec<Frame<'a>> {
        let of = |list: Option<&'a Vec<String>>| -> Vec<Frame<'a>> {
            list.into_iter().flatten().map(|text| Frame::of(text)).collect()
        };
        let outer: Vec<_> = self.project.outer.iter().map(|text| Frame::of(text)).collect();
        let inner = of(self.project.inner.get(&self.issue.inner));
        let chain = of(self.project.chains.get(&self.issue.via));
        let place = vec![self.place];
        match self.kind {
            Kind::Django | Kind::Celery => [outer, chain, place, inner].concat(),
            _ => [inner, place, chain, outer].concat(),
        }
    }

    fn file(&self, frame: Frame<'_>) -> String {
        if frame.file.starts_with('/') || frame.file.starts_with("node:") {
            return frame.file.to_owned();
        }
        format!("{}{}", self.project.root, frame.file)
    }

    /// What a page's frame names: an address.
    fn address(&self, frame: Frame<'_>) -> String {
        let origin = self.project.hosts.first().map_or("", String::as_str);
        format!("{origin}{}:{}:{}", self.file(frame), frame.line, frame.column())
    }

    fn v8(&self, message: &str) -> Vec<String> {
        let mut lines = vec![format!("{}: {message}", self.issue.t)];
        lines.extend(self.frames().into_iter().map(|frame| {
            let place = match self.kind {
                Kind::Browser => self.address(frame),
                _ => format!("{}:{}:{}", self.file(frame), frame.line, frame.column()),
            };
            format!("    at {} ({place})", frame.function)
        }));
        lines
    }

    fn gecko(&self, frame: Frame<'_>) -> String {
        format!("{}@{}", frame.function, self.address(frame))
    }

    fn python(&self, message: &str) -> Vec<String> {
        let mut lines = vec!["Traceback (most recent call last):\n".to_owned()];
        lines.extend(self.frames().into_iter().map(|frame| {
            let Frame { line, function, code, .. } = frame;
            let file = self.file(frame);
            format!("  File \"{file}\", line {line}, in {function}\n    {code}\n")
        }));
        lines.push(format!("{}: {message}\n", self.issue.t));
        lines
    }

    fn java(&self, message: &str) -> Vec<String> {
        let mut lines = vec![format!("{}: {message}", self.issue.t)];
        lines.extend(self.frames().into_iter().map(|frame| {
            let path = self.file(frame);
            let class = path.trim_start_matches('/').trim_end_matches(".java").replace('/', ".");
            let file = path.rsplit('/').next().unwrap_or_default();
            format!("\tat {class}.{}({file}:{})", frame.function, frame.line)
        }));
        lines
    }

    fn go(&self, message: &str) -> Vec<String> {
        let number = self.place.line * 31 + 7;
        let is_panic = !self.issue.inner.is_empty();
        let head = if is_panic { format!("panic: {message}") } else { message.to_owned() };
        let mut lines = vec![head, String::new(), format!("goroutine {number} [running]:")];
        for frame in self.frames() {
            let file = self.go_path(frame);
            let package = match file.strip_prefix("/go/pkg/mod/") {
                Some(module) => module.split('@').next().unwrap_or_default().to_owned(),
                None => {
                    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
                    let folder = folder.trim_start_matches("/usr/local/go/src/");
                    folder.replacen("/src/search/", &self.project.root, 1)
                }
            };
            let name = match frame.function {
                "panic" => "panic".to_owned(),
                function => format!("{package}.{function}"),
            };
            let offset = frame.column() * 4 + 1;
            lines.push(format!("{name}(0xc000{:06x}, 0x{offset:x})", frame.line * 4_096));
            lines.push(format!("\t{file}:{} +0x{offset:x}", frame.line));
        }
        lines
    }

    fn go_path(&self, frame: Frame<'_>) -> String {
        if frame.file.starts_with('/') {
            return frame.file.to_owned();
        }
        format!("/src/search/{}", frame.file)
    }

    fn shell(&self, message: &str) -> Vec<String> {
        let Frame { file, line, .. } = self.place;
        let code = self.issue.code.as_deref().unwrap_or("exit 1");
        vec![
            format!("+ /opt/jobs/{file}"),
            message.to_owned(),
            format!("/opt/jobs/{file}: line {line}: {code}"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::data;
    use super::*;
    use crate::domain::culprit;

    #[test]
    fn the_place_of_every_issue_is_read_out_of_its_stack() {
        for project in data::projects() {
            for issue in &project.issues {
                let kind = issue.kind.unwrap_or(project.kind);
                for place in &issue.at {
                    let trace = Trace { project: &project, issue, kind, place: Frame::of(place) };
                    let lines = trace.lines("what went wrong", None);
                    assert!(lines.len() > 2, "{place}");
                    assert!(trace.place.line > 0, "{place}");
                    if kind != Kind::Shell {
                        let found = culprit::culprit(lines.iter().map(String::as_str));
                        assert!(found.is_some(), "{place}: {lines:#?}");
                    }
                }
            }
        }
    }
}
