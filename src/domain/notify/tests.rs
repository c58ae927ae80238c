//! Every channel with hostile text: nothing is mentioned, no markup breaks, every limit holds, the
//! link and the request's id stay.

use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use super::act::Act;
use super::channel::{Attempt, Draft, Kind, Target, draft};
use super::mention::MENTIONS_MAX;
use super::message::{Message, Subject, Wish};
use super::{Facts, Folded, Language, Trigger, discord, feishu, slack, telegram, webhook, wecom};
use super::{dingtalk, teams};
use crate::domain::base64;
use crate::domain::issue::{Event, EventError, Issue};
use crate::domain::level::Level;
use crate::domain::status::Status;

const AT: i64 = 1_764_000_000_000;
const LINK: &str = "https://errors.example.org/issues/7?event=0192f0c1-6e0a-7cc3-98c4-dc0c0c073981";
const HOSTILE: &str = "<!channel> <@U1> @everyone @bob <at id=all></at> <@all> [x](http://evil) \
    ![i](http://evil/i.png) **b** _i_ `c` ``` \u{202e}evil\u{0} </code></pre> & \"q\" <font>";

fn issue(text: &str) -> Issue {
    Issue {
        id: 7,
        project_id: "shop".into(),
        fingerprint: "0".repeat(32),
        status: Status::New,
        level: Level::Error,
        kind: text.into(),
        code: Some(text.into()),
        message: text.into(),
        file_path: text.into(),
        line_number: 42,
        culprit: None,
        count: 1_240,
        users: 3,
        first_seen: AT,
        last_seen: AT,
        first_version: None,
        last_version: None,
        environments: vec!["production".into()],
        regressed: false,
        rising: false,
        trend: vec![0; 24],
        assignee: Some(text.into()),
        muted_until: None,
    }
}

fn event(text: &str) -> Event {
    let raw = |value: Value| to_raw_value(&value).expect("JSON");
    let name: String = text.replace('"', "").chars().take(200).collect();
    let frame = |n: u32| format!("  File \"app/{n}.py\", line {n}, in {name}");
    let stack: Vec<String> = (1..40).map(frame).collect();
    Event {
        id: 1,
        event_id: "0192f0c1-6e0a-7cc3-98c4-dc0c0c073981".into(),
        issue_id: 7,
        project_id: "shop".into(),
        fingerprint: "0".repeat(32),
        timestamp: AT,
        received_at: AT,
        environment: "production".into(),
        level: Level::Error,
        version: Some(text.into()),
        commit_hash: Some("abc1234".into()),
        error: EventError {
            kind: text.into(),
            message: text.into(),
            file_path: text.into(),
            line_number: 42,
            stack_trace: Some(raw(json!(stack))),
            code: None,
        },
        culprit: None,
        request_id: Some("req_abc123".into()),
        user_id: Some(text.into()),
        trace_id: None,
        context: Some(Some(raw(json!({"method": "GET", "url": text, "more": text})))),
        trimmed: Vec::new(),
        adjusted: Vec::new(),
    }
}

fn message(trigger: Trigger, text: &str, language: Language) -> Message {
    let subject =
        Subject { issue: Some(issue(text)), event: Some(event(text)), folded: Vec::new() };
    let facts = Facts { at: AT, reports: Some(1_000), note: Some(text.into()), ..Facts::default() };
    let public_url = Some("https://errors.example.org");
    let wish = Wish { language, public_url, rule: Some("prod") };
    let signature = "s".repeat(90);
    let link =
        |act: Act| (act, format!("https://errors.example.org/act#{}.{signature}", act.name()));
    let links = Act::ALL.map(link);
    Message::new("msg_1".into(), trigger, &facts, &subject, &wish).offering(&links, language)
}

