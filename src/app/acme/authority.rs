//! A conversation with an authority (RFC 8555): an account, an order, its challenges, a
//! certificate. Challenges are answered by TLS (tls-alpn-01), at the port that is served anyway.

use std::path::Path;
use std::time::Duration;

use hyper::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::super::trust::signed::sha256;
use super::account::Account;
use super::paper::{self, Key};
use super::{Stage, Trouble};
use crate::config::Acme;
use crate::domain::trust::passkey::written;
use crate::fetch::{self, Address, Answer, Ask, Client};

/// How long an answer's head, or a piece of its body, may take.
const ANSWER_TIME: Duration = Duration::from_secs(20);
const ANSWER_BYTES_MAX: usize = 256 * 1_024;
/// How often a body is signed anew as its nonce was not taken.
const NONCE_TRIES: usize = 4;
/// How often it is looked whether the authority is done, a second or more apart.
const LOOKS_MAX: usize = 120;
const LOOK_PAUSE: Duration = Duration::from_secs(1);
const LOOK_PAUSE_MAX: Duration = Duration::from_secs(30);
/// What is waited where an authority asks for more time and does not say how much.
const LIMITED_PAUSE: Duration = Duration::from_secs(3_600);
const JOSE: &str = "application/jose+json";
const CHALLENGE: &str = "tls-alpn-01";
const NONCE: &str = "replay-nonce";
/// Characters of what an authority says of a refusal that are passed on.
const SAID_CHARS_MAX: usize = 300;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Directory {
    new_nonce: String,
    new_account: String,
    new_order: String,
    #[serde(default)]
    meta: Meta,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Meta {
    external_account_required: bool,
}

#[derive(Debug, Deserialize)]
struct Order {
    status: String,
    #[serde(default)]
    authorizations: Vec<String>,
    finalize: String,
    certificate: Option<String>,
    error: Option<Problem>,
}

#[derive(Debug, Deserialize)]
struct Authorization {
    status: String,
    identifier: Identifier,
    #[serde(default)]
    challenges: Vec<Challenge>,
}

#[derive(Debug, Deserialize)]
struct Identifier {
    value: String,
}

#[derive(Debug, Deserialize)]
struct Challenge {
    #[serde(rename = "type")]
    kind: String,
    url: String,
    #[serde(default)]
    token: String,
    error: Option<Problem>,
}

/// Why an authority refuses (RFC 7807).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    detail: String,
}

impl Problem {
    fn is(&self, kind: &str) -> bool {
        self.kind.rsplit(':').next() == Some(kind)
    }

    fn said(&self) -> String {
        let kind = self.kind.rsplit(':').next().unwrap_or_default();
        format!("{kind}: {}", self.detail).chars().take(SAID_CHARS_MAX).collect()
    }
}

/// What an authority answered.
struct Reply {
    status: u16,
    location: Option<String>,
    pause: Option<Duration>,
    body: Vec<u8>,
}

impl Reply {
    fn read<T: for<'a> Deserialize<'a>>(&self) -> Result<T, Trouble> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Trouble::of(format!("the authority's answer lacks something: {error}"))
        })
    }

    fn problem(&self) -> Problem {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn refusal(&self) -> Trouble {
        let why = format!("the authority says {} {}", self.status, self.problem().said());
        let is_limited = self.status == 429 || self.status == 503;
        Trouble { why, wait: is_limited.then(|| self.pause.unwrap_or(LIMITED_PAUSE)) }
    }
}

/// An authority that knows the account.
pub(super) struct Authority<'a> {
    account: &'a Account,
    authorities: Option<&'a Path>,
    client: Option<Client>,
    directory: Directory,
    nonce: Option<String>,
    /// The account's address there.
    known_as: Option<String>,
}

