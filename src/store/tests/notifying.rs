//! Notifications: decided with what caused them, taken in order, folded when there are too many.

mod choosing;
mod foreseeing;
mod growing;
mod linking;
mod mentioning;
mod summing;

use super::*;
use crate::domain::change::{Change, Mute};
use crate::domain::notify::channel::{Kind, Settings};
use crate::domain::notify::rule::{Quiet, Rule};
use crate::domain::notify::schedule::{
    BURST_MAX, FOLD_AGAIN_MS, FOLD_MS, GIVE_UP_AFTER_MS, KEPT_MS, WAITING_MAX,
};
use crate::domain::notify::verdict::Verdict;
use crate::domain::notify::{Facts, Trigger};
use crate::store::channels::{self, Channel, Made};
use crate::store::erase;
use crate::store::notices::{self, After, Attempted, Next, Notice, State, Wanted};
use crate::store::rules::{self, Named};
use crate::store::seal;

const MINUTE: i64 = 60_000;

fn channel(name: &str) -> Channel {
    Channel {
        id: 0,
        name: name.into(),
        kind: Kind::Webhook,
        enabled: true,
        settings: Settings::default(),
        sealed: vec![1, 2, 3],
        created_at: NOW,
        rests_until: 0,
        trouble: None,
        waiting: 0,
        dead: 0,
    }
}

impl Fixture {
    fn channel(&mut self, name: &str) -> i64 {
        match channels::create(&mut self.writer, &channel(name)).unwrap() {
            Made::Done(made) => made.id,
            other => panic!("{other:?}"),
        }
    }

    fn rule(&mut self, name: &str, rule: Rule) -> i64 {
        match rules::create(&mut self.writer, name, &rule).unwrap() {
            Made::Done(made) => made.id,
            other => panic!("{other:?}"),
        }
    }

    fn notices(&mut self) -> Vec<Notice> {
        let wanted = Wanted { limit: 1_000, ..Wanted::default() };
        let mut all = notices::list(&mut self.writer.db, &wanted).unwrap();
        all.reverse();
        all
    }

    /// What was decided: `trigger issue`.
    fn decided(&mut self) -> Vec<String> {
        let all = self.notices();
        all.iter().map(|one| format!("{} {}", one.trigger.name(), one.issue.unwrap_or(0))).collect()
    }

    fn next(&mut self, channel: i64, now: i64) -> Option<notices::Due> {
        match notices::next(&mut self.writer, channel, now).unwrap() {
            Next::Send(due) => Some(*due),
            _ => None,
        }
    }

    fn after(&mut self, notice: &Notice, at: i64, after: &After) {
        let verdict = match after {
            After::End(State::Sent) => Verdict::sent(200),
            _ => Verdict::unanswered("Nobody is there."),
        };
        let channel = notice.channel;
        let answer = "x".repeat(9_000);
        let attempted = Attempted { channel, at, took_ms: 5, verdict, answer };
        notices::record(&mut self.writer, notice, &attempted, after, (0, None)).unwrap();
    }
}

fn of(line: i64, environment: &str, level: Level) -> Report {
    Report { environment: environment.into(), level, ..report(line) }
}

#[test]
fn without_a_channel_nothing_is_written() {
    let mut store = store();
    store.rule("all", Rule::default());
    store.record_one(report(1));
    assert_eq!(store.notices(), []);
    assert!(store.writer.recorder.outbox.is_idle());
}

#[test]
fn without_a_rule_new_errors_of_live_environments_are_told() {
    let mut store = store();
    store.channel("team");
    store.record_one(report(1));
    store.record_one(report(1));
    store.record_one(of(2, "production", Level::Critical));
    store.record_one(of(3, "production", Level::Warning));
    store.record_one(of(4, "staging", Level::Critical));
    assert_eq!(store.decided(), ["created 1", "created 2"]);
    // New within the rule's scope, although it is known elsewhere.
    store.record_one(of(4, "production", Level::Error));
    store.record_one(of(3, "production", Level::Error));
    store.record_one(Report { version: Some("9".into()), ..of(3, "production", Level::Error) });
    assert_eq!(store.decided()[2..], ["created 4", "created 3"]);
}

