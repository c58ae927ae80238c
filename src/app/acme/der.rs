//! DER (X.690), as much of it as a request for a certificate needs, and the validity of one.

use crate::domain::timestamp;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const UTF8: u8 = 0x0c;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
const BOOLEAN: u8 = 0x01;
const BITS: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERAL_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

/// A value: its tag, its length, and its parts one after another.
pub(super) fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let inside = parts.concat();
    let size = inside.len().to_be_bytes();
    let size = &size[size.iter().position(|byte| *byte != 0).unwrap_or(size.len() - 1)..];
    let mut out = vec![tag];
    if inside.len() >= 128 {
        out.push(0x80 | u8::try_from(size.len()).expect("a length has eight bytes at most"));
    }
    out.extend_from_slice(size);
    out.extend_from_slice(&inside);
    out
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(SEQUENCE, parts)
}

/// Whole bytes of bits.
pub(super) fn bits(bytes: &[u8]) -> Vec<u8> {
    value(BITS, &[&[0], bytes])
}

pub(super) fn yes() -> Vec<u8> {
    value(BOOLEAN, &[&[0xff]])
}

/// A moment as `YYMMDDhhmmssZ`.
pub(super) fn utc_time(text: &str) -> Vec<u8> {
    value(UTC_TIME, &[text.as_bytes()])
}

/// The first value, without its head, if it has this tag; and what is behind it.
fn read(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], mut rest) = bytes.split_first_chunk()?;
    let mut size = usize::from(first);
    if first >= 0x80 {
        let (long, behind) =
            rest.split_at_checked(size - 0x80).filter(|(long, _)| long.len() < 5)?;
        size = long.iter().fold(0, |size, byte| size << 8 | usize::from(*byte));
        rest = behind;
    }
    let (inside, behind) = rest.split_at_checked(size)?;
    (found == tag).then_some((inside, behind))
}

/// From when to when a certificate is good, in milliseconds since 1970 (RFC 5280, 4.1).
pub fn validity(certificate: &[u8]) -> Option<(i64, i64)> {
    let (whole, _) = read(certificate, SEQUENCE)?;
    let (signed, _) = read(whole, SEQUENCE)?;
    let rest = read(signed, VERSION).map_or(signed, |(_, rest)| rest);
    let (_serial, rest) = read(rest, INTEGER)?;
    let (_algorithm, rest) = read(rest, SEQUENCE)?;
    let (_issuer, rest) = read(rest, SEQUENCE)?;
    let (times, _) = read(rest, SEQUENCE)?;
    let (from, rest) = time(times)?;
    Some((from, time(rest)?.0))
}

fn time(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (text, behind, century) = match read(bytes, UTC_TIME) {
        // Years of two digits begin with 1950.
        Some((text, behind)) => (text, behind, if text.first()? < &b'5' { "20" } else { "19" }),
        None => read(bytes, GENERAL_TIME).map(|(text, behind)| (text, behind, ""))?,
    };
    let text = format!("{century}{}", std::str::from_utf8(text).ok()?);
    let (day, clock) = text.split_at_checked(8)?;
    Some((timestamp::parse(&format!("{day}T{clock}"))?, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_as_short_as_they_can_be() {
        for (size, head) in [
            (0, &[4, 0][..]),
            (127, &[4, 127]),
            (128, &[4, 0x81, 128]),
            (256, &[4, 0x82, 1, 0]),
            (70_000, &[4, 0x83, 1, 0x11, 0x70]),
        ] {
            let made = value(OCTETS, &[&vec![7; size]]);
            assert_eq!((&made[..head.len()], made.len()), (head, head.len() + size));
            assert_eq!(read(&made, OCTETS).map(|(inside, _)| inside.len()), Some(size));
            assert_eq!(read(&made[..made.len() - 1], OCTETS), None, "cut");
        }
        for odd in [&[][..], &[4], &[4, 0x80], &[4, 0x85, 0, 0, 0, 0, 0], &[4, 0xff, 1]] {
            assert!(read(odd, OCTETS).is_none_or(|(inside, _)| inside.is_empty()), "{odd:?}");
        }
    }

    #[test]
    fn a_certificate_says_how_long_it_is_good() {
        let certificate = |times: &[u8]| {
            let (serial, name) = (value(INTEGER, &[&[1]]), sequence(&[]));
            let version = value(VERSION, &[&value(INTEGER, &[&[2]])]);
            sequence(&[&sequence(&[&version, &serial, &name, &name, &sequence(&[times])])])
        };
        let late = value(GENERAL_TIME, &[b"20500101000000Z"]);
        let good = certificate(&[utc_time("700101000001Z"), late].concat());
        let far = timestamp::parse("2050-01-01").expect("a day");
        assert_eq!(validity(&good), Some((1_000, far)));
        let soon = certificate(&[utc_time("261130000000Z"), utc_time("270228120000Z")].concat());
        let days = validity(&soon).map(|(from, to)| (to - from) / 3_600_000);
        assert_eq!(days, Some(90 * 24 + 12));
        for cut in 0..soon.len() {
            assert_eq!(validity(&soon[..cut]), None);
        }
    }
}
