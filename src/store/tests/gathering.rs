//! Counts that are gathered over several groups: after settling, a kill or a rollback they are the
//! same as if each report had been counted at once.

use super::*;
use crate::store::engine::all;
use crate::store::record::Recorder;
use crate::store::verify::{Depth, verify};

/// Reports of few and many issues, with other versions, levels, environments and times.
fn reports(random: &mut Random, number: usize) -> Vec<Report> {
    let levels = [Level::Warning, Level::Error, Level::Critical];
    (0..number)
        .map(|_| Report {
            level: levels[random.below(3) as usize],
            environment: ["production", "staging"][random.below(2) as usize].into(),
            version: (random.below(3) > 0).then(|| format!("1.{}.0", random.below(4))),
            timestamp: NOW - random.below(50 * HOUR),
            project_id: ["shop", "mail"][random.below(2) as usize].into(),
            ..report(random.below(40))
        })
        .collect()
}

impl Fixture {
    fn gather(&mut self, reports: Vec<Report>) {
        self.gather_undecided(reports);
        self.writer.db.commit().unwrap();
    }

    fn gather_undecided(&mut self, reports: Vec<Report>) {
        let prepared: Vec<Prepared> =
            reports.into_iter().map(|report| Prepared::new(report, &self.recent)).collect();
        let all: Vec<&Prepared> = prepared.iter().collect();
        self.writer.db.begin().unwrap();
        let Writer { db, recorder, happened, .. } = &mut self.writer;
        recorder.gather(db, &all, happened).unwrap();
    }

    fn settle(&mut self) -> bool {
        let Writer { db, recorder, .. } = &mut self.writer;
        db.begin().unwrap();
        let settled = recorder.settle(db).unwrap();
        db.commit().unwrap();
        settled
    }

    /// As a start after a kill: what was in memory is gone.
    fn open_again(&mut self) {
        self.writer.recorder = Recorder::open(&mut self.writer.db, 1_000).unwrap();
    }

    /// Every row that counts.
    fn counted(&mut self) -> Vec<String> {
        let issues = "select id, status, level, count, kept, users, first_seen, last_seen, \
                      first_version, last_version, first_event, latest_event, regressed \
                      from issue order by id";
        let hours = "select issue, hour, environment, version, level, count, first_seen, \
                     last_seen, 0, 0, 0, 0, 0 from hour_count order by 1, 2, 3, 4, 5";
        let mut rows = Vec::new();
        for sql in [issues, hours] {
            let row = |row: &dyn crate::store::engine::Row| {
                (0..13).map(|at| format!("{:?} ", row.opt_int(at))).collect::<String>()
            };
            rows.extend(all(&mut self.writer.db, sql, &[], row).unwrap());
        }
        rows
    }
}

#[test]
fn gathered_counts_are_those_of_counting_at_once() {
    let (mut gathered, mut at_once) = (store(), store());
    let mut random = Random(1);
    for round in 0..20 {
        let group = reports(&mut random, 1 + round * 7 % 60);
        at_once.record(group.clone());
        gathered.gather(group);
        if round % 6 == 5 {
            assert!(gathered.settle());
            assert_eq!(gathered.counted(), at_once.counted(), "round {round}");
        }
    }
    gathered.settle();
    assert!(!gathered.writer.recorder.is_owing());
    assert!(!gathered.settle(), "nothing is owed twice");
    assert_eq!(gathered.counted(), at_once.counted());
    assert_eq!(gathered.happened(), at_once.happened(), "who listens is told the same");
}

#[test]
fn what_was_gathered_before_a_kill_is_counted_at_the_next_start() {
    let (mut killed, mut at_once) = (store(), store());
    let mut random = Random(2);
    for _ in 0..4 {
        for _ in 0..5 {
            let group = reports(&mut random, 30);
            at_once.record(group.clone());
            killed.gather(group);
        }
        let looked = verify(&mut killed.writer.db, Depth::Full).unwrap();
        assert_eq!(looked.faults, Vec::<String>::new(), "as it stands it is sound");
        let all = verify(&mut at_once.writer.db, Depth::Full).unwrap();
        assert_eq!(looked.held.reports, all.held.reports, "also what is owed was reported");
        killed.open_again();
        assert!(killed.writer.recorder.is_owing());
        killed.open_again();
        assert!(killed.settle());
        assert_eq!(killed.counted(), at_once.counted());
    }
}

#[test]
fn a_group_that_is_undone_takes_nothing_of_the_others_with_it() {
    let (mut store, mut at_once) = (store(), store());
    let mut random = Random(3);
    for _ in 0..3 {
        let group = reports(&mut random, 25);
        at_once.record(group.clone());
        store.gather(group);
        store.gather_undecided(reports(&mut random, 25));
        store.writer.db.rollback();
        store.writer.recorder.forget(&mut store.writer.db).unwrap();
    }
    store.settle();
    assert_eq!(store.counted(), at_once.counted());
    assert_eq!(verify(&mut store.writer.db, Depth::Full).unwrap().faults, Vec::<String>::new());
    let sums = |store: &mut Fixture| verify(&mut store.writer.db, Depth::Full).unwrap().held;
    assert_eq!(sums(&mut store), sums(&mut at_once));
}

#[test]
fn an_issue_reopens_in_the_midst_of_gathering() {
    let mut store = store();
    let (id, _) = store.record_one(report(1));
    store.walk_to(id, Status::Deployed, Some("1.3.0"));
    let of = |version: &str, level| Report { version: Some(version.into()), level, ..report(1) };
    let old = vec![of("1.2.0", Level::Critical); 20];
    store.gather(old);
    assert_eq!(store.writer.happened.pop().unwrap().status, Status::Deployed);
    let mut group = vec![of("1.2.0", Level::Critical); 5];
    group.push(of("1.3.0", Level::Warning));
    group.extend(vec![report(2); 3]);
    store.gather(group);
    store.gather(vec![of("1.3.0", Level::Error)]);
    store.open_again();
    store.settle();
    let issue = store.issue(id);
    assert_eq!((issue.status, issue.regressed, issue.count), (Status::New, true, 28));
    assert_eq!(issue.level, Level::Error, "the reports before the regression are forgiven");
    assert_eq!(verify(&mut store.writer.db, Depth::Full).unwrap().faults, Vec::<String>::new());
}