#[test]
fn one_fold_makes_one_notice_and_a_repeated_event_none() {
    let mut store = store();
    store.channel("team");
    let id = crate::domain::uuid::parse("0192f0c1-6e0a-7cc3-98c4-dc0c0c073981");
    let again = Report { event_id: id, ..report(1) };
    store.record(vec![again.clone(), of(1, "production", Level::Critical), report(1)]);
    store.record_one(again);
    assert_eq!(store.decided(), ["created 1"]);
    assert_eq!(store.notices()[0].facts.environment.as_deref(), Some("production"));
}

#[test]
fn a_regression_is_told_and_a_muted_issue_is_not() {
    let mut store = store();
    store.channel("team");
    let (id, _) = store.record_one(report(1));
    store.walk_to(id, Status::Deployed, Some("1.2.0"));
    store.record_one(Report { version: Some("1.1.0".into()), ..report(1) });
    assert_eq!(store.decided(), ["created 1"], "an old client");
    store.record_one(report(1));
    assert_eq!(store.decided(), ["created 1", "regressed 1"]);
    let mute = Change { muted_until: Some(Some(Mute::ForEver)), ..Change::default() };
    store.apply(id, &mute);
    store.walk_to(id, Status::Deployed, Some("1.2.0"));
    store.record_one(report(1));
    assert_eq!(store.decided().len(), 2, "muted");
}

#[test]
fn rules_say_what_is_told_and_where() {
    let mut store = store();
    let (one, two) = (store.channel("one"), store.channel("two"));
    let triggers = vec![Trigger::Created, Trigger::Milestone, Trigger::Moved];
    let moved_to = vec!["VERIFYING".to_owned()];
    let rule = Rule { channels: vec![two], triggers, moved_to, ..Rule::default() };
    let id = store.rule("busy", rule.clone());
    assert_eq!(rules::find(&mut store.writer.db, id).unwrap().unwrap().rule, rule);
    store.record((0..12).map(|_| report(1)).collect());
    assert_eq!(store.decided(), ["created 1", "milestone 1"]);
    assert_eq!(store.notices()[1].facts.reports, Some(10));
    store.walk_to(1, Status::PendingFix, None);
    assert_eq!(store.decided()[2..], ["moved 1"]);
    let moved = store.notices().pop().unwrap();
    assert_eq!((moved.channel, moved.facts.who.as_deref()), (two, Some("ann")));
    assert_eq!((moved.rule, moved.facts.note.as_deref()), (Some(id), Some("walked")));
    let off = Named { id, name: "off".into(), rule: Rule { enabled: false, ..rule } };
    assert_eq!(rules::change(&mut store.writer, &off), Ok(Some(Made::Done(off.clone()))));
    store.record_one(report(2));
    assert_eq!(store.decided().len(), 3);
    assert_eq!(rules::list(&mut store.writer.db).unwrap(), [off]);
    assert_eq!(rules::remove(&mut store.writer, id), Ok(true));
    assert_eq!(rules::remove(&mut store.writer, id), Ok(false));
    store.record_one(report(3));
    assert_eq!(store.notices()[3].channel, one, "the default rule reaches all");
}

#[test]
fn many_reports_within_minutes_are_told_once() {
    let mut store = store();
    store.channel("team");
    let triggers = vec![Trigger::Frequent];
    store.rule("often", Rule { triggers, reports: 5, minutes: 2, ..Rule::default() });
    for at in [0, 0, 0, 0, MINUTE, MINUTE, 2 * MINUTE] {
        store.record_one(Report { received_at: NOW + at, ..report(1) });
    }
    assert_eq!(store.decided(), ["frequent 1"]);
}

