//! Where a report comes from: the flags that say so, and what this machine knows by itself.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value};

/// The environment of a report that names none.
const ENVIRONMENT_DEFAULT: &str = "production";

/// Whose report it is.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Report")]
pub(super) struct Origin {
    /// The project that the report belongs to
    #[arg(long, env = "LOG_CENTER_PROJECT", value_name = "NAME")]
    pub(super) project: Option<String>,

    /// Where it happened; production if nothing says otherwise
    #[arg(long, env = "ENVIRONMENT", value_name = "NAME")]
    environment: Option<String>,

    /// The application's version
    #[arg(long, value_name = "VERSION")]
    app_version: Option<String>,

    /// The application's commit; that of the working folder's Git repository if there is one
    #[arg(long, value_name = "HASH")]
    commit: Option<String>,
}

impl Origin {
    /// The project, unless none or an empty one was named.
    pub(super) fn project(&self) -> Option<&str> {
        self.project.as_deref().filter(|name| !name.is_empty())
    }

    /// Adds what the report does not say itself.
    pub(super) fn complete(&self, report: &mut Map<String, Value>) {
        let environment = self.environment.as_deref().filter(|name| !name.is_empty());
        let commit = || std::env::current_dir().ok().and_then(|folder| git_commit(&folder));
        let mut add = |name: &str, value: Option<String>| {
            if let (Some(value), None | Some(Value::Null)) = (value, report.get(name)) {
                report.insert(name.into(), value.into());
            }
        };
        add("project_id", self.project().map(str::to_owned));
        add("environment", Some(environment.unwrap_or(ENVIRONMENT_DEFAULT).into()));
        add("version", self.app_version.clone());
        add("commit_hash", self.commit.clone().or_else(commit));
    }
}

/// This machine's name.
pub(super) fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// The commit that the Git repository around a folder is at; read from its files.
fn git_commit(folder: &Path) -> Option<String> {
    let found = folder.ancestors().map(|folder| folder.join(".git")).find(|path| path.exists())?;
    let git = git_folder(&found)?;
    let head = std::fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(name) = head.trim().strip_prefix("ref: ") else { return commit(&head) };
    // A second work tree keeps its branches in the first one's folder.
    let common = std::fs::read_to_string(git.join("commondir"))
        .map_or_else(|_| git.clone(), |path| git.join(path.trim()));
    let places = [git.join(name), common.join(name)];
    places.iter().find_map(|path| commit(&std::fs::read_to_string(path).ok()?)).or_else(|| {
        let packed = std::fs::read_to_string(common.join("packed-refs")).ok()?;
        let named = packed.lines().filter_map(|line| line.split_once(' '));
        named.filter(|(_, of)| *of == name).find_map(|(hash, _)| commit(hash))
    })
}

fn git_folder(found: &Path) -> Option<PathBuf> {
    if found.is_dir() {
        return Some(found.to_owned());
    }
    let text = std::fs::read_to_string(found).ok()?;
    Some(found.parent()?.join(text.trim().strip_prefix("gitdir: ")?))
}

fn commit(text: &str) -> Option<String> {
    let hash = text.trim();
    let is_hash = matches!(hash.len(), 40 | 64) && hash.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then(|| hash.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_commit_is_read_from_every_kind_of_repository() {
        let root = std::env::temp_dir().join(format!("log-center-git-{}", std::process::id()));
        let (git, inner) = (root.join("a/.git"), root.join("a/src/deep"));
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        fs::create_dir_all(git.join("refs/heads")).unwrap();
        fs::create_dir_all(&inner).unwrap();
        fs::write(git.join("HEAD"), &one).unwrap();
        assert_eq!(git_commit(&inner), Some(one.clone()), "a commit checked out by itself");
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        assert_eq!(git_commit(&inner), None, "a branch without a commit");
        fs::write(git.join("packed-refs"), format!("# pack\n{two} refs/heads/main\n")).unwrap();
        assert_eq!(git_commit(&inner), Some(two.clone()));
        fs::write(git.join("refs/heads/main"), format!("{one}\n")).unwrap();
        assert_eq!(git_commit(&inner), Some(one));
        let tree = git.join("worktrees/b");
        fs::create_dir_all(&tree).unwrap();
        fs::create_dir_all(root.join("b")).unwrap();
        fs::write(root.join("b/.git"), format!("gitdir: {}\n", tree.display())).unwrap();
        fs::write(tree.join("HEAD"), "ref: refs/heads/side\n").unwrap();
        fs::write(tree.join("commondir"), "../..\n").unwrap();
        fs::write(git.join("refs/heads/side"), &two).unwrap();
        assert_eq!(git_commit(&root.join("b")), Some(two));
        fs::remove_dir_all(&root).unwrap();
    }
}
