//! The identity of an issue. The formula is fixed for ever: it stands in every database.

/// The 16 bytes of an MD5; shown as 32 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// `MD5(project_id + error.type + error.file_path + line_number)`: UTF-8, plain concatenation,
    /// the line in decimal, over the values as received (before trimming and scrubbing).
    pub fn of(project_id: &str, kind: &str, file_path: &str, line_number: i64) -> Self {
        let mut digest = md5::Context::new();
        digest.consume(project_id);
        digest.consume(kind);
        digest.consume(file_path);
        digest.consume(line_number.to_string());
        Self(digest.finalize().0)
    }

    /// The fingerprint of a database blob; `None` unless it has 16 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// 32 lower-case hex digits.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    /// The range of fingerprints that a prefix names, both ends included.
    /// `None` unless it is 12 to 32 hex digits.
    pub fn prefix_range(prefix: &str) -> Option<(Self, Self)> {
        if prefix.len() < 12 { None } else { Self::range(prefix) }
    }

    /// The range of fingerprints that begin with these hex digits, both ends included.
    /// `None` if it is more than 32, or no hex.
    pub fn range(prefix: &str) -> Option<(Self, Self)> {
        let digits = prefix.as_bytes();
        if digits.len() > 32 {
            return None;
        }
        let (mut low, mut high) = ([0_u8; 16], [0xff_u8; 16]);
        for (at, digit) in digits.iter().enumerate() {
            let value = u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
            let shift = if at % 2 == 0 { 4 } else { 0 };
            low[at / 2] |= value << shift;
            high[at / 2] &= !(0x0f << shift) | (value << shift);
        }
        Some((Self(low), Self(high)))
    }
}

/// Lower-case hex of any bytes.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_md5_of_the_plain_concatenation() {
        let got = Fingerprint::of("rtc_backend", "ValueError", "apps/users/views.py", 42);
        let expected = md5::compute(b"rtc_backendValueErrorapps/users/views.py42");
        assert_eq!(got.hex(), format!("{expected:x}"));
    }

    #[test]
    fn a_prefix_is_a_range() {
        let (low, high) = Fingerprint::prefix_range("0123456789ABC").expect("13 digits");
        assert_eq!(low.hex(), "0123456789abc0000000000000000000");
        assert_eq!(high.hex(), "0123456789abcfffffffffffffffffff");
        assert!(Fingerprint::prefix_range("0123456789a").is_none(), "too short");
        assert!(Fingerprint::prefix_range("0123456789ag").is_none(), "no hex");
        let (low, high) = Fingerprint::range("").expect("all of them");
        assert_eq!((low.0, high.0), ([0; 16], [0xff; 16]));
        assert!(Fingerprint::range(&"0".repeat(33)).is_none(), "too long");
    }
}
