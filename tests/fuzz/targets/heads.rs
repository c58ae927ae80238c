//! Heads of requests and the cookies in them, as they come on one connection.
//!
//! Held: each request that was read has one answer, and hyper's refusal is the last one; no session
//! and no key is read that does not stand in what came; nobody but a trusted proxy says who asks;
//! a name of a request that goes into its answer has no character that could end a line.

#![no_main]

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use clap::Parser;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use libfuzzer_sys::fuzz_target;
use log_center::config::Config;
use log_center::http::error::{HEAD_BYTES_MAX, HEADERS_MAX};
use log_center::http::heads::{self, Said};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::{Builder, Runtime};

const SENDER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9));
const ROOM_BYTES: usize = 256 * 1_024;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));
static PLAIN: LazyLock<Config> = LazyLock::new(|| config(&[]));
static PROXIED: LazyLock<Config> = LazyLock::new(|| {
    config(&["--trusted-proxy", "192.0.2.0/24", "--public-url", "https://logs.example"])
});

fn config(flags: &[&str]) -> Config {
    Config::try_parse_from([&["serve"], flags].concat()).expect("valid flags")
}

fuzz_target!(|data: &[u8]| {
    let read = RefCell::new(Vec::new());
    let written = RUNTIME.block_on(answered(data, &read));
    let read = read.into_inner();
    let text = String::from_utf8_lossy(&written);
    let (own, all) = (text.matches("HTTP/1.1 204").count(), text.matches("HTTP/1.").count());
    assert!(own <= read.len(), "{own} answers to {} requests", read.len());
    assert!(all <= read.len() + 1, "{all} answers to {} requests", read.len());
    for (plain, proxied) in &read {
        check(data, plain);
        check(data, proxied);
        assert_eq!(plain.client, SENDER, "nobody is believed");
        assert!(!plain.is_https);
    }
});

/// What one connection answers to these bytes; `read` has what each of its requests says.
async fn answered(data: &[u8], read: &RefCell<Vec<(Said, Said)>>) -> Vec<u8> {
    let (mut near, far) = duplex(ROOM_BYTES);
    let service = service_fn(|request: Request<Incoming>| async {
        let (head, body) = request.into_parts();
        let query = head.uri.query().unwrap_or("");
        let said = |config| heads::said(config, &head.headers, query, SENDER);
        read.borrow_mut().push((said(&PLAIN), said(&PROXIED)));
        let _body = body.collect().await;
        let mut answer = Response::new(Empty::<Bytes>::new());
        *answer.status_mut() = hyper::StatusCode::NO_CONTENT;
        Ok::<_, Infallible>(answer)
    });
    let serving = http1::Builder::new()
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(far), service);
    let asking = async {
        near.write_all(data).await.ok();
        near.shutdown().await.ok();
        let mut answers = Vec::new();
        near.read_to_end(&mut answers).await.ok();
        answers
    };
    let (_ended, answers) = tokio::join!(serving, asking);
    answers
}

fn check(data: &[u8], said: &Said) {
    let stands = |text: &str| data.windows(text.len()).any(|part| part == text.as_bytes());
    if let Some(secret) = &said.session {
        assert!(secret.len() == 48 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(stands(secret), "{secret}");
    }
    if let Ok(Some(key)) = &said.key {
        assert!(key.len() <= data.len(), "{key}");
    }
    let legible = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
    assert!((1..=128).contains(&said.request_id.len()) && said.request_id.bytes().all(legible));
}
