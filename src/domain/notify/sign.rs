//! Signatures that vendors ask for, each made anew at every attempt, since they hold the time; and
//! those of links in messages.

use ring::hmac::{HMAC_SHA256, Key, sign, verify};

use crate::domain::base64;

/// What a Standard Webhooks secret begins with.
pub const WEBHOOK_PREFIX: &str = "whsec_";

fn hmac(key: &[u8], text: &[u8]) -> String {
    base64::encode(sign(&Key::new(HMAC_SHA256, key), text).as_ref())
}

/// A text as a part of an address, signed.
pub fn addressed(key: &[u8], text: &str) -> String {
    let tag = hmac(key, text.as_bytes()).replace('+', "-").replace('/', "_");
    tag.trim_end_matches('=').to_owned()
}

/// Whether a signature as [`addressed`] gives it is the text's; in a time that does not depend on
/// how much of it is right.
pub fn is_addressed(key: &[u8], text: &str, tag: &str) -> bool {
    let is_plain = |one: u8| one.is_ascii_alphanumeric() || matches!(one, b'-' | b'_');
    if !tag.bytes().all(is_plain) {
        return false;
    }
    let tag = base64::decode(&tag.replace('-', "+").replace('_', "/"));
    let key = Key::new(HMAC_SHA256, key);
    tag.is_some_and(|tag| verify(&key, text.as_bytes(), &tag).is_ok())
}

/// DingTalk: over time and secret, with the secret as key.
pub fn dingtalk(secret: &str, at_ms: i64) -> String {
    hmac(secret.as_bytes(), format!("{at_ms}\n{secret}").as_bytes())
}

/// Feishu: over nothing, with time and secret as key.
pub fn feishu(secret: &str, at_s: i64) -> String {
    hmac(format!("{at_s}\n{secret}").as_bytes(), b"")
}

/// Standard Webhooks: the value of `webhook-signature`; `None` if the secret is none.
pub fn webhook(secret: &str, id: &str, at_s: i64, body: &str) -> Option<String> {
    let key = webhook_key(secret)?;
    Some(format!("v1,{}", hmac(&key, format!("{id}.{at_s}.{body}").as_bytes())))
}

/// The key in a Standard Webhooks secret: 24 to 64 bytes.
pub fn webhook_key(secret: &str) -> Option<Vec<u8>> {
    let key = base64::decode(secret.strip_prefix(WEBHOOK_PREFIX)?)?;
    (24..=64).contains(&key.len()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_vendors() {
        let secret = "SEC0123456789abcdef";
        let dingtalk = dingtalk(secret, 1_764_000_000_000);
        assert_eq!(dingtalk, "O/Dxk+W6uCrkxq7mUGZ07y1ieeBTkSH+Xzgk9sbgFSI=");
        let feishu = feishu(secret, 1_764_000_000);
        assert_eq!(feishu, "NJ5AUCWoKuL4NyFB8l5iBaX5V7qadNYnpm4gZmVnFgU=");
        let signed = webhook(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.as_deref(), Some(expected));
    }

    #[test]
    fn a_webhook_secret_has_its_prefix_and_its_length() {
        for wrong in ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_é"] {
            assert_eq!(webhook(wrong, "a", 1, ""), None, "{wrong}");
        }
    }
}
