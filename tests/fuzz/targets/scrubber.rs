//! Texts and JSON that go through the scrubber, alone and around a planted secret.
//!
//! Held: scrubbing again changes nothing; JSON stays JSON with the same members; what is not taken
//! out stays; the result is bounded; a planted secret is gone, whatever stands around it.

#![no_main]

use std::borrow::Cow;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use log_center::domain::scrub::Scrubber;
use log_center_fuzz::tree::Tree;

const MARK: &str = "[scrubbed]";
const DEPTH_MAX: usize = 60;
/// In every planted secret; nothing that a fuzzer comes upon by chance.
const SECRET: &str = "q7Zk9XvT2mB4wR8y";
const KEYS: [&str; 8] = [
    "password",
    "api_key",
    "Authorization",
    "set-cookie",
    "customerPassword2",
    "access_token",
    "密码",
    "PHPSESSID",
];
/// Secrets that are known by their shape, one a line.
const SHAPES: [&str; 7] = [
    "Bearer q7Zk9XvT2mB4wR8y",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.q7Zk9XvT2mB4wR8y",
    "ghp_q7Zk9XvT2mB4wR8y0123456789abcdefghij",
    "https://bob:q7Zk9XvT2mB4wR8y@db.example/x",
    "-----BEGIN PRIVATE KEY-----\nq7Zk9XvT2mB4wR8y\n-----END PRIVATE KEY-----",
    "4111111111111111",
    "5555 5555 5555 4444",
];

static SCRUBBER: LazyLock<Scrubber> = LazyLock::new(|| Scrubber::new(&[], &[]));

fuzz_target!(|data: &[u8]| {
    let [choice, data @ ..] = data else { return };
    let text = String::from_utf8_lossy(data);
    check_text(&text);
    if let Some(tree) = Tree::read(&text).filter(|tree| tree.depth() <= DEPTH_MAX) {
        check_json(&text, &tree);
    }
    plant_shape(usize::from(*choice), &text);
    plant_under_key(usize::from(*choice), &text);
});

fn check_text(text: &str) {
    let once = SCRUBBER.text(text);
    assert!(once.len() <= 12 * text.len(), "{} of {} bytes", once.len(), text.len());
    let is_changed = matches!(once, Cow::Owned(_));
    assert!(!is_changed || once != text, "copied in vain");
    // Text may become JSON when a secret that kept it from being some is taken out.
    let is_json = Tree::read(text).is_some() || Tree::read(&once).is_some();
    if !is_json {
        let mut rest = text;
        for kept in once.split(MARK) {
            let at = rest.find(kept).unwrap_or_else(|| panic!("{kept:?} is not what stood there"));
            rest = &rest[at + kept.len()..];
        }
    }
    assert_eq!(SCRUBBER.text(&once), once, "a second time");
}

fn check_json(raw: &str, tree: &Tree) {
    let once = SCRUBBER.json(raw);
    assert!(once.len() <= 14 * raw.len(), "{} of {} bytes", once.len(), raw.len());
    let clean = Tree::read(&once).expect("it stays JSON");
    check_same(tree, &clean);
    // Numbers may be too large for some readers, before as after.
    let is_readable = |json: &str| serde_json::from_str::<serde_json::Value>(json).is_ok();
    assert!(is_readable(&once) || !is_readable(raw), "others cannot read it: {once}");
    assert_eq!(SCRUBBER.json(&once), once, "a second time");
}

/// The same members and elements, but for values that were taken out.
fn check_same(before: &Tree, after: &Tree) {
    match (before, after) {
        (_, Tree::Text(text)) if text.contains(MARK) => {}
        (Tree::List(before), Tree::List(after)) => {
            assert_eq!(before.len(), after.len(), "elements were lost");
            for ((_, before), (_, after)) in before.iter().zip(after) {
                check_same(before, after);
            }
        }
        (Tree::Object(before), Tree::Object(after)) => {
            assert_eq!(before.len(), after.len(), "members were lost");
            for ((name, _, before), (also, _, after)) in before.iter().zip(after) {
                assert!(name == also || also.contains(MARK), "{name} became {also}");
                check_same(before, after);
            }
        }
        // Text that is JSON itself is written anew where something was taken out of it.
        (Tree::Text(before), Tree::Text(after)) => assert_eq!(before, after),
        (before, after) => assert_eq!(before, after),
    }
}

/// On a line of its own between two halves of the text.
fn plant_shape(choice: usize, text: &str) {
    let secret = SHAPES[choice % SHAPES.len()];
    let mut half = text.len() * (choice / SHAPES.len() % 8) / 7;
    while !text.is_char_boundary(half) {
        half -= 1;
    }
    let (before, after) = text.split_at(half);
    let digits = secret.as_bytes()[0].is_ascii_digit();
    let telling = if digits { secret } else { SECRET };
    if text.contains(telling) {
        return;
    }
    let whole = format!("{before}\n{secret}\n{after}");
    let clean = SCRUBBER.text(&whole);
    assert!(!clean.contains(telling), "{secret} stayed in {clean:?}");
    let in_json = serde_json::json!({ "note": whole, "list": [text, whole] }).to_string();
    let clean = SCRUBBER.json(&in_json);
    let clean: serde_json::Value = serde_json::from_str(&clean).expect("it stays JSON");
    for text in [&clean["note"], &clean["list"][1]] {
        // Not in the raw text, where an escape may end in such digits.
        let text = text.as_str().expect("it stays text");
        assert!(!text.contains(telling), "{secret} stayed in {text:?}");
    }
}

/// As the value of a secret's key, beside and around what the fuzzer made.
fn plant_under_key(choice: usize, text: &str) {
    if text.contains(SECRET) {
        return;
    }
    let key = KEYS[choice % KEYS.len()];
    let value = format!("{text}{SECRET}{text}");
    let beside: serde_json::Value = serde_json::from_str(text).unwrap_or_else(|_| text.into());
    let inner = serde_json::json!({ "a": beside, key: value, "z": text });
    let whole = match choice / KEYS.len() % 5 {
        0 => inner,
        1 => serde_json::json!({ "body": inner.to_string(), "beside": beside }),
        2 => serde_json::json!([{ "name": key, "value": value }, { "value": [value], "key": key }]),
        3 => serde_json::json!({ "headers": ["Host", text, key, value], "x": [[key, value]] }),
        _ => serde_json::json!({ key: { text: [value, beside] }, "x": [beside] }),
    };
    let whole = whole.to_string();
    let clean = SCRUBBER.json(&whole);
    assert!(!clean.contains(SECRET), "{whole} became {clean}");
}