fn target(kind: Kind) -> Target {
    Target {
        kind,
        language: Language::En,
        url: kind.own_url().unwrap_or("https://hooks.example.org/x?k=1").into(),
        secret: match kind {
            Kind::Webhook => Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()),
            _ => Some("SEC0123456789abcdef".into()),
        },
        token: Some("1:token".into()),
        chat_id: Some("-100".into()),
        keyword: None,
        user: Some("dev".into()),
        from: Some("errors@example.org".into()),
        to: vec!["dev@example.org".into(), "ops@example.org".into()],
        template: None,
        index: None,
    }
}

fn sent(kind: Kind, text: &str, is_plain: bool) -> (Draft, Value) {
    let message = message(Trigger::Created, text, Language::En);
    let draft = draft(&target(kind), &message, Attempt { at: AT, is_plain, before: 0 });
    let body = match kind {
        Kind::Email => json!(draft.body),
        Kind::Elasticsearch => {
            let line = draft.body.lines().nth(1).expect("a document");
            serde_json::from_str(line).expect("JSON")
        }
        _ => serde_json::from_str(&draft.body).expect("JSON"),
    };
    (draft, body)
}

fn fits(kind: Kind, draft: &Draft, body: &Value) -> bool {
    let bytes = draft.body.len();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match kind {
        Kind::Webhook => bytes <= webhook::BODY_BYTES_MAX,
        Kind::Slack => {
            let blocks = body["blocks"].as_array().into_iter().flatten();
            let mut texts = blocks.filter_map(|block| block["text"]["text"].as_str());
            draft.body.chars().count() <= slack::CHARS_MAX
                && texts.all(|text| (1..=3_000).contains(&text.chars().count()))
        }
        Kind::Feishu => bytes <= feishu::BODY_BYTES_MAX,
        Kind::DingTalk => bytes <= dingtalk::BODY_BYTES_MAX,
        Kind::WeCom => {
            text("/markdown/content").len() <= wecom::CONTENT_BYTES_MAX
                && text("/text/content").len() <= wecom::TEXT_BYTES_MAX
        }
        Kind::Discord => {
            draft.body.chars().count() <= discord::CHARS_MAX
                && text("/embeds/0/title").chars().count() <= 256
                && text("/embeds/0/description").chars().count() <= 4_096
                && text("/content").chars().count() <= 2_000
        }
        Kind::Telegram => text("/text").encode_utf16().count() <= telegram::UNITS_MAX,
        Kind::Teams => bytes <= teams::BODY_BYTES_MAX,
        Kind::PagerDuty => bytes <= 512_000 && text("/payload/summary").chars().count() <= 1_024,
        Kind::Elasticsearch => bytes <= 512_000 && draft.body.lines().count() == 2,
        Kind::Email => bytes <= 100_000,
    }
}

/// The body, or what the parts of a mail say.
fn mail_or(kind: Kind, draft: &Draft) -> String {
    match kind {
        Kind::Email => parts(&draft.body).join("\n"),
        _ => draft.body.clone(),
    }
}

/// The texts of a mail's parts.
fn parts(mail: &str) -> Vec<String> {
    let bodies = mail.split("Content-Transfer-Encoding: base64\r\n\r\n").skip(1);
    bodies
        .map(|body| {
            let body = body.split("--=_").next().expect("a body").replace("\r\n", "");
            String::from_utf8(base64::decode(&body).expect("base64")).expect("text")
        })
        .collect()
}

#[test]
fn every_limit_holds_and_the_link_and_the_request_stay() {
    let long = ["x", "数", "😀", "<", "&", "*", "\"", "\\"].map(|one| one.repeat(9_000));
    let texts = long.iter().map(String::as_str).chain([HOSTILE, "", "short"]);
    for text in texts {
        for kind in Kind::ALL {
            for is_plain in [false, true] {
                let (draft, body) = sent(kind, text, is_plain);
                let shown: String = text.chars().take(20).collect();
                let about = format!("{} {is_plain} {shown}: {}", kind.name(), draft.body.len());
                assert!(fits(kind, &draft, &body), "{about}");
                let shown = mail_or(kind, &draft);
                assert!(shown.contains(LINK), "{about} {shown}");
                let is_whole = kind != Kind::Webhook;
                assert!(!is_whole || shown.contains("req_abc123"), "{about}");
                let has_word = is_whole && kind != Kind::Elasticsearch;
                assert!(!has_word || shown.contains("Log Center"), "{about}");
            }
        }
    }
}

