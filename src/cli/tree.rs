//! JSON from a report as an indented tree. Nothing is left out, and everything is made harmless.

use serde_json::Value;

use super::terminal;

/// Columns of one step inwards.
const STEP: usize = 2;
/// Steps inwards that are shown as such; what lies deeper stands on one line as JSON.
const DEPTH_MAX: usize = 12;

/// The lines of a value, each `indent` columns in and at most `columns` long.
pub(super) fn lines(value: &Value, indent: usize, columns: Option<usize>) -> String {
    let mut tree = Tree { out: Vec::new(), columns };
    tree.members(value, indent);
    tree.out.join("\n")
}

/// A value on one line: text as it is, all else as JSON.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

struct Tree {
    out: Vec<String>,
    columns: Option<usize>,
}

impl Tree {
    fn members(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    self.member(&format!("{name}:"), value, indent);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.member("-", item, indent);
                }
            }
            one => self.put(&plain(one), indent),
        }
    }

    fn member(&mut self, name: &str, value: &Value, indent: usize) {
        let name = terminal::line(name);
        let has_members = match value {
            Value::Object(members) => !members.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => false,
        };
        if has_members && indent < DEPTH_MAX * STEP {
            self.put(&name, indent);
            return self.members(value, indent + STEP);
        }
        let text = match value {
            Value::String(text) if text.is_empty() => "\"\"".to_owned(),
            Value::Null => "null".to_owned(),
            one => plain(one),
        };
        if text.contains('\n') {
            self.put(&name, indent);
            return self.put(&text, indent + STEP);
        }
        self.put(&format!("{name} {text}"), indent);
    }

    fn put(&mut self, text: &str, indent: usize) {
        let margin = " ".repeat(indent);
        for line in terminal::block(text).split('\n') {
            let line = format!("{margin}{line}");
            self.out.push(terminal::fold(&line, self.columns, indent + STEP));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tree_shows_everything() {
        let value = json!({
            "a": {"b": [1, {"c": null}], "e": {}},
            "text": "one\ntwo",
            "x\u{1b}[31m": "",
        });
        let expected = "  a:\n    b:\n      - 1\n      -\n        c: null\n    e: {}\n  text:\n    \
                        one\n    two\n  x\u{fffd}[31m: \"\"";
        assert_eq!(lines(&value, 2, Some(80)), expected);
    }

    #[test]
    fn what_lies_very_deep_stands_on_one_line() {
        let mut value = json!(1);
        for _ in 0..40 {
            value = json!({ "n": value });
        }
        let text = lines(&value, 0, Some(80));
        assert!(text.lines().all(|line| terminal::columns_of(line) <= 80), "{text}");
        assert_eq!(text.matches('n').count(), 40);
    }
}
