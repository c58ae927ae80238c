//! What answers: whether it is Log Center, whether it can store, its clock and its speed.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::finding::Finding;
use crate::app;
use crate::cli::remote::Remote;
use crate::cli::trouble::Trouble;
use crate::domain::timestamp;
use crate::fetch::{Answer, Ask};

/// What the server says of a key that may not read.
const FOR_REPORTS: &str = "for reports alone";
const BODY_BYTES_MAX: usize = 4 * 1_024 * 1_024;
const CLOCK_ATTENTION_MS: i64 = 5_000;
const CLOCK_WRONG_MS: i64 = 5 * 60 * 1_000;
/// The guide's programs wait 3 s, then drop their report.
const SLOW: Duration = Duration::from_secs(1);
const TOO_SLOW: Duration = Duration::from_secs(3);

/// An answer with its body read.
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) json: Value,
    pub(super) text: String,
    server: String,
    location: Option<String>,
    date: Option<String>,
}

impl Page {
    /// Whether it has the envelope of Log Center's refusals.
    fn is_refusal(&self) -> bool {
        self.json["code"].is_string() && self.json["request_id"].is_string()
    }

    fn message(&self) -> &str {
        self.json["message"].as_str().unwrap_or_default()
    }
}

/// Asks and reads the answer.
pub(super) async fn page(remote: &mut Remote, ask: Ask) -> Result<Page, Trouble> {
    read(remote, ask).await.map(|(page, _)| page)
}

async fn read(remote: &mut Remote, ask: Ask) -> Result<(Page, Duration), Trouble> {
    let began = Instant::now();
    let answer: Answer = remote.exchange(ask).await?;
    let took = began.elapsed();
    let header = |name: &str| answer.header(name).map(str::to_owned);
    let (status, server) = (answer.status, header("server").unwrap_or_default());
    let (location, date) = (header("location"), header("date"));
    let bytes = answer.bytes(BODY_BYTES_MAX).await.unwrap_or_default();
    let json = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok((Page { status, json, text, server, location, date }, took))
}

/// What stands in the way of all else.
pub(super) struct Obstacle {
    pub(super) finding: Finding,
    /// Whether anything spoke HTTP at all.
    pub(super) is_answer: bool,
}

impl Obstacle {
    fn silence(trouble: Trouble) -> Self {
        let why = match trouble {
            Trouble::Unreachable { failure, .. } => failure.to_string(),
            other => other.to_string(),
        };
        let advice = if why.contains("TLS") {
            "Does the server speak https? Is its name that of its certificate? An authority of \
             your own is named with --ca-file."
        } else {
            "Is --url right, with http:// or https:// as the server speaks it? Does it hang?"
        };
        let text = format!("there is no proper answer: {why}");
        Self { finding: Finding::wrong("answer", text, advice), is_answer: false }
    }
}

/// A Log Center that answers.
pub(super) struct Met {
    pub(super) findings: Vec<Finding>,
    /// Whether it lets us read.
    pub(super) is_read: bool,
}

/// Whether Log Center answers, and lets us in.
pub(super) async fn identity(remote: &mut Remote) -> Result<Met, Obstacle> {
    let failed = Obstacle::silence;
    let (described, _) = read(remote, Ask::get("/openapi.json")).await.map_err(failed)?;
    if let Some(finding) = login(&described, remote.has_key()) {
        let findings = vec![finding, health(remote).await.map_err(failed)?];
        return Ok(Met { findings, is_read: false });
    }
    let title = described.json["info"]["title"].as_str().unwrap_or_default();
    if described.status != 200 || !title.starts_with("Log Center") {
        let finding = stranger(&described, &remote.url());
        return Err(Obstacle { finding, is_answer: true });
    }
    let theirs = described.json["info"]["version"].as_str().unwrap_or("?");
    let ours = env!("CARGO_PKG_VERSION");
    let version = if theirs == ours {
        Finding::ok("version", format!("Log Center {theirs}, as this program"))
    } else {
        Finding::attention(
            "version",
            format!("the server is Log Center {theirs}, this program is {ours}"),
            "Bring both to one version, so that every command fits the server.",
        )
    };
    let findings = vec![version, health(remote).await.map_err(failed)?];
    Ok(Met { findings, is_read: true })
}

