//! Holds the rules of the code that no compiler holds: the order of the modules, the home of each
//! dependency, sizes, words, and that tests and documents keep up. A failure lists every breach.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file may name only modules to the left of its own.
const ORDER: [&str; 14] = [
    "domain", "intake", "config", "metrics", "fetch", "store", "live", "ingest", "jobs", "notify",
    "app", "http", "cli", "main",
];

/// Where each dependency may be named outside tests: files, or folders that end in `/`.
const HOMES: [(&str, &[&str]); 31] = [
    ("argon2", &["src/app/trust/"]),
    ("brotli", &["build.rs"]),
    ("brotli_decompressor", &["src/http/"]),
    ("clap", &["src/config", "src/cli/", "src/cli.rs", "src/main.rs"]),
    ("clap_complete", &["src/cli/"]),
    ("clap_mangen", &["src/cli/"]),
    ("flate2", &["src/http/", "build.rs"]),
    ("getrandom", &["src/app/trust/"]),
    ("http_body_util", &["src/fetch.rs", "src/http/", "benches/"]),
    ("hyper", &["src/fetch", "src/notify", "src/app/", "src/http/", "src/cli/", "benches/"]),
    ("hyper_util", &["src/fetch.rs", "src/http/", "benches/"]),
    ("memchr", &["src/intake/body.rs", "src/store/encode.rs"]),
    ("md5", &["src/domain/fingerprint.rs"]),
    // The live stream has a module of this name.
    ("ring", &["src/domain/notify/sign.rs", "src/store/seal.rs", "src/app/", "src/live.rs"]),
    ("rusqlite", &["src/store/sqlite"]),
    ("rust_embed", &["src/http/pages.rs"]),
    ("rustix", &["src/ingest/disk.rs", "src/app/source.rs", "src/http/listen.rs", "src/cli/"]),
    ("serde", &["src/domain/", "src/intake/", "src/store/", "src/app/", "src/http/", "src/cli/"]),
    (
        "serde_json",
        &[
            "src/domain/",
            "src/intake/",
            "src/store/",
            "src/live/",
            "src/app/",
            "src/http/",
            "src/jobs.rs",
            "src/notify",
            "src/cli/",
            "benches/",
        ],
    ),
    ("sha2", &["src/store/backup.rs", "src/store/encode.rs", "src/app/trust/"]),
    ("tikv_jemallocator", &["src/main.rs"]),
    ("time", &["src/domain/timestamp.rs"]),
    (
        "tokio",
        &[
            "src/fetch",
            "src/live",
            "src/ingest",
            "src/jobs.rs",
            "src/notify",
            "src/app",
            "src/http/",
            "src/cli",
            "benches/",
        ],
    ),
    ("tokio_rustls", &["src/fetch", "src/http/tls.rs"]),
    ("toml", &["src/cli/settings.rs"]),
    (
        "tracing",
        &[
            "src/store/migrate",
            "src/ingest",
            "src/jobs",
            "src/notify",
            "src/app",
            "src/http/",
            "src/cli",
        ],
    ),
    ("tracing_subscriber", &["src/cli/", "src/cli.rs"]),
    ("unicode_security", &["src/domain/trust/look.rs"]),
    ("unicode_width", &["src/cli/"]),
    ("webpki_roots", &["src/fetch/tls.rs"]),
    ("zstd", &["src/store/encode", "src/http/encoding.rs"]),
];

const FILE_LINES_MAX: usize = 500;
const TEST_LINES_MAX: usize = 800;
const COMPONENT_LINES_MAX: usize = 250;
const FUNCTION_LINES_MAX: usize = 70;
const LINE_COLUMNS_MAX: usize = 100;
const PARAMETERS_MAX: usize = 6;

#[test]
fn modules_name_only_modules_before_them() {
    let mut breaches = Vec::new();
    for source in sources("src") {
        let module = source.module();
        if module == "lib" {
            continue;
        }
        let Some(place) = ORDER.iter().position(|name| *name == module) else {
            breaches.push(format!("{}: `{module}` has no place in ORDER", source.path));
            continue;
        };
        for named in source.modules_named() {
            let of_named = ORDER.iter().position(|name| *name == named);
            if named != module && of_named.is_some_and(|of_named| of_named > place) {
                breaches.push(format!("{}: {module} may not name {named}", source.path));
            }
        }
    }
    none(&breaches);
}

