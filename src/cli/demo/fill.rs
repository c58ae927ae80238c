//! Lives the month through: reports go through the reader and the recorder, releases and people's
//! acts through the same verbs as those of the API, each at its own time. All of it is one
//! transaction, so that a program that is ended on the way leaves an empty database.

use std::sync::Arc;

use super::acts::{self, Act, What};
use super::body;
use super::chance::Chance;
use super::plan::{self, Event};
use super::world::World;
use crate::app;
use crate::domain::change::{self, Who};
use crate::domain::scrub::Scrubber;
use crate::ingest::Quiet;
use crate::intake::{Intake, RecentErrors};
use crate::jobs::{Chores, Keep};
use crate::store::encode::{Prepared, RecentStacks};
use crate::store::engine::{Checkpoint, Engine};
use crate::store::moves::{self, Applied};
use crate::store::record::Recorded;
use crate::store::{self, Writer};

/// Reports that are recorded at once.
const GROUP_MAX: usize = 512;
/// The chores leave events of any age: the month may lie long ago.
const KEEP_DAYS: i64 = 36_500;

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// Projects.
    pub(super) projects: usize,
    /// Issues.
    pub(super) issues: usize,
    /// Reports.
    pub(super) reports: usize,
}

/// Something of the month.
enum Deed {
    Release { project: usize, nth: usize, is_live: bool },
    Act(Act),
    Report(Event),
}

/// Fills the database; `told` hears how many of how many deeds are done.
pub(super) fn fill(
    writer: &mut Writer,
    world: &World,
    scrubber: &Scrubber,
    told: &mut dyn FnMut(usize, usize),
) -> Result<Made, String> {
    let mut month = Month {
        writer,
        world,
        scrubber,
        recent_errors: RecentErrors::default(),
        stacks: RecentStacks::default(),
        numbers: vec![None; world.issues.len()],
        waiting: Vec::new(),
        waiting_of: Vec::new(),
        reports: 0,
    };
    month.live(told).map_err(|error| format!("The demo could not be written: {error}."))
}

/// Everything of the month, in order; of one moment, releases come first.
fn deeds(world: &World) -> Vec<(i64, Deed)> {
    let mut deeds = Vec::new();
    for (project, of) in world.projects.iter().enumerate() {
        // The first release was before the month.
        for (nth, release) in of.releases.iter().enumerate().skip(1) {
            deeds.push((release.staging_at, Deed::Release { project, nth, is_live: false }));
            deeds.push((release.at, Deed::Release { project, nth, is_live: true }));
        }
    }
    deeds.extend(acts::acts(world).into_iter().map(|act| (act.at, Deed::Act(act))));
    let events = plan::events(world).into_iter();
    deeds.extend(events.map(|event| (event.at, Deed::Report(event))));
    deeds.retain(|(at, _)| *at < world.until);
    deeds.sort_by_key(|(at, _)| *at);
    deeds
}

struct Month<'a> {
    writer: &'a mut Writer,
    world: &'a World,
    scrubber: &'a Scrubber,
    recent_errors: RecentErrors,
    stacks: RecentStacks,
    /// The issues' numbers in the database.
    numbers: Vec<Option<i64>>,
    waiting: Vec<Prepared>,
    waiting_of: Vec<usize>,
    reports: usize,
}

