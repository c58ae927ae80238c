//! Sends reports so that each counts once: with an id of its own, and once more after a failure
//! that may pass.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use hyper::Method;
use serde_json::Value;

use super::remote::Remote;
use super::trouble::Trouble;
use crate::domain::uuid;

/// Where one report goes.
pub(super) const REPORT: &str = "/api/v1/logs/report";
/// Where several go.
pub(super) const BATCH: &str = "/api/v1/logs/report/batch";

/// Before the second try, when the server does not say how long.
const PAUSE: Duration = Duration::from_secs(1);
/// However long it says.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// A random UUID (version 4).
pub(super) fn event_id() -> String {
    let mut bytes = [0; 16];
    // Each state has keys of its own, which the system drew.
    for half in bytes.chunks_exact_mut(8) {
        let now = std::time::SystemTime::now();
        half.copy_from_slice(&RandomState::new().hash_one((now, std::process::id())).to_be_bytes());
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    uuid::format(&bytes)
}

/// Posts reports that have ids; a second time if the first failure may pass.
pub(super) async fn post(remote: &mut Remote, path: &str, body: &Value) -> Result<Value, Trouble> {
    let answer = match remote.write(Method::POST, path, body).await {
        Err(trouble) if trouble.is_passing() => {
            tokio::time::sleep(pause(&trouble)).await;
            remote.write(Method::POST, path, body).await
        }
        other => other,
    }?;
    // A page that answers everything with 200 has stored nothing.
    let is_taken = answer["id"].is_i64() || answer["results"].is_array();
    if is_taken { Ok(answer) } else { Err(remote.foreign()) }
}

fn pause(trouble: &Trouble) -> Duration {
    match trouble {
        Trouble::Refused { retry_after: Some(seconds), .. } => {
            Duration::from_secs(*seconds).min(PAUSE_MAX)
        }
        _ => PAUSE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_and_differ() {
        let (one, two) = (event_id(), event_id());
        assert_ne!(one, two);
        let bytes = uuid::parse(&one).expect("a UUID");
        assert_eq!((bytes[6] >> 4, bytes[8] >> 6), (4, 2), "{one}");
    }
}
