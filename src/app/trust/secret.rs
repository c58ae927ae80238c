//! Secrets that are made here: keys, sessions, links. Each has 192 random bits, so its SHA-256 is
//! as good as it, cannot be guessed from, and says nothing by the time that it takes to be found.

use sha2::{Digest, Sha256};

use crate::domain::fingerprint::hex;
use crate::domain::trust::key::SECRET_DIGITS;

/// What is kept of a secret.
pub type Hash = [u8; 32];

/// Digits that nobody can guess. Fails only where the system has no randomness; then nothing may
/// be made that rests on it.
pub fn fresh() -> Result<String, String> {
    let mut bytes = [0; SECRET_DIGITS / 2];
    getrandom::fill(&mut bytes)
        .map_err(|error| format!("the system has no randomness: {error}"))?;
    Ok(hex(&bytes))
}

/// What is kept of a secret.
pub fn hash(secret: &str) -> Hash {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_differ() {
        let (one, two) = (fresh().expect("random"), fresh().expect("random"));
        assert_eq!(one.len(), SECRET_DIGITS);
        assert_ne!(one, two);
        assert_ne!(hash(&one), hash(&two));
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&hash("abc")), expected);
    }
}