#[test]
fn every_chat_offers_what_a_click_does() {
    let kinds = [
        Kind::Webhook,
        Kind::Slack,
        Kind::Feishu,
        Kind::DingTalk,
        Kind::WeCom,
        Kind::Discord,
        Kind::Telegram,
        Kind::Teams,
        Kind::PagerDuty,
    ];
    for kind in kinds {
        let (draft, _) = sent(kind, "short", false);
        for act in Act::ALL {
            let link = format!("https://errors.example.org/act#{}.", act.name());
            assert!(draft.body.contains(&link), "{} {}", kind.name(), draft.body);
        }
    }
}

/// Texts of a value that a vendor reads as markup.
fn parsed(kind: Kind, body: &Value) -> Vec<String> {
    fn collect(value: &Value, wanted: &dyn Fn(&Value) -> bool, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                if wanted(value) {
                    found.extend(members.values().filter_map(Value::as_str).map(str::to_owned));
                }
                members.values().for_each(|inner| collect(inner, wanted, found));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, wanted, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    let wanted = |value: &Value| match kind {
        Kind::Slack => value["type"] == "mrkdwn",
        Kind::Feishu => value["tag"] == "lark_md",
        Kind::Teams => value["type"] == "TextBlock",
        _ => true,
    };
    collect(body, &wanted, &mut found);
    if kind == Kind::Slack {
        found.extend(body["text"].as_str().map(str::to_owned));
    }
    found
}

#[test]
fn nobody_is_mentioned_and_no_markup_of_a_stranger_is_left() {
    for kind in [Kind::Slack, Kind::Feishu, Kind::DingTalk, Kind::WeCom, Kind::Teams] {
        for is_plain in [false, true] {
            let (_, body) = sent(kind, HOSTILE, is_plain);
            for text in parsed(kind, &body) {
                // Slack's own markup knows neither of the two at the end.
                let known = if kind == Kind::Slack { 4 } else { 6 };
                for evil in &["<!", "<@", "<at", "</", "![", "](http://evil"][..known] {
                    let own = text.replace("</font>", "");
                    assert!(!own.contains(*evil), "{} {evil}: {text}", kind.name());
                }
            }
        }
    }
    let (_, slack) = sent(Kind::Slack, HOSTILE, false);
    let code = parsed(Kind::Slack, &slack).into_iter().find(|text| text.starts_with("```"));
    assert_eq!(code.expect("frames").matches("```").count(), 2, "one block");
    for is_plain in [false, true] {
        let (_, discord) = sent(Kind::Discord, HOSTILE, is_plain);
        assert_eq!(discord["allowed_mentions"], json!({"parse": []}));
    }
    let (_, discord) = sent(Kind::Discord, HOSTILE, false);
    let text = discord["embeds"][0]["description"].as_str().expect("text");
    let (_, fenced) = sent(Kind::Discord, "``` x", false);
    let fenced = fenced["embeds"][0]["description"].as_str().expect("text");
    assert_eq!(fenced.matches("```").count(), 2, "{fenced}");
    let prose = text.split("```").next().expect("before the frames");
    // A bracket behind a backslash is text.
    let prose = prose.replace(r"\[", "").replace(r"\]", "");
    assert!(!prose.contains('[') && !prose.contains(']'), "{prose}");
    let (_, dingtalk) = sent(Kind::DingTalk, HOSTILE, false);
    assert_eq!(dingtalk["at"], json!({"atMobiles": [], "atUserIds": [], "isAtAll": false}));
}

#[test]
fn telegrams_html_is_balanced_and_strangers_stand_in_code() {
    let (_, body) = sent(Kind::Telegram, HOSTILE, false);
    let html = body["text"].as_str().expect("text");
    let mut open = Vec::new();
    for piece in html.split('<').skip(1) {
        let tag = piece.split('>').next().expect("a tag");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{html}"),
            None => open.push(tag.split(' ').next().expect("a name")),
        }
    }
    assert!(open.is_empty(), "{html}");
    for line in html.lines().filter(|line| line.contains('@')) {
        assert!(
            line.contains("<code>") || line.contains("<pre>") || !line.contains("<b>"),
            "{line}"
        );
    }
    let (plain, body) = sent(Kind::Telegram, HOSTILE, true);
    assert!(body.get("parse_mode").is_none() && !body["text"].to_string().contains('@'));
    assert_eq!(plain.url, "https://api.telegram.org/bot1:token/sendMessage");
}

