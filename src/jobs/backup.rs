//! Backups while reports arrive: copied in small steps between the writer's groups, checked and put
//! in place by a thread of their own, by the clock or when somebody asks.
//!
//! Invariants: at most one is under way; nothing that goes wrong with one stops the writer.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::backup::{Kind, Name, next_at, surplus};
use crate::ingest::free_bytes;
use crate::metrics::Metrics;
use crate::store::backup::{self, Stored, Unsealed};
use crate::store::engine::Engine;
use crate::store::sqlite::{Copied, Sqlite};
use crate::store::{self, import};

/// Pages of one step: half a MiB, copied in about a millisecond.
const PAGES_A_STEP: u32 = 64;
/// How often a copy may begin anew: a transaction that is undone makes it.
const RESTARTS_MAX: u32 = 20;
/// Bytes that stay free on the disk of the data: reports need them more.
const SPARE_BYTES: u64 = 256 * 1_024 * 1_024;
/// How often the disk is told to take what is copied, so that it never has much to take at once.
const SYNC_EVERY: Duration = Duration::from_millis(100);

/// What the operator chose.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where they are kept.
    pub folder: PathBuf,
    /// The data folder.
    pub data: PathBuf,
    /// Hours from one scheduled backup to the next, if there is a schedule.
    pub every_hours: Option<i64>,
    /// How many of each kind are kept.
    pub keep: usize,
}

impl Plan {
    /// Whether backups lie on the disk of the data.
    fn is_one_disk(&self) -> bool {
        let disk = |folder: &Path| std::fs::metadata(folder).map(|about| about.dev()).ok();
        disk(&self.folder) == disk(&self.data)
    }
}

/// How far a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Being copied.
    Copying,
    /// The copy is whole and is checked.
    Checking,
}

/// A backup under way.
#[derive(Clone, Copy, Debug)]
pub struct UnderWay {
    /// Its name when it is whole.
    pub name: Name,
    /// What is done with it.
    pub phase: Phase,
    /// How far the copy is.
    pub copied: Copied,
    /// About how many bytes it will have.
    pub bytes: u64,
}

/// A backup that was not made.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The name that it would have had.
    pub name: Name,
    /// When it failed.
    pub at: i64,
    /// Why, in words that follow "it failed:".
    pub why: String,
}

/// All that can be told of backups.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The one under way.
    pub under_way: Option<UnderWay>,
    /// The last try, when it failed.
    pub failed: Option<Failed>,
    /// Whole ones, the newest first.
    pub stored: Vec<Stored>,
    /// When the next scheduled one is due.
    pub next_at: Option<i64>,
}

#[derive(Debug, Default)]
struct State {
    under_way: Option<UnderWay>,
    /// Why the one under way goes no further.
    stopped: Option<String>,
    failed: Option<Failed>,
}

/// What requests, the writer and the checking thread share.
#[derive(Debug)]
pub struct Backups {
    plan: Plan,
    now: fn() -> i64,
    metrics: Arc<Metrics>,
    /// Held for moments only, never while a file is touched.
    state: Mutex<State>,
    /// Whether somebody asked, and the writer has not begun.
    asked: AtomicBool,
    /// When the next one is due by the clock; never is the greatest number.
    next_at: AtomicI64,
}

impl Backups {
    /// Looks at what is there, and removes what a killed program left half done.
    pub fn new(plan: Plan, now: fn() -> i64, metrics: Arc<Metrics>) -> Arc<Self> {
        if let Err(error) = backup::sweep(&plan.folder) {
            tracing::warn!(%error, "what is left of unfinished backups could not be removed");
        }
        metrics.backups.every_hours.set(plan.every_hours.unwrap_or(0).cast_unsigned());
        let backups = Self {
            plan,
            now,
            metrics,
            state: Mutex::default(),
            asked: AtomicBool::new(false),
            next_at: AtomicI64::new(i64::MAX),
        };
        backups.set_next();
        Arc::new(backups)
    }

    /// What the operator chose.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Begins one: the writer takes it up between two groups. The other, if one is under way.
    pub fn ask(&self) -> Result<UnderWay, UnderWay> {
        let begun = self.enter(Kind::Requested)?;
        self.asked.store(true, Ordering::Release);
        Ok(begun)
    }

