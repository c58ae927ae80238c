//! Who is let in: what is known of people, keys and sessions, and how passwords are checked.
//!
//! Invariant: what was ended is refused before the answer says that it ended; when what is known
//! cannot be read anew, nobody is let in.

pub mod codes;
pub mod known;
pub mod passwords;
pub mod provider;
pub mod secret;
pub mod signed;
pub mod slowing;
pub mod tickets;
pub mod turns;
pub mod wish;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use known::Known;
use passwords::Passwords;
use provider::Provider;
use secret::Hash;
use slowing::Slowing;
use tickets::Tickets;
use turns::Turns;

use super::{App, Failure};
use crate::store::{self, Writer, keys, sessions};

/// Between two writings of when keys and sessions were used.
const USES_EVERY: Duration = Duration::from_secs(60);

/// Who is let in.
#[derive(Debug, Default)]
pub struct Trust {
    known: RwLock<Arc<Known>>,
    /// What is known may be older than the database.
    is_stale: AtomicBool,
    reading: tokio::sync::Mutex<()>,
    /// How passwords are checked.
    pub passwords: Passwords,
    /// How guessing is made slow.
    pub slowing: Slowing,
    /// Who may have a password checked now.
    pub turns: Turns,
    /// What browsers are given and bring back.
    pub tickets: Tickets,
    provider: OnceLock<Provider>,
    /// What is kept of the link for the first administrator, until somebody used it.
    first_link: Mutex<Option<Hash>>,
}

impl Trust {
    /// Everybody who is known.
    pub fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins with what the database says.
    pub fn begin(&self, known: Known) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
    }

    /// Lets people in whom this provider sends.
    pub fn believe(&self, provider: Option<Provider>) {
        if let Some(provider) = provider {
            let _first = self.provider.set(provider);
        }
    }

    /// The provider that sends people, if there is one.
    pub fn provider(&self) -> Option<&Provider> {
        self.provider.get()
    }

    /// Lets whoever has this secret be the first administrator.
    pub fn invite_first(&self, secret: &str) {
        *self.first_link.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(secret::hash(secret));
    }

    /// Whether this is the secret for the first administrator. It is used up by [`Self::came`].
    pub fn is_first(&self, secret: &str) -> bool {
        let link = self.first_link.lock().unwrap_or_else(PoisonError::into_inner);
        link.is_some_and(|hash| hash == secret::hash(secret))
    }

    /// What is known may be too little: it is read anew before the next request.
    pub fn doubt(&self) {
        self.is_stale.store(true, Ordering::SeqCst);
    }

    /// The first administrator came.
    pub fn came(&self) {
        *self.first_link.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl App {
    /// Changes people, keys or sessions; answers when every later request sees it. The floor of the
    /// disk leaves room for it: whoever wants to make room has to be able to log in.
    pub async fn write_trust<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Writer) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let changed = self.ingest.erase(change).await.map_err(Failure::Refused);
        // Also after a failure: the answer may have been lost and the change not.
        self.trust.doubt();
        self.read_trust().await?;
        changed
    }

    /// Seals a secret with the key that lies beside the database.
    pub async fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, Failure> {
        let (keyring, plain) = (self.keyring.clone(), plain.to_vec());
        self.read_events(move |_| keyring.seal(&plain)).await
    }

    /// What was sealed; `None` where its key is gone.
    pub async fn unseal(&self, sealed: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        let (keyring, sealed) = (self.keyring.clone(), sealed.to_vec());
        self.read_events(move |_| Ok(keyring.unseal(&sealed))).await
    }

    /// Reads who is known, if it may have changed.
    pub async fn read_trust(&self) -> Result<(), Failure> {
        if !self.trust.is_stale.load(Ordering::SeqCst) {
            return Ok(());
        }
        // One after the other, so that an older picture never follows a newer one.
        let _reading = self.trust.reading.lock().await;
        if !self.trust.is_stale.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        let (before, now) = (self.trust.known(), self.now());
        let read = self.read_events(move |db| Known::read(db, &before, now)).await;
        if read.is_err() {
            self.trust.doubt();
        }
        *self.trust.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read?);
        Ok(())
    }

    /// Something that is known was changed in another way, e.g. a project was erased.
    pub async fn changed_trust(&self) -> Result<(), Failure> {
        self.trust.doubt();
        self.read_trust().await
    }

    /// Writes every minute when keys and sessions were used.
    pub async fn note_uses(&self) {
        loop {
            tokio::time::sleep(USES_EVERY).await;
            let known = self.trust.known();
            let (of_keys, of_sessions) = (known.key_uses(), known.session_uses());
            if of_keys.is_empty() && of_sessions.is_empty() {
                continue;
            }
            let written = self.write(move |writer| {
                keys::touch(&mut writer.db, &of_keys)?;
                sessions::touch(&mut writer.db, &of_sessions)
            });
            if let Err(failure) = written.await {
                tracing::debug!(?failure, "when keys were used is not written");
            }
        }
    }
}
