//! An OpenID Connect provider (authorization code with PKCE): what it says of itself, whom it sent,
//! and whether that is true. The operator chose it, so it may be anywhere; what it names has to be
//! reached as safely as it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::signed::{self, Jwk, sha256};
use crate::config::{Config, OidcMatch};
use crate::domain::base64;
use crate::domain::percent::escape;
use crate::domain::trust::passkey::written;
use crate::domain::trust::role::Role;
use crate::fetch::{self, Ask, Client};

/// How long an answer's head, or a piece of its body, may take.
const ANSWER_TIME: Duration = Duration::from_secs(5);
/// How long all that a login asks of the provider may take.
const ALL_TIME: Duration = Duration::from_secs(15);
/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 256 * 1_024;
/// How long what the provider says of itself counts.
const FOUND_TIME: Duration = Duration::from_secs(600);
/// Clocks may differ by so much.
const DRIFT_S: i64 = 60;
/// Characters of a provider's number for somebody, as the standard has it.
const SUBJECT_CHARS_MAX: usize = 255;
const WELL_KNOWN: &str = "/.well-known/openid-configuration";
const SCOPE: &str = "openid profile email";
const FORM: &str = "application/x-www-form-urlencoded";

/// A provider that the operator named.
#[derive(Debug)]
pub struct Provider {
    issuer: String,
    client_id: String,
    client_secret: Option<String>,
    authorities: Option<PathBuf>,
    /// What its button says.
    pub name: String,
    /// How somebody is found among the people here.
    pub matching: OidcMatch,
    /// The role of those who are not known.
    pub create: Option<Role>,
    found: Mutex<Option<(Instant, Found)>>,
}

/// What it says of itself.
#[derive(Clone, Debug, Deserialize)]
struct Found {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// Why nobody comes by it. The text is for the log.
#[derive(Debug)]
pub enum Trouble {
    /// It does not answer, or not as it should.
    Away(String),
    /// What it sent cannot be believed.
    Untrue(&'static str),
}

/// Somebody whom it sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Somebody {
    /// Of which provider.
    pub issuer: String,
    /// Its number for them.
    pub subject: String,
    /// An e-mail address that it checked.
    pub email: Option<String>,
    /// The user's name.
    pub username: Option<String>,
}

/// What a login has to show.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The provider's code.
    pub code: &'a str,
    /// What the hash was made of that went with the question.
    pub verifier: &'a str,
    /// Where the provider sent to.
    pub redirect: &'a str,
    /// What the token has to name.
    pub nonce: &'a str,
}

impl Provider {
    /// The provider of the configuration. The error is one sentence.
    pub fn open(config: &Config) -> Result<Option<Self>, String> {
        let oidc = &config.oidc;
        let (Some(issuer), Some(client_id)) = (&oidc.oidc_issuer, &oidc.oidc_client_id) else {
            return Ok(None);
        };
        let secret = oidc.oidc_client_secret_file.as_deref().map(read_secret).transpose()?;
        let host = issuer.0.split("://").nth(1).and_then(|rest| rest.split('/').next());
        let name = oidc.oidc_name.clone().or_else(|| host.map(str::to_owned));
        Ok(Some(Self {
            issuer: issuer.0.clone(),
            client_id: client_id.clone(),
            client_secret: secret,
            authorities: oidc.oidc_ca_file.clone(),
            name: name.unwrap_or_default(),
            matching: oidc.oidc_match,
            create: oidc.oidc_create,
            found: Mutex::new(None),
        }))
    }

