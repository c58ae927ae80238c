//! Several rules that decide the same: one message, as soon as one of them lets it go, and with the
//! people of each.

use super::*;

fn mentioning(who: &str) -> Rule {
    Rule { mentions: vec![who.into(), "slack:U0".into()], ..Rule::default() }
}

#[test]
fn a_message_mentions_the_people_of_each_rule_that_decided_it() {
    let mut store = store();
    let team = store.channel("team");
    store.rule("plain", Rule::default());
    store.rule("one", mentioning("slack:U1"));
    let gone = store.rule("gone", mentioning("slack:U2"));
    store.rule("critical", Rule { level: Level::Critical, ..mentioning("slack:U3") });
    store.record_one(report(1));
    assert!(rules::remove(&mut store.writer, gone).unwrap());
    let due = store.next(team, NOW).expect("a message");
    assert_eq!(due.rule.as_deref(), Some("plain"));
    assert_eq!(due.mentions, ["slack:U1", "slack:U0"]);
    store.record_one(of(2, "production", Level::Critical));
    store.after(&due.notice, NOW, &After::End(State::Sent));
    let due = store.next(team, NOW).expect("a message");
    assert_eq!(due.mentions, ["slack:U1", "slack:U0", "slack:U3"]);
    assert_eq!(store.decided().len(), 2, "one for each issue");
}

#[test]
fn a_message_waits_for_quiet_hours_only_if_every_rule_wants_it() {
    let mut store = store();
    store.channel("team");
    store.rule("quiet", Rule { quiet: quiet(), ..Rule::default() });
    store.record_one(report(1));
    store.rule("loud", Rule::default());
    store.record_one(report(2));
    let times: Vec<bool> = store.notices().iter().map(|one| one.next_at == NOW).collect();
    assert_eq!(times, [false, true]);
}
