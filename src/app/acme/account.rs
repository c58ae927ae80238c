//! The account's key, and what it signs (RFC 8555, 6.2; RFC 7515).

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;

use super::super::trust::signed::sha256;
use crate::domain::trust::passkey::written;

/// The key by which an authority knows who asks.
pub(super) struct Account {
    pair: EcdsaKeyPair,
}

impl Account {
    /// A key as it is kept: PKCS#8.
    pub(super) fn fresh() -> Result<Vec<u8>, String> {
        let made =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let made = made.map_err(|_| "the system has no randomness".to_owned())?;
        Ok(made.as_ref().to_vec())
    }

    /// Reads what [`Self::fresh`] made.
    pub(super) fn read(document: &[u8]) -> Result<Self, String> {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document, &random);
        pair.map(|pair| Self { pair }).map_err(|error| format!("it is no key of P-256: {error}"))
    }

    /// The public key, its members in the order of their names, as its print needs them.
    fn jwk(&self) -> String {
        let point = self.pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, written(x), written(y))
    }

    /// What a challenge is answered with: its token and this key's print (RFC 7638).
    pub(super) fn answer(&self, token: &str) -> String {
        format!("{token}.{}", written(&sha256(self.jwk().as_bytes())))
    }

    /// A signed body. `account` is the address that the authority gave; without it the key itself
    /// goes along.
    pub(super) fn sign(
        &self,
        url: &str,
        nonce: &str,
        account: Option<&str>,
        payload: &str,
    ) -> Result<String, String> {
        let mut head = json!({ "alg": "ES256", "nonce": nonce, "url": url });
        match account {
            Some(account) => head["kid"] = json!(account),
            None => {
                head["jwk"] = serde_json::from_str(&self.jwk()).expect("it was written just now")
            }
        }
        let (head, payload) = (written(head.to_string().as_bytes()), written(payload.as_bytes()));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), format!("{head}.{payload}").as_bytes())
            .map_err(|_| "the system has no randomness".to_owned())?;
        let signature = written(signature.as_ref());
        Ok(json!({ "protected": head, "payload": payload, "signature": signature }).to_string())
    }
}