#[test]
fn what_nobody_sees_is_in_no_message() {
    let for_people = |kind: &Kind| !matches!(kind, Kind::Webhook | Kind::Elasticsearch);
    for kind in Kind::ALL.into_iter().filter(for_people) {
        let (draft, _) = sent(kind, HOSTILE, false);
        for hidden in ["\u{202e}", "\\u0000", "\u{0}"] {
            assert!(!mail_or(kind, &draft).contains(hidden), "{}", kind.name());
        }
    }
}

#[test]
fn signatures_stand_where_the_vendor_looks() {
    let (dingtalk, _) = sent(Kind::DingTalk, "x", false);
    let sign = "O%2FDxk%2BW6uCrkxq7mUGZ07y1ieeBTkSH%2BXzgk9sbgFSI%3D";
    let expected = format!("https://hooks.example.org/x?k=1&timestamp={AT}&sign={sign}");
    assert_eq!(dingtalk.url, expected);
    let (_, feishu) = sent(Kind::Feishu, "x", false);
    assert_eq!(feishu["timestamp"], "1764000000");
    assert_eq!(feishu["sign"], "NJ5AUCWoKuL4NyFB8l5iBaX5V7qadNYnpm4gZmVnFgU=");
    let (webhook, _) = sent(Kind::Webhook, "x", false);
    let names: Vec<&str> = webhook.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["webhook-id", "webhook-timestamp", "webhook-signature"]);
    assert_eq!(
        (webhook.headers[0].1.as_str(), webhook.headers[1].1.as_str()),
        ("msg_1", "1764000000")
    );
}

#[test]
fn a_mail_is_one_thread_an_issue_and_nobody_adds_a_header_or_a_tag() {
    for text in [HOSTILE, "a\r\nBcc: evil@example.org\r\n\r\n<script>", "数据库连接失败"] {
        let (draft, _) = sent(Kind::Email, text, false);
        let (head, _) = draft.body.split_once("\r\n\r\n").expect("a head");
        let names: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split(':').next().expect("a name"))
            .collect();
        let expected = "Date From To Subject Message-ID In-Reply-To References List-Id \
            Auto-Submitted X-Auto-Response-Suppress MIME-Version Content-Type";
        assert_eq!(names.join(" "), expected);
        for line in [
            "Date: Mon, 24 Nov 2025 16:00:00 +0000",
            "From: Log Center <errors@example.org>",
            "To: dev@example.org,\r\n ops@example.org",
            "Message-ID: <msg_1@example.org>",
            "References: <issue-7@errors.example.org>",
        ] {
            assert!(head.contains(line), "{line}: {head}");
        }
        assert!(draft.body.is_ascii() && draft.body.lines().all(|line| line.len() <= 78));
        let parts = parts(&draft.body);
        assert_eq!(parts.len(), 2, "text and HTML");
        let own = "html head meta style body div p a table tr td pre";
        let own: Vec<&str> = own.split(' ').collect();
        assert_eq!(parts[1].matches("<style>").count(), 1, "ours alone");
        for tag in parts[1].split('<').skip(1) {
            let name = tag.trim_start_matches('/').split([' ', '>']).next().expect("a name");
            assert!(own.contains(&name) || name == "!doctype", "{tag}");
        }
    }
    let (plain, _) = sent(Kind::Email, "x", true);
    assert!(plain.body.contains("text/plain") && !plain.body.contains("text/html"));
}

