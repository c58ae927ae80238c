//! Passwords: hashed and checked beside the threads that serve, a few at once, since each takes
//! memory that is meant to be dear.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// Memory of one hash: 19 MiB, with two passes OWASP's first choice.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
/// Hashed at once in a lane: with both of them 38 MiB, and as many processors.
const AT_ONCE_MAX: usize = 1;
/// That wait for it in a lane; each takes about 50 ms.
const WAITING_MAX: usize = 32;

/// Why a password was not hashed or checked.
#[derive(Debug, PartialEq, Eq)]
pub enum Unchecked {
    /// Too many wait.
    Busy,
    /// It failed; the text is for the log.
    Failed(String),
}

/// Whose password it is. The places of those who were let in before cannot be filled by strangers,
/// however many addresses and names these have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Somebody who is logged in, or whose address somebody logged in from.
    Familiar,
    /// Anybody else.
    Stranger,
}

/// Hashes and checks.
#[derive(Debug, Default)]
pub struct Passwords {
    lanes: [Places; 2],
}

#[derive(Debug)]
struct Places {
    permits: Semaphore,
    waiting: AtomicUsize,
}

impl Default for Places {
    fn default() -> Self {
        Self { permits: Semaphore::new(AT_ONCE_MAX), waiting: AtomicUsize::new(0) }
    }
}

/// One who waits; leaves the count when dropped, also by a caller who went away.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Passwords {
    /// What is to be kept of a password of somebody who may have one.
    pub async fn hash(&self, password: String) -> Result<String, Unchecked> {
        let hashed = self.beside(Lane::Familiar, move || hash(&password)).await?;
        hashed.map_err(Unchecked::Failed)
    }

    /// Whether a password is the one of a hash. Without a hash it is not, and takes as long.
    pub async fn check(
        &self,
        lane: Lane,
        password: String,
        kept: Option<String>,
    ) -> Result<bool, Unchecked> {
        self.beside(lane, move || check(&password, kept.as_deref())).await
    }

    async fn beside<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unchecked> {
        let places = &self.lanes[lane as usize];
        let before = places.waiting.fetch_add(1, Relaxed);
        let _waiting = Waiting(&places.waiting);
        if before >= WAITING_MAX + AT_ONCE_MAX {
            return Err(Unchecked::Busy);
        }
        let failed = |error: &dyn std::fmt::Display| Unchecked::Failed(error.to_string());
        let permit = places.permits.acquire().await.map_err(|error| failed(&error))?;
        let done = tokio::task::spawn_blocking(work).await.map_err(|error| failed(&error));
        drop(permit);
        done
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("constants within the limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// What is to be kept of a password, at once: for commands.
pub fn hash(password: &str) -> Result<String, String> {
    let hash = hasher().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

fn check(password: &str, kept: Option<&str>) -> bool {
    static NOBODYS: OnceLock<String> = OnceLock::new();
    let against = match kept {
        Some(kept) => kept,
        None => NOBODYS.get_or_init(|| hash("nobody's").unwrap_or_default()),
    };
    let same = PasswordHash::new(against)
        .is_ok_and(|hash| hasher().verify_password(password.as_bytes(), &hash).is_ok());
    // Whoever knows what nobody's password is gets no further.
    same && kept.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_is_taken() {
        let passwords = Passwords::default();
        let kept = passwords.hash("correct horse".into()).await.expect("hashed");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        let check = |text: &str, kept: Option<&str>| {
            passwords.check(Lane::Stranger, text.to_owned(), kept.map(str::to_owned))
        };
        assert_eq!(check("correct horse", Some(&kept)).await, Ok(true));
        assert_eq!(check("correct horsf", Some(&kept)).await, Ok(false));
        assert_eq!(check("", Some(&kept)).await, Ok(false));
        assert_eq!(check("nobody's", None).await, Ok(false));
        assert_eq!(check("x", Some("damaged")).await, Ok(false));
        let again = passwords.hash("correct horse".into()).await.expect("hashed");
        assert_ne!(kept, again, "a salt of its own");
    }

    #[tokio::test]
    async fn who_cannot_wait_is_told_so_and_who_went_away_does_not_wait() {
        let passwords = Passwords::default();
        let lane = &passwords.lanes[Lane::Familiar as usize];
        let held = lane.permits.acquire_many(AT_ONCE_MAX as u32).await.expect("free");
        lane.waiting.store(WAITING_MAX + AT_ONCE_MAX - 1, Relaxed);
        let mut last = Box::pin(passwords.hash("correct horse".into()));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(last.as_mut().poll(context).is_pending())
        });
        assert!(polled.await);
        assert_eq!(passwords.hash("x".into()).await, Err(Unchecked::Busy));
        let strangers = passwords.check(Lane::Stranger, "x".into(), None).await;
        assert_eq!(strangers, Ok(false), "the other lane is free");
        drop((last, held));
        assert_eq!(lane.waiting.load(Relaxed), WAITING_MAX + AT_ONCE_MAX - 1);
    }
}
