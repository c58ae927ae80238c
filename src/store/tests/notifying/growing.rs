//! Spread, spikes and trouble.

use super::*;
use crate::store::outbox::Trouble;
use crate::store::rising;

const HOUR_MS: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR_MS;

fn at(report: Report, at: i64) -> Report {
    Report { timestamp: at, received_at: at, ..report }
}

fn on(trigger: Trigger) -> Rule {
    Rule { triggers: vec![trigger], environments: Some(vec![]), ..Rule::default() }
}

impl Fixture {
    fn spikes(&mut self, now: i64) -> Vec<String> {
        let Writer { db, recorder, .. } = &mut self.writer;
        recorder.outbox.decide_spikes(db, now).unwrap();
        self.decided()
    }

    fn troubles(&mut self, troubles: &[Trouble], now: i64) -> Vec<String> {
        let Writer { db, recorder, .. } = &mut self.writer;
        recorder.outbox.decide_trouble(db, troubles, now).unwrap();
        let all = self.notices();
        let code = |one: &Notice| one.facts.trouble.clone().unwrap_or_default();
        all.iter().map(|one| format!("{} {}", code(one), one.channel)).collect()
    }
}

fn by(user: i64, report: Report) -> Report {
    let mut report = report;
    report.known.user_id = Some(format!("u{user}"));
    report
}

#[test]
fn an_old_issue_that_reaches_more_is_told() {
    let mut store = store();
    store.channel("team");
    store.rule("grows", on(Trigger::Spread));
    store.record_one(report(1));
    store.record_one(at(of(1, "staging", Level::Error), NOW + HOUR_MS));
    assert_eq!(store.decided(), Vec::<String>::new(), "everything of a new issue is new");
    store.record_one(at(of(1, "eu", Level::Error), NOW + DAY));
    let told = store.notices().pop().unwrap();
    assert_eq!((told.trigger, told.facts.environment.as_deref()), (Trigger::Spread, Some("eu")));
    let newer = Report { version: Some("9.9".into()), ..report(1) };
    store.record_one(at(newer.clone(), NOW + DAY + MINUTE));
    assert_eq!(store.decided().len(), 1, "once a day");
    let newest = Report { version: Some("9.10".into()), ..newer };
    store.record_one(at(newest.clone(), NOW + 3 * DAY));
    store.record_one(at(newest, NOW + 5 * DAY));
    assert_eq!(store.decided().len(), 2);
    assert_eq!(store.notices()[1].facts.version.as_deref(), Some("9.10"));
}

#[test]
fn an_old_issue_that_reaches_many_users_is_told() {
    let mut store = store();
    store.channel("team");
    store.rule("grows", on(Trigger::Spread));
    store.record((0..3).map(|user| by(user, report(1))).collect());
    store.record((3..12).map(|user| at(by(user, report(1)), NOW + DAY)).collect());
    let told = store.notices();
    assert_eq!(told.iter().map(|one| one.facts.users).collect::<Vec<_>>(), [Some(10)]);
    store.record((3..14).map(|user| at(by(user, report(1)), NOW + DAY)).collect());
    assert_eq!(store.decided().len(), 1);
}

#[test]
fn a_spike_is_told_once_until_it_is_over() {
    let mut store = store();
    store.channel("team");
    store.rule("spikes", on(Trigger::Spike));
    store.rule("elsewhere", Rule { projects: vec!["other".into()], ..on(Trigger::Spike) });
    store.record_one(report(1));
    let now = NOW + 2 * DAY;
    store.record((0..30).map(|_| at(report(1), now)).collect());
    store.record((0..30).map(|_| at(report(2), now)).collect());
    let at_least = |store: &mut Fixture, reports| {
        rising::at_least(&mut store.writer.db, reports, now).unwrap()
    };
    assert_eq!(at_least(&mut store, 30), [(1, 30, 1), (2, 30, 0)]);
    assert_eq!(at_least(&mut store, 31), []);
    assert_eq!(store.spikes(now), ["spike 1"], "the other one has no history");
    assert_eq!(store.notices()[0].facts.reports, Some(30));
    assert_eq!(store.spikes(now + MINUTE).len(), 1);
    store.writer.recorder.outbox = Default::default();
    store.writer.recorder.outbox.reload(&mut store.writer.db).unwrap();
    assert_eq!(store.spikes(now + 2 * MINUTE).len(), 1, "a start does not tell it again");
    let later = now + 12 * HOUR_MS;
    assert_eq!(store.spikes(later).len(), 1, "over");
    store.record((0..300).map(|_| at(report(1), later)).collect());
    assert_eq!(store.spikes(later).len(), 2);
}

#[test]
fn trouble_is_told_once_and_a_failing_channel_to_the_others() {
    let mut store = store();
    let (one, two) = (store.channel("one"), store.channel("two"));
    let low = Trouble { code: "disk_low", refused: 0 };
    assert_eq!(
        store.troubles(std::slice::from_ref(&low), NOW),
        Vec::<String>::new(),
        "no rule asks"
    );
    store.rule("ours", on(Trigger::Trouble));
    assert_eq!(store.troubles(std::slice::from_ref(&low), NOW), ["disk_low 1", "disk_low 2"]);
    assert_eq!(store.troubles(&[low], NOW + MINUTE).len(), 2, "it goes on");
    channels::rest(&mut store.writer.db, one, NOW, Some("its hook is gone")).unwrap();
    assert_eq!(store.troubles(&[], NOW + MINUTE)[2..], [format!("channel {two}")]);
    let due = store.next(two, NOW + MINUTE).unwrap();
    assert_eq!(due.notice.facts.trouble.as_deref(), Some("disk_low"));
    store.after(&due.notice, NOW + MINUTE, &After::End(State::Sent));
    let due = store.next(two, NOW + MINUTE).unwrap();
    assert_eq!(due.notice.facts.channel_name.as_deref(), Some("one"));
    let full = Trouble { code: "queue_full", refused: 7 };
    assert_eq!(store.troubles(&[full], NOW + 2 * MINUTE).len(), 5);
}

#[test]
fn quiet_hours_hold_a_failing_channel_and_neither_refusals_nor_silence() {
    let mut store = store();
    let (one, two) = (store.channel("one"), store.channel("two"));
    let minute = NOW.div_euclid(MINUTE) % 1_440;
    let quiet = Quiet {
        from_minute: minute,
        to_minute: (minute + 600) % 1_440,
        weekends: false,
        tz_offset_minutes: 0,
        below: Level::Critical,
    };
    let triggers = vec![Trigger::Trouble, Trigger::Silent];
    let channels = vec![two];
    let rule = Rule { triggers, channels, minutes: 60, quiet: Some(quiet), ..Rule::default() };
    store.rule("night", rule);
    store.record_one(report(1));
    channels::rest(&mut store.writer.db, one, NOW, Some("its hook is gone")).unwrap();
    let now = NOW + 2 * HOUR_MS;
    store.troubles(&[Trouble { code: "disk_full", refused: 3 }], now);
    let Writer { db, recorder, .. } = &mut store.writer;
    recorder.outbox.decide_silence(db, now).unwrap();
    let held: Vec<bool> = store.notices().iter().map(|one| one.next_at > now).collect();
    assert_eq!(held, [false, true, false], "the disk, the channel, the project");
}
