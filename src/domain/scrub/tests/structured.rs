//! JSON, and JSON inside strings.

use super::{JWT, scrubber};
use crate::domain::json;

/// `expected` has `#` where a secret was.
fn check(raw: &str, expected: &str) {
    let expected = expected.replace('#', "[scrubbed]");
    let scrubber = scrubber();
    let once = scrubber.json(raw);
    assert_eq!(once, expected, "from {raw}");
    assert_eq!(matches!(once, std::borrow::Cow::Borrowed(_)), raw == expected, "copied {raw}");
    serde_json::from_str::<serde_json::Value>(&once).unwrap();
    assert_eq!(scrubber.json(&once), once, "a second time");
}

fn stays(raw: &str) {
    check(raw, raw);
}

#[test]
fn values_of_secret_keys_are_replaced_whole() {
    check(r#"{"a":1,"password":"x","b":[2]}"#, r##"{"a":1,"password":"#","b":[2]}"##);
    check(r#"{"token":123, "pin" : 4.5e1}"#, r##"{"token":"#", "pin" : "#"}"##);
    check(r#"{"auth":{"user":"u","pass":"p"}}"#, r##"{"auth":"#"}"##);
    check(r#"{"a":[{"cookies":["x",{"y":"]"}]}]}"#, r##"{"a":[{"cookies":"#"}]}"##);
    check(r#"{"p\u0061ssword":"x"}"#, r##"{"p\u0061ssword":"#"}"##);
    check(r#"{"secret":""}"#, r##"{"secret":"#"}"##);
    stays(r#"{"password":null,"token":true,"secret":false}"#);
    stays(
        r#"{"max_tokens":4096,"usage":{"prompt_tokens":12},"author":"x","cookie_consent":"yes"}"#,
    );
    check(r#"{"PWD":"/srv/app","pwd":"/x"}"#, r##"{"PWD":"/srv/app","pwd":"#"}"##);
    stays("{}");
    stays("[]");
    stays(r#""text""#);
}

#[test]
fn a_key_is_judged_as_it_came_and_as_it_is_written() {
    let scrubber = scrubber();
    for key in [
        "user List<Toet one, --token =toksword\u{4}one, --tokb`eslint-disable`, List<To>n",
        "get x --token =abcdefgh rest",
        "https://bob:hunter2@host/password",
    ] {
        let raw = serde_json::json!({ key: {"name": "x", "id": "u"} }).to_string();
        let once = scrubber.json(&raw).into_owned();
        assert_eq!(scrubber.json(&once), once, "{raw}");
    }
    // A control character that goes with a secret kept the text from being JSON.
    let text = "{\"get --token =abc\u{4}defgh, password <`\":{\"name\":\"x\"}}";
    let once = scrubber.text(text).into_owned();
    assert_eq!(scrubber.text(&once), once, "{text:?}");
}

#[test]
fn header_lists_are_pairs() {
    check(
        r#"{"headers":[["Authorization","x"],["Host","h"]]}"#,
        r##"{"headers":[["Authorization","#"],["Host","h"]]}"##,
    );
    check(
        r#"[{"name":"Authorization","value":"x"},{"name":"Host","value":"h"}]"#,
        r##"[{"name":"Authorization","value":"#"},{"name":"Host","value":"h"}]"##,
    );
    check(
        r#"[{"value":{"a":"Bearer abc123"},"x":"Bearer abc123","key":"Cookie"}]"#,
        r##"[{"value":"#","x":"Bearer #","key":"Cookie"}]"##,
    );
    check(
        r#"{"rawHeaders":["Host","h","Cookie","a=1","Accept","*"]}"#,
        r##"{"rawHeaders":["Host","h","Cookie","#","Accept","*"]}"##,
    );
    check(
        r#"{"headers":["Authorization: Bearer x","Host: h"]}"#,
        r##"{"headers":["Authorization: #","Host: h"]}"##,
    );
    check(
        r#"{"headers":["Host","--password","access_token","x"]}"#,
        r##"{"headers":["Host","--password","#","#"]}"##,
    );
    check(r#"{"headers":{"set-cookie":["a","b"]}}"#, r##"{"headers":{"set-cookie":"#"}}"##);
    check(
        r#"{"argv":["run","--password","x","--verbose","y"]}"#,
        r##"{"argv":["run","--password","#","--verbose","y"]}"##,
    );
    stays(r#"{"fields":["password","email"],"required":["token"],"rows":[["token","a","b"]]}"#);
    stays(r#"{"name":"password","message":"is required"}"#);
}

#[test]
fn json_inside_strings_is_read_as_json() {
    check(
        r#"{"body":"{\"user\":\"u\",\"password\":\"x\"}"}"#,
        r##"{"body":"{\"user\":\"u\",\"password\":\"#\"}"}"##,
    );
    check(
        r#"{"body":"{\"b\":\"{\\\"pin\\\":1234}\"}"}"#,
        r##"{"body":"{\"b\":\"{\\\"pin\\\":\\\"#\\\"}\"}"}"##,
    );
    check(
        r#"{"body":"[{\"name\":\"Cookie\",\"value\":\"x\"}]"}"#,
        r##"{"body":"[{\"name\":\"Cookie\",\"value\":\"#\"}]"}"##,
    );
    check(r#"{"body":"a=1&password=x&b=2"}"#, r##"{"body":"a=1&password=#&b=2"}"##);
    check(
        r#"{"m":"sent {\"password\":\"x\",\"a\":"}"#,
        r##"{"m":"sent {\"password\":\"#\",\"a\":"}"##,
    );
    check(r#"{"url":"/a?token=x&b=1"}"#, r##"{"url":"/a?token=#&b=1"}"##);
    assert_eq!(
        scrubber().text(r#"{"token": 5, "a": "b"}"#),
        r#"{"token": "[scrubbed]", "a": "b"}"#
    );
}

#[test]
fn json_in_strings_deeper_than_three_is_still_scrubbed_as_text() {
    let mut raw = r#"{"password":"hunter2","a":"b"}"#.to_owned();
    for depth in 0..6 {
        let scrubbed = scrubber().json(&raw).into_owned();
        assert!(!scrubbed.contains("hunter2"), "{depth}: {scrubbed}");
        raw = serde_json::json!({ "body": raw }).to_string();
    }
}

#[test]
fn secrets_are_replaced_wherever_they_stand() {
    check(&format!(r#"{{"a":["x {JWT} y"]}}"#), r##"{"a":["x # y"]}"##);
    check(&format!(r#"{{"{JWT}":1}}"#), r##"{"#":1}"##);
    check(r#"{"a":4111111111111111,"b":"4111 1111 1111 1111"}"#, r##"{"a":"#","b":"#"}"##);
    check(
        r#"{"k":"-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n"}"#,
        r##"{"k":"#\n"}"##,
    );
    check(
        r#"{"l":["a","-----BEGIN PRIVATE KEY-----","MII","x=","-----END PRIVATE KEY-----","b"]}"#,
        r##"{"l":["a","#","#","#","#","b"]}"##,
    );
}

#[test]
fn identifiers_times_and_versions_are_left_alone() {
    stays(
        r#"{"id":4111111111111111,"user_id":"4111111111111111","requestId":"4111-1111-1111-1111",
        "ids":[4111111111111111],"timestamp":4111111111111111,"created_at":"4222222222222",
        "version":"4111111111111111","commit":"4111111111111111","sha":"4111111111111111"}"#,
    );
    check(r#"{"id":"Bearer abc123"}"#, r##"{"id":"Bearer #"}"##);
    check(&format!(r#"{{"request_id":"{JWT}"}}"#), r##"{"request_id":"#"}"##);
    check(r#"{"id":{"number":4111111111111111}}"#, r##"{"id":{"number":"#"}}"##);
}

#[test]
fn what_cannot_be_stored_becomes_a_replacement_character() {
    check(r#"{"a":"x\ud83dy","b":"\u0000"}"#, "{\"a\":\"x\u{fffd}y\",\"b\":\"\u{fffd}\"}");
    check(r#"{"\udc00k":1}"#, "{\"\u{fffd}k\":1}");
    check(r#"{"a":"\ud83d","token":"t"}"#, "{\"a\":\"\u{fffd}\",\"token\":\"#\"}");
    stays(r#"{"a":"\ud83d\ude00 \"q\" \u00e9 \n"}"#);
}

#[test]
fn lines_are_scrubbed_as_an_array_of_them_is() {
    for raw in [
        "[]",
        r#"["a","-----BEGIN PRIVATE KEY-----","MII","x=","-----END PRIVATE KEY-----","b"]"#,
        r#"["k -----BEGIN PRIVATE KEY-----\nMII","--password","b"]"#,
        r#"["run","--password","x","--verbose","--token","-----BEGIN PRIVATE KEY-----","y"]"#,
        r#"["  File \"a.py\", line 1","token=abc12345 \ud83d","[scrubbed]"]"#,
        r#"["{\"password\":\"x\"}","[[\"Cookie\",\"x\"]]","card 4111 1111 1111 1111"]"#,
        r#"["password","x","Cookie","a=1"]"#,
    ] {
        let lines = json::elements(raw).filter_map(json::string).collect();
        let clean = scrubber().json(raw);
        let expected: Vec<_> = json::elements(&clean).filter_map(json::string).collect();
        assert_eq!(scrubber().lines(lines), expected, "{raw}");
    }
}
