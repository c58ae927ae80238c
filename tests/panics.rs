//! The program's own defects become issues of a project of their own. A process of its own, since
//! the hook for panics belongs to a whole process.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Parser;
use log_center::app::{App, panics};
use log_center::config::Config;
use log_center::ingest::{self, Limits};
use log_center::jobs::backup::{Backups, Plan};
use log_center::live::Live;
use log_center::metrics::Metrics;
use log_center::store::engine::{Engine, all};
use log_center::store::{self, Place};

/// A program over a folder, and the sentence with which it says that it must end.
fn start(folder: &Path) -> (Arc<App>, Arc<Mutex<Option<&'static str>>>) {
    let mut writer = store::open(folder, 1_000).expect("an empty folder");
    let metrics = Arc::new(Metrics::default());
    let ended = Arc::new(Mutex::new(None));
    let told = Arc::clone(&ended);
    let live = Live::new(0, Arc::clone(&metrics));
    let (ingest, _thread) = ingest::start(ingest::Start {
        confirm: writer.confirm_apart().expect("it has a log"),
        writer,
        folder: folder.to_owned(),
        limits: Limits { reports: 1_000, bytes: 1 << 20 },
        metrics: Arc::clone(&metrics),
        live: Arc::clone(&live),
        file_full: Arc::new(AtomicBool::new(false)),
        chore: Box::new(|_, _| Ok(Duration::from_secs(60))),
        on_broken: Arc::new(move |why| *told.lock().expect("not poisoned") = Some(why)),
    });
    let config = Config::try_parse_from(["serve"]).expect("no flags are needed");
    let data = folder.to_owned();
    let plan = Plan { folder: data.join("backups"), data, every_hours: None, keep: 1 };
    let backups = Backups::new(plan, || 0, Arc::clone(&metrics));
    let app = Arc::new(App::new(config, metrics, ingest, live, backups, Place::of(folder)));
    panics::report(&app, folder);
    (app, ended)
}

/// The program's own issues once there are so many: message, place, count.
async fn issues(app: &App, wanted: usize) -> Vec<(String, String, i64)> {
    let sql = "select message, file_path, line_number, count from issue \
               join issue_text on issue_text.issue = issue.id \
               join project on project.id = issue.project and project.name = 'log-center' \
               order by issue.id";
    let read = |db: &mut dyn Engine| {
        all(db, sql, &[], |row| {
            (row.text(0).to_owned(), format!("{}:{}", row.text(1), row.int(2)), row.int(3))
        })
    };
    for _ in 0..500 {
        let found = app.read(read).await.expect("readable");
        if found.len() >= wanted {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("there are no {wanted} issues");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_becomes_an_issue_now_or_after_the_next_start() {
    let folder = std::env::temp_dir().join(format!("log-center-panics-{}", std::process::id()));
    let (app, ended) = start(&folder);
    for _ in 0..2 {
        let fails = || panic!("defect with password=hunter2");
        let _panicked = std::thread::spawn(fails).join().expect_err("it panics");
    }
    let line = line!() - 3;
    let found = issues(&app, 1).await;
    assert_eq!(found[0].0, "defect with password=[scrubbed]");
    assert_eq!(found[0].1, format!("{}:{line}", file!()));
    assert!(app.metrics.text().contains("log_center_panics_total 2\n"));

    // The writer's own end: the program is told to end, and the next one reports it.
    let fails = |_: &mut store::Writer| -> store::Result<()> { panic!("defect of the writer") };
    assert!(app.write(fails).await.is_err());
    for _ in 0..500 {
        if ended.lock().expect("not poisoned").is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let why = ended.lock().expect("not poisoned").expect("it was told to end");
    assert!(why.contains("after the next start"), "{why}");
    assert!(app.ingest.refusal().is_some(), "it takes nothing any more");
    assert!(folder.join(panics::WAITING_NAME).exists());
    drop(app);

    let (app, ended) = start(&folder);
    let found = issues(&app, 2).await;
    assert_eq!((found[1].0.as_str(), found[1].2), ("defect of the writer", 1));
    for _ in 0..500 {
        if !folder.join(panics::WAITING_NAME).exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!folder.join(panics::WAITING_NAME).exists(), "what is stored does not wait");
    assert_eq!(*ended.lock().expect("not poisoned"), None);
    std::fs::remove_dir_all(&folder).expect("it was made here");
}
