//! `log-center import`: the lines of an export into an empty server, page by page. The server knows
//! how far it is, so an import that was interrupted goes on there.

use std::fs::File;
use std::io::{BufRead, BufReader, Stdin};

use clap::Args;
use hyper::Method;
use serde_json::Value;

use super::progress::Progress;
use super::remote::{Remote, Server};
use super::transfer::{Patience, Place, Retrying, Tally};
use super::trouble::Trouble;
use crate::domain::percent::escape;
use crate::domain::transfer::FORMAT;
use crate::fetch::Ask;

const PATH: &str = "/api/v1/import";
/// Bytes of one request after which it is sent.
const PAGE_BYTES: usize = 2 * 1_024 * 1_024;
/// Bytes of one request at most, as the server says.
const PAGE_BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// Read an export into an empty server
///
/// The server must hold no project; reports are answered with 503 until the import has ended. Run
/// the same command again after an interruption: it goes on where the server is.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// What `log-center export` wrote; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    from: Place,
    /// Give an unfinished import up and erase what it brought, instead of reading a file
    #[arg(long, conflicts_with = "from")]
    give_up: bool,
    /// Say nothing
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    retrying: Retrying,
    #[command(flatten)]
    server: Server,
}

impl Import {
    /// Sends what the server does not have yet.
    pub(super) async fn run(self) -> Result<(), Trouble> {
        let mut remote = self.server.remote()?;
        if self.give_up {
            return self.end_unfinished(&mut remote).await;
        }
        let mut lines = Lines::open(&self.from)?;
        let export_id = header(lines.peek()?)?;
        let state = remote.read(PATH).await?;
        let is_same = state["export_id"] == export_id.as_str();
        let mut done = 0;
        match state["state"].as_str() {
            Some("finished") if is_same => {
                self.say("This export was imported already.");
                return Ok(());
            }
            Some("under_way") if is_same => {
                done = state["lines"].as_u64().unwrap_or(0);
                self.say(&format!("Going on after line {done}."));
                lines.skip(done)?;
            }
            _ => {}
        }
        let mut progress = Progress::start(lines.bytes, self.quiet);
        let mut tally = Tally::new();
        tally.bytes = lines.read;
        let mut patience = Patience::new(&self.retrying);
        let mut last = state;
        while let Some((page, count)) = lines.page()? {
            let path = format!("{PATH}?export_id={}&from_line={}", escape(&export_id), done + 1);
            let ask = Ask::with(Method::POST, path, "application/x-ndjson", page.clone());
            last = loop {
                // The same lines again change nothing, so every request may be sent again.
                match send(&mut remote, ask.clone()).await {
                    Ok(answer) => break answer,
                    Err(trouble) => patience.wait(trouble).await?,
                }
            };
            patience.renew();
            done += count;
            tally.count(&page);
            tally.show(&mut progress);
        }
        progress.end();
        self.tell(&last, lines.cut_off)
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }

    /// Says what the server has now; an unfinished import is a failure.
    fn tell(&self, answer: &Value, cut_off: bool) -> Result<(), Trouble> {
        let number = |name: &str| answer[name].as_u64().unwrap_or(0);
        if answer["state"] != "finished" || cut_off {
            return Err(Trouble::Failed(format!(
                "The file is cut off: its last line is missing. {} lines are imported, and the \
                 server waits for the rest: import the whole file, or use --give-up.",
                number("lines")
            )));
        }
        self.say(&format!("Imported {} issues and {} events.", number("issues"), number("events")));
        if number("left_out") > 0 {
            self.say(&format!(
                "{} records were left out: they came after their issue was exported, or belong to \
                 none.",
                number("left_out")
            ));
        }
        Ok(())
    }

    async fn end_unfinished(&self, remote: &mut Remote) -> Result<(), Trouble> {
        let mut ask = Ask::get(PATH);
        ask.method = Method::DELETE;
        let answer = remote.send(ask).await?;
        let erased = remote.json(answer).await?;
        let issues = &erased["deleted"]["issues"];
        self.say(&format!("The import is given up; {issues} issues that it brought are erased."));
        Ok(())
    }
}

async fn send(remote: &mut Remote, ask: Ask) -> Result<Value, Trouble> {
    let answer = remote.send(ask).await?;
    remote.json(answer).await
}

/// The `export_id` of a file's first line.
fn header(line: &[u8]) -> Result<String, Trouble> {
    let none = || Trouble::Failed("The file is no export of Log Center.".to_owned());
    let header: Value = serde_json::from_slice(line).map_err(|_| none())?;
    let (kind, id) = (header["kind"].as_str(), header["export_id"].as_str());
    let id = id.filter(|_| kind == Some("header")).ok_or_else(none)?;
    match header["format"].as_i64() {
        Some(format) if format > FORMAT => Err(Trouble::Failed(format!(
            "The file has format {format} and this Log Center reads formats up to {FORMAT}: \
             install a newer one."
        ))),
        _ => Ok(id.to_owned()),
    }
}

/// The lines of a file.
struct Lines {
    reader: Box<dyn BufRead>,
    /// Bytes of the file, if that is known.
    bytes: Option<u64>,
    /// Bytes read so far.
    read: u64,
    /// A line that was read and belongs to the next page.
    waiting: Option<Vec<u8>>,
    /// The file ended in the middle of a line.
    cut_off: bool,
}

fn unreadable(error: &std::io::Error) -> Trouble {
    Trouble::Failed(format!("The file cannot be read: {error}."))
}

impl Lines {
    fn open(place: &Place) -> Result<Self, Trouble> {
        let (reader, bytes): (Box<dyn BufRead>, _) = match place {
            Place::Standard => {
                let input: Stdin = std::io::stdin();
                (Box::new(BufReader::with_capacity(1 << 20, input)), None)
            }
            Place::File(path) => {
                let file = File::open(path).map_err(|error| unreadable(&error))?;
                let bytes = file.metadata().map(|known| known.len()).ok();
                (Box::new(BufReader::with_capacity(1 << 20, file)), bytes)
            }
        };
        Ok(Self { reader, bytes, read: 0, waiting: None, cut_off: false })
    }

    /// The next line, which stays the next.
    fn peek(&mut self) -> Result<&[u8], Trouble> {
        if self.waiting.is_none() {
            self.waiting = self.next()?;
        }
        Ok(self.waiting.as_deref().unwrap_or_default())
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        if let Some(line) = self.waiting.take() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line).map_err(|error| unreadable(&error))?;
        self.read += line.len() as u64;
        if line.is_empty() {
            return Ok(None);
        }
        if line.last() != Some(&b'\n') {
            if serde_json::from_slice::<Value>(&line).is_err() {
                self.cut_off = true;
                return Ok(None);
            }
            line.push(b'\n');
        }
        Ok(Some(line))
    }

    /// Passes over lines that are done.
    fn skip(&mut self, lines: u64) -> Result<(), Trouble> {
        for _ in 0..lines {
            if self.next()?.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// The lines of the next request, and how many.
    fn page(&mut self) -> Result<Option<(Vec<u8>, u64)>, Trouble> {
        let (mut page, mut count) = (Vec::new(), 0);
        while page.len() < PAGE_BYTES {
            let Some(line) = self.next()? else { break };
            if page.len() + line.len() > PAGE_BYTES_MAX && count > 0 {
                self.waiting = Some(line);
                break;
            }
            page.extend_from_slice(&line);
            count += 1;
        }
        Ok((count > 0).then_some((page, count)))
    }
}
