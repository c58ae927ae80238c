//! The configuration file of `serve`: TOML, in which `env:NAME` stands for a secret.

use std::path::Path;

use serde_json::Value;

/// What a value that stands in a variable begins with.
const VARIABLE: &str = "env:";
/// Members that may stand in a variable: of a file in git they must.
const SECRET: [&str; 4] = ["url", "secret", "token", "user"];

/// Reads a file. The error is one sentence.
pub(super) fn read(path: &Path) -> Result<Value, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("The configuration file {shown} cannot be read: {error}."))?;
    parse(&text, |name| std::env::var(name).ok())
        .map_err(|why| format!("The configuration file {shown} cannot be used: {why}."))
}

fn parse(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Value, String> {
    let mut file: Value = toml::from_str(text).map_err(|error| {
        let before = error.span().map_or(0, |span| span.start);
        let line = text.get(..before).map_or(1, |before| before.matches('\n').count() + 1);
        format!("line {line}: {}", error.message())
    })?;
    for (name, tables) in file.as_object_mut().into_iter().flatten() {
        if !["channel", "rule"].contains(&name.as_str()) {
            return Err(format!("it has [[channel]] and [[rule]], and no {name}"));
        }
        for table in tables.as_array_mut().into_iter().flatten() {
            for member in SECRET {
                resolve(table, member, &variable)?;
            }
        }
    }
    Ok(file)
}

/// Puts a variable's value in its name's place.
fn resolve(
    table: &mut Value,
    member: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(), String> {
    let Some(name) = table[member].as_str().and_then(|text| text.strip_prefix(VARIABLE)) else {
        return Ok(());
    };
    let value = variable(name).filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| format!("the variable {name} is not set"))?;
    table[member] = value.trim().into();
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(text: &str) -> Result<Value, String> {
        parse(text, |name| (name == "HOOK").then(|| "https://hooks.example.org/x\n".into()))
    }

    #[test]
    fn a_secret_may_stand_in_a_variable() {
        let text = "[[channel]]\nname = \"team\"\nurl = \"env:HOOK\"\n[[rule]]\nname = \"a\"\n";
        let expected = json!({
            "channel": [{"name": "team", "url": "https://hooks.example.org/x"}],
            "rule": [{"name": "a"}],
        });
        assert_eq!(parsed(text), Ok(expected));
        assert_eq!(parsed(""), Ok(json!({})));
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_place() {
        let table = [
            ("[[channel]]\nurl = \"env:NONE\"", "the variable NONE is not set"),
            ("[[channels]]", "it has [[channel]] and [[rule]], and no channels"),
            ("a = 1\nb = ", "line 2: "),
        ];
        for (text, expected) in table {
            let why = parsed(text).expect_err(text);
            assert!(why.starts_with(expected), "{why}");
        }
    }
}