#[test]
fn every_dependency_has_one_home() {
    let homes: BTreeMap<_, _> = HOMES.into_iter().collect();
    let mut breaches = Vec::new();
    for name in cargo_dependencies("Cargo.toml") {
        if !homes.contains_key(name.replace('-', "_").as_str()) {
            breaches.push(format!("Cargo.toml: {name} has no line in HOMES"));
        }
    }
    for source in ["src", "benches", "build.rs"].into_iter().flat_map(sources) {
        for root in source.crates_named() {
            let Some(allowed) = homes.get(root.as_str()) else { continue };
            if !allowed.iter().any(|home| source.path.starts_with(home)) {
                breaches.push(format!("{}: {root} has its home in {allowed:?}", source.path));
            }
        }
    }
    none(&breaches);
}

#[test]
fn files_functions_and_lines_are_short() {
    let mut breaches = Vec::new();
    for source in ["src", "tests", "benches", "build.rs"].into_iter().flat_map(sources) {
        let path = &source.path;
        let lines = source.text.lines().count();
        let lines_max = if source.is_test { TEST_LINES_MAX } else { FILE_LINES_MAX };
        if lines > lines_max {
            breaches.push(format!("{path}: {lines} lines, {lines_max} at most"));
        }
        for function in functions(&source.code) {
            let Function { line, name, lines, parameters } = function;
            if lines > FUNCTION_LINES_MAX {
                breaches.push(format!("{path}:{line}: {name} has {lines} lines"));
            }
            if parameters > PARAMETERS_MAX {
                breaches.push(format!("{path}:{line}: {name} has {parameters} parameters"));
            }
        }
    }
    for path in written_files() {
        let text = read(&path);
        let is_component = path.ends_with(".svelte");
        let lines = text.lines().count();
        if is_component && lines > COMPONENT_LINES_MAX {
            breaches.push(format!("{path}: {lines} lines, {COMPONENT_LINES_MAX} at most"));
        }
        let is_code = [".rs", ".py", ".mjs", ".ts", ".svelte", ".sh"];
        if !is_code.iter().any(|ending| path.ends_with(ending)) {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > LINE_COLUMNS_MAX {
                breaches.push(format!("{path}:{}: {columns} columns", index + 1));
            }
        }
    }
    none(&breaches);
}

#[test]
fn every_rust_file_says_what_it_holds() {
    let mut breaches = Vec::new();
    for source in ["src", "tests", "benches", "build.rs"].into_iter().flat_map(sources) {
        if !source.text.starts_with("//! ") {
            breaches.push(format!("{}: does not open with `//!`", source.path));
        }
    }
    none(&breaches);
}

#[test]
fn banned_words_stay_out() {
    // In two parts each, so that this file does not name them.
    let everywhere = [("TO", "DO"), ("FIX", "ME"), ("XX", "X")].map(|(a, b)| format!("{a}{b}"));
    let in_code = [("ut", "ils"), ("help", "ers")].map(|(a, b)| format!("{a}{b}"));
    let mut breaches = Vec::new();
    for path in written_files() {
        let text = read(&path);
        let is_prose = path.ends_with(".md");
        let words = everywhere.iter().chain(in_code.iter().filter(|_| !is_prose));
        for word in words.filter(|word| has_word(&text, word)) {
            breaches.push(format!("{path}: {word}"));
        }
        if path.starts_with("web/src/") && !path.ends_with(".test.ts") && text.contains("{@html") {
            breaches.push(format!("{path}: text from a report is never HTML"));
        }
    }
    for source in sources("src") {
        let speaks = source.path.starts_with("src/cli") || source.path == "src/main.rs";
        for word in ["print", "println", "eprint", "eprintln", "dbg"] {
            if !speaks && source.shipped().contains(&format!("{word}!")) {
                breaches.push(format!("{}: {word}! outside cli", source.path));
            }
        }
    }
    none(&breaches);
}

