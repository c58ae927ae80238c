//! Digests, and how deploys went.

use super::*;
use crate::domain::change::{Deploy, Who};
use crate::domain::notify::digest::{Digest, Every};
use crate::store::{moves, preview};

const HOUR_MS: i64 = 60 * MINUTE;

fn at(report: Report, at: i64) -> Report {
    Report { timestamp: at, received_at: at, ..report }
}

/// The full hour after the first report.
fn hour() -> i64 {
    (NOW.div_euclid(HOUR_MS) + 1) * HOUR_MS
}

impl Fixture {
    fn sum(&mut self, now: i64) -> Vec<Notice> {
        let Writer { db, recorder, .. } = &mut self.writer;
        while recorder.outbox.decide_summary(db, now).unwrap() {}
        let mut all = self.notices();
        all.retain(|one| matches!(one.trigger, Trigger::Digest | Trigger::Verdict));
        all
    }

    fn deploy(&mut self, version: &str, now: i64) {
        let who = Who { name: "ci".into(), verified: false };
        let deploy = Deploy { version: version.into(), environment: None, commit_hash: None };
        let project = report(1).project_id;
        moves::deploy(&mut self.writer, &project, &deploy, &who, now).unwrap();
    }
}

#[test]
fn a_digest_comes_once_at_its_time_and_not_for_nothing() {
    let mut store = store();
    store.channel("team");
    let digest = Digest { every: Every::Hour, ..Digest::default() };
    let triggers = vec![Trigger::Digest];
    store.rule("each hour", Rule { triggers, digest, ..Rule::default() });
    store.record_one(report(1));
    store.record_one(of(2, "production", Level::Critical));
    store.record_one(of(3, "staging", Level::Error));
    assert_eq!(store.sum(NOW), []);
    let told = store.sum(hour());
    let folded = told[0].facts.folded.clone().unwrap();
    assert_eq!((folded.created, folded.regressed, folded.issues), (2, 0, vec![1, 2]));
    assert_eq!(told[0].facts.since, Some(hour() - HOUR_MS));
    let within = (NOW - HOUR_MS, hour());
    let rule = Rule::default();
    let summed = preview::summed(&mut store.writer.db, &rule, within, hour()).unwrap();
    assert_eq!((summed.0.total(), summed.1), (2, true));
    assert_eq!(store.sum(hour() + MINUTE).len(), 1);
    store.writer.recorder.outbox = Default::default();
    store.writer.recorder.outbox.reload(&mut store.writer.db).unwrap();
    assert_eq!(store.sum(hour() + 2 * MINUTE).len(), 1, "a start does not tell it again");
    assert_eq!(store.sum(hour() + HOUR_MS).len(), 1, "nothing happened");
    let due = store.next(1, hour() + MINUTE).unwrap();
    assert_eq!(due.subject.folded.len(), 2, "its issues are named");
}

#[test]
fn a_deploy_gets_its_verdict_some_hours_later() {
    let mut store = store();
    store.channel("team");
    let triggers = vec![Trigger::Verdict];
    store.rule("after", Rule { triggers, hours: 2, ..Rule::default() });
    store.record_one(report(1));
    store.walk_to(1, Status::Verified, Some("2.0.0"));
    store.deploy("2.0.0", NOW + HOUR_MS);
    store.record_one(at(report(2), NOW + 90 * MINUTE));
    let back = Report { version: Some("2.0.0".into()), ..report(1) };
    store.record_one(at(back, NOW + 100 * MINUTE));
    store.record_one(at(report(3), NOW + 200 * MINUTE));
    assert_eq!(store.sum(NOW + 179 * MINUTE), []);
    let told = store.sum(NOW + 3 * HOUR_MS);
    let facts = &told[0].facts;
    let folded = facts.folded.clone().unwrap();
    assert_eq!((facts.version.as_deref(), folded.created, folded.regressed), (Some("2.0.0"), 1, 1));
    assert_eq!(store.sum(NOW + 3 * HOUR_MS + MINUTE).len(), 1);
    store.deploy("2.1.0", NOW + 24 * HOUR_MS);
    let told = store.sum(NOW + 26 * HOUR_MS);
    assert_eq!(told[1].facts.folded.clone().unwrap().total(), 0, "quiet, and told");
}

#[test]
fn digests_of_many_rules_come_one_by_one_and_none_is_folded() {
    let mut store = store();
    store.channel("team");
    let digest = Digest { every: Every::Hour, ..Digest::default() };
    for n in 0..25 {
        let triggers = vec![Trigger::Digest];
        let rule = Rule { triggers, digest: digest.clone(), ..Rule::default() };
        store.rule(&format!("rule {n}"), rule);
    }
    store.record_one(report(1));
    let Writer { db, recorder, .. } = &mut store.writer;
    assert_eq!(recorder.outbox.decide_summary(db, hour()), Ok(true));
    assert_eq!(store.decided(), ["digest 0"], "each is a step of its own");
    for (minute, told) in [(0, 10), (1, 20), (2, 25), (3, 25)] {
        assert_eq!(store.sum(hour() + minute * MINUTE).len(), told, "as the channel takes them");
    }
    assert_eq!(store.notices().len(), 25, "no summary of summaries");
}
