//! The files of the dashboard, the guide and the API page.

use super::client::{Answer, Running};
use super::closed::Closed;

/// The client for pages that have no bundler.
const CLIENT: &str = "/client/log-center.js";
const CLIENT_PACKED_BYTES_MAX: usize = 5_000;

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).expect("text")
}

/// The address of the dashboard's main script.
fn script(server: &Running) -> String {
    let page = text(&server.ask("/"));
    let begin = page.find("/assets/index").expect("a file with a hash in its name");
    page[begin..].chars().take_while(|next| *next != '"').collect()
}

#[test]
fn every_address_of_a_page_is_the_dashboard() {
    let server = Running::start(&[]);
    let first = server.ask("/");
    assert_eq!(first.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let policy = first.header("content-security-policy").expect("always");
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(first.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(server.ask("/issues/7?q=x").body, first.body);
    let docs = server.ask("/docs");
    assert_ne!(docs.body, first.body);
    let policy = docs.header("content-security-policy").expect("always");
    assert!(policy.contains("style-src 'self' 'unsafe-inline'"), "{policy}");
}

#[test]
fn the_guide_is_a_page_of_its_own_under_the_strict_policy() {
    let server = Running::start(&[]);
    let guide = server.ask("/docs/guide");
    assert_eq!(guide.status, 200);
    assert_ne!(guide.body, server.ask("/docs").body);
    assert_ne!(guide.body, server.ask("/").body);
    let policy = guide.header("content-security-policy").expect("always");
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    for path in ["/docs/guide/", "/docs/guide/django", "/docs/guide?project_id=x"] {
        assert_eq!(server.ask(path).body, guide.body, "{path}");
    }
    assert_eq!(server.ask("/docs/guided").body, server.ask("/").body);
}

#[test]
fn programs_get_the_guide_and_the_way_to_it_as_text() {
    let server = Running::start(&[]);
    let guide = server.ask("/docs/guide.md");
    assert_eq!(guide.header("content-type"), Some("text/markdown; charset=utf-8"));
    let words = text(&guide);
    for word in ["# Report from your programs", "def report_error(", "curl --max-time 3"] {
        assert!(words.contains(word), "{word}");
    }
    assert!(!words.contains("(snippets/") && !words.contains("<a id"), "snippets are put in");
    let way = server.ask("/llms.txt");
    assert_eq!(way.header("content-type"), Some("text/plain; charset=utf-8"));
    let words = text(&way);
    let addresses = words.split(['(', ')']).filter(|word| word.starts_with('/'));
    let answers: Vec<_> = addresses.map(|path| server.ask(path).status).collect();
    assert_eq!(answers, [200, 200, 200]);
}

#[test]
fn a_file_with_a_hash_in_its_name_is_kept_for_ever() {
    let server = Running::start(&[]);
    let answer = server.ask(&script(&server));
    assert_eq!(answer.status, 200);
    let lasting = answer.header("cache-control").expect("always");
    assert_eq!(lasting, "public, max-age=31536000, immutable");
}

#[test]
fn each_packing_has_its_own_tag() {
    let server = Running::start(&[]);
    let path = script(&server);
    let (mut tags, plain) = (Vec::new(), server.ask(&path).body);
    for (accepted, packing) in [("gzip, br", Some("br")), ("gzip", Some("gzip")), ("", None)] {
        let header = format!("Accept-Encoding: {accepted}");
        let answer = server.send("GET", &path, &[&header], b"");
        assert_eq!(answer.header("content-encoding"), packing, "{accepted}");
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
        assert_eq!(answer.body == plain, packing.is_none(), "{accepted}");
        let tag = answer.header("etag").expect("always").to_owned();
        let known = format!("If-None-Match: {tag}");
        let again = server.send("GET", &path, &[&header, &known], b"");
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert!(!tags.contains(&tag));
        tags.push(tag);
    }
}

#[test]
fn a_missing_file_is_no_page() {
    let server = Running::start(&[]);
    let packed = format!("{}.br", script(&server));
    for path in ["/assets/missing.js", "/favicon.png", "/../Cargo.toml", &packed] {
        let answer = server.ask(path);
        assert_eq!((answer.status, answer.code().as_str()), (404, "NotFoundError"), "{path}");
    }
}

#[test]
fn any_page_may_load_the_client_and_keep_it_for_an_hour() {
    let server = Running::start(&[]);
    let asked = ["Origin: https://shop.example", "Host: logs.lan", "X-Forwarded-For: 1.2.3.4"];
    let answer = server.send("GET", CLIENT, &asked, b"");
    assert_eq!(answer.status, 200);
    assert!(text(&answer).contains("LogCenter"));
    let expected = [
        ("content-type", "text/javascript; charset=utf-8"),
        ("access-control-allow-origin", "*"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "public, max-age=3600, stale-while-revalidate=86400"),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(server.ask("/client/log-center.js?v=2").body, answer.body);
    assert_eq!(server.send("HEAD", CLIENT, &[], b"").status, 200);
    assert_eq!(server.ask("/client/other.js").status, 404);
}

#[test]
fn the_client_is_sent_packed_in_less_than_five_kilobytes() {
    let server = Running::start(&[]);
    for (accepted, packing) in [("gzip, br", Some("br")), ("gzip", Some("gzip")), ("", None)] {
        let header = format!("Accept-Encoding: {accepted}");
        let answer = server.send("GET", CLIENT, &[&header], b"");
        assert_eq!(answer.header("content-encoding"), packing, "{accepted}");
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
        let is_best = packing == Some("br");
        assert!(!is_best || answer.body.len() < CLIENT_PACKED_BYTES_MAX, "{accepted}");
        let known = format!("If-None-Match: {}", answer.header("etag").expect("always"));
        let again = server.send("GET", CLIENT, &[&header, &known], b"");
        assert_eq!((again.status, again.body.len()), (304, 0), "{accepted}");
        assert_eq!(again.header("access-control-allow-origin"), Some("*"), "{accepted}");
    }
}

#[test]
fn the_client_needs_no_key_where_everything_else_does() {
    let closed = Closed::start();
    assert_eq!(closed.server.ask(CLIENT).status, 200);
    assert_eq!(closed.server.ask("/api/v1/issues").status, 401);
}