/// A verb is what the rest of the program calls; what the store calls itself is tested through it.
#[test]
fn every_store_verb_is_named_in_a_test() {
    let all = sources("src/store");
    let tests: String = all.iter().map(Source::tested).collect();
    let outside = sources("src").into_iter().filter(|source| source.module() != "store");
    let callers: String = outside.map(|source| source.shipped()).collect();
    let mut breaches = Vec::new();
    for source in all.iter().filter(|source| !source.is_test) {
        let file = source.path.trim_end_matches(".rs").rsplit('/').next().unwrap_or_default();
        for verb in store_verbs(&source.shipped()) {
            let call = format!("{file}::{verb}");
            if has_word(&callers, &call) && !has_word(&tests, &call) {
                breaches.push(format!("{}: no test of the store names {call}", source.path));
            }
        }
    }
    none(&breaches);
}

#[test]
fn every_endpoint_is_tested_and_documented() {
    let document: serde_json::Value =
        serde_json::from_str(&read("docs/openapi.json")).expect("docs/openapi.json is JSON");
    let mut named: Vec<String> = Vec::new();
    for path in written_files().iter().filter(|path| path.starts_with("tests/")) {
        let text = read(path);
        let of_address = |next: char| next.is_ascii_alphanumeric() || "/{}_.-".contains(next);
        named.extend(text.split(|next| !of_address(next)).map(str::to_owned));
    }
    let mut breaches = Vec::new();
    for (method, address) in routes() {
        if !named.iter().any(|words| is_address(words, &address)) {
            breaches.push(format!("{address}: no test under tests/ names it"));
        }
        let operation = &document["paths"][&address][method.to_lowercase()];
        if operation.is_null() {
            breaches.push(format!("{method} {address}: not in docs/openapi.json"));
        }
    }
    none(&breaches);
}

#[test]
fn lock_files_name_public_registries_only() {
    let mut breaches = Vec::new();
    for line in read("Cargo.lock").lines().filter(|line| line.starts_with("source = ")) {
        if line != "source = \"registry+https://github.com/rust-lang/crates.io-index\"" {
            breaches.push(format!("Cargo.lock: {line}"));
        }
    }
    for path in ["clients", "tests", "web"].into_iter().flat_map(files) {
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_pins = name.starts_with("requirements") && name.ends_with(".txt");
        if !is_pins && name != "package-lock.json" && name != ".npmrc" {
            continue;
        }
        for line in read(&path).lines() {
            let address = line.find("\"resolved\": \"").map(|at| &line[at + 13..]);
            let foreign = address.is_some_and(|at| !at.starts_with("https://registry.npmjs.org/"));
            let chosen = !name.ends_with(".json")
                && (line.trim_start().starts_with("registry") || line.contains("index-url"));
            if foreign || chosen {
                breaches.push(format!("{path}: {}", line.trim()));
            }
        }
    }
    none(&breaches);
}

#[test]
fn every_direct_dependency_is_explained() {
    let told = read("CONTRIBUTING.md");
    let mut names = cargo_dependencies("Cargo.toml");
    names.extend(cargo_dependencies("tests/fuzz/Cargo.toml"));
    names.remove("log-center");
    let apart = ["nest10", "nest12", "libraries"].map(|name| format!("clients/js/tests/{name}"));
    let places = ["web", "tests/browser", "tests/snippets", "clients/js"].map(str::to_owned);
    for place in places.iter().chain(&apart) {
        let path = &format!("{place}/package.json");
        let package: serde_json::Value = serde_json::from_str(&read(path)).expect(path);
        for group in ["dependencies", "devDependencies"] {
            let members = package[group].as_object();
            names.extend(members.into_iter().flatten().map(|(name, _)| name.clone()));
        }
    }
    let pins = ["tests/python/requirements.txt", "clients/python/tests/requirements.txt"].map(read);
    for line in pins.iter().flat_map(|text| text.lines()) {
        if let Some((name, _)) = line.split_once("==").filter(|_| !line.starts_with('#')) {
            names.insert(name.to_owned());
        }
    }
    let breaches: Vec<_> = names
        .iter()
        .filter(|name| {
            !told.lines().any(|l| l.starts_with('|') && l.contains(&format!("`{name}`")))
        })
        .map(|name| format!("CONTRIBUTING.md: no line of its tables names `{name}`"))
        .collect();
    none(&breaches);
}