#[test]
fn a_project_that_fell_silent_is_told_once_and_names_are_read_when_it_is_sent() {
    let mut store = store();
    let id = store.channel("team");
    store
        .rule("dead man", Rule { triggers: vec![Trigger::Silent], minutes: 10, ..Rule::default() });
    store.record_one(report(1));
    for minutes in [9, 10, 11, 500] {
        let Writer { db, recorder, .. } = &mut store.writer;
        recorder.outbox.decide_silence(db, NOW + minutes * MINUTE).unwrap();
    }
    assert_eq!(store.decided(), ["silent 0"]);
    let due = store.next(id, NOW + HOUR).expect("it waits");
    assert_eq!(due.notice.facts.project_id.as_deref(), Some("shop"));
    store.writer.recorder.outbox.reload(&mut store.writer.db).unwrap();
    let Writer { db, recorder, .. } = &mut store.writer;
    recorder.outbox.decide_silence(db, NOW + HOUR).unwrap();
    assert_eq!(store.decided().len(), 1, "also after a start");
}

#[test]
fn an_issue_keeps_its_order_and_others_go_on() {
    let mut store = store();
    let team = store.channel("team");
    let (id, _) = store.record_one(report(1));
    store.walk_to(id, Status::Deployed, None);
    store.record_one(report(1));
    store.record_one(report(2));
    let first = store.next(team, NOW).expect("the oldest");
    assert_eq!((first.notice.trigger, first.notice.issue), (Trigger::Created, Some(1)));
    assert_eq!(first.subject.issue.as_ref().map(|issue| issue.count), Some(2), "as of now");
    assert_eq!(first.subject.event.as_ref().map(|event| event.id), first.notice.event);
    store.after(&first.notice, NOW, &After::Again { at: NOW + 5_000, is_plain: true });
    let other = store.next(team, NOW).expect("another issue's");
    assert_eq!((other.notice.trigger, other.notice.issue), (Trigger::Created, Some(2)));
    store.after(&other.notice, NOW, &After::End(State::Sent));
    assert!(store.next(team, NOW).is_none(), "the regression waits for its first");
    let wait = notices::next(&mut store.writer, team, NOW).unwrap();
    assert!(matches!(wait, Next::WaitUntil(at) if at == NOW + 5_000), "{wait:?}");
    let again = store.next(team, NOW + 5_000).expect("again");
    assert_eq!((again.notice.id, again.notice.attempts, again.notice.is_plain), (1, 1, true));
    assert_eq!(again.notice.key(), first.notice.key(), "the same at every attempt");
    store.after(&again.notice, NOW, &After::End(State::Sent));
    let regressed = store.next(team, NOW).expect("now it may");
    assert_eq!(regressed.notice.trigger, Trigger::Regressed);
    store.after(&regressed.notice, NOW, &After::End(State::Sent));
    assert!(matches!(notices::next(&mut store.writer, team, NOW).unwrap(), Next::Nothing));
    let all = notices::deliveries(&mut store.writer.db, &Wanted { limit: 9, ..Wanted::default() });
    let all = all.unwrap();
    assert_eq!((all.len(), all[3].outcome.as_str(), all[3].answer.len()), (4, "retry", 300));
}

#[test]
fn a_storm_becomes_one_message_that_counts_it() {
    let mut store = store();
    let team = store.channel("team");
    let all: i64 = 1_000;
    for chunk in 0..10 {
        store.record((0..all / 10).map(|n| report(chunk * 100 + n)).collect());
    }
    let waiting = store.notices();
    assert_eq!(waiting.len() as i64, BURST_MAX + 1);
    let folded = waiting.last().unwrap().facts.folded.clone().expect("a summary");
    assert_eq!((folded.created, folded.issues.len()), (all - BURST_MAX, 5));
    for _ in 0..BURST_MAX {
        let due = store.next(team, NOW).expect("one of its own");
        store.after(&due.notice, NOW, &After::End(State::Sent));
    }
    assert!(store.next(team, NOW + FOLD_MS - 1).is_none(), "it gathers for a minute");
    let summary = store.next(team, NOW + FOLD_MS).expect("the summary");
    assert_eq!(summary.subject.folded.len(), 5);
    // What comes while it is sent goes into the next one.
    store.record((0..all).map(|n| report(5_000 + n)).collect());
    store.after(&summary.notice, NOW + FOLD_MS, &After::End(State::Sent));
    let (sent, told) = store.notices().iter().fold((0, 0), |(notices, told), one| {
        (notices + 1, told + one.facts.folded.as_ref().map_or(1, |folded| folded.total()))
    });
    assert_eq!(told, 2 * all, "every one is counted");
    assert_eq!(sent, BURST_MAX + 2);
    assert!(store.next(team, NOW + FOLD_MS + MINUTE).is_none(), "ten minutes from then on");
}