impl Month<'_> {
    fn live(&mut self, told: &mut dyn FnMut(usize, usize)) -> store::Result<Made> {
        let deeds = deeds(self.world);
        let all = deeds.len();
        self.writer.db.begin()?;
        for (done, (_, deed)) in deeds.into_iter().enumerate() {
            match deed {
                Deed::Report(event) => self.report(&event)?,
                Deed::Act(act) => self.act(&act)?,
                Deed::Release { project, nth, is_live } => self.release(project, nth, is_live)?,
            }
            told(done, all);
        }
        self.flush()?;
        let (world, db) = (self.world, &mut self.writer.db);
        let events = (world.scale * 1_000.0) as i64;
        for (name, value) in [
            ("demo_seed", world.seed.cast_signed()),
            ("demo_until", world.until),
            ("demo_scale", events),
        ] {
            store::marks::set(db, name, value)?;
        }
        db.commit()?;
        Ok(Made {
            projects: world.projects.len(),
            issues: self.numbers.iter().flatten().count(),
            reports: self.reports,
        })
    }

    fn report(&mut self, event: &Event) -> store::Result<()> {
        let issue = &self.world.issues[event.issue];
        let body = body::of(self.world, issue, event);
        let intake = Intake { scrubber: self.scrubber, recent: &self.recent_errors, now: event.at };
        let report = intake.report(body.as_bytes()).map_err(|faults| {
            store::Error::Engine(format!("a report of {} has faults: {faults:?}", issue.place))
        })?;
        self.waiting.push(Prepared::new(report, &self.stacks));
        self.waiting_of.push(event.issue);
        if self.waiting.len() >= GROUP_MAX { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> store::Result<()> {
        let reports: Vec<&Prepared> = self.waiting.iter().collect();
        let Writer { db, recorder, happened, .. } = &mut *self.writer;
        let recorded = recorder.record(db, &reports, happened)?;
        // Nobody listens to the past.
        happened.clear();
        for (of, recorded) in self.waiting_of.drain(..).zip(recorded) {
            if let Recorded::Issue { id, .. } = recorded {
                self.numbers[of] = Some(id);
                self.reports += 1;
            }
        }
        self.waiting.clear();
        Ok(())
    }

    fn act(&mut self, act: &Act) -> store::Result<()> {
        self.flush()?;
        let who = who(&act.who);
        let Some(id) = self.numbers[act.issue] else { return Ok(()) };
        let applied = match &act.what {
            What::Comment(text) => {
                let added = moves::comment(&mut self.writer.db, id, text, &who, act.at)?;
                if added.is_some() { Applied::Done } else { Applied::NotFound }
            }
            What::Change(change) => moves::apply(self.writer, id, change, &who, act.at)?,
        };
        if applied == Applied::Done {
            return Ok(());
        }
        let issue = &self.world.issues[act.issue];
        Err(store::Error::Engine(format!("{} {:?}: {applied:?}", issue.place, issue.fate)))
    }

    fn release(&mut self, project: usize, nth: usize, is_live: bool) -> store::Result<()> {
        self.flush()?;
        let project = &self.world.projects[project];
        let release = &project.releases[nth];
        let mut chance = Chance::of(&[self.world.seed, 8, nth as u64]);
        let deploy = change::Deploy {
            version: release.version.clone(),
            environment: Some(if is_live { "production" } else { "staging" }.to_owned()),
            commit_hash: Some(release.commit.clone()),
        };
        let at = if is_live { release.at } else { release.staging_at };
        let who = who(chance.pick::<String>(&self.world.team.releasers));
        moves::deploy(self.writer, &project.data.project_id, &deploy, &who, at).map(|_| ())
    }
}

fn who(name: &str) -> Who {
    Who { name: name.to_owned(), verified: false }
}

/// Does what a server would do when nothing else is to do: indexes words, merges keys, removes
/// events above their number. The first page is whole and fast then.
pub(super) fn tidy_up(writer: &mut Writer, events_per_issue: i64) -> Result<(), String> {
    let keep = Keep { days: KEEP_DAYS, events_per_issue, bytes: i64::MAX / 16 };
    let mut chores = Chores::new(keep, app::now, Arc::default(), Arc::default());
    let tidied = loop {
        match chores.step(writer, Quiet::Yes) {
            Ok(rest) if rest.is_zero() => {}
            Ok(_) => break writer.db.checkpoint(Checkpoint::Whole).map(|_| ()),
            Err(error) => break Err(error),
        }
    };
    tidied.map_err(|error| format!("The demo could not be tidied up: {error}."))
}
