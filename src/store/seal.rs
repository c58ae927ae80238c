//! Secrets as they stand in the file: sealed with a key that lies beside it and is in no copy of
//! it. A copy without the key tells nobody where its owner's messages go.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use super::backup::{create_file, sync_folder};
use super::error::{Error, Result};

/// The key's file in the data folder.
pub const KEY_NAME: &str = "log-center.key";

const KEY_BYTES: usize = 32;
/// The first byte of what is sealed: another way to seal gets another one.
const VERSION: u8 = 1;

/// The place of the key. It is read anew each time: that is seldom, and so nobody has to restart
/// when it is put back.
#[derive(Clone, Debug)]
pub struct Keyring(PathBuf);

impl Keyring {
    /// The key of a data folder.
    pub fn of(folder: &Path) -> Self {
        Self(folder.join(KEY_NAME))
    }

    /// Seals a text; makes the key when there is none.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>> {
        let key = match self.read()? {
            Some(key) => key,
            None => self.create()?,
        };
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce)?;
        let mut sealed = plain.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from([VERSION]),
            &mut sealed,
        )
        .map_err(|_| failed("a secret cannot be sealed"))?;
        Ok([&[VERSION][..], &nonce, &sealed].concat())
    }

    /// What was sealed; `None` without its key.
    pub fn unseal(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (head, rest) = sealed.split_at_checked(1 + NONCE_LEN)?;
        if head[0] != VERSION {
            return None;
        }
        let key = self.read().ok().flatten()?;
        let nonce = Nonce::try_assume_unique_for_key(&head[1..]).ok()?;
        let mut bytes = rest.to_vec();
        let plain = key.open_in_place(nonce, Aad::from([VERSION]), &mut bytes).ok()?;
        Some(plain.to_vec())
    }

    /// Another key, derived from this one, for signing; `None` without it.
    pub fn derived(&self, purpose: &str) -> Result<Option<Vec<u8>>> {
        let key = self.bytes()?.map(|bytes| hmac::Key::new(hmac::HMAC_SHA256, &bytes));
        Ok(key.map(|key| hmac::sign(&key, purpose.as_bytes()).as_ref().to_vec()))
    }

    fn read(&self) -> Result<Option<LessSafeKey>> {
        self.bytes()?.map(|bytes| key(&bytes)).transpose()
    }

    fn bytes(&self) -> Result<Option<Vec<u8>>> {
        match fs::read(&self.0) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes the key; of two who do so at once the first one's counts for both.
    fn create(&self) -> Result<LessSafeKey> {
        let (mut bytes, mut name) = ([0; KEY_BYTES], [0; 8]);
        fill(&mut bytes)?;
        fill(&mut name)?;
        // Whole before it has its name: nobody reads half a key.
        let part = self.0.with_extension(format!("{:016x}", u64::from_ne_bytes(name)));
        let mut file = create_file(&part)?;
        let made = file.write_all(&bytes).and_then(|()| file.sync_all());
        let made = made.and_then(|()| fs::hard_link(&part, &self.0));
        fs::remove_file(&part)?;
        match made {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.into()),
            _ => sync_folder(self.0.parent().unwrap_or(Path::new(".")))?,
        }
        self.read()?.ok_or_else(|| failed("the key's file was removed"))
    }
}

/// Bytes that nobody can guess.
pub fn fill(bytes: &mut [u8]) -> Result<()> {
    SystemRandom::new().fill(bytes).map_err(|_| failed("the system gives no random bytes"))
}

fn key(bytes: &[u8]) -> Result<LessSafeKey> {
    let key = UnboundKey::new(&AES_256_GCM, bytes);
    key.map(LessSafeKey::new).map_err(|_| failed("the key's file is damaged"))
}

fn failed(why: &str) -> Error {
    Error::Engine(why.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::store::tests::store;

    #[test]
    fn of_keys_that_are_made_at_once_the_first_counts_for_all() {
        let store = store();
        let keyring = Keyring::of(&store.folder);
        let at_once = std::sync::Barrier::new(8);
        let sealed: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let seal = || {
                at_once.wait();
                keyring.seal(b"sesame").unwrap()
            };
            let all: Vec<_> = (0..8).map(|_| scope.spawn(seal)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(sealed.iter().all(|one| keyring.unseal(one).as_deref() == Some(b"sesame")));
        let names = fs::read_dir(&store.folder).unwrap().map(|file| file.unwrap().file_name());
        let keys = names.filter(|name| name.to_string_lossy().starts_with("log-center.key"));
        assert_eq!(keys.count(), 1, "nothing else is left");
    }

    #[test]
    fn what_is_sealed_is_read_with_its_key_alone() {
        let store = store();
        let keyring = Keyring::of(&store.folder);
        let sealed = keyring.seal(b"sesame").unwrap();
        assert_ne!(keyring.seal(b"sesame").unwrap(), sealed, "each time another one");
        assert!(!sealed.windows(6).any(|piece| piece == b"sesame"));
        assert_eq!(keyring.unseal(&sealed).as_deref(), Some(&b"sesame"[..]));
        let mode = fs::metadata(&keyring.0).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "for its owner alone");
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        for wrong in [&changed[..], &sealed[..9], b"", b"\0"] {
            assert_eq!(keyring.unseal(wrong), None);
        }
        let derived = keyring.derived("links").unwrap();
        assert_eq!(keyring.derived("links").unwrap(), derived);
        assert_ne!(keyring.derived("others").unwrap(), derived);
        fs::remove_file(&keyring.0).unwrap();
        assert_eq!(keyring.derived("links"), Ok(None));
        assert_eq!(keyring.unseal(&sealed), None);
        assert_ne!(keyring.seal(b"x").unwrap(), sealed);
        assert_eq!(keyring.unseal(&sealed), None, "another key");
    }
}
