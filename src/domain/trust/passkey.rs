//! What authenticators say (WebAuthn level 2), read: the client's data, the authenticator's data
//! and public keys. Whether a signature is right is seen elsewhere.

use serde::{Deserialize, Serialize};

use super::cbor::Item;
use crate::domain::base64;
use crate::domain::issue::{opt_time, time};

/// Passkeys of a person at most.
pub const PASSKEYS_MAX: usize = 10;
/// Characters of a passkey's name.
pub const PASSKEY_NAME_CHARS_MAX: usize = 64;
/// Bytes of an authenticator's name for a passkey at most, as the standard has it.
pub const CREDENTIAL_BYTES_MAX: usize = 1_023;

/// The flags of an authenticator's data.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_SYNC: u8 = 0x08;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;
const GUID_BYTES: usize = 16;

/// A passkey, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passkey {
    /// Its number.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// Whether its owner may have it on several devices.
    pub is_synced: bool,
    /// When it was added.
    #[serde(serialize_with = "time")]
    pub created_at: i64,
    /// When somebody logged in by it last.
    #[serde(serialize_with = "opt_time")]
    pub last_used_at: Option<i64>,
}

/// What the browser says that it was asked.
#[derive(Clone, Debug, Deserialize)]
pub struct ClientData {
    /// For what: see [`Use`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The challenge, in base64url.
    pub challenge: String,
    /// The page's origin.
    pub origin: String,
    /// Whether the page was in a frame of another site.
    #[serde(rename = "crossOrigin", default)]
    pub is_cross_origin: bool,
}

/// What a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A passkey is made.
    Create,
    /// A passkey logs in.
    Get,
}

impl Use {
    const fn name(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

impl ClientData {
    /// Reads it, if it is for this use and of a page of this origin.
    pub fn read(bytes: &[u8], wanted: Use, origin: &str) -> Option<Self> {
        let data: Self = serde_json::from_slice(bytes).ok()?;
        let fits = data.kind == wanted.name() && data.origin == origin && !data.is_cross_origin;
        fits.then_some(data)
    }
}

/// What the authenticator signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatorData {
    /// SHA-256 of the name for which the passkey is.
    pub rp_hash: [u8; 32],
    /// How often it has signed; 0 each time where it does not count.
    pub sign_count: u32,
    /// Whether its owner may have it on several devices.
    pub is_synced: bool,
    /// Of a new passkey.
    pub credential: Option<Credential>,
}

/// A new passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The authenticator's name for it.
    pub id: Vec<u8>,
    /// The public key, as it came.
    pub public_key: Vec<u8>,
}

impl AuthenticatorData {
    /// Reads it; `None` unless the authenticator saw its owner and checked who it is.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (rp_hash, rest) = bytes.split_first_chunk::<32>()?;
        let (&[flags], rest) = rest.split_first_chunk::<1>()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        if flags & PRESENT == 0 || flags & VERIFIED == 0 {
            return None;
        }
        let (credential, rest) = match flags & HAS_CREDENTIAL {
            0 => (None, rest),
            _ => credential(rest).map(|(credential, rest)| (Some(credential), rest))?,
        };
        let rest = match flags & HAS_EXTENSIONS {
            0 => rest,
            _ => Item::read(rest)?.1,
        };
        rest.is_empty().then_some(Self {
            rp_hash: *rp_hash,
            sign_count: u32::from_be_bytes(*count),
            is_synced: flags & MAY_SYNC != 0,
            credential,
        })
    }

    /// Reads what an authenticator says of a new passkey. Who made the authenticator is not asked.
    pub fn of_attestation(bytes: &[u8]) -> Option<Self> {
        let (item, rest) = Item::read(bytes)?;
        let data = item.member("authData")?.bytes()?;
        let read = Self::read(data)?;
        (rest.is_empty() && item.member("fmt")?.text().is_some()).then_some(read)
    }
}

fn credential(bytes: &[u8]) -> Option<(Credential, &[u8])> {
    let (_guid, rest) = bytes.split_at_checked(GUID_BYTES)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (id, rest) = rest.split_at_checked(length)?;
    if !(1..=CREDENTIAL_BYTES_MAX).contains(&length) {
        return None;
    }
    let after = Item::read(rest)?.1;
    let public_key = rest[..rest.len() - after.len()].to_vec();
    PublicKey::read(&public_key)?;
    Some((Credential { id: id.to_vec(), public_key }, after))
}

/// A public key, of the kinds that are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// ECDSA over P-256 with SHA-256: the point, uncompressed.
    Es256(Vec<u8>),
    /// Ed25519.
    EdDsa(Vec<u8>),
    /// RSA with SHA-256: modulus and exponent.
    Rs256(Vec<u8>, Vec<u8>),
}

impl PublicKey {
    /// The algorithms' numbers, the preferred one first.
    pub const ALGORITHMS: [i64; 3] = [-7, -8, -257];

