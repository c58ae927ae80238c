//! Who is known, in memory: as of the last change of people, keys and sessions. Every request asks
//! here, so that none has to wait for the database.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, RwLock};

use super::secret::{self, Hash};
use crate::domain::search::fold;
use crate::domain::trust::key::Key;
use crate::domain::trust::person::{Person, Session};
use crate::store::engine::Engine;
use crate::store::{self, keys, people, projects, sessions};

/// Uses within so many milliseconds are noted as one.
const USE_STEP_MS: i64 = 60_000;

/// When something was used last, and when that was last written.
#[derive(Debug)]
pub struct Used {
    at: AtomicI64,
    written: AtomicI64,
}

impl Used {
    fn new(at: i64, written: i64) -> Self {
        Self { at: AtomicI64::new(at), written: AtomicI64::new(written) }
    }

    /// Notes a use.
    pub fn note(&self, now: i64) {
        // Most uses change nothing, and no other thread's cache.
        if self.at.load(Relaxed) + USE_STEP_MS / 2 < now {
            self.at.store(now, Relaxed);
        }
    }

    /// When it was used last.
    pub fn at(&self) -> i64 {
        self.at.load(Relaxed)
    }

    /// The time to write, if it is worth it; from now on it counts as written.
    fn to_write(&self) -> Option<i64> {
        let (at, written) = (self.at(), self.written.load(Relaxed));
        (at >= written + USE_STEP_MS / 2).then(|| {
            self.written.store(at, Relaxed);
            at
        })
    }
}

/// A key that may be used.
#[derive(Debug)]
pub struct KnownKey {
    /// Of its secret, which another one takes the place of when it is rotated.
    pub hash: Hash,
    /// What it is for.
    pub key: Key,
    /// When it was used.
    pub used: Used,
}

/// A session that goes on.
#[derive(Debug)]
pub struct KnownSession {
    /// Whose, and since when.
    pub session: Session,
    /// When it was used.
    pub used: Used,
}

/// Keys that were used since people and keys changed last, found without their SHA-256, which would
/// be a third of what a key costs a report. Invariant: only what the SHA-256 found is kept, so
/// made-up keys take no room.
#[derive(Debug, Default)]
struct Quick {
    /// Two, since 64 bits could be met by chance. Nobody outside knows them.
    hashers: [RandomState; 2],
    /// By a mark that is a hash already: a few comparisons are cheaper than another one.
    keys: RwLock<BTreeMap<[u64; 2], Arc<KnownKey>>>,
}

impl Quick {
    fn mark(&self, text: &str) -> [u64; 2] {
        self.hashers.each_ref().map(|hasher| hasher.hash_one(text))
    }

    /// While one is added, others go the long way.
    fn find(&self, mark: [u64; 2]) -> Option<Arc<KnownKey>> {
        self.keys.try_read().ok()?.get(&mark).cloned()
    }

    fn keep(&self, mark: [u64; 2], known: &Arc<KnownKey>) {
        if let Ok(mut keys) = self.keys.try_write() {
            keys.insert(mark, Arc::clone(known));
        }
    }
}

/// Everybody who is known.
#[derive(Debug, Default)]
pub struct Known {
    /// Whether anybody can say who may what.
    pub has_administrator: bool,
    people: HashMap<i64, Arc<Person>>,
    keys: HashMap<Hash, Arc<KnownKey>>,
    quick: Quick,
    sessions: HashMap<Hash, Arc<KnownSession>>,
    projects: HashSet<String>,
}

impl Known {
    /// Reads it; what `before` knows of uses that are not written yet is kept.
    pub fn read(db: &mut dyn Engine, before: &Self, now: i64) -> store::Result<Self> {
        let people = people::list(db)?.into_iter().map(|person| (person.id, Arc::new(person)));
        let hashed = |hash: &[u8]| Hash::try_from(hash).ok();
        let keys = keys::usable(db, now)?.into_iter().filter_map(|(hash, key)| {
            let hash = hashed(&hash)?;
            let written = key.last_used_at.unwrap_or(0);
            let noted = before.keys.get(&hash).map_or(0, |known| known.used.at());
            let used = Used::new(noted.max(written), written);
            Some((hash, Arc::new(KnownKey { hash, key, used })))
        });
        let sessions = sessions::list(db)?.into_iter().filter_map(|(hash, session)| {
            let hash = hashed(&hash)?;
            let written = session.seen_at;
            let noted = before.sessions.get(&hash).map_or(0, |known| known.used.at());
            let used = Used::new(noted.max(written), written);
            Some((hash, Arc::new(KnownSession { session, used })))
        });
        Ok(Self {
            has_administrator: people::administrators(db)? > 0,
            people: people.collect(),
            keys: keys.collect(),
            quick: Quick::default(),
            sessions: sessions.collect(),
            projects: projects::names(db)?.into_iter().collect(),
        })
    }

