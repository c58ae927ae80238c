//! Bodies in every `Content-Encoding`, through the door that requests take.
//!
//! Held: the pieces in which a body comes change nothing; no more comes out than the limit allows,
//! and a limit is exact; what is read is what flate2 and zstd read by a way of their own; what a
//! real encoder packed is read back whole, and is refused once its end is cut off; memory stays
//! within bounds.

#![no_main]
#![allow(unsafe_code, reason = "an allocator that counts can be written in no other way")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Duration;

use flate2::write::{DeflateEncoder, GzEncoder, MultiGzDecoder, ZlibEncoder};
use flate2::{Compression, Decompress, FlushDecompress, Status};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_ENCODING, HeaderValue};
use libfuzzer_sys::fuzz_target;
use log_center::http::budget::Budget;
use log_center::http::exchange::{REPORT_BYTES_MAX, Request, RequestId};
use tokio::runtime::{Builder, Runtime};

const ENCODINGS: [&str; 5] = ["gzip", "deflate", "br", "zstd", "identity"];
/// Windows and tables of the decoders; zstd's own memory is not counted here.
const DECODER_BYTES_MAX: usize = 24 * 1_024 * 1_024;
/// No body comes late here.
const BODY_TIME: Duration = Duration::from_secs(30);
const INTO_MEMORY: &str = "memory takes everything";

#[global_allocator]
static ALLOCATOR: Counting = Counting { used: AtomicUsize::new(0), most: AtomicUsize::new(0) };

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

fuzz_target!(|data: &[u8]| {
    let [encoding, limit, seed, payload @ ..] = data else { return };
    let encoding = ENCODINGS[usize::from(*encoding) % ENCODINGS.len()];
    let small = usize::from(*limit);
    let limit = [small, small * 64, REPORT_BYTES_MAX][small % 3];
    packed(encoding, limit, *seed, payload);
    plain(encoding, *seed, payload);
});

/// The payload is what somebody sent.
fn packed(encoding: &str, limit: usize, seed: u8, payload: &[u8]) {
    let before = ALLOCATOR.restart();
    let whole = read(encoding, limit, vec![payload.to_vec()]);
    let took = ALLOCATOR.most.load(Relaxed).saturating_sub(before);
    let bound = DECODER_BYTES_MAX + 4 * (limit + payload.len());
    assert!(took <= bound, "{encoding}: {took} bytes for {} at {limit}", payload.len());
    if let Ok(plain) = &whole {
        assert!(plain.len() <= limit, "{encoding}: {} bytes at {limit}", plain.len());
    }
    if let (Ok(plain), Some(pushed)) = (&whole, pushed(encoding, payload)) {
        assert_eq!(plain, &pushed, "{encoding}: another body");
    }
    let in_pieces = read(encoding, limit, pieces(payload, seed));
    assert_eq!(in_pieces, whole, "{encoding}: pieces change the answer");
    // Only the limit may make a difference.
    let expected = match read(encoding, REPORT_BYTES_MAX, vec![payload.to_vec()]) {
        Ok(plain) if plain.len() > limit => Err("TooLargeError"),
        Ok(plain) => Ok(plain),
        Err(_) => return,
    };
    if payload.len() <= limit {
        assert_eq!(whole, expected, "{encoding}: the limit is not exact");
    }
}

/// The payload is what a real encoder packed.
fn plain(encoding: &str, seed: u8, payload: &[u8]) {
    for packed in pack(encoding, payload) {
        check_read(encoding, &packed, payload);
        let cut = 1 + packed.len() * usize::from(seed) / 256;
        if cut < packed.len() {
            let read = read(encoding, REPORT_BYTES_MAX, vec![packed[..cut].to_vec()]);
            assert!(read.is_err(), "{encoding}: {cut} of {} bytes were enough", packed.len());
        }
    }
    if encoding == "gzip" {
        // Members behind one another are one body.
        let (head, tail) = payload.split_at(payload.len() / 2);
        check_read(encoding, &[gzip(head), gzip(tail)].concat(), payload);
    }
}