#[test]
fn an_index_gets_one_document_with_names_that_are_always_the_same() {
    let (draft, body) = sent(Kind::Elasticsearch, "boom", false);
    let expected = r#"{"create":{"_id":"msg_1","_index":"log-center"}}"#;
    assert_eq!(draft.body.lines().next(), Some(expected));
    assert_eq!(draft.url, "https://hooks.example.org/x?k=1/_bulk");
    let basic = ("authorization", "Basic ZGV2OjE6dG9rZW4=".to_owned());
    assert!(draft.headers.contains(&basic), "{:?}", draft.headers);
    assert_eq!(body["@timestamp"], "2025-11-24T16:00:00.000Z");
    assert_eq!(
        (&body["event"]["action"], &body["error"]["type"]),
        (&json!("issue.created"), &json!("boom"))
    );
    assert!(!draft.body.contains("\"more\""), "what a context holds would become fields");
}

#[test]
fn a_title_says_what_happened_in_the_channels_language() {
    let table = [
        (Trigger::Created, Language::En, "[ERROR] shop · production · NEW"),
        (Trigger::Regressed, Language::En, "[ERROR] shop · production · REGRESSED"),
        (Trigger::Created, Language::Zh, "[ERROR] shop · production · 新问题"),
        (Trigger::Milestone, Language::Ru, "[ERROR] shop · production · отчётов: 1\u{a0}000"),
    ];
    for (trigger, language, expected) in table {
        assert_eq!(message(trigger, "x", language).title, expected);
    }
}

#[test]
fn programs_get_the_issue_and_the_event() {
    let (_, body) = sent(Kind::Webhook, "boom", false);
    assert_eq!(body["type"], "issue.created");
    assert_eq!(body["timestamp"], "2025-11-24T16:00:00.000Z");
    let data = &body["data"];
    assert_eq!(
        (&data["id"], &data["rule"], &data["url"]),
        (&json!(7), &json!("prod"), &json!(LINK))
    );
    assert_eq!(data["event"]["request_id"], "req_abc123");
}

#[test]
fn a_summary_names_counts_and_the_first_issues() {
    let folded = Folded { created: 37, regressed: 2, ..Folded::default() };
    let facts = Facts { at: AT, folded: Some(folded), ..Facts::default() };
    let subject = Subject { folded: vec![issue("first"), issue("second")], ..Subject::default() };
    let wish = Wish { language: Language::En, public_url: None, rule: None };
    let message = Message::new("m".into(), Trigger::Storm, &facts, &subject, &wish);
    assert_eq!(message.text, "37 new issues, 2 regressed issues");
    let names: Vec<&str> = message.rows.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["Since", "Time", "#7", "#7"]);
    assert_eq!(message.link, None, "no address is guessed");
    assert_eq!(message.data["type"], "issues.folded");
}

#[test]
fn the_most_severe_of_a_summary_come_first_each_under_its_number() {
    let severe = Issue { id: 9, level: Level::Critical, ..issue("severe") };
    let subject = Subject { folded: vec![issue("usual"), severe], ..Subject::default() };
    let facts = Facts { folded: Some(Folded::default()), ..Facts::default() };
    let wish = Wish { language: Language::En, public_url: None, rule: None };
    let message = Message::new("m".into(), Trigger::Storm, &facts, &subject, &wish);
    let rows: Vec<String> = message.rows.iter().map(|(n, v)| format!("{n} {v}")).collect();
    let expected = ["#9 [CRITICAL] shop · severe: severe", "#7 [ERROR] shop · usual: usual"];
    assert!(rows.ends_with(&expected.map(String::from)), "{rows:?}");
    assert_eq!(message.level, Level::Critical);
}

