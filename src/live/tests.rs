//! Order, folding, resuming and forgetting, without a socket.

use super::*;
use crate::domain::change::Who;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::happening::What;
use crate::domain::level::Level;
use crate::domain::report::{ErrorInfo, Known, Report, Stack};
use crate::domain::status::Status;

const RUN: i64 = 0xabc;

fn happening(what: What, issue: i64, count: i64) -> Happening {
    let error = ErrorInfo {
        kind: "ValueError".into(),
        message: "two\nlines".into(),
        file_path: "a.py".into(),
        line_number: issue,
        stack: Stack::Lines(Vec::new()),
        code: None,
    };
    let report = Report {
        project_id: "shop".into(),
        environment: "production".into(),
        level: Level::Error,
        timestamp: 0,
        received_at: count,
        version: None,
        commit_hash: None,
        fingerprint: Fingerprint::of("shop", &error.kind, &error.file_path, issue),
        error: error.into(),
        context: None,
        event_id: None,
        culprit: None,
        known: Known::default(),
        trimmed: Vec::new(),
        adjusted: Vec::new(),
    };
    Happening::of_reports(what, issue, count, std::iter::once(&report))
}

fn moved(issue: i64, count: i64) -> Happening {
    let who = Who { name: "ann".into(), verified: false };
    let seen = happening(What::Moved, issue, count);
    seen.stepped(Status::New, Status::Verifying, &who, Some("looks real"))
}

fn live() -> Arc<Live> {
    Live::new(RUN, Arc::default())
}

fn tell(live: &Live, what: What, issue: i64, count: i64) {
    live.tell(&mut vec![happening(what, issue, count)]);
}

/// `event issue_id count status` of each message that waits.
fn heard(listener: &mut Listener) -> Vec<String> {
    let text = listener.waiting().unwrap_or_default();
    let messages = text.split("\n\n").filter(|message| !message.is_empty());
    let shown = messages.map(|message| {
        let line = |name: &str| message.lines().find_map(|line| line.strip_prefix(name));
        let data: serde_json::Value =
            serde_json::from_str(line("data: ").expect("data")).expect("JSON");
        let words = [&data["issue_id"], &data["count"], &data["status"], &data["reason"]];
        let words = words.into_iter().filter(|word| !word.is_null());
        let words: Vec<_> = words.map(|word| word.to_string().replace('"', "")).collect();
        format!("{} {}", line("event: ").expect("a name"), words.join(" "))
    });
    shown.collect()
}

#[test]
fn reports_of_an_issue_are_folded_and_the_last_count_is_told() {
    let (live, now) = (live(), Instant::now());
    let mut listener = live.listen(None).expect("room");
    tell(&live, What::New, 1, 1);
    tell(&live, What::Seen, 1, 3);
    tell(&live, What::Seen, 2, 9);
    assert_eq!(live.round(now), None, "nothing was folded lately, so all is told at once");
    assert_eq!(
        heard(&mut listener),
        ["issue.new 1 1 NEW", "issue.seen 1 3 NEW", "issue.seen 2 9 NEW"]
    );
    for count in 4..100 {
        tell(&live, What::Seen, 1, count);
        let due = live.round(now + Duration::from_millis(9 * (count as u64)));
        assert_eq!(due, Some(now + Duration::from_secs(1)));
    }
    assert_eq!(heard(&mut listener), [""; 0]);
    assert_eq!(live.round(now + Duration::from_secs(1)), None);
    assert_eq!(heard(&mut listener), ["issue.seen 1 99 NEW"]);
}

#[test]
fn what_is_folded_never_takes_a_status_or_a_count_back() {
    let (live, now) = (live(), Instant::now());
    let mut listener = live.listen(None).expect("room");
    tell(&live, What::Seen, 9, 1);
    live.round(now);
    tell(&live, What::Seen, 1, 5);
    tell(&live, What::Seen, 2, 5);
    live.tell(&mut vec![moved(1, 5)]);
    tell(&live, What::Regressed, 2, 6);
    live.round(now + Duration::from_secs(1));
    assert_eq!(
        heard(&mut listener),
        [
            "issue.seen 9 1 NEW",
            "issue.moved 1 5 VERIFYING",
            "issue.regressed 2 6 NEW",
            "issue.seen 1 5 VERIFYING",
        ]
    );
}

#[test]
fn a_message_is_whole_and_on_one_line() {
    let live = live();
    let mut listener = live.listen(None).expect("room");
    live.tell(&mut vec![moved(7, 2)]);
    live.round(Instant::now());
    let hex = happening(What::New, 7, 2).fingerprint.hex();
    let expected = format!(
        "id: abc-1\nevent: issue.moved\ndata: {{\"issue_id\":7,\"project_id\":\"shop\",\
         \"fingerprint\":\"{hex}\",\"status\":\"VERIFYING\",\"level\":\"ERROR\",\
         \"type\":\"ValueError\",\"message\":\"two lines\",\"environment\":\"production\",\
         \"version\":null,\"count\":2,\"at\":\"1970-01-01T00:00:00.002Z\",\"from\":\"NEW\",\
         \"to\":\"VERIFYING\",\"who\":\"ann\",\"note\":\"looks real\"}}\n\n"
    );
    assert_eq!(listener.waiting().expect("one"), expected);
}

