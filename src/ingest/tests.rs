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
    why: Arc<Mutex<Vec<&'static str>>>,
}

/// A disk that does not confirm, once it is let say so.
struct Failing(Receiver<()>);

impl Confirm for Failing {
    fn confirm(&mut self) -> store::Result<()> {
        self.0.recv().expect("the test goes on");
        Err(store::Error::Sync("as a test wants".into()))
    }
}

impl Running {
    fn start(name: &str, limits: Limits) -> Self {
        Self::start_over(name, limits, None)
    }

    /// Over a disk that fails when it is let.
    fn start_failing(name: &str) -> (Self, Sender<()>) {
        let limits = Limits { reports: 100, bytes: 1_000_000 };
        let (let_it, may) = channel();
        (Self::start_over(name, limits, Some(Box::new(Failing(may)))), let_it)
    }

    /// With what confirms, unless the disk does.
    fn start_over(name: &str, limits: Limits, confirm: Option<Box<dyn Confirm>>) -> Self {
        let name = format!("log-center-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let live = Live::new(NOW, Arc::default());
        let mut writer = store::open(&folder, 1_000).expect("a fresh folder");
        let disk = writer.confirm_apart().expect("it has a log");
        let why = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&why);
        let (ingest, thread) = start(Start {
            confirm: confirm.unwrap_or(disk),
            writer,
            folder: folder.clone(),
            limits,
            metrics: Arc::default(),
            live: Arc::clone(&live),
            file_full: Arc::default(),
            chore: Box::new(|_, _| Ok(Duration::from_secs(1))),
            on_broken: Arc::new(move |why| told.lock().expect("sound").push(why)),
        });
        Self { ingest, live, folder, thread, why }
    }

    /// Ends it; why it had to end.
    fn stop(self) -> Vec<&'static str> {
        self.ingest.stop();
        self.thread.join().expect("it ends");
        let _gone = std::fs::remove_dir_all(&self.folder);
        self.why.lock().expect("sound").clone()
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

#[tokio::test]
async fn what_the_disk_does_not_confirm_is_refused_and_ends_everything() {
    let (running, let_it) = Running::start_failing("unconfirmed");
    let ingest = &running.ingest;
    let let_it_fail = || let_it.send(()).expect("it is asked");
    let (one, _) = tokio::join!(ingest.batch(reports(3)), async { let_it_fail() });
    assert_eq!(one, Err(Refused::Stopping));
    // Another sync would say nothing of what this one did not confirm: none is asked for.
    assert_eq!(ingest.batch(reports(3)).await, Err(Refused::Stopping));
    assert_eq!(ingest.write(|_| Ok(())).await, Err(Refused::Stopping));
    assert_eq!(ingest.maintain(|_| Ok(())).await, Err(Refused::Stopping));
    assert_eq!(running.stop(), [ending::UNCONFIRMED]);
}

#[tokio::test]
async fn a_stop_does_not_hide_that_the_disk_failed() {
    let (running, let_it) = Running::start_failing("stopped");
    let ingest = running.ingest.clone();
    let asked = tokio::spawn(async move { ingest.batch(reports(3)).await });
    while running.ingest.shared.reports.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    running.ingest.stop();
    let_it.send(()).expect("it is asked");
    assert_eq!(asked.await.expect("it ends"), Err(Refused::Stopping));
    assert_eq!(running.stop(), [ending::UNCONFIRMED]);
}
