//! What a vendor's answer means. An answer that nobody understands is no success.

use serde_json::Value;

use super::channel::Kind;
use super::plain;
use super::schedule::vendor_ms;
use crate::domain::base64;

/// Bytes of what is taken for a secret, and letters of one in base64: less is found in any text.
const SECRET_BYTES_MIN: usize = 4;
const BASE64_LETTERS_MIN: usize = 5;

/// Characters of a vendor's answer that are kept.
pub const ANSWER_CHARS_MAX: usize = 300;

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Sent,
    /// It may be taken later: after so long, if the vendor says how long the channel has to rest.
    Retry(Option<i64>),
    /// The channel is set up wrongly; its messages wait until somebody mends it.
    Misconfigured,
    /// This message is not taken as it is.
    Rejected,
}

impl Outcome {
    /// The names of all outcomes.
    pub const NAMES: [&str; 4] = ["sent", "retry", "misconfigured", "rejected"];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Retry(_) => "retry",
            Self::Misconfigured => "misconfigured",
            Self::Rejected => "rejected",
        }
    }
}

/// An outcome, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What became of it.
    pub outcome: Outcome,
    /// The vendor's code: its own, else HTTP's status.
    pub code: String,
    /// What it means and what to do, in a sentence; empty when it was sent.
    pub reason: String,
}

/// An answer over HTTP.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// The status.
    pub status: u16,
    /// The header `Retry-After`, in seconds.
    pub retry_after: Option<f64>,
    /// The body, or its beginning.
    pub body: &'a str,
}

impl Verdict {
    /// It was taken.
    pub fn sent(code: impl ToString) -> Self {
        Self { outcome: Outcome::Sent, code: code.to_string(), reason: String::new() }
    }

    /// Nothing came back.
    pub fn unanswered(why: impl Into<String>) -> Self {
        Self { outcome: Outcome::Retry(None), code: String::new(), reason: why.into() }
    }

    /// It cannot even be tried.
    pub fn misconfigured(why: impl Into<String>) -> Self {
        Self { outcome: Outcome::Misconfigured, code: String::new(), reason: why.into() }
    }
}

fn verdict(outcome: Outcome, code: impl ToString, reason: &str) -> Verdict {
    Verdict { outcome, code: code.to_string(), reason: reason.to_owned() }
}

/// The part of an answer that is kept: one line without secrets of ours, also as a login in base64
/// has them.
pub fn shown(body: &str, secrets: &[&str]) -> String {
    let mut text = body.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= SECRET_BYTES_MIN) {
        text = text.replace(*secret, "[secret]");
        for piece in in_base64(secret) {
            text = text.replace(&piece, "[secret]");
        }
    }
    plain::line(&text, ANSWER_CHARS_MAX)
}

