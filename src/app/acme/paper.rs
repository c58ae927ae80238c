//! What is written for an authority: a request for a certificate (RFC 2986), and the certificate by
//! which a server shows that a name is its own (RFC 8737). Both are signed with ECDSA on P-256.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use super::der::{self, INTEGER, OCTETS, OID, SET, UTF8, sequence, value};

const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const EXTENSION_REQUEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 14];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
/// 1.3.6.1.5.5.7.1.31
const ACME_IDENTIFIER: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 31];
/// A name of DNS among a subject's other names.
const DNS_NAME: u8 = 0x82;
const ATTRIBUTES: u8 = 0xa0;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// Nobody looks at how long a certificate of a challenge is good.
const VALID: [&str; 2] = ["250101000000Z", "491231235959Z"];

/// A key for a certificate.
pub(super) struct Key {
    /// As it is kept: PKCS#8.
    pub(super) document: Vec<u8>,
    pair: EcdsaKeyPair,
}

impl Key {
    /// One that nobody has.
    pub(super) fn fresh() -> Result<Self, String> {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let failed = |_| "the system has no randomness".to_owned();
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(failed)?;
        let document = document.as_ref().to_vec();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &document, &random)
            .map_err(|error| format!("the key cannot be used: {error}"))?;
        Ok(Self { document, pair })
    }

    fn public(&self) -> Vec<u8> {
        let algorithm = sequence(&[&value(OID, &[EC_PUBLIC_KEY]), &value(OID, &[P256])]);
        sequence(&[&algorithm, &der::bits(self.pair.public_key().as_ref())])
    }

    /// What is signed, how, and the signature.
    fn signed(&self, what: &[u8]) -> Result<Vec<u8>, String> {
        let signature = self.pair.sign(&SystemRandom::new(), what);
        let signature = signature.map_err(|_| "the system has no randomness".to_owned())?;
        Ok(sequence(&[what, &algorithm(), &der::bits(signature.as_ref())]))
    }
}

fn algorithm() -> Vec<u8> {
    sequence(&[&value(OID, &[ECDSA_SHA256])])
}

fn names_extension<'a>(names: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let names: Vec<Vec<u8>> = names.map(|name| value(DNS_NAME, &[name.as_bytes()])).collect();
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    sequence(&[&value(OID, &[SUBJECT_ALT_NAME]), &value(OCTETS, &[&sequence(&names)])])
}

/// A request for a certificate for these names.
pub(super) fn request(key: &Key, names: &[String]) -> Result<Vec<u8>, String> {
    let extensions = sequence(&[&names_extension(names.iter().map(String::as_str))]);
    let asked = sequence(&[&value(OID, &[EXTENSION_REQUEST]), &value(SET, &[&extensions])]);
    let (version, nobody) = (value(INTEGER, &[&[0]]), sequence(&[]));
    let attributes = value(ATTRIBUTES, &[&asked]);
    key.signed(&sequence(&[&version, &nobody, &key.public(), &attributes]))
}

/// The certificate that shows an authority, by its digest, that a name is this server's.
pub(super) fn proof(key: &Key, name: &str, digest: &[u8; 32]) -> Result<Vec<u8>, String> {
    let common = sequence(&[&value(OID, &[COMMON_NAME]), &value(UTF8, &[b"log-center"])]);
    let who = sequence(&[&value(SET, &[&common])]);
    let times = VALID.map(der::utc_time);
    let identifier = value(OCTETS, &[&value(OCTETS, &[digest])]);
    let identifier = sequence(&[&value(OID, &[ACME_IDENTIFIER]), &der::yes(), &identifier]);
    let extensions = sequence(&[&names_extension([name].into_iter()), &identifier]);
    key.signed(&sequence(&[
        &value(VERSION, &[&value(INTEGER, &[&[2]])]),
        &value(INTEGER, &[&[1]]),
        &algorithm(),
        &who,
        &sequence(&[&times[0], &times[1]]),
        &who,
        &key.public(),
        &value(EXTENSIONS, &[&extensions]),
    ]))
}