#[test]
fn a_storm_that_goes_on_is_known_after_a_start() {
    let mut store = store();
    let team = store.channel("team");
    store.record((0..50).map(report).collect());
    while let Some(due) = store.next(team, NOW + FOLD_MS) {
        store.after(&due.notice, NOW + FOLD_MS, &After::End(State::Sent));
    }
    store.writer.recorder.outbox = Default::default();
    store.writer.recorder.outbox.reload(&mut store.writer.db).unwrap();
    let later = |n| Report { received_at: NOW + 2 * MINUTE, ..report(n) };
    store.record((50..100).map(later).collect());
    let next_at = store.notices().last().unwrap().next_at;
    assert_eq!(next_at, NOW + 2 * MINUTE + FOLD_AGAIN_MS);
}

#[test]
fn an_open_summary_is_found_again_after_a_start() {
    let mut store = store();
    store.channel("team");
    store.record((0..50).map(report).collect());
    store.writer.recorder.forget(&mut store.writer.db).unwrap();
    store.record((50..100).map(report).collect());
    let told: i64 = store
        .notices()
        .iter()
        .map(|one| one.facts.folded.as_ref().map_or(1, |folded| folded.total()))
        .sum();
    assert_eq!((told, store.notices().len() as i64), (100, BURST_MAX + 1));
}

#[test]
fn a_dead_channel_holds_a_bounded_number() {
    let mut store = store();
    store.channel("team");
    for minute in 0..60 {
        let later = |n| Report { received_at: NOW + minute * MINUTE, ..report(minute * 100 + n) };
        store.record((0..20).map(later).collect());
    }
    assert!(store.notices().len() as i64 <= WAITING_MAX + 10, "{}", store.notices().len());
}

#[test]
fn what_quiet_hours_hold_does_not_crowd_out_what_is_due() {
    let mut store = store();
    let team = store.channel("team");
    let minute = NOW.div_euclid(MINUTE) % 1_440;
    let (from_minute, to_minute) = (minute, (minute + 600) % 1_440);
    let quiet = Quiet {
        from_minute,
        to_minute,
        weekends: false,
        tz_offset_minutes: 0,
        below: Level::Critical,
    };
    store.rule("night", Rule { quiet: Some(quiet), ..Rule::default() });
    let at = |minute: i64, report| Report { received_at: NOW + minute * MINUTE, ..report };
    for minute in 0..60 {
        store.record((0..20).map(|n| at(minute, report(minute * 100 + n))).collect());
    }
    let held = store.notices();
    assert!(held.len() as i64 <= WAITING_MAX + 1, "a bounded number: {}", held.len());
    assert!(store.next(team, NOW + 60 * MINUTE).is_none());
    store.record((0..8).map(|n| at(61, of(9_000 + n, "production", Level::Critical))).collect());
    for _ in 0..8 {
        let due = store.next(team, NOW + 61 * MINUTE).expect("a message of its own");
        assert_eq!(due.notice.trigger, Trigger::Created);
        store.after(&due.notice, NOW, &After::End(State::Sent));
    }
    // The same after a start.
    store.writer.recorder.forget(&mut store.writer.db).unwrap();
    store.record_one(at(62, of(9_100, "production", Level::Critical)));
    assert!(store.next(team, NOW + 62 * MINUTE).is_some());
}

#[test]
fn a_mailbox_gets_a_limited_number_an_hour() {
    let mut store = store();
    let mail = Channel { kind: Kind::Email, ..channel("mail") };
    channels::create(&mut store.writer, &mail).unwrap();
    let hour = (NOW.div_euclid(60 * MINUTE) + 1) * 60 * MINUTE;
    for minute in 0..60 {
        let later = |n| Report { received_at: hour + minute * MINUTE, ..report(minute * 100 + n) };
        store.record((0..5).map(later).collect());
        while let Some(due) = store.next(1, hour + minute * MINUTE) {
            store.after(&due.notice, hour, &After::End(State::Sent));
        }
        if minute == 30 {
            // What it had in this hour is known after a start, too.
            store.writer.recorder.outbox = Default::default();
            store.writer.recorder.outbox.reload(&mut store.writer.db).unwrap();
        }
    }
    let all = store.notices();
    assert!((50..=60).contains(&all.len()), "{}", all.len());
    let told: i64 =
        all.iter().map(|one| one.facts.folded.as_ref().map_or(1, |folded| folded.total())).sum();
    assert_eq!(told, 300, "every one is counted");
}

