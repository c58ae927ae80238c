//! What is told goes with what is committed, and what waits has its bounds.

use super::*;
use crate::domain::change::{Change, Who};
use crate::domain::status::Status;
use crate::live::Listener;
use crate::store::encode::RecentStacks;
use crate::store::moves;
use crate::store::tests::{NOW, report};

async fn heard(listener: &mut Listener) -> String {
    let piece = listener.next().await.expect("it goes on");
    let name = |line: &str| line.strip_prefix("event: ").map(str::to_owned);
    piece.lines().filter_map(name).collect::<Vec<_>>().join(" ")
}

struct Running {
    ingest: Ingest,
    live: Arc<Live>,
    folder: PathBuf,
    thread: std::thread::JoinHandle<()>,
}

impl Running {
    fn start(name: &str, limits: Limits) -> Self {
        let name = format!("log-center-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let live = Live::new(NOW, Arc::default());
        let mut writer = store::open(&folder, 1_000).expect("a fresh folder");
        let (ingest, thread) = start(Start {
            confirm: writer.db.confirm_apart().expect("it has a log"),
            writer,
            folder: folder.clone(),
            limits,
            metrics: Arc::default(),
            live: Arc::clone(&live),
            file_full: Arc::default(),
            chore: Box::new(|_, _| Ok(Duration::from_secs(1))),
            on_broken: Arc::new(|_| {}),
        });
        Self { ingest, live, folder, thread }
    }

    fn stop(self) {
        self.ingest.stop();
        self.thread.join().expect("it ends");
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

fn reports(number: i64) -> Vec<Prepared> {
    (1..=number).map(|line| Prepared::new(report(line), &RecentStacks::default())).collect()
}

#[tokio::test]
async fn the_queue_is_bounded_in_reports_and_in_bytes() {
    let each = reports(1)[0].bytes();
    let table = [(2, usize::MAX), (usize::MAX, 2 * each)];
    for (at, (number, bytes)) in table.into_iter().enumerate() {
        let running = Running::start(&format!("queue-{at}"), Limits { reports: number, bytes });
        let ingest = &running.ingest;
        for _ in 0..2 {
            assert_eq!(ingest.batch(reports(3)).await, Err(Refused::QueueFull));
            // What was refused holds no place, and what was written no more.
            assert_eq!(ingest.batch(reports(2)).await.map(|all| all.len()), Ok(2));
        }
        running.stop();
    }
}

#[tokio::test]
async fn nothing_of_a_rolled_back_transaction_is_told() {
    let running = Running::start("told", Limits { reports: 100, bytes: 1_000_000 });
    let (ingest, live) = (&running.ingest, &running.live);
    let mut listener = live.listen(None).expect("room");
    let telling = Arc::clone(live);
    tokio::spawn(async move { telling.run().await });
    listener.next().await.expect("a greeting");
    ingest.batch(reports(1)).await.expect("stored");
    assert_eq!(heard(&mut listener).await, "issue.new");
    let step = |writer: &mut Writer| {
        let change = Change { status: Some(Status::Verifying), ..Change::default() };
        moves::apply(writer, 1, &change, &Who::anonymous(), NOW)
    };
    let undone = ingest.write(move |writer| {
        step(writer)?;
        Err::<(), _>(store::Error::Engine("as a test wants".into()))
    });
    assert_eq!(undone.await, Err(Refused::Failed));
    ingest.write(step).await.expect("the same step is allowed still");
    assert_eq!(heard(&mut listener).await, "issue.moved", "once");
    live.end();
    assert_eq!(listener.next().await, None);
    running.stop();
}
