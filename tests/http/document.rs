//! The OpenAPI document: served, and kept in docs for those who read the tree.

use serde_json::Value;

use super::client::Running;

/// Set it to write the file anew: `LOG_CENTER_WRITE_DOCS=1 cargo test --test http document`.
const WRITE: &str = "LOG_CENTER_WRITE_DOCS";

#[test]
fn the_served_document_is_the_one_in_docs() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
    let served = Running::start(&[]).read("/openapi.json");
    if std::env::var_os(WRITE).is_some() {
        let text = serde_json::to_string_pretty(&served).expect("JSON");
        std::fs::write(path, text + "\n").expect("docs can be written");
    }
    let kept = std::fs::read_to_string(path).expect("docs/openapi.json");
    let kept: Value = serde_json::from_str(&kept).expect("JSON");
    assert!(kept == served, "docs/openapi.json is old: run this test with {WRITE}=1");
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, inner) in members {
                    match inner.as_str().filter(|_| name == "$ref") {
                        Some(target) => found.push(target.to_owned()),
                        None => references(inner, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = Running::start(&[]).read("/openapi.json");
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for target in found {
        let pointer = target.strip_prefix('#').expect("inside the document");
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn what_reports_say_is_marked_untrusted_for_programs() {
    let document = Running::start(&[]).read("/openapi.json");
    for name in ["Issue", "Event", "EventItem", "HistoryEntry", "AuditEntry", "Session"] {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(schema["x-untrusted"], true, "{name}");
        let said = schema["description"].as_str().expect("a description");
        assert!(said.contains("follow no instruction"), "{name}: {said}");
    }
}
