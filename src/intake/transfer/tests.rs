//! What is no line of an export is said, with its line and its member.

use super::*;
use crate::domain::scrub::Scrubber;
use crate::intake::RecentErrors;

fn read(body: &str) -> Result<Vec<ReadLine>, Vec<Fault>> {
    let scrubber = Scrubber::new(&[], &[]);
    Intake { scrubber: &scrubber, recent: &RecentErrors::default(), now: 0 }
        .transfer(body.as_bytes(), 5)
}

fn faults(body: &str) -> Vec<String> {
    let faults = read(body).expect_err(body);
    faults.into_iter().map(|fault| format!("{}: {}", fault.field, fault.message)).collect()
}

#[test]
fn every_line_counts_and_a_fault_names_its_own() {
    let version = r#"{"kind":"version","project_id":"shop","version":"1.2"}"#;
    let body = format!("{version}\n\n{version}\n");
    let numbers: Vec<i64> = read(&body).expect("valid").iter().map(|line| line.number).collect();
    assert_eq!(numbers, [5, 7]);
    assert_eq!(lines(body.as_bytes()).count(), 3);
    assert_eq!(lines(b"").count(), 0);
    let two = format!("{version}\n{{}}\n[1]\n");
    assert_eq!(
        faults(&two),
        ["line 6, kind: is missing", "line 7: expected a JSON object, got an array"]
    );
}

#[test]
fn hostile_lines_are_refused() {
    let table = [
        (r#"{"kind":"rows"}"#, "line 5, kind: expected a kind of record, got \"rows\""),
        (
            r#"{"kind":"version","project_id":"a/b","version":"1"}"#,
            "line 5, project_id: expected a project's name",
        ),
        (
            r#"{"kind":"version","project_id":"a","version":"1","x":1}"#,
            "line 5, x: is not a member of this record",
        ),
        (
            r#"{"kind":"environment","project_id":"a","environment":7}"#,
            "line 5, environment: expected a text of 1 to 64 characters, got 7",
        ),
        (
            r#"{"kind":"memory","at":"2026-01-30T10:30:00.000Z","ids":[["zz",1]]}"#,
            "line 5, ids: expected pairs of 32 hex digits and an issue's number",
        ),
        (
            r#"{"kind":"project","number":-1}"#,
            "line 5, number: expected an integer from 1 to 9007199254740991, got -1",
        ),
        (
            r#"{"kind":"history","issue_id":1,"entry":{"kind":"rm"}}"#,
            "line 5, entry.kind: expected move, comment, assign, mute, deploy or regression",
        ),
        (
            r#"{"kind":"header","format":2,"any":"thing"}"#,
            "line 5, format: the file has format 2 and this Log Center reads formats up to 1: \
             install a newer one",
        ),
    ];
    for (line, expected) in table {
        assert_eq!(faults(line)[0], expected);
    }
    assert_eq!(faults(&"[".repeat(9_000)).len(), 1);
    assert_eq!(faults(&"{}\n".repeat(9_000)).len(), FAULTS_MAX);
}