    /// The key that this text is.
    pub fn key(&self, text: &str, now: i64) -> Option<Arc<KnownKey>> {
        let mark = self.quick.mark(text);
        let known = self.quick.find(mark).or_else(|| {
            let known = self.keys.get(&secret::hash(text))?;
            self.quick.keep(mark, known);
            Some(Arc::clone(known))
        })?;
        known.key.is_valid(now).then_some(known)
    }

    /// The session and the person of a cookie.
    pub fn session(&self, text: &str, now: i64) -> Option<(&Arc<KnownSession>, &Arc<Person>)> {
        let known = self.sessions.get(&secret::hash(text))?;
        let seen_at = known.used.at();
        let session = Session { seen_at, ..known.session.clone() };
        let person = self.person(session.person).filter(|_| !session.is_over(now))?;
        Some((known, person))
    }

    /// A person who is not shut out.
    pub fn person(&self, id: i64) -> Option<&Arc<Person>> {
        self.people.get(&id).filter(|person| person.disabled_at.is_none())
    }

    /// A person of this name, in any case, who is not shut out.
    pub fn person_named(&self, name: &str) -> Option<&Arc<Person>> {
        let folded = fold(name);
        let mut all = self.people.values();
        all.find(|person| person.disabled_at.is_none() && fold(&person.name) == folded)
    }

    /// Sessions of a person that go on, the one used last first.
    pub fn sessions_of(&self, person: i64, now: i64) -> Vec<Session> {
        let own = self.sessions.values().filter(|known| known.session.person == person);
        let own = own.map(|known| Session { seen_at: known.used.at(), ..known.session.clone() });
        let mut own: Vec<Session> = own.filter(|session| !session.is_over(now)).collect();
        own.sort_by_key(|session| (-session.seen_at, -session.id));
        own
    }

    /// Whether somebody who is logged in came from this address.
    pub fn has_address(&self, address: &str) -> bool {
        self.sessions.values().any(|known| known.session.address == address)
    }

    /// Whether a person of this name is logged in from this address.
    pub fn is_at_home(&self, name: &str, address: &str) -> bool {
        let Some(person) = self.person_named(name) else { return false };
        let mut all = self.sessions.values().map(|known| &known.session);
        all.any(|session| session.person == person.id && session.address == address)
    }

    /// Whether a key may still do what it might.
    pub fn still_has_key(&self, before: &KnownKey, now: i64) -> bool {
        let same = |key: &Key| key.scopes == before.key.scopes && key.is_valid(now);
        self.keys.get(&before.hash).is_some_and(|known| same(&known.key))
    }

    /// Whether a person may still do what they might, and the session goes on if it is by one.
    pub fn still_has_person(&self, before: &Person, session: Option<i64>, now: i64) -> bool {
        let same =
            |person: &Arc<Person>| person.role == before.role && person.projects == before.projects;
        self.person(before.id).is_some_and(same)
            && session.is_none_or(|id| self.has_session(id, before.id, now))
    }

    fn has_session(&self, id: i64, person: i64, now: i64) -> bool {
        self.sessions_of(person, now).iter().any(|session| session.id == id)
    }

    /// Whether there is a project of this name.
    pub fn has_project(&self, name: &str) -> bool {
        self.projects.contains(name)
    }

    /// Uses of keys to write: number and time.
    pub fn key_uses(&self) -> Vec<(i64, i64)> {
        let keys = self.keys.values();
        keys.filter_map(|known| Some((known.key.id, known.used.to_write()?))).collect()
    }

    /// Uses of sessions to write: number and time.
    pub fn session_uses(&self) -> Vec<(i64, i64)> {
        let all = self.sessions.values();
        all.filter_map(|known| Some((known.session.id, known.used.to_write()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::trust::key::{Kind, Scopes};

    fn key(expires_at: i64) -> Arc<KnownKey> {
        let key = Key {
            id: 7,
            kind: Kind::Report,
            name: "web".into(),
            shown: "lcr_0123".into(),
            project: None,
            scopes: Scopes::of(&[]),
            origins: Vec::new(),
            created_at: 0,
            created_by: "ann".into(),
            expires_at: Some(expires_at),
            last_used_at: None,
            revoked_at: None,
        };
        Arc::new(KnownKey { hash: secret::hash("good"), key, used: Used::new(0, 0) })
    }

    #[test]
    fn a_key_is_found_quickly_once_it_was_found_by_its_hash() {
        let mut known = Known::default();
        known.keys.insert(secret::hash("good"), key(1_000));
        let remembered = |known: &Known| known.quick.keys.read().expect("whole").len();
        for made_up in ["bad", "goods", "", "Good"] {
            assert!(known.key(made_up, 1).is_none(), "{made_up}");
        }
        assert_eq!(remembered(&known), 0, "what is made up takes no room");
        assert!(known.key("good", 999).is_some());
        assert_eq!(remembered(&known), 1);
        known.keys.clear();
        assert!(known.key("good", 999).is_some(), "without its hash");
        assert!(known.key("bad", 999).is_none());
        assert!(known.key("good", 1_000).is_none(), "it ends all the same");
    }
}
