//! What is told goes with what is committed.

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

#[tokio::test]
async fn nothing_of_a_rolled_back_transaction_is_told() {
    let folder = std::env::temp_dir().join(format!("log-center-told-{}", std::process::id()));
    let live = Live::new(NOW, Arc::default());
    let (ingest, thread) = start(Start {
        writer: store::open(&folder, 1_000).expect("a fresh folder"),
        folder: folder.clone(),
        limits: Limits { reports: 100, bytes: 1_000_000 },
        metrics: Arc::default(),
        live: Arc::clone(&live),
        file_full: Arc::default(),
        chore: Box::new(|_, _| Ok(Duration::from_secs(1))),
        on_broken: Arc::new(|_| {}),
    });
    let mut listener = live.listen(None).expect("room");
    let telling = Arc::clone(&live);
    tokio::spawn(async move { telling.run().await });
    listener.next().await.expect("a greeting");
    let prepared = Prepared::new(report(1), &RecentStacks::default());
    ingest.report(prepared).await.expect("stored");
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
    ingest.stop();
    thread.join().expect("it ends");
    let _gone = std::fs::remove_dir_all(&folder);
}