async fn health(remote: &mut Remote) -> Result<Finding, Trouble> {
    let (alive, _) = read(remote, Ask::get("/healthz")).await?;
    if alive.status == 200 && alive.json["status"] == "ok" {
        return Ok(Finding::ok("health", "/healthz says ok"));
    }
    let text = format!("/healthz answers with status {}", alive.status);
    Ok(Finding::wrong("health", text, "Look into the server's log, and restart it."))
}

/// What it means that the server does not let us read; `None` if something else is in the way.
fn login(page: &Page, has_key: bool) -> Option<Finding> {
    const CHECK: &str = "login";
    let advice = "Give a key with the scope read by --key or LOG_CENTER_KEY; backups need the \
                  scope manage.";
    let unread = "version, storing, refusals, queue, file, limits, room and backups were not \
                  looked at";
    match (page.status, page.json["code"].as_str(), has_key) {
        (401, Some("AuthError"), false) => {
            let text = format!("the server asks for a login, and no key was given: {unread}");
            Some(Finding::unchecked(CHECK, text, advice))
        }
        (401, Some("AuthError"), true) => {
            let text = format!("the key is refused ({}): {unread}", page.message());
            let advice = "It may have ended. An administrator makes another one on the page Keys.";
            Some(Finding::wrong(CHECK, text, advice))
        }
        (403, Some("ForbiddenError"), true) if page.message().contains(FOR_REPORTS) => {
            let text = format!("the key is good, but for reports alone: {unread}");
            Some(Finding::unchecked(CHECK, text, advice))
        }
        _ => None,
    }
}

/// What it means that something else answered.
fn stranger(page: &Page, url: &str) -> Finding {
    let message = page.message();
    if page.is_refusal() && message.contains("came through a proxy") {
        return Finding::wrong(
            "proxy",
            format!("Log Center refuses what comes through a proxy: {message}"),
            "Point --url at Log Center itself; or, if all whom the proxy lets through may read \
             everything, start Log Center with --insecure-open.",
        );
    }
    if page.is_refusal() && message.contains("does not go by the name") {
        return Finding::wrong(
            "host name",
            format!("Log Center refuses this name: {message}"),
            "Start it with --allow-host and that name, or use its IP address.",
        );
    }
    if page.is_refusal() {
        let text = format!("Log Center refuses: {message}");
        return Finding::wrong("answer", text, "Look into the server's log.");
    }
    let who = match page.server.as_str() {
        "" => String::new(),
        name => format!(" ({name})"),
    };
    if let (300..400, Some(place)) = (page.status, &page.location) {
        return Finding::wrong(
            "answer",
            format!("what answers at {url}{who} sends on to {place}"),
            "Use that address if Log Center is there; if it is a login page, go past it.",
        );
    }
    if matches!(page.status, 502..=504) {
        return Finding::wrong(
            "answer",
            format!("a proxy{who} answers with status {}", page.status),
            "It does not reach Log Center: is that running, and where the proxy looks for it?",
        );
    }
    Finding::wrong(
        "answer",
        format!("what answers at {url}{who} is not Log Center; its status is {}", page.status),
        "Correct --url or LOG_CENTER_URL, or end the program that has taken this port.",
    )
}

/// Whether reports can be stored.
pub(super) async fn readiness(remote: &mut Remote) -> Finding {
    match page(remote, Ask::get("/readyz")).await {
        Ok(page) if page.status == 200 => Finding::ok("storing", "reports can be stored"),
        Ok(page) => {
            let why = match page.message() {
                "" => format!("/readyz answers with status {}", page.status),
                message => message.to_owned(),
            };
            let advice = if why.contains("another program") {
                "End that program: nothing but Log Center should write to its database."
            } else {
                "If the disk is full, free some space (128 MiB must stay free); else the server's \
                 log says more."
            };
            Finding::wrong("storing", format!("reports cannot be stored: {why}"), advice)
        }
        Err(trouble) => failed("storing", &trouble),
    }
}