/// How a secret looks in base64 wherever it begins there: what stands before it shifts it by up to
/// two bytes. Letters that hold bits of its neighbours are left out; few may be a word.
fn in_base64(secret: &str) -> Vec<String> {
    let shifted = (0..3).map(|shift| {
        let bytes = [&[0; 2][..shift], secret.as_bytes()].concat();
        let letters = base64::encode(&bytes);
        letters[(shift * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned()
    });
    let both = shifted.flat_map(|piece| [piece.replace('+', "-").replace('/', "_"), piece]);
    both.filter(|piece| piece.len() >= BASE64_LETTERS_MIN).collect()
}

/// What an answer means.
pub fn judge(kind: Kind, reply: &Reply<'_>) -> Verdict {
    let body = serde_json::from_str::<Value>(reply.body).unwrap_or(Value::Null);
    let judged = match kind {
        Kind::Feishu => feishu(&body, reply),
        Kind::DingTalk => dingtalk(&body),
        Kind::WeCom => wecom(&body),
        Kind::Telegram => telegram(&body),
        Kind::Slack => slack(reply),
        Kind::Discord => discord(&body, reply),
        Kind::Elasticsearch => elasticsearch(&body, reply),
        Kind::Teams | Kind::Webhook | Kind::PagerDuty | Kind::Email => None,
    };
    let judged = judged.unwrap_or_else(|| by_status(reply));
    let needs_word = matches!(kind, Kind::Feishu | Kind::DingTalk | Kind::WeCom | Kind::Telegram);
    if judged.outcome == Outcome::Sent && needs_word && judged.code.starts_with("HTTP") {
        let reason = "The answer is none of this vendor's; is the address right?";
        return verdict(Outcome::Retry(None), judged.code, reason);
    }
    judged
}

fn by_status(reply: &Reply<'_>) -> Verdict {
    let code = format!("HTTP {}", reply.status);
    let after = reply.retry_after.and_then(vendor_ms);
    match reply.status {
        200..=299 => Verdict::sent(code),
        300..=399 => {
            let reason = "It redirects, which is not followed: enter the address it leads to.";
            verdict(Outcome::Misconfigured, code, reason)
        }
        401 | 403 => verdict(Outcome::Misconfigured, code, "The key or token is not accepted."),
        404 | 410 => {
            let reason = "There is no such address any more: make a new one at the vendor.";
            verdict(Outcome::Misconfigured, code, reason)
        }
        405..=407 => verdict(Outcome::Misconfigured, code, "This address takes no messages."),
        408 | 425 => verdict(Outcome::Retry(None), code, "It took too long."),
        429 => {
            let after = after.or(Some(60_000));
            verdict(Outcome::Retry(after), code, "Too many messages for this channel.")
        }
        400..=499 => verdict(Outcome::Rejected, code, "The message is not accepted as it is."),
        _ => verdict(Outcome::Retry(after), code, "It has a fault of its own at the moment."),
    }
}

fn feishu(body: &Value, reply: &Reply<'_>) -> Option<Verdict> {
    let code = body["code"].as_i64().or_else(|| body["StatusCode"].as_i64())?;
    Some(match code {
        0 if (200..300).contains(&reply.status) => Verdict::sent(0),
        19_001 => misconfigured(code, "This hook does not exist: make a new robot."),
        19_021 => misconfigured(
            code,
            "The signature is not accepted: the secret is wrong, or this machine's clock is.",
        ),
        19_022 => misconfigured(code, "The robot does not allow this machine's IP address."),
        19_024 => misconfigured(code, "The robot wants a keyword: enter it at the channel."),
        11_232 => too_fast(code),
        9_499 | 200_621 => {
            verdict(Outcome::Rejected, code, "The message is not accepted as it is.")
        }
        _ if reply.status == 429 => too_fast(code),
        _ => verdict(Outcome::Retry(None), code, "Feishu answers with a fault."),
    })
}

fn dingtalk(body: &Value) -> Option<Verdict> {
    let code = body["errcode"].as_i64()?;
    let text = body["errmsg"].as_str().unwrap_or_default();
    Some(match code {
        0 => Verdict::sent(0),
        310_000 => {
            let is = |words: &[&str]| words.iter().any(|word| text.to_lowercase().contains(word));
            let reason = if is(&["keyword", "关键词"]) {
                "The robot wants a keyword: enter it at the channel."
            } else if is(&["sign", "签名", "timestamp"]) {
                "The signature is not accepted: the secret is wrong, or this machine's clock is."
            } else if is(&["ip", "whitelist", "白名单"]) {
                "The robot does not allow this machine's IP address."
            } else {
                "The robot's security settings refuse it."
            };
            misconfigured(code, reason)
        }
        300_001 | 300_005 | 400_101 | 400_013 | 400_102 | 400_106 => {
            misconfigured(code, "This robot or its group does not exist any more, or is stopped.")
        }
        43_002 | 43_004 => misconfigured(code, "This address takes no messages."),
        // Past 20 a minute a robot is silent for ten.
        130_101 | 410_100 | 90_030 => {
            let reason = "Too many messages for this robot.";
            verdict(Outcome::Retry(Some(600_000)), code, reason)
        }
        40_035 | 400_105 | 430_101..=430_109 => {
            verdict(Outcome::Rejected, code, "The message is not accepted as it is.")
        }
        _ => verdict(Outcome::Retry(None), code, "DingTalk answers with a fault."),
    })
}

fn wecom(body: &Value) -> Option<Verdict> {
    let code = body["errcode"].as_i64()?;
    Some(match code {
        0 => Verdict::sent(0),
        93_000 => misconfigured(code, "This hook does not exist: make a new one in the group."),
        45_009 => too_fast(code),
        40_058 | 40_008 => {
            verdict(Outcome::Rejected, code, "The message is not accepted as it is.")
        }
        _ => verdict(Outcome::Retry(None), code, "WeCom answers with a fault."),
    })
}

fn telegram(body: &Value) -> Option<Verdict> {
    if body["ok"].as_bool()? {
        return Some(Verdict::sent(200));
    }
    let code = body["error_code"].as_i64()?;
    let text = body["description"].as_str().unwrap_or_default();
    Some(match code {
        429 => {
            let after = body["parameters"]["retry_after"].as_f64().and_then(vendor_ms);
            verdict(Outcome::Retry(after.or(Some(60_000))), code, "Too many messages.")
        }
        400 if body["parameters"]["migrate_to_chat_id"].is_i64() => {
            let chat = &body["parameters"]["migrate_to_chat_id"];
            misconfigured(code, &format!("The group has a new id: enter {chat} as `chat_id`."))
        }
        400 if text.contains("chat not found") => {
            misconfigured(code, "There is no such chat, or the bot is not in it.")
        }
        400 => verdict(Outcome::Rejected, code, "The message is not accepted as it is."),
        401 | 404 => misconfigured(code, "The bot's token is not accepted."),
        403 => misconfigured(code, "The bot was removed from the chat, or may not write there."),
        _ => verdict(Outcome::Retry(None), code, "Telegram answers with a fault."),
    })
}

fn slack(reply: &Reply<'_>) -> Option<Verdict> {
    let word = reply.body.trim();
    let is_word = !word.is_empty() && word.len() < 64 && !word.contains(char::is_whitespace);
    let code = if is_word { word.to_owned() } else { format!("HTTP {}", reply.status) };
    match reply.status {
        200 if word == "ok" => Some(Verdict::sent("ok")),
        200 => {
            let reason = "The answer is none of Slack's; is the address right?";
            Some(verdict(Outcome::Retry(None), code, reason))
        }
        400 if ["no_text", "no_service", "invalid_token", "action_prohibited"].contains(&word) => {
            Some(misconfigured(code, "This hook does not exist any more: make a new one."))
        }
        400 => Some(verdict(Outcome::Rejected, code, "The message is not accepted as it is.")),
        403 | 404 | 410 => Some(misconfigured(
            code,
            "This hook, or its channel, does not exist any more or does not allow it.",
        )),
        _ => None,
    }
}

fn discord(body: &Value, reply: &Reply<'_>) -> Option<Verdict> {
    if reply.status != 429 {
        return None;
    }
    let after = body["retry_after"].as_f64().or(reply.retry_after).and_then(vendor_ms);
    let after = after.or(Some(60_000));
    Some(verdict(Outcome::Retry(after), 429, "Too many messages for this channel."))
}

/// The whole request may be taken and the one document in it refused.
fn elasticsearch(body: &Value, reply: &Reply<'_>) -> Option<Verdict> {
    let item = &body["items"][0]["create"];
    let Some(code) = item["status"].as_u64().filter(|_| reply.status == 200) else {
        let reason = "The answer is none of Elasticsearch's; is the address right?";
        let code = format!("HTTP {}", reply.status);
        return (200..300)
            .contains(&reply.status)
            .then(|| verdict(Outcome::Retry(None), code, reason));
    };
    let kind = item["error"]["type"].as_str().unwrap_or_default();
    Some(match (code, kind) {
        // An earlier attempt brought it, whose answer was lost.
        (200..=201 | 409, _) => Verdict::sent(code),
        (429, _) => too_fast(429),
        (_, "cluster_block_exception") => misconfigured(
            code,
            "The index takes nothing: it is read-only, perhaps for a full disk.",
        ),
        (404, _) => misconfigured(code, "There is no such index, and none is made by itself."),
        (401 | 403, _) => misconfigured(code, "This user may not write to the index."),
        (400..=499, _) => {
            verdict(Outcome::Rejected, code, "The index does not take the document as it is.")
        }
        _ => verdict(Outcome::Retry(None), code, "Elasticsearch answers with a fault."),
    })
}

fn misconfigured(code: impl ToString, reason: &str) -> Verdict {
    verdict(Outcome::Misconfigured, code, reason)
}

fn too_fast(code: impl ToString) -> Verdict {
    verdict(Outcome::Retry(Some(60_000)), code, "Too many messages for this channel.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(kind: Kind, status: u16, body: &str) -> String {
        let judged = judge(kind, &Reply { status, retry_after: None, body });
        assert_eq!(judged.reason.is_empty(), judged.outcome == Outcome::Sent, "{body}");
        format!("{} {}", judged.outcome.name(), judged.code)
    }

    const READ_ONLY: &str = r#"{"errors":true,"items":[{"create":{"status":403,
        "error":{"type":"cluster_block_exception"}}}]}"#;

    #[test]
    fn codes_inside_a_200_are_read() {
        let table = [
            (Kind::Feishu, 200, r#"{"code":0,"msg":"success"}"#, "sent 0"),
            (Kind::Feishu, 200, r#"{"StatusCode":0}"#, "sent 0"),
            (Kind::Feishu, 200, r#"{"code":19001}"#, "misconfigured 19001"),
            (Kind::Feishu, 400, r#"{"code":19021}"#, "misconfigured 19021"),
            (Kind::Feishu, 200, r#"{"code":11232}"#, "retry 11232"),
            (Kind::Feishu, 400, r#"{"code":9499}"#, "rejected 9499"),
            (Kind::Feishu, 200, "<html>", "retry HTTP 200"),
            (Kind::DingTalk, 200, r#"{"errcode":0,"errmsg":"ok"}"#, "sent 0"),
            (Kind::DingTalk, 200, r#"{"errcode":310000}"#, "misconfigured 310000"),
            (Kind::DingTalk, 200, r#"{"errcode":130101}"#, "retry 130101"),
            (Kind::DingTalk, 200, r#"{"errcode":430104}"#, "rejected 430104"),
            (Kind::DingTalk, 200, r#"{"errcode":-1}"#, "retry -1"),
            (Kind::DingTalk, 200, "", "retry HTTP 200"),
            (Kind::WeCom, 200, r#"{"errcode":93000}"#, "misconfigured 93000"),
            (Kind::WeCom, 200, r#"{"errcode":45009}"#, "retry 45009"),
            (Kind::WeCom, 200, r#"{"errcode":40058}"#, "rejected 40058"),
            (Kind::Telegram, 200, r#"{"ok":true}"#, "sent 200"),
            (Kind::Telegram, 403, r#"{"ok":false,"error_code":403}"#, "misconfigured 403"),
            (Kind::Telegram, 200, "ok", "retry HTTP 200"),
            (Kind::Slack, 200, "ok", "sent ok"),
            (Kind::Slack, 200, "<html>", "retry <html>"),
            (Kind::Slack, 400, "invalid_blocks", "rejected invalid_blocks"),
            (Kind::Slack, 410, "channel_is_archived", "misconfigured channel_is_archived"),
            (Kind::Slack, 500, "", "retry HTTP 500"),
            (Kind::Discord, 204, "", "sent HTTP 204"),
            (Kind::Discord, 429, r#"{"retry_after":0.5}"#, "retry 429"),
            (Kind::Discord, 404, r#"{"code":10015}"#, "misconfigured HTTP 404"),
            (Kind::Teams, 202, "", "sent HTTP 202"),
            (Kind::PagerDuty, 202, r#"{"status":"success"}"#, "sent HTTP 202"),
            (Kind::PagerDuty, 400, r#"{"status":"invalid event"}"#, "rejected HTTP 400"),
            (Kind::Elasticsearch, 200, r#"{"items":[{"create":{"status":201}}]}"#, "sent 201"),
            (Kind::Elasticsearch, 200, r#"{"items":[{"create":{"status":409}}]}"#, "sent 409"),
            (Kind::Elasticsearch, 200, r#"{"items":[{"create":{"status":429}}]}"#, "retry 429"),
            (Kind::Elasticsearch, 200, r#"{"items":[{"create":{"status":400}}]}"#, "rejected 400"),
            (Kind::Elasticsearch, 200, READ_ONLY, "misconfigured 403"),
            (Kind::Elasticsearch, 200, r#"{"errors":false}"#, "retry HTTP 200"),
            (Kind::Elasticsearch, 201, "", "retry HTTP 201"),
            (Kind::Elasticsearch, 401, "{}", "misconfigured HTTP 401"),
            (Kind::Elasticsearch, 503, "", "retry HTTP 503"),
            (Kind::Webhook, 204, "", "sent HTTP 204"),
            (Kind::Webhook, 301, "", "misconfigured HTTP 301"),
            (Kind::Webhook, 410, "", "misconfigured HTTP 410"),
            (Kind::Webhook, 422, "", "rejected HTTP 422"),
            (Kind::Webhook, 429, "", "retry HTTP 429"),
            (Kind::Webhook, 503, "", "retry HTTP 503"),
        ];
        for (kind, status, body, expected) in table {
            assert_eq!(name(kind, status, body), expected, "{} {status} {body}", kind.name());
        }
    }

    #[test]
    fn the_three_meanings_of_310000_are_told_apart() {
        for (text, word) in [
            ("keywords not in content", "keyword"),
            ("sign not match", "signature"),
            ("签名不匹配", "signature"),
            ("ip 1.2.3.4 not in whitelist", "IP"),
        ] {
            let body = format!(r#"{{"errcode":310000,"errmsg":"{text}"}}"#);
            let reply = Reply { status: 200, retry_after: None, body: &body };
            assert!(judge(Kind::DingTalk, &reply).reason.contains(word), "{text}");
        }
    }

    #[test]
    fn how_long_to_wait_is_taken_from_where_the_vendor_puts_it() {
        let after = |kind, header, body| {
            let reply = Reply { status: 429, retry_after: header, body };
            judge(kind, &reply).outcome
        };
        assert_eq!(after(Kind::Slack, Some(30.0), ""), Outcome::Retry(Some(30_000)));
        assert_eq!(
            after(Kind::Discord, None, r#"{"retry_after":1.5}"#),
            Outcome::Retry(Some(1_500))
        );
        let telegram = r#"{"ok":false,"error_code":429,"parameters":{"retry_after":7}}"#;
        assert_eq!(after(Kind::Telegram, None, telegram), Outcome::Retry(Some(7_000)));
        assert_eq!(after(Kind::Webhook, None, ""), Outcome::Retry(Some(60_000)));
    }

    #[test]
    fn a_kept_answer_holds_no_secret() {
        assert_eq!(shown("no hook\n/T0/sesame", &["sesame"]), "no hook /T0/[secret]");
        for login in ["errors:sesame", "a:sesame", "ab:sesame", "\0ops\0sesame", "sesame:x"] {
            let said = format!("not {} here", base64::encode(login.as_bytes()));
            let kept = shown(&said, &["sesame"]);
            assert!(kept.contains("[secret]") && kept.ends_with(" here"), "{login}: {kept}");
            let left = kept.split([' ', '[', ']']).filter_map(base64::decode);
            let left: Vec<u8> = left.flatten().collect();
            assert!(!String::from_utf8_lossy(&left).contains("sesam"), "{kept}");
        }
    }
}