/// Every clone carries it, and every run reads all of it first.
#[test]
fn every_test_that_the_threats_name_is_there() {
    let is_code =
        |path: &&String| [".rs", ".py", ".mjs", ".ts"].iter().any(|end| path.ends_with(end));
    let code: String = written_files().iter().filter(is_code).map(|path| read(path)).collect();
    let document = read("docs/security.md");
    let (_, tables) = document.split_once("## Threats").expect("the threats");
    let mut breaches = Vec::new();
    for row in tables.lines().filter(|line| line.starts_with('|')) {
        let last = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap_or_default();
        for name in last.split('`').skip(1).step_by(2) {
            let is_there = match name.contains('/') && !name.contains(' ') {
                true => root().join(name).exists(),
                false => ["fn {}(", "def {}(", "test('{}", ")('{}"]
                    .iter()
                    .any(|form| code.contains(&form.replace("{}", name))),
            };
            if !is_there {
                breaches.push(format!("docs/security.md: there is no {name}"));
            }
        }
    }
    none(&breaches);
}

#[test]
fn the_corpus_of_the_fuzz_targets_stays_small() {
    const BYTES_MAX: u64 = 300_000;
    let corpus = files("tests/fuzz/corpus");
    let size = |path: &String| fs::metadata(root().join(path)).expect("readable").len();
    let bytes: u64 = corpus.iter().map(size).sum();
    assert!(bytes <= BYTES_MAX, "{bytes} bytes: `make fuzz` keeps the least that reaches all");
    for target in files("tests/fuzz/targets") {
        let target = target.replace("targets", "corpus").replace(".rs", "/");
        assert!(corpus.iter().any(|path| path.starts_with(&target)), "nothing in {target}");
    }
}

/// A Rust file.
struct Source {
    /// From the root of the repository.
    path: String,
    text: String,
    /// The text with the insides of comments and literals blanked, each line where it was.
    code: String,
    /// Whether all of it is compiled for tests only.
    is_test: bool,
}

impl Source {
    fn module(&self) -> String {
        let inner = self.path.trim_start_matches("src/");
        inner.split(['/', '.']).next().unwrap_or_default().to_owned()
    }

    /// How many modules deep the file is: `src/store/issues.rs` is 2.
    fn depth(&self) -> usize {
        let inner = self.path.trim_start_matches("src/");
        inner.split('/').count() - usize::from(inner.ends_with("/mod.rs"))
    }

    /// The code that is not compiled for tests only.
    fn shipped(&self) -> String {
        if self.is_test { String::new() } else { split_tests(&self.code).0 }
    }

    /// The code that is compiled for tests only.
    fn tested(&self) -> String {
        if self.is_test { self.code.clone() } else { split_tests(&self.code).1 }
    }

    /// Modules of the top level that it names.
    fn modules_named(&self) -> BTreeSet<String> {
        let code = self.shipped();
        let up = "super::".repeat(self.depth());
        let mut named = BTreeSet::new();
        for start in ["crate::", "log_center::", up.as_str()] {
            for (at, _) in code.match_indices(start) {
                if !code[..at].ends_with("super::") {
                    named.extend(heads(&code[at + start.len()..]));
                }
            }
        }
        named
    }

