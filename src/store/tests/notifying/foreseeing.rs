//! What a rule would have sent, out of what is stored.

use super::*;
use crate::store::counts::HOUR_MS;
use crate::store::preview::{self, DAYS, Foreseen, Preview, SHOWN_MAX};

impl Fixture {
    fn foresee(&mut self, rule: &Rule, now: i64) -> Preview {
        preview::foresee(&mut self.writer.db, rule, now).unwrap()
    }
}

fn at(line: i64, at: i64) -> Report {
    Report { timestamp: at, received_at: at, ..report(line) }
}

fn named(preview: &Preview) -> Vec<String> {
    let name = |one: &Foreseen| {
        format!("{} {} {}", one.trigger.name(), one.issue.unwrap_or(0), (one.at - NOW) / MINUTE)
    };
    preview.shown.iter().map(name).collect()
}

#[test]
fn a_preview_tells_what_was_told_in_these_days() {
    let mut store = store();
    store.channel("team");
    let triggers = vec![Trigger::Created, Trigger::Regressed, Trigger::Milestone, Trigger::Moved];
    let rule = Rule { triggers, moved_to: vec!["VERIFYING".into()], ..Rule::default() };
    store.rule("all", rule.clone());
    store.record_one(report(1));
    store.record_one(of(2, "staging", Level::Error));
    store.record((0..12).map(|_| at(3, NOW + 5 * MINUTE)).collect());
    store.walk_to(1, Status::Deployed, Some("1.2.0"));
    store.record_one(at(1, NOW + 9 * MINUTE));
    let preview = store.foresee(&rule, NOW + HOUR_MS);
    let mut told = store.decided();
    let mut foreseen: Vec<String> = preview
        .shown
        .iter()
        .map(|one| format!("{} {}", one.trigger.name(), one.issue.unwrap_or(0)))
        .collect();
    told.sort();
    foreseen.sort();
    assert_eq!(foreseen, told);
    assert_eq!((preview.messages, preview.happenings), (5, 5));
    assert!(preview.is_complete && preview.estimated.is_empty());
    assert_eq!(named(&preview)[0], "regressed 1 9", "the newest first");
    assert_eq!(store.notices().len(), 5, "nothing was written");
}

#[test]
fn a_preview_obeys_the_rule_and_its_query() {
    let mut store = store();
    store.record_one(report(1));
    store.record_one(of(1, "staging", Level::Critical));
    store.record_one(Report { version: Some("9.0".into()), ..of(2, "staging", Level::Error) });
    let number = |store: &mut Fixture, rule: &Rule| store.foresee(rule, NOW + MINUTE).messages;
    let everywhere = Rule { environments: Some(vec![]), ..Rule::default() };
    let asking = |query: &str| Rule { query: query.into(), ..everywhere.clone() };
    let table = [
        (Rule::default(), 1),
        (everywhere.clone(), 2),
        (asking("version:9.*"), 1),
        (asking("!env:staging"), 1),
        (asking("level:critical"), 1),
        (asking("nosuchword"), 0),
        (Rule { enabled: false, ..everywhere.clone() }, 2),
        (Rule { projects: vec!["other".into()], ..everywhere.clone() }, 0),
        (Rule { paths: vec!["nowhere.py".into()], ..everywhere.clone() }, 0),
    ];
    for (rule, expected) in table {
        assert_eq!(number(&mut store, &rule), expected, "{rule:?}");
    }
    assert_eq!(store.foresee(&asking("user:7"), NOW).estimated, everywhere.triggers);
    let mute = Change { muted_until: Some(Some(Mute::ForEver)), ..Change::default() };
    store.apply(1, &mute);
    assert_eq!(number(&mut store, &everywhere), 1, "muted");
}

#[test]
fn a_preview_looks_back_a_week_and_sums_up_what_is_too_much() {
    let mut store = store();
    store.record_one(report(1));
    store.record((2..50).map(|line| at(line, NOW + MINUTE)).collect());
    let preview = store.foresee(&Rule::default(), NOW + DAYS * 24 * HOUR_MS);
    assert_eq!((preview.messages, preview.happenings), (12, 49));
    assert_eq!(preview.shown.len(), SHOWN_MAX);
    let later = store.foresee(&Rule::default(), NOW + DAYS * 24 * HOUR_MS + 1);
    assert_eq!((later.messages, later.happenings), (11, 48), "the first is too old");
}

#[test]
fn a_preview_tells_of_many_and_of_none_as_far_as_hours_prove_it() {
    let mut store = store();
    store.record((0..60).map(|nth| at(1, NOW + nth * 1_000)).collect());
    store.record((0..60).map(|nth| at(2, NOW + nth * 59_000)).collect());
    let rule = |trigger, reports, minutes| Rule {
        triggers: vec![trigger],
        reports,
        minutes,
        ..Rule::default()
    };
    let frequent = store.foresee(&rule(Trigger::Frequent, 20, 5), NOW + 2 * HOUR_MS);
    assert_eq!(named(&frequent), ["frequent 1 0"]);
    assert_eq!(frequent.estimated, [Trigger::Frequent]);
    store.record_one(at(3, NOW + 5 * HOUR_MS));
    let silent = store.foresee(&rule(Trigger::Silent, 1, 120), NOW + 6 * HOUR_MS);
    assert_eq!(silent.messages, 1);
    let silent = store.foresee(&rule(Trigger::Silent, 1, 120), NOW + 8 * HOUR_MS);
    assert_eq!(silent.messages, 2, "and since");
}

#[test]
fn a_preview_of_mailboxes_obeys_what_they_take_in_an_hour() {
    let mut store = store();
    let rule = Rule::default();
    let hour = NOW.div_euclid(HOUR_MS) * HOUR_MS;
    for minute in 0..30 {
        store.record((0..5).map(|n| at(minute * 10 + n, hour + minute * MINUTE)).collect());
    }
    let messages = |store: &mut Fixture| store.foresee(&rule, hour + HOUR_MS).messages;
    assert_eq!(messages(&mut store), 150);
    let mail = Channel { kind: Kind::Email, ..channel("mail") };
    channels::create(&mut store.writer, &mail).unwrap();
    let bounded = messages(&mut store);
    assert!((55..=60).contains(&bounded), "{bounded}");
    store.channel("team");
    assert_eq!(messages(&mut store), 150, "the chat gets all of them");
}
