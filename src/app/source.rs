//! Lines of a project's source around a frame, out of the folder that the operator named. A frame's
//! file is a stranger's word, since anybody can forge a report: nothing but a text within that
//! folder is ever opened.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags, openat};

use super::{App, Failure};
use crate::config::Config;
use crate::store;

/// Bytes of a file at most: what people write is far smaller, and no file can fill the memory.
const FILE_BYTES_MAX: u64 = 1_024 * 1_024;
/// Lines shown before and after the one asked for.
const LINES_EITHER_SIDE: usize = 6;
/// Characters of a line that are shown: one that a bundler wrote is a whole program.
const LINE_CHARS_MAX: usize = 300;

/// What a frame names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// As the stack has it.
    pub file: String,
    /// From 1 on.
    pub line: usize,
}

/// Some lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Its path within the folder.
    pub file: String,
    /// The line asked for.
    pub line: usize,
    /// The number of the first one of `lines`.
    pub first_line: usize,
    /// Without their ends.
    pub lines: Vec<String>,
}

/// Refuses folders that are not there, and any folder where others than this machine can ask.
pub fn check(config: &Config) -> Result<(), String> {
    if config.source_root.is_empty() {
        return Ok(());
    }
    let may_others_come = config.insecure_open || !config.trust.trusted_proxy.is_empty();
    if !config.is_loopback() || may_others_come {
        return Err("--source-root shows the source to whoever reaches Log Center, so it needs \
                    every --listen and the --public-url to be this machine's own, e.g. \
                    127.0.0.1:8002, and neither --insecure-open nor --trusted-proxy."
            .into());
    }
    for root in &config.source_root {
        let folder = root.folder.canonicalize();
        if !folder.is_ok_and(|folder| folder.is_dir() && folder.parent().is_some()) {
            let named = root.folder.display();
            return Err(format!("--source-root: {named} is not a folder with a project's source."));
        }
    }
    Ok(())
}

impl App {
    /// The lines around a place of a project, if there are any to be shown.
    pub async fn source(&self, project_id: &str, place: Place) -> Result<Option<Excerpt>, Failure> {
        let of = self.config.source_root.iter().filter(|root| root.project_id == project_id);
        let folders: Vec<PathBuf> = of.map(|root| root.folder.clone()).collect();
        let read = move || folders.iter().find_map(|folder| around(folder, &place));
        let task = tokio::task::spawn_blocking(read);
        task.await.map_err(|error| Failure::Store(store::Error::Engine(error.to_string())))
    }
}

/// The lines around a place within a folder.
fn around(folder: &Path, place: &Place) -> Option<Excerpt> {
    // Anew each time: a deploy may turn a link to another folder.
    let root = folder.canonicalize().ok()?;
    let path = path_of(&place.file)?;
    // Nothing elsewhere is even looked up: it might be a disk of the network.
    if path.is_absolute() && !path.starts_with(&root) && !path.starts_with(folder) {
        return None;
    }
    let asked = root.join(path);
    let inner = asked.canonicalize().ok()?.strip_prefix(&root).ok()?.to_owned();
    let text = text_of(&root, &inner)?;
    excerpt(&text, inner.to_string_lossy().into_owned(), place.line)
}

/// The path that a frame means: as it stands, or what an address has behind its host. What walks
/// upwards is refused before the system sees it.
fn path_of(file: &str) -> Option<PathBuf> {
    let path = match file.split_once("://") {
        None => file,
        Some(("file", path)) => path,
        Some((_, rest)) => {
            let (_host, path) = rest.split_once('/')?;
            path.split(['?', '#']).next()?.trim_start_matches(['/', '.'])
        }
    };
    let upwards = Path::new(path).components().any(|part| part == Component::ParentDir);
    (!upwards && !path.contains(char::is_control)).then(|| path.into())
}

