//! What a rule covers: type, file, version, and a query that each report has to meet.

use super::*;

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|one| (*one).to_owned()).collect()
}

fn asking(query: &str) -> Rule {
    Rule { query: query.into(), ..Rule::default() }
}

fn from_version(version: &str) -> Report {
    Report { version: Some(version.into()), ..report(1) }
}

#[test]
fn a_rule_covers_files_and_versions() {
    let mut store = store();
    store.channel("team");
    let file = report(1).error.file_path.clone();
    store.rule("there", Rule { paths: vec![file], versions: words(&["2.*"]), ..Rule::default() });
    store.rule("elsewhere", Rule { paths: words(&["other/*"]), ..Rule::default() });
    store.record_one(from_version("1.9"));
    store.record_one(Report { version: None, ..report(2) });
    assert_eq!(store.decided(), Vec::<String>::new());
    // Known before, but not in such a version.
    store.record_one(from_version("2.0"));
    store.record_one(from_version("2.1"));
    assert_eq!(store.decided(), ["created 1"]);
}

#[test]
fn a_query_is_asked_of_each_report() {
    let mut store = store();
    store.channel("team");
    store.rule("ours", asking("version:2.* level:critical !user:probe"));
    store.record_one(from_version("2.0"));
    let critical = Report { level: Level::Critical, ..from_version("2.0") };
    let mut probe = critical.clone();
    probe.known.user_id = Some("probe".into());
    store.record_one(probe);
    assert_eq!(store.decided(), Vec::<String>::new(), "another level, and a probe's");
    store.record(vec![report(2), Report { level: Level::Critical, ..report(2) }]);
    assert_eq!(store.decided(), Vec::<String>::new(), "no such version");
    let mut late = Report { level: Level::Critical, ..from_version("2.1") };
    late.known.user_id = Some("ann".into());
    store.record_one(late);
    // Of the slice in which the probe was, nobody knows whose report it was.
    assert_eq!(store.decided(), Vec::<String>::new());
}

#[test]
fn a_query_may_ask_how_the_issue_stands() {
    let mut store = store();
    store.channel("team");
    let triggers = vec![Trigger::Created, Trigger::Regressed, Trigger::Milestone];
    store.rule("big", Rule { triggers: triggers.clone(), ..asking("count:>50") });
    store.rule("back", Rule { triggers, ..asking("is:regressed assignee:ann") });
    store.record((0..20).map(|_| report(1)).collect());
    assert_eq!(store.decided(), Vec::<String>::new());
    store.record((0..90).map(|_| report(1)).collect());
    assert_eq!(store.decided(), ["milestone 1"]);
    store.apply(1, &Change { assignee: Some(Some("ann".into())), ..Change::default() });
    store.walk_to(1, Status::Deployed, Some("1.2.0"));
    store.record_one(report(1));
    assert_eq!(store.decided()[1..], ["regressed 1"]);
}

#[test]
fn a_move_is_told_when_the_rule_holds_for_a_place_of_its_issue() {
    let mut store = store();
    store.channel("team");
    let rule = |query: &str| Rule { triggers: vec![Trigger::Moved], ..asking(query) };
    store.rule("new one", rule("version:2.*"));
    store.record_one(from_version("1.0"));
    store.record_one(Report { version: Some("2.0".into()), ..report(2) });
    store.walk_to(1, Status::Verifying, None);
    assert_eq!(store.decided(), Vec::<String>::new());
    store.walk_to(2, Status::Verifying, None);
    assert_eq!(store.decided(), ["moved 2"]);
}