    /// Reads a COSE key.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        const COORDINATE: usize = 32;
        let (key, rest) = Item::read(bytes)?;
        let number = |label: i64| key.numbered(label)?.int();
        let text = |label: i64| key.numbered(label)?.bytes();
        let coordinate = |label: i64| text(label).filter(|bytes| bytes.len() == COORDINATE);
        if !rest.is_empty() {
            return None;
        }
        match (number(1)?, number(3)?) {
            (2, -7) if number(-1)? == 1 => {
                Some(Self::Es256([&[4], coordinate(-2)?, coordinate(-3)?].concat()))
            }
            (1, -8) if number(-1)? == 6 => Some(Self::EdDsa(coordinate(-2)?.to_vec())),
            (3, -257) => Some(Self::Rs256(text(-1)?.to_vec(), text(-2)?.to_vec())),
            _ => None,
        }
    }
}

/// Bytes as these messages write them.
pub fn written(bytes: &[u8]) -> String {
    base64::encode(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// Reads what [`written`] writes.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    if text.contains(['+', '/', '=']) {
        return None;
    }
    base64::decode(&text.replace('-', "+").replace('_', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn es256() -> Vec<u8> {
        let head = [0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32];
        [&head[..], &[7; 32], &[0x22, 0x58, 32], &[9; 32]].concat()
    }

    fn data(flags: u8, rest: &[u8]) -> Vec<u8> {
        [&[3; 32][..], &[flags], &[0, 0, 1, 2], rest].concat()
    }

    fn new_passkey() -> Vec<u8> {
        let credential = [&[0; 16][..], &[0, 3], b"abc", &es256()].concat();
        data(0x4d, &credential)
    }

    #[test]
    fn what_an_authenticator_says_of_a_new_passkey_is_read() {
        let read = AuthenticatorData::read(&new_passkey()).expect("whole");
        assert_eq!((read.rp_hash, read.sign_count, read.is_synced), ([3; 32], 258, true));
        let credential = read.credential.clone().expect("new");
        assert_eq!(credential, Credential { id: b"abc".to_vec(), public_key: es256() });
        let whole = new_passkey();
        let mut attested = vec![0xa3, 0x63];
        attested.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        attested.push(whole.len() as u8);
        attested.extend(&whole);
        assert_eq!(AuthenticatorData::of_attestation(&attested), Some(read));
        for end in 0..attested.len() {
            assert_eq!(AuthenticatorData::of_attestation(&attested[..end]), None, "{end}");
        }
    }

    #[test]
    fn its_owner_has_to_be_there_and_to_be_checked() {
        for (flags, expected) in [(0x05, true), (0x01, false), (0x04, false), (0, false)] {
            assert_eq!(AuthenticatorData::read(&data(flags, b"")).is_some(), expected, "{flags}");
        }
        assert_eq!(AuthenticatorData::read(&data(0x05, b"x")), None, "more than was said");
        assert!(AuthenticatorData::read(&data(0x85, b"\xa0")).is_some(), "extensions");
    }

    #[test]
    fn keys_of_three_kinds_are_read() {
        let point = [&[4_u8][..], &[7; 32], &[9; 32]].concat();
        assert_eq!(PublicKey::read(&es256()), Some(PublicKey::Es256(point)));
        let ed = [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32][..], &[5; 32]].concat();
        assert_eq!(PublicKey::read(&ed), Some(PublicKey::EdDsa(vec![5; 32])));
        let rsa = [0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x42, 8, 9, 0x21, 0x43, 1, 0, 1];
        let expected = PublicKey::Rs256(vec![8, 9], vec![1, 0, 1]);
        assert_eq!(PublicKey::read(&rsa), Some(expected));
        let mut short = es256();
        short[1] = 9;
        for wrong in [&short[..], &es256()[..20], b"", b"\xa0", b"\x01"] {
            assert_eq!(PublicKey::read(wrong), None);
        }
    }

    #[test]
    fn the_clients_data_is_for_one_use_and_one_origin() {
        let text = |kind: &str, more: &str| {
            format!(r#"{{"type":"{kind}","challenge":"x","origin":"https://a.example"{more}}}"#)
        };
        let read = |text: &str| ClientData::read(text.as_bytes(), Use::Get, "https://a.example");
        assert!(read(&text("webauthn.get", "")).is_some());
        assert!(read(&text("webauthn.get", r#","crossOrigin":false,"x":1"#)).is_some());
        assert!(read(&text("webauthn.get", r#","crossOrigin":true"#)).is_none());
        assert!(read(&text("webauthn.create", "")).is_none());
        assert!(read(&text("webauthn.get", "").replace("a.ex", "b.ex")).is_none());
        assert!(read("{}").is_none());
    }

    #[test]
    fn bytes_are_written_for_addresses() {
        assert_eq!(written(&[0xfb, 0xff]), "-_8");
        assert_eq!(bytes("-_8"), Some(vec![0xfb, 0xff]));
        for wrong in ["+/8", "-_8=", "a", "é"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
