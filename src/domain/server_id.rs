//! The `event_id` of a report that came without one: a UUID of version 7 (RFC 9562) that is made
//! from the event's number and its time of receipt, so that it needs no index to be found.
//!
//! Layout: 48 bits of milliseconds, the version, the first 12 of the next 62 bits again, the
//! variant, 62 bits of the number, mixed so that neighbours do not look alike.

/// Odd, so that multiplying by it can be undone: the golden ratio's bits.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
/// The inverse of [`FACTOR`] modulo 2^62.
const INVERSE: u64 = inverse(FACTOR);
const LOW_62: u64 = (1 << 62) - 1;

/// Newton's method: each round doubles the bits that are right.
const fn inverse(factor: u64) -> u64 {
    let mut x = factor;
    let mut round = 0;
    while round < 5 {
        x = x.wrapping_mul(2_u64.wrapping_sub(factor.wrapping_mul(x)));
        round += 1;
    }
    x & LOW_62
}

/// The id of an event.
pub fn of(number: i64, received_at: i64) -> [u8; 16] {
    let mixed = number.cast_unsigned().wrapping_mul(FACTOR) & LOW_62;
    let high = (received_at.cast_unsigned() << 16) | 0x7000 | (mixed >> 50);
    let low = (0b10 << 62) | mixed;
    (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
}

/// The number of an event with this id, if the server made it. Read the event and compare: a
/// client's own UUID may look alike.
pub fn number(id: &[u8; 16]) -> Option<i64> {
    let bits = u128::from_be_bytes(*id);
    let (high, low) = ((bits >> 64) as u64, bits as u64);
    let mixed = low & LOW_62;
    let is_ours = high & 0xf000 == 0x7000 && low >> 62 == 0b10 && high & 0xfff == mixed >> 50;
    let number = mixed.wrapping_mul(INVERSE) & LOW_62;
    (is_ours && number < 1 << 53).then_some(number.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_comes_back() {
        for event in [1, 2, 77, 123_456_789, (1 << 53) - 1] {
            let id = of(event, 1_769_769_000_000);
            assert_eq!(number(&id), Some(event));
            assert_eq!(id[6] >> 4, 7, "version");
            assert_eq!(id[8] >> 6, 0b10, "variant");
        }
        assert_eq!(number(&[0xff; 16]), None);
    }
}