#[test]
fn a_silent_project_is_told_since_when_and_its_page_is_linked() {
    let project_id = Some("лавка 1".to_owned());
    let facts = Facts { at: AT, minutes: Some(30), project_id, ..Facts::default() };
    let wish =
        Wish { language: Language::En, public_url: Some("https://errors.example.org"), rule: None };
    let subject = Subject::default();
    let message = Message::new("m".into(), Trigger::Silent, &facts, &subject, &wish);
    let since = ("Since".into(), "2025-11-24 15:30 UTC".to_owned());
    assert_eq!(message.rows.first(), Some(&since));
    let page = "https://errors.example.org/projects/%D0%BB%D0%B0%D0%B2%D0%BA%D0%B0%201";
    assert_eq!(message.link, Some(("Open", page.to_owned())));
    let card =
        draft(&target(Kind::Feishu), &message, Attempt { at: AT, is_plain: false, before: 0 });
    let card: Value = serde_json::from_str(&card.body).expect("JSON");
    assert!(card["card"]["elements"][0]["fields"].is_array(), "no empty text before them: {card}");
}

#[test]
fn frames_stand_innermost_first_in_every_language() {
    let python = ["Traceback (most recent call last):"]
        .into_iter()
        .map(String::from)
        .chain((1..=12).map(|n| format!("  File \"app/step.py\", line {n}, in step_{n:02}")))
        .collect::<Vec<_>>();
    let javascript = (1..=12).rev().map(|n| format!("    at step_{n:02} (src/step.js:{n}:1)"));
    for stack in [python, javascript.collect()] {
        let mut event = event("x");
        event.error.stack_trace = Some(to_raw_value(&stack).expect("JSON"));
        let subject = Subject { issue: Some(issue("x")), event: Some(event), folded: Vec::new() };
        let wish = Wish { language: Language::En, public_url: None, rule: None };
        let facts = Facts::default();
        let message = Message::new("m".into(), Trigger::Created, &facts, &subject, &wish);
        let names: Vec<&str> = message.frames.iter().map(|frame| &frame[..7]).collect();
        let innermost = [
            "step_12", "step_11", "step_10", "step_09", "step_08", "step_07", "step_06", "step_05",
        ];
        assert_eq!(names, innermost);
    }
}

#[test]
fn slack_puts_what_is_long_on_a_line_of_its_own() {
    let url = format!("https://shop.example/{}", "a".repeat(80));
    let (_, body) = sent(Kind::Slack, &url, false);
    let blocks = body["blocks"].as_array().expect("blocks");
    for field in blocks.iter().filter_map(|block| block["fields"].as_array()).flatten() {
        let text = field["text"].as_str().expect("text");
        assert!(text.chars().count() <= 48, "{text}");
    }
    let alone = |block: &Value| {
        block["text"]["text"].as_str().is_some_and(|text| text.starts_with("Request: GET https"))
    };
    assert!(blocks.iter().any(alone), "{body}");
}

/// The body of a hostile message that mentions these people.
fn mentioning(kind: Kind, people: &[String], is_plain: bool) -> (Draft, Value) {
    let message = message(Trigger::Created, HOSTILE, Language::En).mentioning(kind, people);
    let draft = draft(&target(kind), &message, Attempt { at: AT, is_plain, before: 0 });
    let body = serde_json::from_str(&draft.body).expect("JSON");
    (draft, body)
}

