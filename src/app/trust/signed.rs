//! Signatures of others: of authenticators, and of tokens that an OpenID Connect provider gives.

use ring::digest;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

use crate::domain::trust::passkey::{PublicKey, bytes};

/// Bytes of a token at most.
const TOKEN_BYTES_MAX: usize = 64 * 1_024;

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, bytes).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// Whether an authenticator signed this.
pub fn is_signed(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let verified = match key {
        PublicKey::Es256(point) => {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
        }
        PublicKey::EdDsa(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
        PublicKey::Rs256(n, e) => {
            let key = RsaPublicKeyComponents { n, e };
            key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
        }
    };
    verified.is_ok()
}

/// A public key of a provider (RFC 7517). What is not asked for is passed over.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    alg: Option<String>,
    crv: String,
    x: String,
    y: String,
    n: String,
    e: String,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    #[serde(default)]
    crit: Value,
}

/// What a token says, if one of these keys signed it as RS256 or ES256.
pub fn claims(token: &str, keys: &[Jwk]) -> Option<Value> {
    let mut parts = token.split('.');
    let (head, body, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let signed = &token[..head.len() + 1 + body.len()];
    let head: Head = serde_json::from_slice(&bytes(head)?).ok()?;
    let signature = bytes(signature)?;
    let fits = |key: &&Jwk| {
        head.kid.as_ref().is_none_or(|kid| key.kid.as_ref() == Some(kid))
            && key.used_for.as_ref().is_none_or(|used| used == "sig")
            && key.alg.as_ref().is_none_or(|alg| *alg == head.alg)
    };
    let mut fitting = keys.iter().filter(fits);
    let is_right = head.crit.is_null()
        && fitting.any(|key| key.has_signed(&head.alg, signed.as_bytes(), &signature));
    is_right.then(|| serde_json::from_slice(&bytes(body)?).ok())?
}

impl Jwk {
    fn has_signed(&self, alg: &str, message: &[u8], signature: &[u8]) -> bool {
        match (alg, self.kty.as_str()) {
            ("RS256", "RSA") => bytes(&self.n).zip(bytes(&self.e)).is_some_and(|(n, e)| {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }),
            ("ES256", "EC") if self.crv == "P-256" => {
                bytes(&self.x).zip(bytes(&self.y)).is_some_and(|(x, y)| {
                    let point = [&[4][..], &x, &y].concat();
                    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                    key.verify(message, signature).is_ok()
                })
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
    use serde_json::json;

    use super::*;
    use crate::domain::trust::passkey::written;

    fn pair() -> EcdsaKeyPair {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("random");
        EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).expect("made just now")
    }

    fn jwk(pair: &EcdsaKeyPair, kid: &str) -> Jwk {
        let point = pair.public_key().as_ref();
        let (x, y) = (written(&point[1..33]), written(&point[33..]));
        let key = json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y, "use": "sig"});
        serde_json::from_value(key).expect("a key")
    }

    fn token(pair: &EcdsaKeyPair, head: Value) -> String {
        let part = |value: Value| written(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(head), part(json!({"sub": "7"})));
        let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("signed");
        format!("{signed}.{}", written(signature.as_ref()))
    }

    #[test]
    fn a_token_is_believed_that_a_known_key_signed() {
        let (own, other) = (pair(), pair());
        let keys = [jwk(&other, "b"), jwk(&own, "a")];
        let good = token(&own, json!({"alg": "ES256", "kid": "a"}));
        assert_eq!(claims(&good, &keys), Some(json!({"sub": "7"})));
        assert!(claims(&token(&own, json!({"alg": "ES256"})), &keys).is_some(), "no name");
        for head in [
            json!({"alg": "none"}),
            json!({"alg": "HS256", "kid": "a"}),
            json!({"alg": "RS256", "kid": "a"}),
            json!({"alg": "ES256", "kid": "b"}),
            json!({"alg": "ES256", "kid": "a", "crit": ["x"]}),
        ] {
            assert_eq!(claims(&token(&own, head.clone()), &keys), None, "{head}");
        }
        let cut = good.rsplit_once('.').expect("three parts").0;
        for wrong in [cut, &format!("{cut}."), &format!("{good}.x"), "", "a.b.c"] {
            assert_eq!(claims(wrong, &keys), None, "{wrong}");
        }
        assert_eq!(claims(&good, &keys[..1]), None);
    }

    #[test]
    fn an_authenticators_signature_is_seen() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).expect("a seed");
        let key = PublicKey::EdDsa(pair.public_key().as_ref().to_vec());
        let signature = pair.sign(b"this");
        assert!(is_signed(&key, b"this", signature.as_ref()));
        assert!(!is_signed(&key, b"that", signature.as_ref()));
        assert!(!is_signed(&PublicKey::Es256(vec![4; 65]), b"this", signature.as_ref()));
        assert!(!is_signed(&PublicKey::Rs256(vec![1], vec![3]), b"this", b""));
    }
}