    /// Everything; reads the folder. One that cannot be read has none: what failed says why.
    pub fn overview(&self) -> Overview {
        // Before the folder: one that ends meanwhile is then told twice rather than not at all.
        let (under_way, failed) = {
            let state = self.state();
            (state.under_way, state.failed.clone())
        };
        let mut stored = backup::list(&self.plan.folder).unwrap_or_default();
        stored.retain(|one| under_way.is_none_or(|under_way| under_way.name != one.name));
        let next_at = self.next_at.load(Ordering::Relaxed);
        Overview { under_way, failed, stored, next_at: (next_at < i64::MAX).then_some(next_at) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, kind: Kind) -> Result<UnderWay, UnderWay> {
        let mut name = Name::new((self.now)(), kind);
        while self.plan.folder.join(name.to_string()).exists() {
            name = name.later();
        }
        let begun = UnderWay { name, phase: Phase::Copying, copied: Copied::default(), bytes: 0 };
        let mut state = self.state();
        match state.under_way {
            Some(other) => Err(other),
            None => {
                state.under_way = Some(begun);
                Ok(begun)
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut UnderWay)) {
        if let Some(under_way) = &mut self.state().under_way {
            change(under_way);
        }
    }

    /// Ends what is under way, well or not.
    fn end(&self, name: Name, outcome: Result<Stored, String>) {
        let counted = &self.metrics.backups;
        let now = (self.now)();
        let failed = match outcome {
            Ok(stored) => {
                counted.made.add(1);
                counted.took_ms.set((now - name.begun_at()).max(0).cast_unsigned());
                tracing::info!(%name, bytes = stored.bytes, "a backup is made");
                self.rotate(name);
                None
            }
            Err(why) => {
                counted.failed.add(1);
                tracing::error!(%name, "a backup failed: {why}");
                let _none = std::fs::remove_file(backup::part(&self.plan.folder, name));
                let _swept = backup::sweep(&self.plan.folder);
                Some(Failed { name, at: now, why })
            }
        };
        self.state().failed = failed;
        // Before it is over, or the writer would find the next one due at once.
        self.set_next();
        let mut state = self.state();
        state.under_way = None;
        state.stopped = None;
    }

    fn rotate(&self, made: Name) {
        let names = backup::list(&self.plan.folder).unwrap_or_default();
        let names: Vec<Name> = names.into_iter().map(|one| one.name).collect();
        for name in surplus(&names, made, self.plan.keep) {
            if let Err(error) = backup::remove(&self.plan.folder, name) {
                tracing::warn!(%error, %name, "an old backup could not be removed");
            }
        }
    }

    /// Notes the newest one for the metrics, and when the next is due.
    fn set_next(&self) {
        let stored = backup::list(&self.plan.folder).unwrap_or_default();
        if let Some(newest) = stored.first() {
            let counted = &self.metrics.backups;
            counted.success_at_s.set((newest.finished_at / 1_000).cast_unsigned());
            counted.bytes.set(newest.bytes);
        }
        let Some(every) = self.plan.every_hours else { return };
        let newest = stored.iter().map(|one| one.name).find(|one| one.kind() == Kind::Scheduled);
        let failed = self.state().failed.as_ref().map(|failed| failed.at);
        let next = next_at(newest.map(Name::begun_at), failed, every, (self.now)());
        self.next_at.store(next, Ordering::Relaxed);
    }

    fn finish(&self, name: Name) {
        let outcome = backup::seal(&self.plan.folder, name).map_err(|unsealed| match unsealed {
            Unsealed::Store(error) => sentence(&error),
            Unsealed::Unsound(fault) => format!("the copy is not sound: {fault}"),
        });
        self.end(name, outcome);
    }
}

/// Why it failed, without paths and without SQL.
fn sentence(error: &store::Error) -> String {
    tracing::error!(%error, "a backup stopped");
    match error {
        store::Error::Full => "its disk is full",
        store::Error::Unwritable(_) => "its folder cannot be read or written; the log says why",
        store::Error::Sync(_) => "its disk did not confirm a write",
        _ => "the database could not be copied; the log says why",
    }
    .into()
}

fn no_room(needed: u64, free: u64) -> String {
    let shown = |bytes: u64| match bytes {
        0..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    };
    format!("there is no room for it: {} are needed, {} are free", shown(needed), shown(free))
}

/// The writer's part.
pub(super) struct Copier {
    shared: Arc<Backups>,
    copying: Option<Copying>,
}

struct Copying {
    copied: Copied,
    restarts: u32,
    /// Bytes that have to stay free on its disk.
    spare_bytes: u64,
}

impl Copier {
    pub(super) const fn new(shared: Arc<Backups>) -> Self {
        Self { shared, copying: None }
    }

    /// One step; `false` if there is nothing to do.
    pub(super) fn step(&mut self, db: &mut Sqlite) -> bool {
        if let Some(copying) = self.copying.take() {
            if let Err(why) = self.copy(db, copying) {
                db.end_copy();
                // The thread beside it cleans up: to remove a large file takes time.
                self.shared.state().stopped = Some(why);
            }
            return true;
        }
        let Some(name) = self.due(db) else { return false };
        if let Err(why) = self.begin(db, name) {
            db.end_copy();
            self.shared.end(name, Err(why));
        }
        true
    }

    /// The name of one that is to begin now.
    fn due(&self, db: &mut Sqlite) -> Option<Name> {
        let shared = &self.shared;
        if shared.asked.swap(false, Ordering::Acquire) {
            return shared.state().under_way.map(|under_way| under_way.name);
        }
        let now = (shared.now)();
        if now < shared.next_at.load(Ordering::Relaxed) {
            return None;
        }
        // Half an import is no state to go back to; it is looked at again a little later.
        if import::progress(db).is_ok_and(|import| import.state.is_open()) {
            shared.next_at.store(now + 60_000, Ordering::Relaxed);
            return None;
        }
        shared.enter(Kind::Scheduled).ok().map(|begun| begun.name)
    }

    fn begin(&mut self, db: &mut Sqlite, name: Name) -> Result<(), String> {
        let folder = &self.shared.plan.folder;
        let failed = |error: store::Error| sentence(&error);
        backup::create_folder(folder).map_err(failed)?;
        let (used, free) = db.size().map_err(failed)?;
        let bytes = (used + free).cast_unsigned();
        let spare_bytes = if self.shared.plan.is_one_disk() { SPARE_BYTES } else { 0 };
        let (needed, free) = (bytes + spare_bytes, free_bytes(folder).unwrap_or(u64::MAX));
        if free < needed {
            return Err(no_room(needed, free));
        }
        let part = backup::part(folder, name);
        backup::create_file(&part).map_err(failed)?;
        db.begin_copy(&part).map_err(failed)?;
        self.shared.change(|under_way| under_way.bytes = bytes);
        self.copying = Some(Copying { copied: Copied::default(), restarts: 0, spare_bytes });
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new().name("backup".into());
        let begun = thread.spawn(move || accompany(&shared, name));
        begun.map(|_| ()).map_err(|_| "the system gives no more threads".into())
    }

    fn copy(&mut self, db: &mut Sqlite, mut copying: Copying) -> Result<(), String> {
        let free = free_bytes(&self.shared.plan.folder);
        if free.is_some_and(|free| free < copying.spare_bytes) {
            return Err(sentence(&store::Error::Full));
        }
        let copied = db.copy_step(PAGES_A_STEP).map_err(|error| sentence(&error))?;
        copying.restarts += u32::from(copied.pages < copying.copied.pages);
        if copying.restarts > RESTARTS_MAX {
            return Err("the database changed too much while it was copied".into());
        }
        copying.copied = copied;
        self.shared.change(|under_way| {
            under_way.copied = copied;
            if copied.is_whole {
                under_way.phase = Phase::Checking;
            }
        });
        if !copied.is_whole {
            self.copying = Some(copying);
        }
        Ok(())
    }
}

/// Lets the disk take a copy while it grows, and makes a backup of it when it is whole.
fn accompany(shared: &Backups, name: Name) {
    let part = std::fs::File::open(backup::part(&shared.plan.folder, name));
    loop {
        let (under_way, stopped) = {
            let mut state = shared.state();
            (state.under_way, state.stopped.take())
        };
        if let Some(why) = stopped {
            return shared.end(name, Err(why));
        }
        if under_way.is_some_and(|under_way| under_way.phase == Phase::Checking) {
            return shared.finish(name);
        }
        // The sync that counts is the last one.
        let _early = part.as_ref().map(std::fs::File::sync_data);
        std::thread::park_timeout(SYNC_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{Fixture, NOW, report, store};

    fn backups(store: &Fixture, every_hours: Option<i64>) -> Arc<Backups> {
        let plan = Plan {
            folder: store.folder.join("backups"),
            data: store.folder.clone(),
            every_hours,
            keep: 2,
        };
        Backups::new(plan, || NOW, Arc::default())
    }

    /// Steps until nothing is under way.
    fn finish(copier: &mut Copier, db: &mut Sqlite) -> Overview {
        while copier.shared.overview().under_way.is_some() {
            copier.step(db);
            std::thread::yield_now();
        }
        copier.shared.overview()
    }

    #[test]
    fn one_at_a_time_and_each_under_its_own_name() {
        let mut store = store();
        store.record_one(report(1));
        let mut copier = Copier::new(backups(&store, None));
        assert!(!copier.step(&mut store.writer.db), "nobody asked");
        let first = copier.shared.ask().unwrap();
        assert_eq!(copier.shared.ask().unwrap_err().name, first.name, "one is under way");
        let told = finish(&mut copier, &mut store.writer.db);
        assert_eq!((told.stored.len(), told.stored[0].name), (1, first.name));
        let second = copier.shared.ask().unwrap();
        assert_eq!(second.name, first.name.later(), "the clock stands still");
        finish(&mut copier, &mut store.writer.db);
        let third = copier.shared.ask().unwrap();
        let told = finish(&mut copier, &mut store.writer.db);
        let names: Vec<Name> = told.stored.iter().map(|one| one.name).collect();
        assert_eq!(names, [third.name, second.name, first.name], "two are kept, and the last");
        let fourth = copier.shared.ask().unwrap();
        let told = finish(&mut copier, &mut store.writer.db);
        let names: Vec<Name> = told.stored.iter().map(|one| one.name).collect();
        assert_eq!(names, [fourth.name, third.name, second.name]);
        assert_eq!(copier.shared.metrics.backups.made.value(), 4);
    }

    #[test]
    fn the_clock_begins_one_and_a_failure_stops_nothing() {
        let mut store = store();
        store.record_one(report(1));
        // A file stands where the folder should be.
        std::fs::write(store.folder.join("backups"), "").unwrap();
        let mut copier = Copier::new(backups(&store, Some(24)));
        assert!(copier.step(&mut store.writer.db), "the first is due at once");
        let failed = copier.shared.state().failed.clone().expect("it failed");
        assert_eq!(failed.why, "its folder cannot be read or written; the log says why");
        assert!(!copier.step(&mut store.writer.db), "it is tried again in an hour");
        assert_eq!(copier.shared.next_at.load(Ordering::Relaxed), NOW + 3_600_000);
        store.record_one(report(1));
        std::fs::remove_file(store.folder.join("backups")).unwrap();
        copier.shared.next_at.store(NOW, Ordering::Relaxed);
        assert!(copier.step(&mut store.writer.db));
        let told = finish(&mut copier, &mut store.writer.db);
        assert!(told.failed.is_none(), "a later one succeeded");
        assert_eq!(told.next_at, Some(NOW + 24 * 3_600_000));
    }

    #[test]
    fn a_copy_that_begins_anew_too_often_is_given_up() {
        let mut store = store();
        store.record((0..4_000).map(report).collect());
        let mut copier = Copier::new(backups(&store, None));
        copier.shared.ask().unwrap();
        copier.step(&mut store.writer.db);
        let small = |copier: &mut Copier, db: &mut Sqlite| {
            let copying = copier.copying.as_mut().expect("under way");
            copying.copied = Copied { pages: u64::MAX, ..copying.copied };
            copier.step(db);
        };
        for _ in 0..RESTARTS_MAX {
            db_restart(&mut store.writer.db);
            small(&mut copier, &mut store.writer.db);
        }
        small(&mut copier, &mut store.writer.db);
        let told = finish(&mut copier, &mut store.writer.db);
        assert_eq!(
            told.failed.expect("it failed").why,
            "the database changed too much while it was copied"
        );
        assert!(told.stored.is_empty());
        assert_eq!(std::fs::read_dir(store.folder.join("backups")).unwrap().count(), 0);
    }

    fn db_restart(db: &mut Sqlite) {
        db.begin().unwrap();
        db.run("update issue set count = count + 1", &[]).unwrap();
        db.rollback();
    }
}
