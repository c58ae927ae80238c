//! The workflow: moves, races, regressions, deploys, mutes, comments.

use super::*;
use crate::domain::change::{Deploy, Mute, SettingsChange};
use crate::domain::query::Span;
use crate::domain::workflow::Refusal;
use crate::store::moves::Applied;
use crate::store::{deploys, history, moves, projects};

fn kinds(store: &mut Fixture, id: i64) -> Vec<String> {
    let all = history::of_issue(&mut store.writer.db, id, i64::MAX, 100).unwrap();
    all.iter()
        .map(|entry| {
            let name = |status: Option<Status>| status.map_or("", Status::name);
            format!("{} {}>{}", entry.kind, name(entry.from), name(entry.to))
        })
        .collect()
}

#[test]
fn a_path_records_every_step() {
    let mut store = store();
    let (id, _) = store.record_one(report(1));
    store.walk_to(id, Status::PendingFix, None);
    assert_eq!(store.issue(id).status, Status::PendingFix);
    assert_eq!(kinds(&mut store, id), ["move VERIFYING>PENDING_FIX", "move NEW>VERIFYING"]);
}

#[test]
fn of_two_who_saw_the_same_status_one_wins() {
    let mut store = store();
    let (id, _) = store.record_one(report(1));
    let change =
        Change { status: Some(Status::Verifying), from: Some(Status::New), ..Change::default() };
    assert_eq!(store.apply(id, &change), Applied::Done);
    let stale = Refusal::Stale { seen: Status::New, present: Status::Verifying };
    assert_eq!(store.apply(id, &change), Applied::Refused(stale));
    assert_eq!(store.apply(999, &change), Applied::NotFound);
}

#[test]
fn a_report_on_a_deployed_issue_reopens_it_unless_it_is_old_or_not_live() {
    let of = |version: Option<&str>, environment: &str| Report {
        version: version.map(Into::into),
        environment: environment.into(),
        ..report(1)
    };
    let table: [(&str, Report, bool); 9] = [
        ("1.3.0", of(Some("1.2.9"), "production"), false),
        ("1.3.0", of(Some("1.3.0"), "production"), true),
        ("1.3.0", of(Some("1.10.0"), "production"), true),
        ("1.3.0", of(None, "production"), true),
        ("1.3.0", of(Some("1.4.0"), "staging"), false),
        ("build-b", of(Some("build-a"), "production"), false),
        ("build-b", of(Some("build-b"), "production"), true),
        ("build-b", of(Some("build-c"), "production"), true),
        ("", of(Some("0.0.1"), "production"), true),
    ];
    for (deployed, report_after, reopens) in table {
        let mut store = store();
        // The order in which the project saw its versions: build-a, build-b.
        store.record_one(of(Some("build-a"), "production"));
        let (id, _) = store.record_one(of(Some("build-b"), "production"));
        let shown = (deployed, report_after.version.clone(), report_after.environment.clone());
        store.walk_to(id, Status::Deployed, Some(deployed).filter(|name| !name.is_empty()));
        store.record_one(report_after);
        let issue = store.issue(id);
        assert_eq!(issue.status == Status::New, reopens, "{shown:?}");
        assert_eq!(issue.regressed, reopens, "{shown:?}");
        assert_eq!(issue.count, 3);
        let regressions =
            kinds(&mut store, id).iter().filter(|k| *k == "regression DEPLOYED>NEW").count();
        assert_eq!(regressions, usize::from(reopens), "{shown:?}");
    }
}

#[test]
fn a_regression_takes_its_own_level_and_ends_with_the_next_deploy() {
    let mut store = store();
    let (id, _) = store.record_one(Report { level: Level::Critical, ..report(1) });
    store.walk_to(id, Status::Deployed, Some("1.2.0"));
    let later = Report { level: Level::Warning, ..report(1) };
    store.record_one(later);
    assert_eq!(store.issue(id).level, Level::Warning);
    store.walk_to(id, Status::Deployed, Some("9.0.0"));
    assert!(!store.issue(id).regressed);
}