    /// Where a browser is sent to.
    pub async fn address(
        &self,
        redirect: &str,
        asked: (&str, &str, &str),
    ) -> Result<String, Trouble> {
        let (state, nonce, verifier) = asked;
        let found = within(self.found()).await?;
        let challenge = written(&sha256(verifier.as_bytes()));
        let at = &found.authorization_endpoint;
        let joint = if at.contains('?') { '&' } else { '?' };
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", redirect),
            ("scope", SCOPE),
            ("state", state),
            ("nonce", nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Ok(format!("{at}{joint}{query}"))
    }

    /// Whom the provider sent, if all that it says fits.
    pub async fn somebody(&self, shown: Shown<'_>, now_s: i64) -> Result<Somebody, Trouble> {
        within(async {
            let found = self.found().await?;
            let tokens = self.tokens(&found, shown).await?;
            let id_token = tokens["id_token"].as_str().unwrap_or("");
            let keys = self.keys(&found).await?;
            let claims = signed::claims(id_token, &keys)
                .ok_or(Trouble::Untrue("no key of the provider signed the token"))?;
            let wanted = Wanted { found: &found, client_id: &self.client_id, now_s };
            let mut somebody = wanted.read(&claims, shown.nonce)?;
            if somebody.email.is_none() && somebody.username.is_none() {
                self.complete(&found, &tokens, &mut somebody).await?;
            }
            Ok(somebody)
        })
        .await
    }

    async fn found(&self) -> Result<Found, Trouble> {
        let mut kept = self.found.lock().await;
        if let Some((at, found)) = &*kept
            && at.elapsed() < FOUND_TIME
        {
            return Ok(found.clone());
        }
        let at = format!("{}{WELL_KNOWN}", self.issuer.trim_end_matches('/'));
        let told = self.ask(&at, Ask::get).await?;
        let found: Found = serde_json::from_value(told)
            .map_err(|error| Trouble::Away(format!("{at} lacks something: {error}")))?;
        if found.issuer.trim_end_matches('/') != self.issuer.trim_end_matches('/') {
            return Err(Trouble::Untrue("it calls itself by another address than --oidc-issuer"));
        }
        *kept = Some((Instant::now(), found.clone()));
        Ok(found)
    }

    async fn keys(&self, found: &Found) -> Result<Vec<Jwk>, Trouble> {
        let told = self.ask(&found.jwks_uri, Ask::get).await?;
        let all = told["keys"].as_array().cloned().unwrap_or_default();
        Ok(all.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect())
    }

    async fn tokens(&self, found: &Found, shown: Shown<'_>) -> Result<Value, Trouble> {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", shown.code),
            ("redirect_uri", shown.redirect),
            ("client_id", self.client_id.as_str()),
            ("code_verifier", shown.verifier),
        ];
        let methods = found.token_endpoint_auth_methods_supported.as_deref();
        let has = |name: &str| methods.is_some_and(|all| all.iter().any(|one| one == name));
        let in_form = has("client_secret_post") && !has("client_secret_basic");
        let secret = self.client_secret.as_deref();
        if let Some(secret) = secret.filter(|_| in_form) {
            pairs.push(("client_secret", secret));
        }
        let body = form(&pairs);
        let basic = secret.filter(|_| !in_form).map(|secret| {
            let pair = format!("{}:{}", escape(&self.client_id), escape(secret));
            format!("Basic {}", base64::encode(pair.as_bytes()))
        });
        self.ask(&found.token_endpoint, |path| {
            let ask = Ask::with(hyper::Method::POST, path, FORM, body);
            let ask = ask.header("accept", "application/json");
            match basic {
                Some(basic) => ask.header("authorization", &basic),
                None => ask,
            }
        })
        .await
    }

    /// Asks who somebody is, where the token does not say it.
    async fn complete(
        &self,
        found: &Found,
        tokens: &Value,
        somebody: &mut Somebody,
    ) -> Result<(), Trouble> {
        let (Some(at), Some(token)) = (&found.userinfo_endpoint, tokens["access_token"].as_str())
        else {
            return Ok(());
        };
        let bearer = format!("Bearer {token}");
        let told = self.ask(at, |path| Ask::get(path).header("authorization", &bearer)).await?;
        if told["sub"].as_str() != Some(&somebody.subject) {
            return Err(Trouble::Untrue("it tells of somebody else than the token"));
        }
        (somebody.email, somebody.username) = names(&told);
        Ok(())
    }

    async fn ask(&self, at: &str, ask: impl FnOnce(String) -> Ask) -> Result<Value, Trouble> {
        let away = |why: String| Trouble::Away(format!("{at}: {why}"));
        let (address, path) = fetch::split(at).map_err(away)?;
        let own = fetch::split(&self.issuer).map_err(away)?.0;
        if !address.is_tls() && (own.is_tls() || own.host() != address.host()) {
            return Err(Trouble::Untrue("it names an address without https"));
        }
        let places = fetch::look_up(&address).await.map_err(|error| away(error.to_string()))?;
        let client =
            Client::new(address, ANSWER_TIME, self.authorities.as_deref()).map_err(away)?;
        let answer = client.pinned(places).send(&ask(path)).await;
        let answer = answer.map_err(|error| away(error.to_string()))?;
        let status = answer.status;
        let body = answer.bytes(ANSWER_BYTES_MAX).await.map_err(|error| away(error.to_string()))?;
        if status != 200 {
            // It may say why, in words of the standard.
            let told: Value = serde_json::from_slice(&body).unwrap_or_default();
            let why: String = told["error"].as_str().unwrap_or("").chars().take(64).collect();
            return Err(away(format!("status {status} {why}")));
        }
        serde_json::from_slice(&body).map_err(|error| away(format!("no JSON: {error}")))
    }
}

async fn within<T>(asking: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let late = || Trouble::Away("it takes too long".into());
    timeout(ALL_TIME, asking).await.map_err(|_| late())?
}

