//! A certificate that the program gets by itself, and renews (ACME, RFC 8555).
//!
//! Invariant: a certificate goes on until there is another one, whole and on the disk; an authority
//! that refuses is asked ever more seldom.

mod account;
mod authority;
mod der;
mod paper;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use account::Account;
use authority::Authority;
pub use der::validity;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::time::sleep;

use super::App;
use crate::config::Acme;
use crate::domain::base64;
use crate::domain::timestamp;
use crate::fetch;
use crate::store::backup::{create_folder, put_file};

/// The folder within the data.
const FOLDER: &str = "acme";
const ACCOUNT: &str = "account.key";
/// The certificate with its key: in one file, so that the two always belong together.
const PAIR: &str = "certificate.pem";
/// Characters of a line of PEM.
const LINE_CHARS: usize = 64;
/// After the first refusal; each further one doubles it.
const PAUSE_FIRST: Duration = Duration::from_secs(300);
const PAUSE_MAX: Duration = Duration::from_secs(12 * 3_600);
/// What an authority may ask to wait.
const WAIT_MAX: Duration = Duration::from_secs(24 * 3_600);
/// An authority that asks for a short wait again and again is not believed after so many times.
const WAITS_MAX: u32 = 3;
/// Clocks are set: the time to renew is looked at again and again.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// Why there is no new certificate.
#[derive(Debug)]
struct Trouble {
    why: String,
    /// How long the authority wants to be left alone.
    wait: Option<Duration>,
}

impl Trouble {
    fn of(why: impl Into<String>) -> Self {
        Self { why: why.into(), wait: None }
    }
}

/// Where certificates are shown.
pub trait Stage: Send + Sync {
    /// Shows this certificate and key (PKCS#8) to who asks for a name in the way of a challenge.
    fn show(&self, name: &str, certificate: Vec<u8>, key: Vec<u8>) -> Result<(), String>;
    /// No challenge is under way any more.
    fn clear(&self);
    /// How long this pair, in PEM, is good; an error if it cannot be shown.
    fn look(&self, pair: &str) -> Result<Option<(i64, i64)>, String>;
    /// Shows this pair to everybody else; how long it is good.
    fn place(&self, pair: &str) -> Result<Option<(i64, i64)>, String>;
}

/// How the server's certificate is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Until when it is good, if there is one and it says so.
    pub expires_at: Option<i64>,
    /// When the program gets the next one, if it does.
    pub renews_at: Option<i64>,
    /// Why the last try to get one failed.
    pub trouble: Option<String>,
}

/// What keeps a certificate, and gets the next one.
#[derive(Debug)]
pub struct Keeper {
    acme: Acme,
    folder: PathBuf,
    names: Vec<String>,
}

impl Keeper {
    /// For the names of the configuration, if there are any. The error is one sentence.
    pub fn open(acme: &Acme, data: &Path) -> Result<Option<Self>, String> {
        let mut names: Vec<String> = Vec::new();
        for domain in &acme.acme_domain {
            if !names.contains(&domain.0) {
                names.push(domain.0.clone());
            }
        }
        if names.is_empty() {
            return Ok(None);
        }
        let (address, _) = fetch::split(&acme.acme_directory.0)
            .map_err(|why| format!("--acme-directory is no address: {why}."))?;
        fetch::Client::new(address, PAUSE_FIRST, acme.acme_ca_file.as_deref())?;
        Ok(Some(Self { acme: acme.clone(), folder: data.join(FOLDER), names }))
    }

    /// Keeps a certificate for as long as the program runs. `due`: when the next one is, in
    /// milliseconds since 1970.
    pub async fn keep(self, app: &App, stage: &dyn Stage, mut due: i64) {
        let mut failed = 0;
        loop {
            let now = app.now();
            if due > now {
                let left = Duration::from_millis((due - now).unsigned_abs());
                sleep(left.min(LOOK_EVERY)).await;
                continue;
            }
            let (names, authority) = (self.names.join(", "), &self.acme.acme_directory.0);
            tracing::info!(%names, %authority, "asks for a certificate");
            let made = self.renew(stage).await;
            stage.clear();
            match made {
                Ok(times) => {
                    failed = 0;
                    due = self.tell(app, times);
                    let until = times.map_or_else(String::new, |(_, to)| timestamp::format(to));
                    tracing::info!(%names, %until, "there is a new certificate");
                }
                Err(trouble) => {
                    failed += 1;
                    let pause = pause(failed, trouble.wait, chance());
                    due = app.now() + i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
                    let (why, pause_s) = (&trouble.why, pause.as_secs());
                    let said = "no new certificate; what is there stays";
                    tracing::error!(%why, failed, pause_s, "{said}");
                    app.certificate(|shown| {
                        shown.trouble = Some(trouble.why.clone());
                        shown.renews_at = Some(due);
                    });
                }
            }
        }
    }

    /// Shows the certificate of before, if there is one; when the next is due.
    pub fn begin(&self, app: &App, stage: &dyn Stage) -> i64 {
        app.certificate(|shown| *shown = Shown::default());
        let path = self.folder.join(PAIR);
        let pair = match fs::read_to_string(&path) {
            Ok(pair) => pair,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return app.now(),
            Err(error) => {
                tracing::error!(file = %path.display(), %error, "the certificate cannot be read");
                return app.now();
            }
        };
        match stage.place(&pair) {
            Ok(times) => {
                let due = self.tell(app, times);
                // Another authority, or other names: this one goes on until there is the other.
                if pair.starts_with(&self.head()) { due } else { app.now() }
            }
            Err(why) => {
                tracing::error!(file = %path.display(), %why, "the certificate cannot be used");
                app.now()
            }
        }
    }