#[test]
fn a_deploy_moves_what_is_verified() {
    let mut store = store();
    let ids: Vec<i64> = (1..=3).map(|line| store.record_one(report(line)).0).collect();
    store.walk_to(ids[0], Status::Verified, None);
    store.walk_to(ids[1], Status::Fixed, None);
    let who = Who::anonymous();
    let mut deploy = |environment: Option<&str>| {
        let wanted = Deploy {
            version: "2.0.0".into(),
            environment: environment.map(Into::into),
            commit_hash: None,
        };
        moves::deploy(&mut store.writer, "shop", &wanted, &who, NOW).unwrap()
    };
    assert_eq!(deploy(Some("staging")).unwrap().moved, 0, "not live");
    assert_eq!(deploy(None).unwrap().moved, 1);
    let states: Vec<_> = ids.iter().map(|id| store.issue(*id).status).collect();
    assert_eq!(states, [Status::Deployed, Status::Fixed, Status::New]);
    store.record_one(Report { version: Some("1.9.9".into()), ..report(1) });
    assert_eq!(store.issue(ids[0]).status, Status::Deployed, "an old client");
    let wanted = Deploy { version: "1".into(), environment: None, commit_hash: None };
    let none = moves::deploy(&mut store.writer, "nobody", &wanted, &who, NOW).unwrap();
    assert!(none.is_none(), "a deploy creates no project");
}

#[test]
fn deploys_are_listed_newest_first_and_one_of_everywhere_is_in_each_environment() {
    let mut store = store();
    for project in ["shop", "web"] {
        store.record_one(Report { project_id: project.into(), ..report(1) });
    }
    let told = [
        ("shop", "1", Some("staging"), 5),
        ("web", "2", Some("production"), 6),
        ("shop", "3", None, 7),
        ("shop", "4", Some("production"), 7),
    ];
    for (project, version, environment, at) in told {
        let environment = environment.map(Into::into);
        let wanted = Deploy { version: version.into(), environment, commit_hash: None };
        let who = Who::anonymous();
        moves::deploy(&mut store.writer, project, &wanted, &who, at).unwrap().unwrap();
    }
    let mut listed = |wanted: &deploys::Wanted| {
        let found = deploys::list(&mut store.writer.db, wanted).unwrap();
        found.into_iter().map(|one| one.version).collect::<Vec<_>>().concat()
    };
    let all = || deploys::Wanted { limit: 9, ..Default::default() };
    let names = |name: &str| vec![name.to_owned()];
    let span = |since, until| Span { since, until };
    assert_eq!(listed(&all()), "4321");
    assert_eq!(listed(&deploys::Wanted { project_ids: names("shop"), ..all() }), "431");
    assert_eq!(listed(&deploys::Wanted { project_ids: names("'"), ..all() }), "");
    assert_eq!(listed(&deploys::Wanted { environments: names("production"), ..all() }), "432");
    assert_eq!(listed(&deploys::Wanted { span: span(Some(6), Some(7)), ..all() }), "2");
    assert_eq!(listed(&deploys::Wanted { limit: 2, ..all() }), "43");
    assert_eq!(listed(&deploys::Wanted { before: Some([7, 3]), ..all() }), "21");
}

#[test]
fn what_happened_is_told_in_its_order() {
    let mut store = store();
    store.record(vec![report(1), report(2), report(1)]);
    let (id, _) = store.record_one(report(1));
    assert_eq!(store.happened(), ["issue.new NEW 2", "issue.new NEW 1", "issue.seen NEW 3"]);
    store.walk_to(id, Status::Fixing, None);
    assert_eq!(
        store.happened(),
        ["issue.moved VERIFYING 3", "issue.moved PENDING_FIX 3", "issue.moved FIXING 3"]
    );
    let stale = Change { status: Some(Status::New), ..Change::default() };
    assert!(matches!(store.apply(id, &stale), Applied::Refused(_)));
    store.apply(id, &Change { assignee: Some(Some("ann".into())), ..Change::default() });
    assert_eq!(store.happened(), [""; 0], "neither a refusal nor an assignment");
    store.walk_to(id, Status::Verified, None);
    store.happened();
    let wanted = Deploy { version: "2.0.0".into(), environment: None, commit_hash: None };
    moves::deploy(&mut store.writer, "shop", &wanted, &Who::anonymous(), NOW).unwrap();
    store.record(vec![report(1), Report { level: Level::Critical, ..report(1) }]);
    store.record_one(Report { version: Some("2.0.0".into()), level: Level::Warning, ..report(1) });
    let told = store.writer.happened.clone();
    assert_eq!(
        store.happened(),
        ["issue.moved DEPLOYED 3", "issue.seen DEPLOYED 5", "issue.regressed NEW 6"]
    );
    assert_eq!((told[0].version.as_deref(), told[1].level), (Some("2.0.0"), Level::Critical));
    let step = told[2].step.clone().expect("a change of status");
    assert_eq!(
        (step.from, step.to, step.who.as_str()),
        (Status::Deployed, Status::New, "Log Center")
    );
}

