//! A backup in the place of the data, whenever the program is killed meanwhile.

use std::fs;
use std::path::Path;

use super::backing_up::{backed_up, filled, rows, verdict};
use super::*;
use crate::store::backup::{self, Unsealed};
use crate::store::restore::{self, ASIDE};
use crate::store::{FILE_NAME, Place};

/// A data folder of its own with one report, whose log of writes is not in its file.
fn other(store: &Fixture, name: &str) -> PathBuf {
    let folder = store.folder.join(name);
    let mut other = Fixture {
        writer: crate::store::open(&folder, 1_000).unwrap(),
        folder: store.folder.join("none"),
        recent: RecentStacks::default(),
    };
    other.record_one(report(99));
    other.writer.db.merge_log_at_end(false).unwrap();
    drop(other);
    folder
}

/// How many reports a server finds when it starts there.
fn reports(folder: &Path) -> i64 {
    drop(crate::store::open(folder, 1_000).unwrap());
    assert_eq!(fs::read_dir(folder).unwrap().filter(is_of_restore).count(), 0);
    verdict(Place::of(folder).path()).held.reports
}

fn is_of_restore(entry: &std::io::Result<fs::DirEntry>) -> bool {
    let name = entry.as_ref().unwrap().file_name().into_string().unwrap();
    name.starts_with("restore-") && name != "restore-fresh"
}

#[test]
fn a_restored_folder_holds_what_the_backup_holds_and_the_way_back() {
    let mut store = filled();
    let from = backed_up(&mut store);
    let data = other(&store, "data");
    let held = restore::bring(&data, &from).unwrap();
    assert_eq!((held.reports, held.issues), (120, 8));
    assert_eq!(verdict(Place::of(&data).path()).held.reports, 1, "until it is put in place");
    restore::place(&data).unwrap();
    restore::hand_over(&data).unwrap();
    assert_eq!(rows(Place::of(&data).path()), rows(&from));
    assert_eq!(reports(&data), 120);
    assert_eq!(restore::undo(&data), Ok(true));
    assert_eq!(reports(&data), 1, "with what was in its log of writes");
    assert_eq!(restore::undo(&data), Ok(true));
    assert_eq!(reports(&data), 120);
}

#[test]
fn into_an_empty_folder_nothing_goes_aside() {
    let mut store = filled();
    let from = backed_up(&mut store);
    let data = store.folder.join("data");
    backup::create_folder(&data).unwrap();
    restore::bring(&data, &from).unwrap();
    restore::place(&data).unwrap();
    assert_eq!(reports(&data), 120);
    assert!(!data.join(ASIDE).exists());
    assert_eq!(restore::undo(&data), Ok(false));
}

#[test]
fn what_is_not_sound_is_not_put_in_place() {
    let mut store = filled();
    let from = backed_up(&mut store);
    let data = other(&store, "data");
    let whole = fs::read(&from).unwrap();
    fs::write(&from, &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(restore::bring(&data, &from), Err(Unsealed::Unsound(_))));
    restore::give_up(&data).unwrap();
    assert!(!data.join("restore-fresh").exists());
    assert_eq!(reports(&data), 1);
}

/// Everything that `place` does one after the other, and where it may be cut short.
#[test]
fn a_restore_that_is_cut_short_is_nothing_or_whole() {
    let mut store = filled();
    let from = backed_up(&mut store);
    let log = format!("{FILE_NAME}-wal");
    for cut in 0..8 {
        let data = other(&store, &format!("data-{cut}"));
        restore::bring(&data, &from).unwrap();
        let step = |from: &str, to: &str| fs::rename(data.join(from), data.join(to)).unwrap();
        let steps: [&dyn Fn(); 7] = [
            &|| step("restore-fresh", "restore-ready"),
            &|| fs::create_dir(data.join(ASIDE)).unwrap(),
            &|| step(&log, &format!("{ASIDE}/{log}")),
            &|| step(FILE_NAME, &format!("{ASIDE}/{FILE_NAME}")),
            &|| step("restore-ready", "restore-placing"),
            &|| step(&format!("restore-placing/{FILE_NAME}"), FILE_NAME),
            &|| fs::remove_dir_all(data.join("restore-placing")).unwrap(),
        ];
        steps.iter().take(cut).for_each(|step| step());
        assert_eq!(reports(&data), if cut == 0 { 1 } else { 120 }, "{cut}");
        if cut > 0 {
            assert_eq!(restore::undo(&data), Ok(true));
            assert_eq!(reports(&data), 1, "{cut}: the way back");
        }
    }
}