#[test]
fn what_waits_in_a_database_that_comes_back_is_given_up_and_can_be_tried_again() {
    let mut store = store();
    let team = store.channel("team");
    store.record_one(report(1));
    assert_eq!(notices::give_up(&mut store.writer.db, NOW), Ok(1));
    assert_eq!(store.notices()[0].state, State::Dead);
    assert!(store.next(team, NOW).is_none());
    assert_eq!(notices::replay(&mut store.writer, None, None, NOW), Ok(1));
    assert!(store.next(team, NOW).is_some());
}

#[test]
fn what_a_rollback_undid_is_forgotten() {
    let mut store = store();
    store.channel("team");
    let prepared: Vec<Prepared> =
        (0..30).map(|n| Prepared::new(report(n), &store.recent)).collect();
    let all: Vec<&Prepared> = prepared.iter().collect();
    store.writer.db.begin().unwrap();
    let Writer { db, recorder, happened, .. } = &mut store.writer;
    recorder.record(db, &all, happened).unwrap();
    store.writer.db.rollback();
    store.writer.recorder.forget(&mut store.writer.db).unwrap();
    store.record_one(report(1));
    let told = store.notices();
    let folded: i64 =
        told.iter().filter_map(|one| one.facts.folded.as_ref()).map(|f| f.total()).sum();
    assert!(folded <= 1 && told.len() == 1, "{told:?}");
}

#[test]
fn what_was_given_up_can_be_tried_again_and_is_forgotten_in_the_end() {
    let mut store = store();
    let team = store.channel("team");
    store.record((1..4).map(report).collect());
    let due = store.next(team, NOW).expect("it waits");
    store.after(&due.notice, NOW, &After::End(State::Dead));
    assert_eq!(notices::counts(&mut store.writer.db), Ok((2, 1)));
    let found = notices::find(&mut store.writer.db, due.notice.id).unwrap().expect("it is kept");
    assert_eq!((found.state, found.ended_at), (State::Dead, Some(NOW)));
    assert_eq!(notices::expire(&mut store.writer, NOW + GIVE_UP_AFTER_MS), Ok(2));
    assert_eq!(notices::expire(&mut store.writer, NOW + GIVE_UP_AFTER_MS), Ok(0));
    assert_eq!(notices::replay(&mut store.writer, Some(due.notice.id), None, NOW), Ok(1));
    assert_eq!(notices::replay(&mut store.writer, None, Some(team), NOW), Ok(2));
    assert_eq!(notices::counts(&mut store.writer.db), Ok((3, 0)));
    for _ in 0..3 {
        let due = store.next(team, NOW).expect("again");
        store.after(&due.notice, NOW, &After::End(State::Sent));
    }
    assert_eq!(notices::forget(&mut store.writer.db, NOW + KEPT_MS), Ok(false));
    assert_eq!(store.notices().len(), 3);
    assert_eq!(notices::forget(&mut store.writer.db, NOW + KEPT_MS + 1), Ok(false));
    assert_eq!(store.notices(), []);
}

/// Until noon only what is critical; NOW is 10:30.
fn quiet() -> Option<Quiet> {
    Some(Quiet {
        from_minute: 0,
        to_minute: 12 * 60,
        weekends: false,
        tz_offset_minutes: 0,
        below: Level::Critical,
    })
}

