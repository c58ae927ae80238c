//! Where the source of projects lies on this machine.

use std::path::PathBuf;
use std::str::FromStr;

/// The folder with a project's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRoot {
    /// Which project's.
    pub project_id: String,
    /// Where; whether it is there is not known.
    pub folder: PathBuf,
}

impl FromStr for SourceRoot {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((project, folder)) if !project.is_empty() && !folder.is_empty() => {
                Ok(Self { project_id: project.to_owned(), folder: folder.into() })
            }
            _ => Err("expected a project and a folder, e.g. shop=/home/me/shop".into()),
        }
    }
}