#[test]
fn nothing_is_kept_before_somebody_listens_and_all_from_then_on() {
    let live = live();
    tell(&live, What::New, 1, 1);
    live.round(Instant::now());
    assert!(locked(&live.inbox).happened.is_empty());
    let mut first = live.listen(None).expect("room");
    tell(&live, What::New, 2, 1);
    live.round(Instant::now());
    assert_eq!(heard(&mut first), ["issue.new 2 1 NEW"]);
    drop(first);
    tell(&live, What::New, 3, 1);
    live.round(Instant::now());
    let mut again = live.listen(Some("abc-1")).expect("room");
    assert_eq!(heard(&mut again), ["issue.new 3 1 NEW"]);
}

#[test]
fn an_id_is_known_for_ten_thousand_messages_of_its_run() {
    let live = live();
    drop(live.listen(None).expect("room"));
    for count in 1..=MESSAGES_MAX as i64 + 5 {
        tell(&live, What::New, count, 1);
        if count % 1_000 == 0 {
            live.round(Instant::now());
        }
    }
    live.round(Instant::now());
    let newest = MESSAGES_MAX as u64 + 5;
    for (id, known) in [
        (format!("abc-{newest}"), true),
        ("abc-5".into(), true),
        ("abc-4".into(), false),
        ("abc-0".into(), false),
        (format!("abc-{}", newest + 1), false),
        ("abd-10000".into(), false),
        ("abc-+9".into(), false),
        ("abc-10000 ".into(), false),
        ("abc".into(), false),
        (format!("abc-{}", u64::MAX), false),
        (String::new(), false),
    ] {
        let listener = live.listen(Some(&id)).expect("room");
        assert_eq!(!listener.greeting.contains("reset"), known, "{id}");
    }
    let mut listener = live.listen(Some("abc-10003")).expect("room");
    assert_eq!(heard(&mut listener), ["issue.new 10004 1 NEW", "issue.new 10005 1 NEW"]);
}

#[test]
fn a_listener_who_falls_behind_is_reset_and_hears_the_rest() {
    let live = live();
    let mut slow = live.listen(None).expect("room");
    for _ in 0..2 {
        for count in 0..MESSAGES_MAX as i64 {
            tell(&live, What::New, count, 1);
        }
        live.round(Instant::now());
    }
    assert_eq!(heard(&mut slow), ["reset too_old"]);
    tell(&live, What::New, 7, 1);
    live.round(Instant::now());
    assert_eq!(heard(&mut slow), ["issue.new 7 1 NEW"]);
    assert_eq!(live.metrics.stream_resets.value(), 1);
}

#[test]
fn more_than_the_inbox_holds_is_a_reset_and_never_memory() {
    let live = live();
    let mut listener = live.listen(None).expect("room");
    for count in 0..=MESSAGES_MAX as i64 {
        tell(&live, What::New, count, 1);
    }
    assert_eq!(locked(&live.inbox).happened.len(), 0);
    live.round(Instant::now());
    assert_eq!(heard(&mut listener), ["reset too_old"]);
}

#[test]
fn what_was_erased_is_told_no_more() {
    let live = live();
    let mut listener = live.listen(None).expect("room");
    tell(&live, What::New, 1, 1);
    live.round(Instant::now());
    heard(&mut listener);
    tell(&live, What::New, 2, 1);
    live.forget();
    live.round(Instant::now());
    assert_eq!(heard(&mut listener), ["reset too_old"], "even who had heard all");
    let early = live.listen(Some("abc-0")).expect("room");
    assert!(early.greeting.contains("reset"));
}

#[tokio::test(start_paused = true)]
async fn silence_is_broken_by_comments_and_the_end_comes_at_once() {
    let live = live();
    let mut listener = live.listen(None).expect("room");
    assert_eq!(listener.next().await.as_deref(), Some("retry: 2000\nid: abc-0\n\n"));
    let begin = Instant::now();
    assert_eq!(listener.next().await.as_deref(), Some(":\n\n"));
    assert_eq!(begin.elapsed(), COMMENT_EVERY);
    live.end();
    assert_eq!(listener.next().await, None);
    assert_eq!(live.listen(None).err(), Some(Deaf::Ending));
    drop(listener);
    assert_eq!(live.metrics.stream_listeners.value(), 0);
}

#[test]
fn listeners_are_bounded() {
    let live = live();
    let all: Vec<_> = (0..LISTENERS_MAX).map(|_| live.listen(None).expect("room")).collect();
    assert_eq!(live.listen(None).err(), Some(Deaf::TooMany));
    drop(all);
    live.listen(None).expect("room again");
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_what_let_it_in() {
    let live = live();
    let ends_at = Instant::now() + Duration::from_secs(40);
    let audience = Audience { reach: Reach::Every, is_somebody: true, ends_at: Some(ends_at) };
    let mut listener = live.listen_as(None, audience).expect("room");
    let mut pieces = Vec::new();
    while let Some(piece) = listener.next().await {
        assert!(Instant::now() < ends_at, "not a moment longer");
        pieces.push(piece);
    }
    assert_eq!(Instant::now(), ends_at);
    assert_eq!(pieces[1..], [":\n\n", ":\n\n"], "a comment each 15 s");
}