impl<'a> Authority<'a> {
    /// Asks what it has, and makes the account known to it.
    pub(super) async fn open(acme: &'a Acme, account: &'a Account) -> Result<Self, Trouble> {
        let authorities = acme.acme_ca_file.as_deref();
        let mut client = None;
        let at = &acme.acme_directory.0;
        let answer = send(&mut client, authorities, at, Ask::get).await?;
        let reply = reply(answer).await?;
        if reply.status != 200 {
            return Err(reply.refusal());
        }
        let directory: Directory = reply.read()?;
        if directory.meta.external_account_required {
            return Err(Trouble::of(
                "the authority wants accounts that were made elsewhere before, which cannot be \
                 given here",
            ));
        }
        let mut own = Self { account, authorities, client, directory, nonce: None, known_as: None };
        let contact: Vec<String> =
            acme.acme_email.iter().map(|mail| format!("mailto:{}", mail.0)).collect();
        let mut wanted = json!({ "termsOfServiceAgreed": true });
        if !contact.is_empty() {
            wanted["contact"] = json!(contact);
        }
        let url = own.directory.new_account.clone();
        let reply = own.post(&url, &wanted.to_string()).await?;
        let address = reply.location.ok_or_else(|| Trouble::of("the account has no address"))?;
        own.known_as = Some(address);
        Ok(own)
    }

    /// A certificate for these names: its key (PKCS#8) and its chain (PEM).
    pub(super) async fn certify(
        &mut self,
        names: &[String],
        stage: &dyn Stage,
    ) -> Result<(Vec<u8>, String), Trouble> {
        let identifiers: Vec<Value> =
            names.iter().map(|name| json!({ "type": "dns", "value": name })).collect();
        let url = self.directory.new_order.clone();
        let reply = self.post(&url, &json!({ "identifiers": identifiers }).to_string()).await?;
        let at = reply.location.clone().ok_or_else(|| Trouble::of("the order has no address"))?;
        let order: Order = reply.read()?;
        for authorization in &order.authorizations {
            self.authorize(authorization, stage).await?;
        }
        self.order(&at, "ready").await?;
        let key = Key::fresh().map_err(Trouble::of)?;
        let csr = paper::request(&key, names).map_err(Trouble::of)?;
        self.post(&order.finalize, &json!({ "csr": written(&csr) }).to_string()).await?;
        let done = self.order(&at, "valid").await?;
        let url = done.certificate.ok_or_else(|| Trouble::of("the order has no certificate"))?;
        let reply = self.post(&url, "").await?;
        let chain = String::from_utf8(reply.body)
            .map_err(|_| Trouble::of("the authority sent no certificate"))?;
        Ok((key.document, chain))
    }

    /// Shows that a name is this server's.
    async fn authorize(&mut self, url: &str, stage: &dyn Stage) -> Result<(), Trouble> {
        let found: Authorization = self.post(url, "").await?.read()?;
        if found.status == "valid" {
            return Ok(());
        }
        let name = found.identifier.value.to_ascii_lowercase();
        let offered = found.challenges.into_iter().find(|challenge| challenge.kind == CHALLENGE);
        let challenge = offered.ok_or_else(|| {
            Trouble::of(format!("the authority offers no {CHALLENGE} for {name}"))
        })?;
        let digest = sha256(self.account.answer(&challenge.token).as_bytes());
        let key = Key::fresh().map_err(Trouble::of)?;
        let proof = paper::proof(&key, &name, &digest).map_err(Trouble::of)?;
        stage.show(&name, proof, key.document).map_err(Trouble::of)?;
        self.post(&challenge.url, "{}").await?;
        let mut pause = None;
        for _ in 0..LOOKS_MAX {
            sleep(pause.unwrap_or(LOOK_PAUSE).min(LOOK_PAUSE_MAX)).await;
            let reply = self.post(url, "").await?;
            pause = reply.pause;
            let now: Authorization = reply.read()?;
            match now.status.as_str() {
                "valid" => return Ok(()),
                "pending" => {}
                _ => {
                    let why = now.challenges.into_iter().find_map(|one| one.error);
                    let why = why.unwrap_or_default().said();
                    return Err(Trouble::of(format!(
                        "{name} was not seen to be this server's: {why}"
                    )));
                }
            }
        }
        Err(Trouble::of(format!("the authority does not say whether {name} is this server's")))
    }