#[test]
fn what_is_critical_does_not_wait_behind_a_quiet_message_of_its_issue() {
    let mut store = store();
    let team = store.channel("team");
    let triggers = vec![Trigger::Created, Trigger::Milestone];
    store.rule("quiet", Rule { quiet: quiet(), triggers, ..Rule::default() });
    store.record_one(report(1));
    let mut more: Vec<Report> = (0..8).map(|_| report(1)).collect();
    more.push(of(1, "production", Level::Critical));
    store.record(more);
    let due = store.next(team, NOW).expect("what is critical");
    assert_eq!((due.notice.trigger, due.notice.issue), (Trigger::Milestone, Some(1)));
    store.after(&due.notice, NOW, &After::End(State::Sent));
    assert!(store.next(team, NOW).is_none(), "the other waits");
}

#[test]
fn quiet_hours_let_a_message_wait() {
    let mut store = store();
    let team = store.channel("team");
    store.rule("quiet", Rule { quiet: quiet(), ..Rule::default() });
    store.record_one(report(1));
    store.record_one(of(2, "production", Level::Critical));
    assert_eq!(store.next(team, NOW).expect("what is critical").notice.issue, Some(2));
    assert_eq!(store.notices()[0].next_at, NOW + HOUR + HOUR / 2);
}

#[test]
fn channels_are_made_changed_and_removed() {
    let mut store = store();
    let id = store.channel("team");
    let taken = channels::create(&mut store.writer, &channel("team"));
    assert_eq!(taken, Ok(Made::NameTaken));
    assert_eq!(rules::create(&mut store.writer, "a", &Rule::default()).map(|_| ()), Ok(()));
    let taken = rules::create(&mut store.writer, "a", &Rule::default());
    assert_eq!(taken, Ok(Made::NameTaken));
    channels::rest(&mut store.writer.db, id, NOW + 9, Some("no such hook")).unwrap();
    let found = channels::find(&mut store.writer.db, id).unwrap().expect("it is there");
    assert_eq!((found.rests_until, found.trouble.as_deref()), (NOW + 9, Some("no such hook")));
    let wanted = Channel { name: "other".into(), enabled: false, ..found };
    assert!(matches!(channels::change(&mut store.writer, &wanted), Ok(Some(Made::Done(_)))));
    let list = channels::list(&mut store.writer.db).unwrap();
    assert_eq!((list[0].rests_until, list[0].trouble.as_ref(), list[0].enabled), (0, None, false));
    store.record_one(report(1));
    assert_eq!(store.notices(), [], "it is off");
    assert_eq!(channels::remove(&mut store.writer, id), Ok(true));
    assert_eq!(channels::remove(&mut store.writer, id), Ok(false));
    let gone = Channel { id: 77, ..channel("x") };
    assert_eq!(channels::change(&mut store.writer, &gone), Ok(None));
}

#[test]
fn what_was_erased_is_not_sent() {
    let mut store = store();
    let team = store.channel("team");
    let (id, _) = store.record_one(report(1));
    let (other, _) = store.record_one(report(2));
    let due = store.next(team, NOW).expect("it waits");
    store.after(&due.notice, NOW, &After::Again { at: NOW, is_plain: false });
    while !erase::issue_step(&mut store.writer.db, id).unwrap().is_none_or(|step| step.done) {}
    assert_eq!(store.next(team, NOW).expect("the other").notice.issue, Some(other));
    assert_eq!(store.decided(), [format!("created {other}")]);
    let all = Wanted { limit: 9, ..Wanted::default() };
    assert_eq!(notices::deliveries(&mut store.writer.db, &all), Ok(Vec::new()));
}

#[test]
fn a_test_is_logged_without_a_notice() {
    let mut store = store();
    let channel = store.channel("team");
    let verdict = Verdict::misconfigured("no");
    let attempted = Attempted { channel, at: NOW, took_ms: 1, verdict, answer: "no".into() };
    notices::log(&mut store.writer.db, None, &attempted).unwrap();
    let wanted = Wanted { channel: Some(channel), limit: 1, ..Wanted::default() };
    let all = notices::deliveries(&mut store.writer.db, &wanted).unwrap();
    assert_eq!(
        (all[0].notice, all[0].trigger.as_str(), all[0].answer.as_str()),
        (None, "test", "no")
    );
    assert_eq!(Facts::default().folded, None);
    let mut bytes = [0; 16];
    seal::fill(&mut bytes).unwrap();
    assert_ne!(bytes, [0; 16]);
}
