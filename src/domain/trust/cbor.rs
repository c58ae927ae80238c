//! As much CBOR (RFC 8949) as authenticators write: whole numbers, texts, bytes, lists and maps of
//! a known length. Anything else is none.

/// How deep lists and maps may stand within each other.
const DEPTH_MAX: u8 = 8;
/// Members of a list or map at most.
const MEMBERS_MAX: u64 = 64;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A whole number.
    Int(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A text.
    Text(&'a str),
    /// A list.
    List(Vec<Self>),
    /// Names and values.
    Map(Vec<(Self, Self)>),
    /// `false`, `true`, `null` or another word.
    Word(u8),
}

impl<'a> Item<'a> {
    /// Reads the first value, and tells what is behind it.
    pub fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        read(bytes, DEPTH_MAX)
    }

    /// The number that it is.
    pub fn int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// The bytes that it is.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The text that it is.
    pub fn text(&self) -> Option<&'a str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The member of this name.
    pub fn member(&self, name: &str) -> Option<&Self> {
        self.found(|key| key.text() == Some(name))
    }

    /// The member of this number.
    pub fn numbered(&self, number: i64) -> Option<&Self> {
        self.found(|key| key.int() == Some(number))
    }

    fn found(&self, is_it: impl Fn(&Self) -> bool) -> Option<&Self> {
        let Self::Map(members) = self else { return None };
        members.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value)
    }
}

fn read(bytes: &[u8], depth: u8) -> Option<(Item<'_>, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (kind, short) = (first >> 5, first & 31);
    if kind == 7 {
        return (20..=23).contains(&short).then_some((Item::Word(short), rest));
    }
    let (value, rest) = argument(short, rest)?;
    let piece = || rest.split_at_checked(usize::try_from(value).ok()?);
    match kind {
        0 => Some((Item::Int(i64::try_from(value).ok()?), rest)),
        1 => Some((Item::Int(-1 - i64::try_from(value).ok()?), rest)),
        2 => piece().map(|(own, rest)| (Item::Bytes(own), rest)),
        3 => {
            let (own, rest) = piece()?;
            Some((Item::Text(std::str::from_utf8(own).ok()?), rest))
        }
        4 | 5 if value <= MEMBERS_MAX => members(kind, value, rest, depth.checked_sub(1)?),
        _ => None,
    }
}

fn members(kind: u8, count: u64, mut rest: &[u8], depth: u8) -> Option<(Item<'_>, &[u8])> {
    let (mut list, mut map) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let (one, after) = read(rest, depth)?;
        if kind == 4 {
            list.push(one);
            rest = after;
            continue;
        }
        let (value, after) = read(after, depth)?;
        // Of two members of a name nobody knows which one counts elsewhere.
        if map.iter().any(|(key, _)| *key == one) {
            return None;
        }
        map.push((one, value));
        rest = after;
    }
    Some((if kind == 4 { Item::List(list) } else { Item::Map(map) }, rest))
}

fn argument(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let bytes = match short {
        0..=23 => return Some((short.into(), rest)),
        24..=27 => 1_usize << (short - 24),
        _ => return None,
    };
    let (own, rest) = rest.split_at_checked(bytes)?;
    Some((own.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_the_standard_writes_them() {
        let table: [(&[u8], Item<'_>); 9] = [
            (&[0x17], Item::Int(23)),
            (&[0x18, 0x64], Item::Int(100)),
            (&[0x39, 0x01, 0x00], Item::Int(-257)),
            (&[0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0], Item::Int(1_000_000_000_000)),
            (&[0x42, 1, 2], Item::Bytes(&[1, 2])),
            (&[0x62, 0xc3, 0xbc], Item::Text("ü")),
            (&[0x82, 1, 0x20], Item::List(vec![Item::Int(1), Item::Int(-1)])),
            (&[0xa1, 0x61, b'a', 0xf5], Item::Map(vec![(Item::Text("a"), Item::Word(21))])),
            (&[0xf6], Item::Word(22)),
        ];
        for (bytes, expected) in table {
            assert_eq!(Item::read(bytes), Some((expected, &[][..])), "{bytes:x?}");
        }
        let (map, rest) = Item::read(&[0xa2, 1, 2, 0x61, b'k', 3, 9]).expect("whole");
        assert_eq!((map.numbered(1), map.member("k")), (Some(&Item::Int(2)), Some(&Item::Int(3))));
        assert_eq!(rest, [9]);
    }

    #[test]
    fn what_is_cut_endless_deep_or_twice_is_none() {
        let deep = [0x81; 100];
        let wrong: [&[u8]; 10] = [
            &[],
            &[0x18],
            &[0x42, 1],
            &[0x61, 0xff],
            &[0x5f, 0xff],
            &[0xa1, 1],
            &[0xa2, 1, 1, 1, 2],
            &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &deep,
        ];
        for bytes in wrong {
            assert_eq!(Item::read(bytes), None, "{bytes:x?}");
        }
        assert_eq!(Item::read(&[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
