//! Links in messages: each does its one act, once.

use super::*;
use crate::domain::change::Who;
use crate::domain::notify::act::{Act, Link};
use crate::domain::trust::audit::{AuditQuery, Note};
use crate::store::audit;
use crate::store::links::{self, Followed};

impl Fixture {
    fn link(&mut self, act: Act) -> Link {
        let notice = self.notices().remove(0);
        Link { act, notice: notice.id, created_at: notice.created_at, until: NOW + MINUTE }
    }

    fn follow(&mut self, link: &Link) -> Followed {
        let who = Who { name: "(link)".into(), verified: false };
        let note = Note {
            who: who.clone(),
            address: "::1".into(),
            action: "link.use",
            object: String::new(),
            detail: serde_json::json!({ "act": link.act.name() }),
        };
        links::follow(&mut self.writer, link, ("vera", &who), note, NOW).unwrap()
    }
}

fn told() -> Fixture {
    let mut store = store();
    store.channel("team");
    store.record_one(report(1));
    store
}

#[test]
fn each_link_does_its_act_once_and_is_recorded() {
    let mut store = told();
    for act in Act::ALL {
        let link = store.link(act);
        let linked = links::look(&mut store.writer.db, &link, NOW).unwrap().unwrap();
        assert!(!linked.is_used && act.is_open(&linked.issue), "{act:?}");
        let Followed::Done(issue) = store.follow(&link) else { panic!("{act:?}") };
        assert!(!act.is_open(&issue), "{act:?}");
        assert!(matches!(store.follow(&link), Followed::Used), "{act:?}");
        assert!(links::look(&mut store.writer.db, &link, NOW).unwrap().unwrap().is_used);
    }
    let issue = issues::find(&mut store.writer.db, 1, NOW).unwrap().unwrap();
    assert_eq!((issue.assignee.as_deref(), issue.status), (Some("vera"), Status::Verifying));
    assert!(issue.muted_until.is_some());
    let all = audit::page(&mut store.writer.db, &AuditQuery::default(), i64::MAX, 10).unwrap();
    let done: Vec<&str> = all.iter().map(|one| one.detail["act"].as_str().unwrap()).collect();
    assert_eq!(done, ["verify", "mute", "claim"]);
    assert!(all.iter().all(|one| one.who == "(link)" && !one.verified && one.object == "issue 1"));
}

#[test]
fn what_somebody_did_already_is_left_as_it_is() {
    let mut store = told();
    store.apply(1, &Change { assignee: Some(Some("ann".into())), ..Change::default() });
    store.walk_to(1, Status::Deployed, Some("1.2.0"));
    for act in [Act::Claim, Act::Verify] {
        let link = store.link(act);
        let Followed::Settled(issue) = store.follow(&link) else { panic!("{act:?}") };
        assert_eq!((issue.assignee.as_deref(), issue.status), (Some("ann"), Status::Deployed));
    }
}

#[test]
fn a_link_of_another_message_or_of_an_erased_issue_does_nothing() {
    let mut store = told();
    let link = store.link(Act::Mute);
    let other = Link { created_at: link.created_at + 1, ..link };
    assert!(matches!(store.follow(&other), Followed::Gone), "another file's");
    assert!(matches!(store.follow(&Link { notice: 99, ..link }), Followed::Gone));
    while !erase::issue_step(&mut store.writer.db, 1).unwrap().is_none_or(|step| step.done) {}
    assert!(matches!(store.follow(&link), Followed::Gone));
}
