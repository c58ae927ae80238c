//! What an attacker tried: crowds at the login, look-alikes, two headers of a kind, and requests
//! that a proxy and this server might cut at different places.

use std::io::{Read, Write};

use serde_json::{Value, json};

use super::client::{Answer, Running, request};
use super::closed::{Closed, JSON, ORIGIN, PASSWORD, try_to_log_in};
use super::samples::{GUIDE, ISSUES, REPORT, on_line};

const NOTHING: Value = Value::Null;

/// Wrong logins at once, each from an address and with a name; their statuses.
fn crowd(closed: &Closed, tries: impl Iterator<Item = (String, String)>) -> Vec<u16> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = tries
            .map(|(address, name)| {
                scope.spawn(move || {
                    let from = format!("X-Forwarded-For: {address}");
                    try_to_log_in(&closed.server, &name, "not the password", &[&from]).status
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

#[test]
fn a_crowd_at_the_login_does_not_keep_others_out() {
    let closed = Closed::start_with(&["--trusted-proxy", "127.0.0.1"]);
    closed.person("vera", "viewer", json!(null));
    let of_one_address = (0..80).map(|n| ("192.0.2.1".to_owned(), format!("a{n}")));
    let of_one_name = (0..80).map(|n| (format!("198.51.100.{n}"), "bob".to_owned()));
    let of_many = (0..80).map(|n| (format!("203.0.113.{n}"), format!("b{n}")));
    std::thread::scope(|scope| {
        let crowds = [
            scope.spawn(|| crowd(&closed, of_one_address)),
            scope.spawn(|| crowd(&closed, of_one_name)),
            scope.spawn(|| crowd(&closed, of_many)),
        ];
        // Somebody logged in from here before.
        while crowds.iter().any(|crowd| !crowd.is_finished()) {
            let answer = try_to_log_in(&closed.server, "vera", PASSWORD, &[]);
            assert!([200, 429].contains(&answer.status), "{}", answer.json());
            if answer.status == 429 {
                break;
            }
        }
        let [address, name, many] = crowds.map(|crowd| crowd.join().expect("no panic"));
        assert!(address.contains(&429) && !address.contains(&200), "{address:?}");
        assert!(!name.contains(&429) && !many.contains(&429), "a name is never refused so");
    });
}

#[test]
fn one_address_or_one_name_takes_no_place_of_a_stranger() {
    let closed = Closed::start_with(&["--trusted-proxy", "127.0.0.1"]);
    closed.person("vera", "viewer", json!(null));
    let of_one_address = (0..80).map(|n| ("192.0.2.1".to_owned(), format!("a{n}")));
    let of_one_name = (0..80).map(|n| (format!("198.51.100.{n}"), "bob".to_owned()));
    std::thread::scope(|scope| {
        let one = scope.spawn(|| crowd(&closed, of_one_address));
        let other = scope.spawn(|| crowd(&closed, of_one_name));
        for number in 1..6 {
            let from = format!("X-Forwarded-For: 203.0.113.{number}");
            let answer = try_to_log_in(&closed.server, "vera", PASSWORD, &[&from]);
            assert_eq!(answer.status, 200, "{}", answer.json());
        }
        assert!(one.join().expect("no panic").iter().all(|status| [401, 429].contains(status)));
        assert!(other.join().expect("no panic").iter().all(|status| *status == 401));
    });
}

#[test]
fn a_link_that_is_not_valid_is_recorded_and_hashes_nothing() {
    let closed = Closed::start();
    let body = json!({"secret": "0".repeat(48), "name": "mallory", "password": PASSWORD});
    let answer = closed.ask("", "POST", "/api/v1/invitations/accept", &body);
    assert_eq!((answer.status, answer.code()), (401, "AuthError".into()));
    let items = closed.read("/api/v1/audit?action=invitation.refused")["items"].clone();
    assert_eq!(
        (&items[0]["who"], &items[0]["object"]),
        (&json!("anonymous"), &json!("invitation"))
    );
    assert_eq!(items[0]["detail"], json!({"name": "mallory"}));
    assert!(!items.to_string().contains("0000"), "no link is recorded");
}

#[test]
fn nobody_is_called_what_looks_like_another() {
    let closed = Closed::start();
    let add = |name: &str| {
        let body = json!({"name": name, "role": "viewer"});
        closed.ask(&closed.ann, "POST", "/api/v1/people", &body).status
    };
    for name in ["аnn", "an\u{fe00}n", "a\u{34f}nn", "ann\u{3164}", "αnn", "a\u{2003}n"] {
        assert_eq!(add(name), 400, "{name:?}");
    }
    assert_eq!(add("𝐚𝐧𝐧"), 409, "the same in other letters");
    assert_eq!((add("paul"), add("pau1")), (201, 409));
    assert_eq!((add("Анна"), add("王芳")), (201, 201));
}

#[test]
fn a_member_learns_no_names_of_other_projects() {
    let closed = Closed::filled();
    let mona = closed.person("mona", "member", json!(["shop"]));
    closed.person("otto", "viewer", json!(["other"]));
    closed.person("max", "viewer", json!(null));
    let assign =
        |name: &str| closed.ask(&mona, "PATCH", "/api/v1/issues/1", &json!({ "assignee": name }));
    let (hidden, never) = (assign("otto"), assign("nobody here"));
    assert_eq!((hidden.status, never.status), (400, 400));
    assert_eq!(hidden.json()["message"], never.json()["message"]);
    for name in ["max", "ann", "mona"] {
        assert_eq!(assign(name).status, 200, "{name}");
    }
}

#[test]
fn a_role_that_goes_up_and_down_leaves_the_projects_as_they_were() {
    let closed = Closed::filled();
    let mona = closed.person("mona", "member", json!(["shop"]));
    let role = |role: &str| closed.ok("PATCH", "/api/v1/people/mona", &json!({ "role": role }));
    assert_eq!(role("administrator")["projects"], NOTHING, "all of them");
    assert_eq!(closed.ask(&mona, "GET", "/api/v1/issues/2", &NOTHING).status, 200);
    assert_eq!(role("member")["projects"], json!(["shop"]));
    assert_eq!(closed.ask(&mona, "GET", "/api/v1/issues/2", &NOTHING).status, 404);
}

#[test]
fn whose_events_were_erased_is_not_in_the_record() {
    let closed = Closed::filled();
    closed.ok("DELETE", "/api/v1/events?user_id=u_12345&project_id=shop", &NOTHING);
    let items = closed.read("/api/v1/audit?action=erase_user_events")["items"].clone();
    assert_eq!((&items[0]["object"], &items[0]["detail"]), (&json!("project shop"), &json!({})));
    assert!(!closed.read("/api/v1/audit?limit=200").to_string().contains("u_12345"));
}

#[test]
fn of_two_headers_that_say_who_asks_none_counts() {
    let closed = Closed::filled();
    let key = closed.key(json!({"name": "all"}));
    let reads = closed.key(json!({"name": "reads", "kind": "api"}));
    let report = on_line(3, &[("project_id", json!("shop"))]).to_string();
    let good = format!("X-Log-Center-Key: {key}");
    let bearer = format!("Authorization: Bearer {key}");
    let other = format!("X-Log-Center-Key: {reads}");
    let bad = "X-Log-Center-Key: nonsense";
    for headers in [[good.as_str(), bad], [bad, &good], [&good, &good], [&good, &bearer]] {
        let answer = closed.server.send("POST", REPORT, &headers, report.as_bytes());
        assert_eq!((answer.status, answer.code()), (400, "ValidationError".into()), "{headers:?}");
    }
    let twice = format!("{REPORT}?key={key}&key={reads}");
    assert_eq!(closed.server.send("POST", &twice, &[], report.as_bytes()).status, 400);
    let twice = format!("{REPORT}?key={key}");
    assert_eq!(closed.server.send("POST", &twice, &[&other], report.as_bytes()).status, 400);
    let evil = "Origin: https://evil.example";
    for headers in [[ORIGIN, evil], [evil, ORIGIN]] {
        let headers = [&[JSON, closed.ann.as_str()], &headers[..]].concat();
        let answer =
            closed.server.send("PATCH", "/api/v1/issues/1", &headers, br#"{"assignee":"ann"}"#);
        assert_eq!((answer.status, answer.code()), (400, "ValidationError".into()), "{headers:?}");
    }
    let open = Running::start(&[]);
    let answer = open.send("POST", REPORT, &[bad, bad, evil, evil], GUIDE.as_bytes());
    assert_eq!(answer.status, 200, "an open door looks at nothing");
}

#[test]
fn a_key_that_is_used_too_often_is_told_when_to_come_back() {
    let closed = Closed::start_with(&["--rate-per-key", "3"]);
    let (one, other) = (
        closed.key(json!({"name": "a", "kind": "api"})),
        closed.key(json!({"name": "b", "kind": "api"})),
    );
    let read =
        |key: &str| closed.server.send("GET", ISSUES, &[&format!("X-Log-Center-Key: {key}")], b"");
    let limited = (0..8).map(|_| read(&one)).find(|answer| answer.status == 429);
    let limited = limited.expect("limited after a few");
    assert_eq!(limited.code(), "RateLimitError");
    assert!(limited.header("retry-after").is_some());
    assert_eq!(read(&other).status, 200, "a key of its own");
    let system = closed.read("/api/v1/system");
    assert_eq!(system["limits"]["rate_per_key"], 3);
    assert!(system["refused"]["by_reason"].to_string().contains("key_rate"));
}

#[test]
fn who_came_by_https_is_to_come_by_it_again() {
    let flags = ["--trusted-proxy", "127.0.0.1", "--public-url", "https://logs.example"];
    let closed = Closed::start_with(&flags);
    let header = |headers: &[&str], path: &str| {
        let answer = closed.server.send("GET", path, headers, b"");
        answer.header("strict-transport-security").map(str::to_owned)
    };
    let (https, host) = ("X-Forwarded-Proto: https", "Host: logs.example");
    for path in ["/login", "/healthz", "/", ISSUES] {
        assert_eq!(header(&[https, host], path).as_deref(), Some("max-age=31536000"), "{path}");
    }
    assert_eq!(header(&["X-Forwarded-Proto: http", host], "/login"), None);
    assert_eq!(header(&[https], "/login"), None, "by an address, as in the LAN");
}

/// What a front that cuts requests at another place might send on one connection: the second
/// request is hidden in the first one.
#[test]
fn no_request_is_hidden_in_another_ones_body() {
    let server = Running::start(&[]);
    let hidden = "DELETE /api/v1/projects/rtc_backend?confirm=rtc_backend HTTP/1.1\r\n\
        Host: localhost\r\n\r\n";
    server.send("POST", REPORT, &[], GUIDE.as_bytes());
    let post = format!("POST {REPORT} HTTP/1.1\r\nHost: localhost\r\n");
    let length = hidden.len();
    let after_chunks = format!("0\r\n\r\n{hidden}");
    let all = after_chunks.len();
    let attempts = [
        // Two lengths.
        format!("{post}Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        format!("{post}Content-Length: 0, {length}\r\n\r\n{hidden}"),
        format!("{post}Content-Length: +0\r\n\r\n{hidden}"),
        format!("{post}Content-Length: 0x0\r\n\r\n{hidden}"),
        format!("{post}Content-Length:\r\n\r\n{hidden}"),
        format!("{post}Content-Length: -1\r\n\r\n{hidden}"),
        format!("{post}Content-Length : 0\r\n\r\n{hidden}"),
        format!("{post} Content-Length: 0\r\n\r\n{hidden}"),
        // A length and chunks: CL.TE and TE.CL.
        format!("{post}Content-Length: {all}\r\nTransfer-Encoding: chunked\r\n\r\n{after_chunks}"),
        format!("{post}Transfer-Encoding: chunked\r\nContent-Length: {all}\r\n\r\n{after_chunks}"),
        // Chunks that one side does not see: TE.TE.
        format!("{post}Transfer-Encoding: xchunked\r\n\r\n{after_chunks}"),
        format!("{post}Transfer-Encoding: chunked, identity\r\n\r\n{after_chunks}"),
        format!("{post}Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n{hidden}"),
        format!("{post}Transfer-Encoding : chunked\r\n\r\n{after_chunks}"),
        format!("{post}Transfer-Encoding: \x0bchunked\r\n\r\n{after_chunks}"),
        format!("{post}X: y\r\n Transfer-Encoding: chunked\r\n\r\n{after_chunks}"),
        format!("{post}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n{after_chunks}"),
        // Chunks of a wrong size, and ends that are none.
        format!("{post}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n{hidden}"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n{hidden}"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n1ffffffffffffffff0\r\n\r\n{hidden}"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n{hidden}"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n0\n\n{hidden}"),
        // An older version, which knows no chunks.
        format!("POST {REPORT} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n{after_chunks}"),
        // Lines that a front takes for one.
        format!("{post}X: y\rTransfer-Encoding: chunked\r\n\r\n{after_chunks}"),
        format!("{post}X: y\0\r\n\r\n{hidden}"),
        format!("POST {REPORT} HTTP/1.1\r\nHost: localhost\r\nX\r\n\r\n{hidden}"),
    ];
    for attempt in attempts {
        let mut stream = server.connect();
        stream.write_all(attempt.as_bytes()).expect("open");
        let mut bytes = Vec::new();
        // Closed, perhaps with something unread.
        let _broken = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with("HTTP/1.1 4"), "{attempt}: {text}");
        assert_eq!(
            text.matches("HTTP/1.").count(),
            1,
            "one answer, and the end: {attempt}: {text}"
        );
    }
    assert_eq!(server.ids("").len(), 1, "nothing was erased");
}

#[test]
fn after_chunks_the_connection_ends() {
    let server = Running::start(&[]);
    let mut stream = server.connect();
    let body = format!("{:x}\r\n{GUIDE}\r\n0\r\n\r\n", GUIDE.len());
    let headers = ["Transfer-Encoding: chunked", "Connection: keep-alive"];
    stream.write_all(&request("POST", REPORT, &headers, body.as_bytes())).expect("open");
    let answer = Answer::read(&mut stream);
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    assert_eq!(stream.read(&mut [0]).expect("closed"), 0);
}

#[test]
fn what_a_caller_writes_makes_no_line_of_the_log() {
    use std::process::{Command, Stdio};
    let folder = super::closed::fresh_folder();
    let log = folder.with_extension("log");
    let file = std::fs::File::create(&log).expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_log-center"))
        .args(["--listen", "127.0.0.1:0", "--log-level", "debug", "--data"])
        .arg(&folder)
        .stdout(Stdio::piped())
        .stderr(file)
        .spawn()
        .expect("it starts");
    let output = child.stdout.take().expect("piped");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(output));
    let address = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| Some(line.trim().strip_prefix("Listening")?.trim().to_owned()))
        .expect("it says where");
    let send = |head: &str| {
        let mut stream = std::net::TcpStream::connect(&address).expect("it listens");
        stream.write_all(head.as_bytes()).expect("open");
        let _broken = stream.read_to_end(&mut Vec::new());
    };
    let rest = "HTTP/1.1\r\nHost: localhost\r\nConnection: close";
    send(&format!("GET /a%0a2026-01-01%20ERROR%20forged {rest}\r\n\r\n"));
    send(&format!("GET /x\u{1b}[31mforged {rest}\r\n\r\n"));
    send(&format!("GET /healthz {rest}\r\nX-Request-Id: a\u{1b}[2Jforged\r\n\r\n"));
    send(&format!("GET /healthz {rest}\r\nX-Request-Id: id%0aforged\r\n\r\n"));
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let text = std::fs::read_to_string(&log).expect("a log");
    assert!(text.contains("healthz"), "it logs requests: {text}");
    for line in text.lines() {
        assert!(!line.starts_with("2026-01-01") && !line.contains('\u{1b}'), "{line:?}");
        assert!(!line.starts_with("forged"), "{line:?}");
    }
    let _gone = (std::fs::remove_dir_all(&folder), std::fs::remove_file(&log));
}