fn check_read(encoding: &str, packed: &[u8], payload: &[u8]) {
    let limit = payload.len().max(packed.len());
    let got = read(encoding, limit, vec![packed.to_vec()]);
    assert_eq!(got.as_deref(), Ok(payload), "{encoding}: read back");
    if payload.len() > packed.len() {
        let refused = read(encoding, payload.len() - 1, vec![packed.to_vec()]);
        assert_eq!(refused, Err("TooLargeError"), "{encoding}: one byte less");
    }
}

/// What comes out when the bytes are pushed into a decoder rather than pulled through one; `None`
/// where there is no such decoder, or it wants more.
fn pushed(encoding: &str, payload: &[u8]) -> Option<Vec<u8>> {
    match encoding {
        "gzip" => {
            let mut decoder = MultiGzDecoder::new(Vec::new());
            decoder.write_all(payload).ok()?;
            decoder.finish().ok()
        }
        "deflate" => {
            let is_zlib = matches!(payload, [method, flags, ..]
                if method & 0x8f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31));
            let mut plain = Vec::with_capacity(REPORT_BYTES_MAX);
            let status = Decompress::new(is_zlib).decompress_vec(
                payload,
                &mut plain,
                FlushDecompress::Finish,
            );
            matches!(status, Ok(Status::StreamEnd)).then_some(plain)
        }
        "zstd" => zstd::bulk::decompress(payload, REPORT_BYTES_MAX).ok(),
        "identity" => Some(payload.to_vec()),
        _ => None,
    }
}

/// As the encoders of our own packages write it; of brotli there is none.
fn pack(encoding: &str, payload: &[u8]) -> Vec<Vec<u8>> {
    match encoding {
        "gzip" => vec![gzip(payload)],
        "deflate" => {
            let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
            zlib.write_all(payload).expect(INTO_MEMORY);
            let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
            raw.write_all(payload).expect(INTO_MEMORY);
            vec![zlib.finish().expect(INTO_MEMORY), raw.finish().expect(INTO_MEMORY)]
        }
        "zstd" => vec![zstd::stream::encode_all(payload, 1).expect(INTO_MEMORY)],
        _ => Vec::new(),
    }
}

fn gzip(payload: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(payload).expect(INTO_MEMORY);
    out.finish().expect(INTO_MEMORY)
}

/// What a handler gets of a body that comes in these pieces, or the refusal's code.
fn read(encoding: &str, limit: usize, pieces: Vec<Vec<u8>>) -> Result<Vec<u8>, &'static str> {
    let mut request = hyper::Request::new(Pieces(pieces.into_iter().map(Bytes::from).collect()));
    let value = HeaderValue::from_str(encoding).expect("a name");
    request.headers_mut().insert(CONTENT_ENCODING, value);
    let id = RequestId::of(request.headers());
    let peer = IpAddr::from(Ipv4Addr::LOCALHOST);
    let mut request = Request::new(request, peer, id, (&Budget::new(), BODY_TIME), &Arc::default());
    let body = RUNTIME.block_on(request.body(limit));
    body.map(|body| body.to_vec()).map_err(|error| error.code())
}

/// Cuts at places that the seed chooses; some pieces are empty.
fn pieces(payload: &[u8], seed: u8) -> Vec<Vec<u8>> {
    let mut state = u32::from(seed) + 1;
    let mut rest = payload;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let size = match state >> 30 {
            0 => (state >> 20) as usize & 1,
            1 => (state >> 20) as usize & 15,
            _ => (state >> 16) as usize & 1_023,
        };
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        pieces.push(piece.to_vec());
        rest = behind;
    }
    pieces
}

/// A body in pieces whose length nobody says, unless it is one.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        match self.0.len() {
            1 => SizeHint::with_exact(self.0[0].len() as u64),
            _ => SizeHint::default(),
        }
    }
}

/// The system's allocator, counting what is in use and the most that was.
struct Counting {
    used: AtomicUsize,
    most: AtomicUsize,
}

impl Counting {
    fn grew(&self, bytes: usize) {
        let used = self.used.fetch_add(bytes, Relaxed) + bytes;
        self.most.fetch_max(used, Relaxed);
    }

    /// What is in use now, from which the most counts anew.
    fn restart(&self) -> usize {
        let used = self.used.load(Relaxed);
        self.most.store(used, Relaxed);
        used
    }
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.grew(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        self.used.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.grew(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }
}