/// How far both clocks are apart, and how long an answer takes.
pub(super) async fn clock_and_speed(remote: &mut Remote, path: &str) -> Vec<Finding> {
    let before = app::now();
    let (page, took) = match read(remote, Ask::get(path)).await {
        Ok(read) => read,
        Err(trouble) => return vec![failed("speed", &trouble)],
    };
    let middle = before + i64::try_from(took.as_millis()).unwrap_or(0) / 2;
    vec![clock(page.date.as_deref(), middle), speed(&page, took)]
}

fn clock(date: Option<&str>, now: i64) -> Finding {
    let Some(theirs) = date.and_then(http_date) else {
        let advice = "A proxy may have taken the Date header out; compare by hand.";
        return Finding::attention("clock", "the server does not say its time", advice);
    };
    // It tells whole seconds: half of one is the best guess for the rest.
    let apart = theirs + 500 - now;
    let seconds = (apart.abs() + 500) / 1_000;
    let which = if apart > 0 { "ahead of" } else { "behind" };
    let text = format!("the server's clock is {seconds} s {which} this machine's");
    let advice = "Have both machines set their clocks by the network (timedatectl set-ntp true). \
                  Reports from more than 5 minutes ahead get the server's time.";
    match apart.abs() {
        CLOCK_WRONG_MS.. => Finding::wrong("clock", text, advice),
        CLOCK_ATTENTION_MS.. => Finding::attention("clock", text, advice),
        _ => Finding::ok("clock", "both clocks agree"),
    }
}

/// Reads `Sun, 22 Nov 2026 11:07:08 GMT`.
fn http_date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = text.split_ascii_whitespace().collect();
    let [_, day, month, year, time, "GMT"] = parts.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    timestamp::parse(&format!("{year}-{month:02}-{day}T{time}Z"))
}

fn speed(page: &Page, took: Duration) -> Finding {
    if page.status != 200 {
        return Finding::wrong(
            "reading",
            format!("reading is refused with status {}: {}", page.status, page.message()),
            "Give a key with --key or LOG_CENTER_KEY, or look into the server's log.",
        );
    }
    let text = format!("an answer takes {:.1} ms", took.as_secs_f64() * 1_000.0);
    let advice = "Programs that report wait 3 s, then drop the report. Is the machine busy, the \
                  disk slow, or the network far?";
    match took {
        took if took >= TOO_SLOW => Finding::wrong("speed", text, advice),
        took if took >= SLOW => Finding::attention("speed", text, advice),
        _ => Finding::ok("speed", text),
    }
}

/// A check that could not be made.
pub(super) fn failed(check: &'static str, trouble: &Trouble) -> Finding {
    let why = match trouble {
        Trouble::Unreachable { failure, .. } => failure.to_string(),
        other => other.to_string(),
    };
    let why = why.trim_end_matches('.');
    Finding::wrong(check, format!("it could not be asked: {why}"), "Try again; is the server busy?")
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn the_clocks_limits_are_exact() {
        let date = "Sun, 22 Nov 2026 11:07:08 GMT";
        let at = timestamp::parse("2026-11-22T11:07:08Z").expect("valid") + 500;
        let table = [
            (0, State::Ok),
            (4_999, State::Ok),
            (-5_000, State::Attention),
            (299_999, State::Attention),
            (-300_000, State::Wrong),
        ];
        for (ms, expected) in table {
            assert_eq!(clock(Some(date), at + ms).state, expected, "{ms}");
        }
        assert_eq!(clock(Some("yesterday"), at).state, State::Attention);
    }
}