#[test]
fn live_environments_are_a_setting() {
    let mut store = store();
    let (id, _) = store.record_one(report(1));
    let wanted = SettingsChange { live_environments: Some(vec!["staging".into()]) };
    let Writer { db, recorder, .. } = &mut store.writer;
    let changed = projects::change(db, &mut recorder.names, "shop", &wanted).unwrap().unwrap();
    assert_eq!(changed.settings.live_environments, ["staging"]);
    store.walk_to(id, Status::Deployed, None);
    store.record_one(report(1));
    assert_eq!(store.issue(id).status, Status::Deployed, "production is not live now");
    store.record_one(Report { environment: "staging".into(), ..report(1) });
    assert_eq!(store.issue(id).status, Status::New);
}

#[test]
fn a_mute_ends_by_time_by_count_or_by_hand() {
    let mut store = store();
    let (id, _) = store.record_one(report(1));
    let mute = |mute| Change { muted_until: Some(mute), ..Change::default() };
    store.apply(id, &mute(Some(Mute::Reports(2))));
    assert_eq!(store.issue(id).muted_until, Some(Mute::Reports(2)));
    assert_eq!(store.found("is:muted"), [id]);
    store.record_one(report(1));
    assert_eq!(store.issue(id).muted_until, Some(Mute::Reports(1)));
    store.record_one(report(1));
    assert_eq!(store.issue(id).muted_until, None);
    store.apply(id, &mute(Some(Mute::At(NOW + 1))));
    assert_eq!(store.issue(id).muted_until, Some(Mute::At(NOW + 1)));
    store.apply(id, &mute(Some(Mute::At(NOW))));
    assert_eq!(store.issue(id).muted_until, None);
    store.apply(id, &mute(Some(Mute::ForEver)));
    assert_eq!(store.found("!is:muted"), [] as [i64; 0]);
    store.apply(id, &mute(None));
    assert_eq!(store.issue(id).muted_until, None);
}

#[test]
fn assigning_and_comments_stand_in_the_history() {
    let mut store = store();
    let (id, _) = store.record_one(report(1));
    store.apply(id, &Change { assignee: Some(Some("ann".into())), ..Change::default() });
    let who = Who { name: "bob".into(), verified: false };
    let comment = moves::comment(&mut store.writer.db, id, "look here", &who, NOW).unwrap();
    assert_eq!(comment.unwrap().text.as_deref(), Some("look here"));
    assert_eq!(moves::comment(&mut store.writer.db, 99, "x", &who, NOW).unwrap().map(|_| ()), None);
    assert_eq!(kinds(&mut store, id), ["comment >", "assign >"]);
    assert_eq!(store.found("is:mine"), [id]);
    store.apply(id, &Change { assignee: Some(None), ..Change::default() });
    assert_eq!(store.issue(id).assignee, None);
}

#[test]
fn projects_have_their_counts() {
    let mut store = store();
    store.record(vec![report(1), report(2), Report { project_id: "api".into(), ..report(3) }]);
    store.walk_to(1, Status::Verifying, None);
    let all = projects::list(&mut store.writer.db).unwrap();
    let names: Vec<_> = all.iter().map(|project| project.project_id.as_str()).collect();
    assert_eq!(names, ["api", "shop"]);
    let shop = projects::find(&mut store.writer.db, "shop").unwrap().unwrap();
    assert_eq!((shop.counts["NEW"], shop.counts["VERIFYING"], shop.issues), (1, 1, 2));
    assert_eq!(shop.last_report_at, Some(NOW));
    assert_eq!(shop.counts, all[1].counts);
    assert!(projects::find(&mut store.writer.db, "none").unwrap().is_none());
}