    /// First words of the paths that it names, apart from names that it brought in itself.
    fn crates_named(&self) -> BTreeSet<String> {
        let mut rest = self.shipped();
        let mut named = BTreeSet::new();
        let mut brought = BTreeSet::new();
        while let Some(at) = find_word(&rest, "use") {
            let end = rest[at..].find(';').map_or(rest.len(), |end| at + end);
            let tree = rest[at + 3..end].trim().to_owned();
            named.extend(heads(&tree));
            let leaves = tree.split(|next: char| !next.is_alphanumeric() && next != '_');
            brought.extend(leaves.skip(1).map(str::to_owned));
            rest.replace_range(at..end, "");
        }
        for (at, _) in rest.match_indices("::") {
            let word = last_word(&rest[..at]);
            let before = rest[..at - word.len()].trim_end();
            if !word.is_empty() && !before.ends_with("::") && !brought.contains(word) {
                named.insert(word.to_owned());
            }
        }
        let attributes = rest.match_indices("#[").map(|(at, _)| first_word(&rest[at + 2..]));
        named.extend(attributes.map(str::to_owned));
        named
    }
}

struct Function {
    line: usize,
    name: String,
    lines: usize,
    parameters: usize,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[track_caller]
fn none(breaches: &[String]) {
    assert!(breaches.is_empty(), "{} breaches:\n{}", breaches.len(), breaches.join("\n"));
}

/// Every file below a folder, or the file itself; without what is installed or generated.
fn files(below: &str) -> Vec<String> {
    let skipped = ["node_modules", "target", "dist", ".venv", ".cache", "__pycache__"];
    let mut found = Vec::new();
    let mut open = vec![root().join(below)];
    while let Some(path) = open.pop() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !skipped.contains(&name.as_str()) {
            let entries = fs::read_dir(&path).expect("a readable folder");
            open.extend(entries.map(|entry| entry.expect("readable").path()));
        } else if path.is_file() {
            let inner: PathBuf = path.strip_prefix(root()).expect("below the root").into();
            found.push(inner.to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

/// Every text that somebody wrote by hand.
fn written_files() -> Vec<String> {
    let top = ["Cargo.toml", "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    let all =
        ["src", "tests", "benches", "clients", "docs", "web", ".ci", "build.rs", "install.sh"];
    let kinds = ["rs", "py", "mjs", "ts", "js", "svelte", "css", "html", "md", "sh", "sql", "toml"];
    all.iter()
        .chain(&top)
        .flat_map(|name| files(name))
        .filter(|path| {
            let ending = path.rsplit(['.', '/']).next().unwrap_or_default();
            kinds.contains(&ending) || ["Makefile", "run"].contains(&ending)
        })
        .collect()
}

fn sources(below: &str) -> Vec<Source> {
    let paths: Vec<_> = files(below).into_iter().filter(|path| path.ends_with(".rs")).collect();
    let mut all: Vec<_> = paths
        .into_iter()
        .map(|path| {
            let text = read(&path);
            let is_test = path.starts_with("tests/")
                || path.contains("/tests/")
                || path.ends_with("/tests.rs");
            Source { code: blanked(&text), text, path, is_test }
        })
        .collect();
    // A file that its parent declares under `#[cfg(test)]`.
    let declared: Vec<String> = all.iter().flat_map(test_files).collect();
    for source in &mut all {
        source.is_test |= declared.contains(&source.path);
    }
    all
}

fn test_files(source: &Source) -> Vec<String> {
    let folder = match source.path.strip_suffix("/mod.rs") {
        Some(folder) => folder.to_owned(),
        None => source.path.trim_end_matches(".rs").to_owned(),
    };
    let tested = split_tests(&source.code).1;
    let names = tested.match_indices("mod ").map(|(at, _)| first_word(&tested[at + 4..]));
    names.map(|name| format!("{folder}/{name}.rs")).collect()
}

/// Splits code into what is always compiled and what follows a `#[cfg(test)]`.
fn split_tests(code: &str) -> (String, String) {
    let (mut shipped, mut tested, mut rest) = (String::new(), String::new(), code);
    while let Some(at) = rest.find("#[cfg(test)]") {
        shipped.push_str(&rest[..at]);
        let item = &rest[at..];
        let end = match item.find(['{', ';']) {
            Some(open) if item[open..].starts_with('{') => closing(item, open) + 1,
            Some(end) => end + 1,
            None => item.len(),
        };
        tested.push_str(&item[..end]);
        rest = &item[end..];
    }
    shipped.push_str(rest);
    (shipped, tested)
}

/// Where the bracket that opens at `open` closes.
fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, next) in code[open..].char_indices() {
        depth = match next {
            '{' | '(' | '[' => depth + 1,
            '}' | ')' | ']' => depth - 1,
            _ => depth,
        };
        if depth == 0 {
            return open + at;
        }
    }
    code.len() - 1
}

/// Blanks comments and the insides of text, character and byte literals; keeps every line break.
fn blanked(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let after_name = code.ends_with(|last: char| last.is_alphanumeric() || last == '_');
        let length = match next {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            'r' if !after_name || code.ends_with('b') => raw_length(rest),
            '"' => text_length(rest),
            '\'' => character_length(rest),
            _ => 0,
        };
        let taken = length.max(next.len_utf8());
        if length == 0 {
            code.push(next);
        } else {
            let inside = rest[..taken].chars().map(|one| if one == '\n' { one } else { ' ' });
            code.extend(inside);
        }
        rest = &rest[taken..];
    }
    code
}

/// Length of the raw text literal that begins here; 0 if none does.
fn raw_length(rest: &str) -> usize {
    let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
    if !rest[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let inside = &rest[2 + hashes..];
    inside.find(&end).map_or(rest.len(), |at| 2 + hashes + at + end.len())
}

fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, next) in rest.char_indices().skip(1) {
        match next {
            '"' if !escaped => return at + 1,
            _ => escaped = next == '\\' && !escaped,
        }
    }
    rest.len()
}

/// Length of the character literal that begins here; 0 for a lifetime.
fn character_length(rest: &str) -> usize {
    let inside: Vec<(usize, char)> = rest.char_indices().skip(1).take(12).collect();
    match inside.as_slice() {
        [(_, '\\'), _, tail @ ..] => {
            tail.iter().find(|(_, next)| *next == '\'').map_or(0, |(at, _)| at + 1)
        }
        [_, (at, '\''), ..] => at + 1,
        _ => 0,
    }
}

/// Every function with a body.
fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = find_word(&code[from..], "fn").map(|at| from + at) {
        from = at + 2;
        let name = first_word(code[from..].trim_start());
        let Some(open) = code[from..].find('(').map(|open| from + open) else { break };
        if name.is_empty() {
            continue;
        }
        // The brackets of a generic parameter may hold a `Fn(…)`.
        let open = if code[from..open].contains("Fn") {
            code[from..].find(">(").map_or(open, |end| from + end + 1)
        } else {
            open
        };
        let parameters = parameters(&code[open + 1..closing(code, open)]);
        let after = closing(code, open);
        let end = match code[after..].find(['{', ';']).map(|next| after + next) {
            Some(body) if code[body..].starts_with('{') => closing(code, body),
            Some(end) => end,
            None => code.len(),
        };
        let line = code[..at].matches('\n').count() + 1;
        let lines = code[at..end].matches('\n').count() + 1;
        found.push(Function { line, name: name.to_owned(), lines, parameters });
    }
    found
}

