//! One request to a vendor. The address is looked up once, checked, and connected to as checked;
//! nothing is followed.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::Method;
use tokio::time::timeout;

use super::Notifier;
use crate::domain::notify::channel::{Draft, Target};
use crate::domain::notify::guard;
use crate::domain::notify::verdict::{Reply, Verdict, judge, shown};
use crate::fetch::{self, Address, Answer, Ask, Client};

/// How long an answer's head, or a piece of its body, may take.
const ANSWER_TIME: Duration = Duration::from_secs(8);
/// How long an attempt may take.
const ATTEMPT_TIME: Duration = Duration::from_secs(15);
/// How much of an answer is read.
const ANSWER_BYTES_MAX: usize = 64 * 1_024;

/// Sends a draft; what it led to, and what the vendor said.
pub(super) async fn send(notifier: &Notifier, target: &Target, draft: &Draft) -> (Verdict, String) {
    match timeout(ATTEMPT_TIME, exchange(notifier, draft)).await {
        Err(_) => (Verdict::unanswered("It did not answer in time."), String::new()),
        Ok(Err(verdict)) => (verdict, String::new()),
        Ok(Ok((status, retry_after, body))) => {
            let reply = Reply { status, retry_after, body: &body };
            (judge(target.kind, &reply), shown(&body, &target.secrets()))
        }
    }
}

type Answered = (u16, Option<f64>, String);

async fn exchange(notifier: &Notifier, draft: &Draft) -> Result<Answered, Verdict> {
    let (address, path) = fetch::split(&draft.url)
        .map_err(|why| Verdict::misconfigured(format!("The address cannot be used: {why}.")))?;
    let places = places(notifier, &address).await?;
    if !address.is_tls() && !is_allowed(notifier, &address, &places) {
        let why = "Messages go over https only, unless --notify-allow names the host.";
        return Err(Verdict::misconfigured(why));
    }
    let authorities = notifier.authorities.as_deref();
    let client = Client::new(address, ANSWER_TIME, authorities).map_err(Verdict::unanswered)?;
    let mut client = client.pinned(places);
    let mut ask = Ask::with(Method::POST, path, "application/json", draft.body.clone());
    for (name, value) in &draft.headers {
        ask = ask.header(name, value);
    }
    let failed = |failure: fetch::Failure| Verdict::unanswered(sentence(&failure.to_string()));
    let mut answer = client.send(&ask).await.map_err(failed)?;
    let after = answer.header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
    // An answer whose body breaks off says what its head says, and that is not enough for success.
    let body = body(&mut answer).await.map_err(failed)?;
    Ok((answer.status, after, body))
}

/// The address of a host that a message may go to; all of them have to be such.
pub(super) async fn places(
    notifier: &Notifier,
    address: &Address,
) -> Result<Vec<SocketAddr>, Verdict> {
    let failed = |failure: fetch::Failure| Verdict::unanswered(sentence(&failure.to_string()));
    let places = fetch::look_up(address).await.map_err(failed)?;
    for place in &places {
        let ip = place.ip();
        // The unspecified address leads to this machine too.
        let plain = ip.to_canonical();
        let is_here = plain.is_loopback() || plain.is_unspecified();
        let is_own = is_here && notifier.own_ports.contains(&place.port());
        if is_own || !guard::may_go(address.host(), ip, &notifier.allowed) {
            let why = format!(
                "{} is {ip}, which is not on the internet: --notify-allow would allow it.",
                address.host()
            );
            return Err(Verdict::misconfigured(why));
        }
    }
    Ok(places)
}

/// Whether the operator names the host or all of its addresses: there nothing need be secret.
pub(super) fn is_allowed(notifier: &Notifier, address: &Address, places: &[SocketAddr]) -> bool {
    places.iter().all(|place| guard::is_allowed(address.host(), place.ip(), &notifier.allowed))
}

/// The beginning of a body.
async fn body(answer: &mut Answer) -> Result<String, fetch::Failure> {
    let mut all = Vec::new();
    while let Some(piece) = answer.piece(ANSWER_TIME).await? {
        all.extend_from_slice(&piece);
        if all.len() >= ANSWER_BYTES_MAX {
            all.truncate(ANSWER_BYTES_MAX);
            break;
        }
    }
    Ok(String::from_utf8_lossy(&all).into_owned())
}

/// A clause as a sentence.
pub(super) fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first: String = letters.next().map_or_else(String::new, |one| one.to_uppercase().collect());
    format!("{first}{}.", letters.as_str())
}
