//! The server that a command speaks to: the flags that name it, and questions in JSON.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hyper::Method;
use hyper::body::Bytes;
use serde_json::Value;

use super::trouble::Trouble;
use crate::domain::percent::escape;
use crate::fetch::{Address, Answer, Ask, Client};

/// The longest answer that is held in memory: a page of 200 issues takes less than a tenth.
const ANSWER_BYTES_MAX: usize = 64 * 1_024 * 1_024;

const URL_DEFAULT: &str = "http://localhost:8002";

/// Which server, and as whom.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Server")]
pub(super) struct Server {
    /// The server's address
    #[arg(long, env = "LOG_CENTER_URL", value_name = "URL", default_value = URL_DEFAULT,
        value_parser = address)]
    pub(super) url: Address,

    /// Key, where the server asks for one
    #[arg(long, env = "LOG_CENTER_KEY", value_name = "KEY", hide_env_values = true)]
    pub(super) key: Option<String>,

    /// Your name, as the history shows it
    #[arg(long, env = "LOG_CENTER_USER", value_name = "NAME")]
    pub(super) user: Option<String>,

    /// PEM file of certificate authorities to trust besides the system's
    #[arg(long, env = "LOG_CENTER_CA_FILE", value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,

    /// Seconds to wait for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(super) wait: u64,
}

/// Programs are told the address to report to; that is taken as the server's too. An empty variable
/// says nothing.
fn address(text: &str) -> Result<Address, String> {
    let trimmed = text.trim().trim_end_matches('/');
    let trimmed = if trimmed.is_empty() { URL_DEFAULT } else { trimmed };
    trimmed.strip_suffix("/api/v1/logs/report").unwrap_or(trimmed).parse()
}

impl Server {
    /// A conversation with it, not begun yet.
    pub(super) fn remote(&self) -> Result<Remote, Trouble> {
        let limit = Duration::from_secs(self.wait);
        let client = Client::new(self.url.clone(), limit, self.ca_file.as_deref())
            .map_err(Trouble::Usage)?;
        let user = self.user.clone().or_else(|| {
            let variable = |name| std::env::var(name).ok().filter(|name| !name.is_empty());
            variable("USER").or_else(|| variable("LOGNAME"))
        });
        Ok(Remote { client, key: self.key.clone(), user })
    }
}

/// A conversation with a server.
pub(super) struct Remote {
    client: Client,
    key: Option<String>,
    user: Option<String>,
}

impl Remote {
    /// Whether it speaks with a key.
    pub(super) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// Where the server is.
    pub(super) fn url(&self) -> String {
        self.client.address().to_string()
    }

    /// Reads JSON. `path` has its query, escaped.
    pub(super) async fn read(&mut self, path: &str) -> Result<Value, Trouble> {
        let answer = self.send(Ask::get(path)).await?;
        self.json(answer).await
    }

    /// The items of every page of a list. `path` has its query, escaped, and no cursor.
    pub(super) async fn all(&mut self, path: &str) -> Result<Vec<Value>, Trouble> {
        let mut items = Vec::new();
        let mut page = self.read(path).await?;
        loop {
            if let Some(more) = page["items"].as_array_mut() {
                items.append(more);
            }
            let Some(cursor) = page["next_cursor"].as_str() else { return Ok(items) };
            let joint = if path.contains('?') { '&' } else { '?' };
            let next = format!("{path}{joint}cursor={}", escape(cursor));
            page = self.read(&next).await?;
        }
    }

    /// Sends JSON, and reads JSON.
    pub(super) async fn write(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Value, Trouble> {
        let body = Bytes::from(body.to_string());
        let answer = self.send(Ask::with(method, path, "application/json", body)).await?;
        self.json(answer).await
    }

    /// Sends any request; an answer other than 2xx is the server's refusal.
    pub(super) async fn send(&mut self, ask: Ask) -> Result<Answer, Trouble> {
        let answer = self.exchange(ask).await?;
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(refusal(answer).await) }
    }

    /// Sends any request and takes any answer.
    pub(super) async fn exchange(&mut self, ask: Ask) -> Result<Answer, Trouble> {
        let mut ask = ask;
        if let Some(key) = &self.key {
            ask = ask.header("x-log-center-key", key);
        }
        if let Some(user) = &self.user {
            ask = ask.header("x-log-center-user", user);
        }
        let sent = self.client.send(&ask).await;
        sent.map_err(|failure| Trouble::Unreachable { address: self.url(), failure })
    }

    /// The JSON of an answer.
    pub(super) async fn json(&self, answer: Answer) -> Result<Value, Trouble> {
        let bytes = answer
            .bytes(ANSWER_BYTES_MAX)
            .await
            .map_err(|failure| Trouble::Unreachable { address: self.url(), failure })?;
        let read: Option<Value> = serde_json::from_slice(&bytes).ok();
        // No answer of the API is anything else, or an object without members.
        read.filter(|json| json.as_object().is_some_and(|members| !members.is_empty()))
            .ok_or_else(|| self.foreign())
    }

    /// Something else listens there.
    pub(super) fn foreign(&self) -> Trouble {
        Trouble::Failed(format!("What answers at {} is not Log Center.", self.url()))
    }
}

/// Reads the envelope of a refusal.
async fn refusal(answer: Answer) -> Trouble {
    let status = answer.status;
    let retry_after = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
    let bytes = answer.bytes(ANSWER_BYTES_MAX).await.unwrap_or_default();
    let envelope: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let code = envelope["code"].as_str().unwrap_or_default().to_owned();
    let message = match envelope["message"].as_str() {
        Some(message) => format!("{}.", message.trim_end_matches('.')),
        None => format!("The server answered with status {status}, and is perhaps no Log Center."),
    };
    let info = envelope["info"].clone();
    Trouble::Refused { status, code, message, info, retry_after }
}