/// How many parameters a list has, `self` apart.
fn parameters(list: &str) -> usize {
    let (mut depth, mut count, mut empty) = (0_i32, 0, true);
    let mut previous = ' ';
    let mut first = String::new();
    for next in list.chars().chain([',']) {
        match next {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if previous == '-' => {}
            ')' | ']' | '}' | '>' => depth -= 1,
            ',' if depth == 0 => {
                count += usize::from(!empty && last_word(first.trim_end()) != "self");
                empty = true;
                first.clear();
            }
            _ => {
                empty &= next.is_whitespace();
                first.push(next);
            }
        }
        previous = next;
    }
    count
}

/// Names of the public functions that take the database first.
fn store_verbs(code: &str) -> Vec<String> {
    let public = code.match_indices("pub fn ").map(|(at, found)| &code[at + found.len()..]);
    public
        .filter(|rest| {
            let list = rest.find('(').map_or("", |open| rest[open + 1..].trim_start());
            list.starts_with("db: &mut dyn Engine") || list.starts_with("db: &mut impl Engine")
        })
        .map(|rest| first_word(rest).to_owned())
        .collect()
}

/// Method and address of every route of the table.
fn routes() -> Vec<(String, String)> {
    let inner = files("src/http/routes");
    let tables: Vec<_> =
        inner.iter().map(String::as_str).chain(["src/http/routes.rs"]).map(read).collect();
    let mut found = Vec::new();
    for entry in tables.iter().flat_map(|table| table.split("Route {").skip(1)) {
        let after = |mark: &str| entry.find(mark).map(|at| &entry[at + mark.len()..]);
        let method = after("Method::").map(first_word).unwrap_or_default();
        let address = after("path: \"").and_then(|rest| rest.split('"').next());
        found.extend(address.map(|address| (method.to_owned(), address.to_owned())));
    }
    assert!(found.len() > 10, "the route table was not read");
    found
}