    /// The order, once it is so.
    async fn order(&mut self, at: &str, wanted: &str) -> Result<Order, Trouble> {
        for _ in 0..LOOKS_MAX {
            let reply = self.post(at, "").await?;
            let order: Order = reply.read()?;
            match order.status.as_str() {
                status if status == wanted => return Ok(order),
                "pending" | "processing" => {}
                // It was taken up just now.
                "ready" if wanted == "valid" => {}
                other => {
                    let why = order.error.unwrap_or_default().said();
                    return Err(Trouble::of(format!("the order is {other}: {why}")));
                }
            }
            sleep(reply.pause.unwrap_or(LOOK_PAUSE).min(LOOK_PAUSE_MAX)).await;
        }
        Err(Trouble::of("the authority does not finish the order"))
    }

    /// Sends something signed; an empty payload only reads. An answer that is no success is a
    /// trouble.
    async fn post(&mut self, url: &str, payload: &str) -> Result<Reply, Trouble> {
        for _ in 0..NONCE_TRIES {
            let nonce = match self.nonce.take() {
                Some(nonce) => nonce,
                None => self.fresh_nonce().await?,
            };
            let body = self
                .account
                .sign(url, &nonce, self.known_as.as_deref(), payload)
                .map_err(Trouble::of)?;
            let ask = |path: String| {
                Ask::with(Method::POST, path, JOSE, body)
                    .header("accept", "application/json, application/pem-certificate-chain")
            };
            let answer = send(&mut self.client, self.authorities, url, ask).await?;
            self.nonce = answer.header(NONCE).map(str::to_owned);
            let reply = reply(answer).await?;
            match reply.status {
                200..300 => return Ok(reply),
                400 if reply.problem().is("badNonce") => {}
                _ => return Err(reply.refusal()),
            }
        }
        Err(Trouble::of("the authority takes none of its nonces"))
    }

    async fn fresh_nonce(&mut self) -> Result<String, Trouble> {
        let ask = |path| Ask { method: Method::HEAD, ..Ask::get(path) };
        let url = self.directory.new_nonce.clone();
        let answer = send(&mut self.client, self.authorities, &url, ask).await?;
        let nonce = answer.header(NONCE).map(str::to_owned);
        nonce.ok_or_else(|| Trouble::of("the authority gives no nonce"))
    }
}

/// Sends to an address that the operator or the authority named, by the connection that is open if
/// it leads there.
async fn send(
    client: &mut Option<Client>,
    authorities: Option<&Path>,
    url: &str,
    ask: impl FnOnce(String) -> Ask,
) -> Result<Answer, Trouble> {
    let away = |why: String| Trouble::of(format!("{url}: {why}"));
    let (address, path): (Address, String) = fetch::split(url).map_err(away)?;
    if !address.is_tls() {
        return Err(away("expected an address that begins with https://".into()));
    }
    if client.as_ref().is_none_or(|client| *client.address() != address) {
        *client = Some(Client::new(address, ANSWER_TIME, authorities).map_err(away)?);
    }
    let client = client.as_mut().expect("made just now");
    client.send(&ask(path)).await.map_err(|error| away(error.to_string()))
}

async fn reply(answer: Answer) -> Result<Reply, Trouble> {
    let (status, location) = (answer.status, answer.header("location").map(str::to_owned));
    let seconds = answer.header("retry-after").and_then(|text| text.trim().parse().ok());
    let pause = seconds.map(Duration::from_secs);
    let body = answer.bytes(ANSWER_BYTES_MAX).await;
    let body = body.map_err(|error| Trouble::of(error.to_string()))?;
    Ok(Reply { status, location, pause, body })
}
