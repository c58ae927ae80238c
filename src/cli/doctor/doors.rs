//! Who is let in: foreign names, proxies, and pages of other origins.

use hyper::Method;

use super::finding::Finding;
use super::server::{failed, page};
use crate::cli::remote::Remote;
use crate::cli::sending::REPORT;
use crate::fetch::{Answer, Ask};

/// Names that nobody has (RFC 2606, RFC 5737).
const FOREIGN_HOST: &str = "log-center-doctor.invalid";
const FOREIGN_ORIGIN: &str = "https://log-center-doctor.invalid";
const FOREIGN_ADDRESS: &str = "203.0.113.7";
const READ: &str = "/api/v1/projects?limit=1";
const ALLOWED_ORIGIN: &str = "access-control-allow-origin";

/// Every door, tried by somebody without a key.
pub(super) async fn doors(stranger: &mut Remote) -> Vec<Finding> {
    let (host, proxy) = (host(stranger).await, proxy(stranger).await);
    vec![host, proxy, reporting(stranger).await, reading(stranger).await]
}

/// A page of a stranger must not reach the server under the stranger's name (DNS rebinding).
async fn host(remote: &mut Remote) -> Finding {
    const CHECK: &str = "host names";
    match page(remote, Ask::get(READ).header("host", FOREIGN_HOST)).await {
        // Who is asked to log in came past the name.
        Ok(page) if page.status == 401 || page.json["items"].is_array() => Finding::attention(
            CHECK,
            "a request under a foreign name is answered",
            "A proxy in front writes the Host header anew. Let it pass on the name that was asked \
             for, so that web pages cannot reach Log Center under a name of their own.",
        ),
        Ok(_) => Finding::ok(CHECK, "this name is allowed, a foreign one is refused"),
        Err(trouble) => failed(CHECK, &trouble),
    }
}

/// A proxy may listen to the whole world, and nobody is asked for a login.
async fn proxy(remote: &mut Remote) -> Finding {
    const CHECK: &str = "proxies";
    match page(remote, Ask::get(READ).header("x-forwarded-for", FOREIGN_ADDRESS)).await {
        Ok(page) if page.status == 200 => Finding::attention(
            CHECK,
            "what comes through a proxy is let in without a login (--insecure-open)",
            "Everybody who reaches the server can read and change everything: keep it within a \
             network in which you trust everyone.",
        ),
        Ok(page) if page.status == 401 => {
            Finding::ok(CHECK, "what comes through a proxy has to log in")
        }
        Ok(_) => Finding::ok(CHECK, "what comes through a proxy is refused, as there is no login"),
        Err(trouble) => failed(CHECK, &trouble),
    }
}

fn preflight(path: &str) -> Ask {
    let mut ask = Ask::get(path);
    ask.method = Method::OPTIONS;
    ask.header("origin", FOREIGN_ORIGIN)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
}

/// Any page may report.
async fn reporting(remote: &mut Remote) -> Finding {
    const CHECK: &str = "CORS";
    let answer = match remote.exchange(preflight(REPORT)).await {
        Ok(answer) => answer,
        Err(trouble) => return failed(CHECK, &trouble),
    };
    let fault = fault(&answer);
    // The connection is free for the next question when the body was read.
    let _body = answer.bytes(1_024 * 1_024).await;
    match fault {
        None => Finding::ok(CHECK, "web pages of any origin may report"),
        Some(fault) => Finding::wrong(
            CHECK,
            format!("web pages of another origin cannot report: {fault}"),
            "Log Center answers this by itself: let the proxy in front pass OPTIONS on, and add \
             or take away no Access-Control header.",
        ),
    }
}

fn fault(answer: &Answer) -> Option<String> {
    let words = |name: &str| answer.header(name).unwrap_or_default().to_ascii_lowercase();
    let has = |name: &str, word: &str| {
        words(name).split(',').any(|one| one.trim() == word || one.trim() == "*")
    };
    if !(200..300).contains(&answer.status) {
        Some(format!("the preflight gets status {}", answer.status))
    } else if answer.headers.get_all(ALLOWED_ORIGIN).iter().count() > 1 {
        Some("Access-Control-Allow-Origin stands there twice".into())
    } else if !has(ALLOWED_ORIGIN, FOREIGN_ORIGIN) {
        Some("no origin is allowed".into())
    } else if !has("access-control-allow-headers", "content-type") {
        Some("the header Content-Type is not allowed".into())
    } else {
        None
    }
}

/// No page may read.
async fn reading(remote: &mut Remote) -> Finding {
    const CHECK: &str = "other origins";
    for ask in [preflight("/api/v1/issues"), Ask::get(READ).header("origin", FOREIGN_ORIGIN)] {
        let answer = match remote.exchange(ask).await {
            Ok(answer) => answer,
            Err(trouble) => return failed(CHECK, &trouble),
        };
        let is_open = answer.headers.get_all(ALLOWED_ORIGIN).iter().count() > 0;
        let _body = answer.bytes(1_024 * 1_024).await;
        if is_open {
            return Finding::wrong(
                CHECK,
                "web pages of other origins may read what is stored",
                "A proxy in front adds Access-Control-Allow-Origin: take that out.",
            );
        }
    }
    Finding::ok(CHECK, "their pages can read nothing")
}
