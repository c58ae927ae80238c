//! `log-center export`: every page of a server's export into one file. The file has another name
//! until it is whole, and an export that was interrupted goes on where its file ends.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::progress::Progress;
use super::remote::{Remote, Server};
use super::transfer::{Patience, Place, Retrying, Tally};
use super::trouble::Trouble;
use crate::domain::percent::escape;
use crate::fetch::Ask;

/// A page takes about 4 MiB; an issue with a very long history takes more.
const PAGE_BYTES_MAX: usize = 256 * 1_024 * 1_024;
/// An export that was interrupted longer ago begins anew: what is new since it began is not in it.
const RESUME_TIME_MAX: Duration = Duration::from_secs(24 * 3_600);

/// Write everything that a server knows into a file
///
/// The file holds JSON, one record a line: projects, issues with their counts, history and events,
/// deploys. `log-center import` reads it into an empty server, which then gives the same answers.
/// Run the same command again within a day of an interruption: it goes on where FILE.part ends.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// Where to; - is standard output
    #[arg(value_name = "FILE", default_value = "-")]
    to: Place,
    /// Replace FILE if it exists
    #[arg(long)]
    force: bool,
    /// Say nothing
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    retrying: Retrying,
    #[command(flatten)]
    server: Server,
}

impl Export {
    /// Fetches all pages.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut sink = match &self.to {
            Place::Standard => Sink::Standard,
            Place::File(path) => Sink::open(path, self.force)?,
        };
        let mut cursor = sink.resume()?;
        if cursor.is_some() && !self.quiet {
            eprintln!("Going on where {} ends.", sink.name());
        }
        let mut remote = self.server.remote()?;
        let mut tally = Tally::new();
        let mut progress = Progress::start(None, self.quiet);
        let mut patience = None;
        loop {
            let page = match page(&mut remote, cursor.as_deref()).await {
                Ok(page) => page,
                Err(trouble) => match &mut patience {
                    // Nobody ever answered there: that is no matter of waiting.
                    None => return Err(explained(trouble, &sink, cursor.is_some())),
                    Some(patience) => {
                        Patience::wait(patience, trouble).await?;
                        continue;
                    }
                },
            };
            patience.get_or_insert_with(|| Patience::new(&self.retrying)).renew();
            let last = last_line(&page);
            sink.write(&page)?;
            tally.count(&page);
            tally.show(&mut progress);
            match (last["kind"].as_str(), last["next_cursor"].as_str()) {
                (Some("page"), Some(next)) => cursor = Some(next.to_owned()),
                (Some("end"), _) => break,
                _ => {
                    let url = remote.url();
                    return Err(Trouble::Failed(format!("What answers at {url} is no export.")));
                }
            }
        }
        progress.end();
        let name = sink.finish()?;
        if let Some(name) = name.filter(|_| !self.quiet) {
            eprintln!("Exported {} to {name}.", tally.text());
        }
        Ok(())
    }
}

async fn page(remote: &mut Remote, cursor: Option<&str>) -> Result<Vec<u8>, Trouble> {
    let path = match cursor {
        None => "/api/v1/export".to_owned(),
        Some(cursor) => format!("/api/v1/export?cursor={}", escape(cursor)),
    };
    let answer = remote.send(Ask::get(path)).await?;
    let unreachable = |failure| Trouble::Unreachable { address: remote.url(), failure };
    answer.bytes(PAGE_BYTES_MAX).await.map_err(unreachable)
}

/// A cursor that the server does not know came out of the file.
fn explained(trouble: Trouble, sink: &Sink, resumed: bool) -> Trouble {
    match trouble {
        Trouble::Refused { status: 400, .. } if resumed => Trouble::Failed(format!(
            "This server did not write {}: delete it to begin anew.",
            sink.name()
        )),
        other => other,
    }
}

fn last_line(page: &[u8]) -> Value {
    let whole = page.strip_suffix(b"\n").unwrap_or_default();
    let line = whole.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice(line).unwrap_or_default()
}

/// Where the pages go.
enum Sink {
    Standard,
    File { part: PathBuf, whole: PathBuf, file: File },
}

fn unwritable(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::Failed(format!("{} cannot be written: {error}.", path.display()))
}

impl Sink {
    fn open(path: &Path, force: bool) -> Result<Self, Trouble> {
        if path.exists() && !force {
            let shown = path.display();
            return Err(Trouble::Usage(format!("{shown} exists. --force replaces it.")));
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        // It holds what the database does, which is its owner's alone.
        let file = options.mode(0o600).open(&part);
        let file = file.map_err(|error| unwritable(&part, &error))?;
        Ok(Self::File { part, whole: path.to_owned(), file })
    }

    fn name(&self) -> String {
        match self {
            Self::Standard => "standard output".to_owned(),
            Self::File { part, .. } => part.display().to_string(),
        }
    }

    /// Cuts the file after its last whole page; the cursor of the next one. A file that is old, or
    /// ends before its first page is whole, begins anew.
    fn resume(&mut self) -> Result<Option<String>, Trouble> {
        let Self::File { part, file, .. } = self else { return Ok(None) };
        let (mut at, mut end, mut cursor) = (0, 0, None);
        let mut reader = BufReader::with_capacity(1 << 20, &*file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line);
            let bytes = read.map_err(|error| unwritable(part, &error))?;
            if bytes == 0 || line.last() != Some(&b'\n') {
                break;
            }
            at += bytes as u64;
            if line.starts_with(br#"{"kind":"page""#) {
                let page: Value = serde_json::from_slice(&line).unwrap_or_default();
                cursor = page["next_cursor"].as_str().map(str::to_owned);
                end = at;
            }
        }
        let age = file.metadata().and_then(|file| file.modified()).map(|at| at.elapsed());
        if matches!(age, Ok(Ok(age)) if age > RESUME_TIME_MAX) {
            cursor = None;
        }
        let end = if cursor.is_some() { end } else { 0 };
        file.set_len(end)
            .and_then(|()| file.seek(SeekFrom::Start(end)))
            .map_err(|error| unwritable(part, &error))?;
        Ok(cursor)
    }

    fn write(&mut self, page: &[u8]) -> Result<(), Trouble> {
        match self {
            Self::Standard => {
                let mut out = std::io::stdout().lock();
                let written = out.write_all(page).and_then(|()| out.flush());
                written.map_err(|error| match error.kind() {
                    ErrorKind::BrokenPipe => Trouble::Failed(
                        "The output was closed before the export was whole.".to_owned(),
                    ),
                    _ => Trouble::Failed(format!("The output cannot be written: {error}.")),
                })
            }
            Self::File { part, file, .. } => {
                file.write_all(page).map_err(|error| unwritable(part, &error))
            }
        }
    }

    /// Gives the whole file its name.
    fn finish(self) -> Result<Option<String>, Trouble> {
        let Self::File { part, whole, file } = self else { return Ok(None) };
        file.sync_all()
            .and_then(|()| fs::rename(&part, &whole))
            .map_err(|error| unwritable(&whole, &error))?;
        Ok(Some(whole.display().to_string()))
    }
}