#[test]
fn those_are_mentioned_whom_a_rule_names() {
    let table = [
        ("slack:U1", "slack:S2", false, "/blocks/1/text/text", json!("<@U1> <!subteam^S2>")),
        ("slack:all", "slack:here", false, "/blocks/1/text/text", json!("<!channel> <!here>")),
        (
            "feishu:ou_1",
            "feishu:all",
            false,
            "/card/elements/1/text/content",
            json!("<at id=ou_1></at> <at id=all></at>"),
        ),
        ("dingtalk:13912345678", "dingtalk:m4", false, "/at/atMobiles", json!(["13912345678"])),
        ("dingtalk:13912345678", "dingtalk:m4", false, "/at/atUserIds", json!(["m4"])),
        ("dingtalk:all", "dingtalk:m4", true, "/at/isAtAll", json!(true)),
        ("wecom:all", "wecom:ann", false, "/text/mentioned_list", json!(["@all", "ann"])),
        ("wecom:13912345678", "wecom:ann", false, "/msgtype", json!("text")),
        (
            "wecom:13912345678",
            "wecom:ann",
            false,
            "/text/mentioned_mobile_list",
            json!(["13912345678"]),
        ),
        ("discord:1", "discord:&2", false, "/content", json!("<@1> <@&2>")),
        ("discord:1", "discord:&2", false, "/allowed_mentions/users", json!(["1"])),
        ("discord:1", "discord:&2", false, "/allowed_mentions/roles", json!(["2"])),
        ("discord:1", "discord:&2", false, "/allowed_mentions/parse", json!([])),
        ("discord:all", "discord:&2", false, "/allowed_mentions/parse", json!(["everyone"])),
        (
            "teams:a@b.c",
            "slack:U1",
            false,
            "/attachments/0/content/msteams/entities/0/mentioned/id",
            json!("a@b.c"),
        ),
    ];
    for (one, other, is_plain, at, expected) in table {
        let kind = Kind::parse(one.split(':').next().expect("a kind")).expect("a kind");
        let (_, body) = mentioning(kind, &[one.into(), other.into()], is_plain);
        assert_eq!(body.pointer(at), Some(&expected), "{one} {at} {body}");
    }
    let begins = [
        ("telegram:@ann", Kind::Telegram, false, "/text", "@ann\n<b>"),
        ("telegram:7", Kind::Telegram, false, "/text", "<a href=\"tg://user?id=7\">7</a>\n"),
        ("telegram:@ann", Kind::Telegram, true, "/text", "@ann\n"),
        ("slack:U1", Kind::Slack, true, "/text", "<@U1>\n"),
        ("feishu:ou_1", Kind::Feishu, true, "/content/text", "<at user_id=\"ou_1\"></at>\n"),
        ("discord:all", Kind::Discord, true, "/content", "@everyone\n"),
    ];
    for (who, kind, is_plain, at, begin) in begins {
        let (_, body) = mentioning(kind, &[who.into()], is_plain);
        let text = body.pointer(at).and_then(Value::as_str).expect("a text");
        assert!(text.starts_with(begin), "{who} {text}");
        assert!(kind != Kind::Discord || !text[begin.len()..].contains("@everyone"), "{text}");
    }
    let (_, body) = mentioning(Kind::WeCom, &["wecom:ann".into()], false);
    let content = body["markdown"]["content"].as_str().expect("a text");
    assert!(content.contains("\n<@ann>\n"), "{content}");
    let (_, body) = mentioning(Kind::DingTalk, &["dingtalk:13912345678".into()], false);
    assert!(body["markdown"]["text"].as_str().expect("a text").contains("@13912345678  \n"));
}

#[test]
fn a_message_fits_with_all_the_people_that_a_rule_may_name() {
    for kind in [
        Kind::Slack,
        Kind::Feishu,
        Kind::DingTalk,
        Kind::WeCom,
        Kind::Discord,
        Kind::Telegram,
        Kind::Teams,
    ] {
        let who = |n: usize| match kind {
            Kind::Slack => format!("slack:U{n:063}"),
            Kind::Discord => format!("discord:&{n:020}"),
            Kind::Telegram => format!("telegram:{n:020}"),
            Kind::Teams => format!("teams:{n:064}@x.cn"),
            other => format!("{}:{n:064}", other.name()),
        };
        let people: Vec<String> = (0..MENTIONS_MAX + 5).map(who).collect();
        for is_plain in [false, true] {
            let (draft, body) = mentioning(kind, &people, is_plain);
            assert!(fits(kind, &draft, &body), "{kind:?} {}", draft.body.len());
            let number = people.iter().filter(|one| {
                draft.body.contains(one.split_once(':').expect("an id").1.trim_start_matches('&'))
            });
            let by_name_alone = is_plain && kind == Kind::Telegram;
            assert_eq!(number.count(), if by_name_alone { 0 } else { MENTIONS_MAX }, "{kind:?}");
        }
    }
}