/// Whether words of a test end in an address; `{id}` stands for any one piece.
fn is_address(words: &str, address: &str) -> bool {
    let mut pieces = words.trim_end_matches('.').rsplit('/');
    address.split('/').skip(1).collect::<Vec<_>>().into_iter().rev().all(|wanted| {
        let piece = pieces.next();
        piece.is_some_and(|piece| piece == wanted || (wanted.starts_with('{') && !piece.is_empty()))
    }) && pieces.next().is_some()
}

fn cargo_dependencies(manifest: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut inside = false;
    for line in read(manifest).lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if let Some((name, _)) = line.split_once('=').filter(|_| inside) {
            names.insert(name.trim().to_owned());
        }
    }
    names
}

/// The first words of a path, or of each path of a group in braces.
fn heads(tree: &str) -> Vec<String> {
    if !tree.starts_with('{') {
        return vec![first_word(tree).to_owned()];
    }
    let (mut depth, mut found) = (0, Vec::new());
    let group = &tree[1..closing(tree, 0)];
    let mut fresh = true;
    for (at, next) in group.char_indices() {
        match next {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            _ if fresh && !next.is_whitespace() => {
                found.push(first_word(&group[at..]).to_owned());
                fresh = false;
            }
            _ => {}
        }
    }
    found
}

fn of_word(next: char) -> bool {
    next.is_alphanumeric() || next == '_'
}

fn first_word(text: &str) -> &str {
    text.split(|next| !of_word(next)).next().unwrap_or_default()
}

fn last_word(text: &str) -> &str {
    text.rsplit(|next| !of_word(next)).next().unwrap_or_default()
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word)
        .map(|(at, _)| at)
        .find(|at| !text[..*at].ends_with(of_word) && !text[at + word.len()..].starts_with(of_word))
}

fn has_word(text: &str, word: &str) -> bool {
    find_word(text, word).is_some()
}

#[test]
fn the_reader_of_code_is_not_fooled() {
    let code = blanked("let a = \"{ // \\\" \"; // {\nlet b: &'static str = r#\"}\"#; '{'; b'\\''");
    assert!(!code.contains(['{', '}']), "{code}");
    assert!(code.contains("&'static str") && code.lines().count() == 2, "{code}");
    let source = Source {
        path: "src/store/issues.rs".into(),
        code: blanked(
            "use std::{fmt, time::Duration};\nuse crate::{http::error, domain::report};\n\
             use tokio::time;\nfn f<F: Fn(u8, u8)>(&self, a: [u8; 2], b: F) { time::now(); \
             super::super::app::now(); zstd::bulk() }\n#[cfg(test)] mod tests { use hyper::X; }",
        ),
        text: String::new(),
        is_test: false,
    };
    assert_eq!(source.modules_named(), ["app", "domain", "http"].map(String::from).into());
    let named = source.crates_named();
    assert!(named.contains("zstd") && named.contains("tokio") && !named.contains("time"));
    assert!(!named.contains("hyper"));
    assert_eq!(functions(&source.code)[0].parameters, 2);
    assert!(is_address("{base}/api/v1/issues/{id}/comments", "/api/v1/issues/{id}/comments"));
    assert!(!is_address("/api/v1/issues", "/api/v1/issues/{id}"));
}
