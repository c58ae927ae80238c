//! JSON as small as it can be made in passing.
//!
//! Format: one byte, then
//! - 0: the bytes as they are;
//! - 1: a zstd frame (RFC 8878), as schema 3 and earlier wrote it;
//! - 2: a zstd frame without its magic number, made with `dictionary.zdict`. An event is too short
//!   to repeat itself; what it shares with all others stands in that file.

use std::cell::RefCell;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::{CParameter, get_frame_content_size};

/// What reports have in common, as text: names of members and headers, frames of frameworks; the
/// commonest last, where it costs least to point at. Before it how often what occurs, which
/// `ZDICT_finalizeDictionary` counted in events of the demo: so no event needs tables of its own.
/// Never to be changed: what is stored needs every byte.
static DICTIONARY: &[u8] = include_bytes!("dictionary.zdict");
/// Below this many bytes compressing gains next to nothing.
const PLAIN_BYTES_MAX: usize = 128;
/// Fast enough for the request's task.
const LEVEL: i32 = 2;
/// A value that unpacks to more is damaged: a stack and a context are 256 KiB at most, and JSON may
/// write a byte as six.
const UNPACKED_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// What a frame begins with.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

static FOR_PACKING: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static FOR_UNPACKING: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

thread_local! {
    static PACKER: RefCell<Option<Compressor<'static>>> = RefCell::new(packer());
    static UNPACKER: RefCell<Option<Decompressor<'static>>> =
        RefCell::new(Decompressor::with_prepared_dictionary(&FOR_UNPACKING).ok());
    static OLD_UNPACKER: RefCell<Option<Decompressor<'static>>> =
        RefCell::new(Decompressor::new().ok());
}

fn packer() -> Option<Compressor<'static>> {
    let mut packer = Compressor::with_prepared_dictionary(&FOR_PACKING).ok()?;
    packer.set_parameter(CParameter::DictIdFlag(false)).ok()?;
    Some(packer)
}

/// Packs bytes: plain when short or when compressing does not help.
pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    let plain = || [&[0], bytes].concat();
    if bytes.len() <= PLAIN_BYTES_MAX {
        return plain();
    }
    let packed = PACKER.with_borrow_mut(|packer| packer.as_mut()?.compress(bytes).ok());
    match packed.as_deref().and_then(|frame| frame.strip_prefix(&MAGIC)) {
        Some(frame) if frame.len() < bytes.len() => [&[2], frame].concat(),
        _ => plain(),
    }
}

/// The bytes that were packed; `None` when they are damaged.
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let (form, rest) = packed.split_first()?;
    match form {
        0 => Some(rest.to_vec()),
        1 => OLD_UNPACKER.with_borrow_mut(|unpacker| decompress(unpacker, rest)),
        2 => UNPACKER
            .with_borrow_mut(|unpacker| decompress(unpacker, &[MAGIC.as_slice(), rest].concat())),
        _ => None,
    }
}

fn decompress(unpacker: &mut Option<Decompressor<'_>>, frame: &[u8]) -> Option<Vec<u8>> {
    let size = usize::try_from(get_frame_content_size(frame).ok()??).ok()?;
    (size <= UNPACKED_BYTES_MAX).then_some(())?;
    unpacker.as_mut()?.decompress(frame, size).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_unpacked() {
        let event = br#"{"m":"no such order","c":"DatabaseError","x":{"url":"/api/v1/orders",\
            "method":"GET","user_id":"u1","request_id":"8f14e45f","server_name":"a","tags":{}}}"#;
        for (bytes, share) in [
            (b"short".to_vec(), 2.0),
            (event.to_vec(), 0.7),
            (b"a long and repeated text ".repeat(40), 0.1),
        ] {
            let packed = pack(&bytes);
            assert_eq!(unpack(&packed).unwrap(), bytes);
            assert!(packed.len() as f64 <= bytes.len() as f64 * share, "{}", packed.len());
        }
        for damaged in [&[1, 2, 3][..], &[2, 3], &[2], &[3, 1], &[]] {
            assert_eq!(unpack(damaged), None, "{damaged:?}");
        }
    }

    #[test]
    fn what_earlier_versions_packed_is_unpacked() {
        let bytes = b"a long and repeated text ".repeat(40);
        let old = [&[1], zstd::bulk::compress(&bytes, 1).unwrap().as_slice()].concat();
        assert_eq!(unpack(&old).unwrap(), bytes);
    }

    #[test]
    fn the_dictionary_is_what_it_was() {
        let hash = format!("{:x}", md5::compute(DICTIONARY));
        assert_eq!(hash, "d14efb23ed865ca6cb505d035ea1b88a", "stored events need it");
    }
}
