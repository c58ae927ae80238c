//! What several fuzz targets share: readings that do not go through the code under test.

pub mod model;
pub mod tree;
pub mod written;

use std::borrow::Cow;

/// What an expanded input has at most.
const EXPANDED_BYTES_MAX: usize = 400_000;

/// The input with `\x01` to `\x05` before a character standing for many of it, and `\x06` before a
/// line for many such lines, so that a few bytes reach every limit. Such bytes do not occur in what
/// programs send: JSON does not allow them, and no stack holds them.
pub fn expanded(data: &[u8]) -> Cow<'_, [u8]> {
    const TIMES: [usize; 6] = [40, 270, 1_100, 9_000, 270_000, 40_000];
    let is_mark = |byte: &u8| (1..=6).contains(byte);
    if !data.iter().any(is_mark) {
        return Cow::Borrowed(data);
    }
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some((first, behind)) = rest.split_first() {
        if !is_mark(first) || behind.is_empty() {
            out.push(*first);
            rest = behind;
            continue;
        }
        let length = match behind[0] {
            _ if *first == 6 => {
                behind.iter().position(|byte| *byte == b'\n').map_or(1, |at| at + 1)
            }
            0xf0.. => 4,
            0xe0.. => 3,
            0xc0.. => 2,
            _ => 1,
        };
        let (repeated, behind) = behind.split_at(length.min(behind.len()));
        let room = EXPANDED_BYTES_MAX.saturating_sub(out.len()) / repeated.len();
        let times = TIMES[usize::from(*first) - 1].min(room);
        out.extend(repeated.repeat(times));
        rest = behind;
    }
    Cow::Owned(out)
}
