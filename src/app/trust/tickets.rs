//! What is given to a browser and comes back: sealed, for one purpose, for a while, once. Nothing
//! is kept of those that are out, so nobody fills the memory with them or pushes another's out.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::secret::{self, Hash};
use crate::domain::trust::passkey::{bytes, written};

/// How long a ticket is good: as long as somebody looks for a phone.
pub const TICKET_MS: i64 = 5 * 60_000;
const KEY_BYTES: usize = 32;

/// The tickets of one running program.
#[derive(Default)]
pub struct Tickets {
    key: OnceLock<Option<LessSafeKey>>,
    /// Those that were used, and until when they would be good. Only a right answer comes here.
    used: Mutex<HashMap<Hash, i64>>,
}

impl std::fmt::Debug for Tickets {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Tickets").finish_non_exhaustive()
    }
}

impl Tickets {
    /// A ticket for a purpose, in base64url.
    pub fn issue(&self, purpose: &str, holds: &impl Serialize, now: i64) -> Result<String, String> {
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce)?;
        let key = self.key().ok_or("the system has no randomness")?;
        let mut sealed =
            serde_json::to_vec(&(now + TICKET_MS, holds)).map_err(|error| error.to_string())?;
        let sealing = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(sealing, Aad::from(purpose.as_bytes()), &mut sealed)
            .map_err(|_| "a ticket cannot be sealed")?;
        Ok(written(&[&nonce[..], &sealed].concat()))
    }

    /// What a ticket of this purpose holds; `None` if it is none, has ended or was used.
    pub fn read<T: DeserializeOwned>(&self, purpose: &str, ticket: &str, now: i64) -> Option<T> {
        // Another spelling of the same bytes would count anew.
        let sealed = bytes(ticket).filter(|sealed| written(sealed) == ticket)?;
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = rest.to_vec();
        let plain = self.key()?.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut rest);
        let (until, holds): (i64, T) = serde_json::from_slice(plain.ok()?).ok()?;
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        (until > now && !used.contains_key(&secret::hash(ticket))).then_some(holds)
    }

    /// Uses a ticket up; `false` if it was used before.
    pub fn use_up(&self, ticket: &str, now: i64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, until| *until > now);
        used.insert(secret::hash(ticket), now + TICKET_MS).is_none()
    }

    fn key(&self) -> Option<&LessSafeKey> {
        let fresh = || {
            let mut bytes = [0; KEY_BYTES];
            fill(&mut bytes).ok()?;
            UnboundKey::new(&AES_256_GCM, &bytes).ok().map(LessSafeKey::new)
        };
        self.key.get_or_init(fresh).as_ref()
    }
}

fn fill(bytes: &mut [u8]) -> Result<(), String> {
    getrandom::fill(bytes).map_err(|error| format!("the system has no randomness: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_counts_once_for_its_purpose_and_its_time() {
        let tickets = Tickets::default();
        let ticket = tickets.issue("login", &7, 1_000).expect("random");
        assert_ne!(ticket, tickets.issue("login", &7, 1_000).expect("random"));
        let read = |purpose: &str, text: &str, now| tickets.read::<i64>(purpose, text, now);
        assert_eq!(read("login", &ticket, 2_000), Some(7));
        assert_eq!(read("other", &ticket, 2_000), None);
        assert_eq!(read("login", &ticket, 1_000 + TICKET_MS), None);
        assert_eq!(read("login", &ticket[1..], 2_000), None);
        assert_eq!(Tickets::default().read::<i64>("login", &ticket, 2_000), None, "another run");
        assert!(tickets.use_up(&ticket, 2_000));
        assert!(!tickets.use_up(&ticket, 2_000));
        assert_eq!(read("login", &ticket, 2_000), None);
        assert!(tickets.use_up("other", 2_000 + TICKET_MS));
        assert_eq!(tickets.used.lock().expect("whole").len(), 1, "those that ended are forgotten");
    }
}