    /// Tells how long a certificate is good; when the next one is due.
    fn tell(&self, app: &App, times: Option<(i64, i64)>) -> i64 {
        let due = times.map_or_else(|| app.now(), |times| renewal(times, chance()));
        app.certificate(|shown| {
            *shown =
                Shown { expires_at: times.map(|(_, to)| to), renews_at: Some(due), trouble: None };
        });
        due
    }

    async fn renew(&self, stage: &dyn Stage) -> Result<Option<(i64, i64)>, Trouble> {
        let unkept = |error| Trouble::of(format!("the folder of the certificate fails: {error}"));
        let account = Account::read(&self.account().map_err(unkept)?)
            .map_err(|why| Trouble::of(format!("{ACCOUNT} cannot be used: {why}")))?;
        let mut authority = Authority::open(&self.acme, &account).await?;
        let (key, chain) = authority.certify(&self.names, stage).await?;
        let pair = format!("{}{}{}\n", self.head(), pem("PRIVATE KEY", &key), chain.trim());
        // Looked at before it is kept: what cannot be shown must not replace what can.
        if stage.look(&pair).map_err(Trouble::of)?.is_none() {
            return Err(Trouble::of("the certificate does not say how long it is good"));
        }
        self.write(PAIR, pair.as_bytes()).map_err(unkept)?;
        stage.place(&pair).map_err(Trouble::of)
    }

    /// What stands before a certificate's file: for whom it is, and by whom.
    fn head(&self) -> String {
        format!("{} by {}\n", self.names.join(" "), self.acme.acme_directory.0)
    }

    /// The account's key; one is made where there is none.
    fn account(&self) -> crate::store::Result<Vec<u8>> {
        match fs::read(self.folder.join(ACCOUNT)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return Ok(other?),
        }
        let made = Account::fresh().map_err(crate::store::Error::Engine)?;
        self.write(ACCOUNT, &made)?;
        Ok(made)
    }

    /// Writes a file for its owner alone, whole or not at all.
    fn write(&self, name: &str, bytes: &[u8]) -> crate::store::Result<()> {
        create_folder(&self.folder)?;
        put_file(&self.folder, name, bytes)
    }
}

impl App {
    /// Changes what is told of the server's certificate.
    pub fn certificate(&self, change: impl FnOnce(&mut Shown)) {
        let mut shown = self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        change(shown.get_or_insert_default());
    }

    /// How the server's certificate is doing; `None` if it has none.
    pub fn certificate_shown(&self) -> Option<Shown> {
        self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// At two thirds of the time that it is good, and up to a sixtieth later: many servers that began
/// together do not come together again.
fn renewal((from, to): (i64, i64), chance: f64) -> i64 {
    let whole = (to - from).max(0);
    from + whole / 3 * 2 + (whole as f64 / 60.0 * chance) as i64
}

/// How long to wait after so many failures, a quarter more or less.
fn pause(failed: u32, asked: Option<Duration>, chance: f64) -> Duration {
    let doubled = PAUSE_FIRST.saturating_mul(2_u32.saturating_pow(failed.saturating_sub(1)));
    let own = doubled.min(PAUSE_MAX).mul_f64(0.75 + chance / 2.0);
    match asked.map(|asked| asked.clamp(Duration::from_secs(1), WAIT_MAX)) {
        Some(asked) if failed < WAITS_MAX => asked,
        Some(asked) => asked.max(own),
        None => own,
    }
}

/// From 0 to 1.
fn chance() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness there is no certificate either.
    let _none = SystemRandom::new().fill(&mut bytes);
    f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX)
}

fn pem(what: &str, bytes: &[u8]) -> String {
    let text = base64::encode(bytes);
    let lines: Vec<&str> = (0..text.len())
        .step_by(LINE_CHARS)
        .map(|at| &text[at..text.len().min(at + LINE_CHARS)])
        .collect();
    format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_renewed_at_two_thirds_of_its_time() {
        const DAY: i64 = 86_400_000;
        assert_eq!(renewal((10 * DAY, 100 * DAY), 0.0), 70 * DAY);
        assert_eq!(renewal((10 * DAY, 100 * DAY), 1.0), 71 * DAY + DAY / 2);
        assert_eq!(renewal((5, 5), 0.5), 5);
        assert_eq!(renewal((5, 1), 0.5), 5, "an odd one is renewed at once");
    }

    #[test]
    fn an_authority_that_refuses_is_asked_ever_more_seldom() {
        let minutes = |failed| pause(failed, None, 0.5).as_secs() / 60;
        assert_eq!([1, 2, 3, 4, 8, 99].map(minutes), [5, 10, 20, 40, 640, 720]);
        assert_eq!(pause(1, None, 0.0).as_secs(), 225);
        assert_eq!(pause(1, None, 1.0).as_secs(), 375);
        let (soon, late) = (Some(Duration::ZERO), Some(Duration::from_secs(90_000)));
        assert_eq!(pause(1, soon, 0.5).as_secs(), 1);
        assert_eq!(pause(3, soon, 0.5).as_secs(), 1_200, "it is not believed again and again");
        assert_eq!(pause(1, late, 0.5), WAIT_MAX);
        assert!((0.0..=1.0).contains(&chance()));
    }
}
