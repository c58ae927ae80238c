//! Sizes in bytes as people write them.

use std::str::FromStr;

pub(super) const MIB: u64 = 1_024 * 1_024;

/// A size in bytes, written with a unit: `500MB` is decimal, `10GiB` and `10G` binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Bytes {
    pub(super) fn within(text: &str, min: u64, max: u64) -> Result<Self, String> {
        let size: Self = text.parse()?;
        if size.0 < min {
            return Err(format!("expected {} MiB or more", min / MIB));
        }
        if size.0 > max {
            return Err(format!("expected {} MiB or less", max / MIB));
        }
        Ok(size)
    }
}

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected a size such as 500MB, 10GiB or 1048576";
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| expected)?;
        let (base, power) = match unit.trim_start().to_ascii_lowercase().as_str() {
            "" | "b" => (1, 0),
            "k" | "kib" => (1_024, 1),
            "m" | "mib" => (1_024, 2),
            "g" | "gib" => (1_024, 3),
            "t" | "tib" => (1_024, 4),
            "kb" => (1_000, 1),
            "mb" => (1_000, 2),
            "gb" => (1_000, 3),
            "tb" => (1_000, 4),
            _ => return Err(expected.into()),
        };
        number.checked_mul(u64::pow(base, power)).map(Self).ok_or_else(|| expected.into())
    }
}
