//! One mail to a mail server, with the same care for its address as a request.

use std::time::Duration;

use tokio::time::timeout;

use super::Notifier;
use super::send::{is_allowed, places, sentence};
use crate::domain::notify::channel::{Draft, Target};
use crate::domain::notify::smtp::judge;
use crate::domain::notify::verdict::{Verdict, shown};
use crate::fetch::smtp::{self, Envelope, Login, Secrecy};

/// How long a mail may take. Servers that check it while it is handed over take some time.
const MAIL_TIME: Duration = Duration::from_secs(600);
/// How often a mail waits for every addressee; then it goes to those who are accepted.
const WAITS_FOR_ALL: i64 = 3;

/// Sends a mail that was tried so often before; what it led to, and what the server said.
pub(super) async fn send(
    notifier: &Notifier,
    target: &Target,
    draft: &Draft,
    before: i64,
) -> (Verdict, String) {
    match timeout(MAIL_TIME, deliver(notifier, target, draft, before)).await {
        Err(_) => (Verdict::unanswered("It did not answer in time."), String::new()),
        Ok(Err(verdict)) => (verdict, String::new()),
        Ok(Ok(told)) => (judge(&told.ended), shown(&told.answer, &target.secrets())),
    }
}

async fn deliver(
    notifier: &Notifier,
    target: &Target,
    draft: &Draft,
    before: i64,
) -> Result<smtp::Told, Verdict> {
    let server = smtp::server(&draft.url)
        .map_err(|why| Verdict::misconfigured(format!("The address cannot be used: {why}.")))?;
    let places = places(notifier, &server).await?;
    let secrecy = if server.is_tls() {
        Secrecy::FromStart
    } else if is_allowed(notifier, &server, &places) {
        Secrecy::UpgradedIfOffered
    } else {
        Secrecy::Upgraded
    };
    let login = match (&target.user, &target.token) {
        (Some(name), Some(password)) => Some(Login { name, password }),
        _ => None,
    };
    let envelope = Envelope {
        from: target.from.as_deref().unwrap_or_default(),
        to: &target.to,
        mail: &draft.body,
        is_split: before >= WAITS_FOR_ALL,
        login,
    };
    let way = smtp::Way { server: &server, secrecy, authorities: notifier.authorities.as_deref() };
    let told = smtp::deliver(&way, &places, &envelope).await;
    told.map_err(|failure| Verdict::unanswered(sentence(&failure.to_string())))
}