/// The whole of a text below a folder. Both come without links: one that was put there since is
/// not followed, and nothing but a plain file is read.
fn text_of(root: &Path, inner: &Path) -> Option<String> {
    let parts: Vec<&OsStr> = inner.iter().collect();
    // Settings with passwords and the history of versions are kept under such names.
    if parts.iter().any(|part| part.as_encoded_bytes().starts_with(b".")) {
        return None;
    }
    let (name, folders) = parts.split_last()?;
    let quiet = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let step = |at: OwnedFd, part: &&OsStr| {
        openat(&at, *part, quiet | OFlags::DIRECTORY, Mode::empty()).ok()
    };
    let top = openat(rustix::fs::CWD, root, quiet | OFlags::DIRECTORY, Mode::empty()).ok()?;
    let folder = folders.iter().try_fold(top, step)?;
    // Opening a pipe would wait for its other end.
    let flags = quiet | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::from(openat(&folder, *name, flags, Mode::empty()).ok()?);
    let about = file.metadata().ok()?;
    if !about.is_file() || about.len() > FILE_BYTES_MAX {
        return None;
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile.
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    let is_text = !bytes.contains(&0);
    is_text.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

fn excerpt(text: &str, file: String, line: usize) -> Option<Excerpt> {
    let first_line = line.saturating_sub(LINES_EITHER_SIDE).max(1);
    let count = line.checked_sub(first_line)?.checked_add(LINES_EITHER_SIDE + 1)?;
    let lines = text.lines().skip(first_line - 1).take(count);
    let lines: Vec<String> =
        lines.map(|line| line.chars().take(LINE_CHARS_MAX).collect()).collect();
    (lines.len() > line - first_line).then_some(Excerpt { file, line, first_line, lines })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use clap::Parser;

    use super::*;

    /// A folder with some source, a secret outside of it, and ways there; gone at the end.
    struct Shop(PathBuf);

    impl Shop {
        fn new(name: &str) -> Self {
            let top = std::env::temp_dir().join(format!("log-center-source-{name}"));
            let _before = std::fs::remove_dir_all(&top);
            let shop = Self(top.canonicalize().unwrap_or(top));
            std::fs::create_dir_all(shop.at("src/.git")).expect("a folder");
            let numbered: String = (1..=20).map(|line| format!("line {line}\n")).collect();
            shop.write("src/pay.py", numbered.as_bytes());
            shop.write("secret.txt", b"outside");
            shop
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.join(path)
        }

        fn write(&self, path: &str, bytes: &[u8]) {
            std::fs::write(self.at(path), bytes).expect("a file");
        }

        fn ask(&self, file: &str, line: usize) -> Option<Excerpt> {
            around(&self.at("src"), &Place { file: file.into(), line })
        }
    }

    impl Drop for Shop {
        fn drop(&mut self) {
            let _gone = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_lines_around_a_frame_are_read() {
        let shop = Shop::new("lines");
        let found = shop.ask("pay.py", 10).expect("lines");
        assert_eq!((found.file.as_str(), found.line, found.first_line), ("pay.py", 10, 4));
        assert_eq!((found.lines.len(), found.lines[6].as_str()), (13, "line 10"));
        let absolute = shop.at("src/pay.py").display().to_string();
        for file in [
            "./pay.py",
            &absolute,
            &format!("file://{absolute}"),
            "http://localhost:3000/pay.py?t=1#x",
            "webpack:///./pay.py",
        ] {
            assert_eq!(shop.ask(file, 10).as_ref(), Some(&found), "{file}");
        }
        let edges = |line| shop.ask("pay.py", line).map(|found| found.lines.len());
        assert_eq!([1, 20, 21, 0, usize::MAX].map(edges), [Some(7), Some(7), None, None, None]);
    }

    #[test]
    fn nothing_outside_the_folder_is_opened() {
        let shop = Shop::new("outside");
        symlink(shop.at("secret.txt"), shop.at("src/link.py")).expect("a link");
        symlink(&shop.0, shop.at("src/up")).expect("a link");
        symlink("pay.py", shop.at("src/alias.py")).expect("a link");
        let outside = shop.at("secret.txt").display().to_string();
        for file in [
            "../secret.txt",
            "a/../../secret.txt",
            "link.py",
            "up/secret.txt",
            &outside,
            &format!("file://{outside}"),
            "http://x/../secret.txt",
            "/etc/passwd",
            "/proc/self/environ",
            "/dev/zero",
            "",
            ".",
            "pay.py\0",
        ] {
            assert_eq!(shop.ask(file, 1), None, "{file}");
        }
        let inside = shop.ask("alias.py", 1).expect("a link that stays inside");
        assert_eq!(inside.file, "pay.py");
    }

    #[test]
    fn nothing_but_a_plain_text_is_read() {
        let shop = Shop::new("plain");
        let made = std::process::Command::new("mkfifo").arg(shop.at("src/pipe.py")).status();
        assert!(made.expect("mkfifo is there").success());
        shop.write("src/.env", b"PASSWORD=x");
        shop.write("src/.git/config", b"token");
        shop.write("src/picture.png", b"\x89PNG\0");
        let size = usize::try_from(FILE_BYTES_MAX).expect("small");
        shop.write("src/whole.py", &vec![b'x'; size]);
        shop.write("src/large.py", &vec![b'x'; size + 1]);
        shop.write("src/latin.py", b"caf\xe9");
        symlink(".env", shop.at("src/env.py")).expect("a link");
        for file in ["pipe.py", ".env", "env.py", ".git/config", "picture.png", "large.py"] {
            assert_eq!(shop.ask(file, 1), None, "{file}");
        }
        let line = |file| shop.ask(file, 1).expect("a text").lines.remove(0);
        assert_eq!(line("whole.py").len(), LINE_CHARS_MAX);
        assert_eq!(line("latin.py"), "caf\u{fffd}");
    }

    #[test]
    fn a_link_that_was_put_there_since_is_not_followed() {
        let shop = Shop::new("since");
        symlink(shop.at("secret.txt"), shop.at("src/late.py")).expect("a link");
        symlink(&shop.0, shop.at("src/late")).expect("a link");
        for inner in ["late.py", "late/secret.txt"] {
            assert_eq!(text_of(&shop.at("src"), Path::new(inner)), None, "{inner}");
        }
        assert!(text_of(&shop.at("src"), Path::new("pay.py")).is_some());
    }

    #[test]
    fn it_is_for_this_machine_alone_and_needs_its_folders() {
        let shop = Shop::new("start");
        let folder = format!("shop={}", shop.at("src").display());
        let check = |words: &[&str]| {
            check(&Config::try_parse_from([&["serve"], words].concat()).expect("valid flags"))
        };
        assert_eq!(check(&["--source-root", &folder]), Ok(()));
        assert_eq!(check(&["--listen", "0.0.0.0:1"]), Ok(()));
        for words in [
            &["--source-root", &folder, "--listen", "0.0.0.0:1"][..],
            &["--source-root", &folder, "--listen", "0.0.0.0:1", "--insecure-open"],
            &["--source-root", &folder, "--public-url", "https://e.example"],
            &["--source-root", &folder, "--insecure-open"],
            &["--source-root", &folder, "--trusted-proxy", "127.0.0.1"],
        ] {
            assert!(check(words).expect_err("refused").contains("this machine's own"), "{words:?}");
        }
        let file = format!("shop={}", shop.at("secret.txt").display());
        for root in ["shop=/nowhere", "shop=/", &file] {
            let refused = check(&["--source-root", root]).expect_err(root);
            assert!(refused.ends_with("is not a folder with a project's source."), "{refused}");
        }
    }
}