fn read_secret(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("The secret in {shown} cannot be read: {error}."))?;
    match text.trim() {
        "" => Err(format!("The file {shown} holds no secret.")),
        secret => Ok(secret.to_owned()),
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    pairs.join("&")
}

/// What a token has to say.
struct Wanted<'a> {
    found: &'a Found,
    client_id: &'a str,
    now_s: i64,
}

impl Wanted<'_> {
    fn read(&self, claims: &Value, nonce: &str) -> Result<Somebody, Trouble> {
        let text = |name: &str| claims[name].as_str();
        let is_for_us = match &claims["aud"] {
            Value::String(one) => one == self.client_id,
            Value::Array(all) => all.iter().any(|one| one == self.client_id),
            _ => false,
        };
        let is_others = text("azp").is_some_and(|azp| azp != self.client_id);
        let seconds = |name: &str| claims[name].as_f64().map(|at| at as i64);
        let is_fresh = seconds("exp").is_some_and(|at| at + DRIFT_S > self.now_s)
            && seconds("nbf").is_none_or(|at| at - DRIFT_S <= self.now_s)
            && seconds("iat").is_none_or(|at| at - DRIFT_S <= self.now_s);
        let subject = text("sub").unwrap_or("");
        let faults = [
            (text("iss") != Some(&self.found.issuer), "another provider made the token"),
            (!is_for_us || is_others, "the token is for another program"),
            (!is_fresh, "the token has ended, or a clock is wrong"),
            (text("nonce") != Some(nonce), "the token is of another login"),
            (!(1..=SUBJECT_CHARS_MAX).contains(&subject.chars().count()), "the token names nobody"),
        ];
        if let Some((_, fault)) = faults.into_iter().find(|(is_so, _)| *is_so) {
            return Err(Trouble::Untrue(fault));
        }
        let (email, username) = names(claims);
        Ok(Somebody {
            issuer: self.found.issuer.clone(),
            subject: subject.to_owned(),
            email,
            username,
        })
    }
}

/// The e-mail address, if it was checked, and the user's name.
fn names(claims: &Value) -> (Option<String>, Option<String>) {
    let is_checked = claims["email_verified"] == true || claims["email_verified"] == "true";
    let text = |name: &str| claims[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    let email = text("email").filter(|_| is_checked);
    (email.map(str::to_owned), text("preferred_username").map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn read(change: impl FnOnce(&mut Value)) -> Result<Somebody, Trouble> {
        let found: Found = serde_json::from_value(json!({
            "issuer": "https://id.example/", "authorization_endpoint": "https://id.example/a",
            "token_endpoint": "https://id.example/t", "jwks_uri": "https://id.example/k",
        }))
        .expect("whole");
        let mut claims = json!({
            "iss": "https://id.example/", "aud": "lc", "sub": "7", "nonce": "n",
            "exp": NOW + 300, "iat": NOW, "email": "ann@a.example", "email_verified": true,
            "preferred_username": "ann",
        });
        change(&mut claims);
        Wanted { found: &found, client_id: "lc", now_s: NOW }.read(&claims, "n")
    }

    #[test]
    fn a_token_has_to_fit_in_every_part() {
        let somebody = read(|_| ()).expect("fits");
        assert_eq!((somebody.subject.as_str(), somebody.username.as_deref()), ("7", Some("ann")));
        assert_eq!(somebody.email.as_deref(), Some("ann@a.example"));
        for (name, value) in [
            ("iss", json!("https://evil.example/")),
            ("aud", json!("other")),
            ("aud", json!(["other"])),
            ("aud", json!(null)),
            ("azp", json!("other")),
            ("exp", json!(NOW - 61)),
            ("exp", json!(null)),
            ("iat", json!(NOW + 120)),
            ("nbf", json!(NOW + 120)),
            ("nonce", json!("m")),
            ("nonce", json!(null)),
            ("sub", json!("")),
            ("sub", json!(7)),
        ] {
            assert!(read(|claims| claims[name] = value.clone()).is_err(), "{name} {value}");
        }
        let both = read(|claims| claims["aud"] = json!(["other", "lc"]));
        assert!(both.is_ok());
        assert!(read(|claims| claims["exp"] = json!(NOW - 59)).is_ok(), "clocks differ");
    }

    #[test]
    fn an_address_that_nobody_checked_names_nobody() {
        for value in [json!(false), json!(null), json!("false"), json!(1)] {
            let somebody = read(|claims| claims["email_verified"] = value).expect("fits");
            assert_eq!(somebody.email, None);
        }
        let somebody = read(|claims| claims["email_verified"] = json!("true")).expect("fits");
        assert!(somebody.email.is_some());
    }
}
