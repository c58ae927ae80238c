//! How many different users an issue has met: exact for few, a HyperLogLog for many.
//!
//! Both the hash and the bytes are stored, so neither may ever change: a new layout needs a new
//! leading byte.

/// Hashes that are kept as they are; one more turns the sketch into registers.
const EXACT_HASHES_MAX: usize = 1_024;
const INDEX_BITS: u32 = 14;
/// Registers: the standard error is 1.04 / sqrt(16,384) = 0.81 %.
const REGISTERS: usize = 1 << INDEX_BITS;
/// The bits of a hash that are left to count leading zeros in; a register holds 0 to this plus 1.
const RANK_BITS: u32 = 64 - INDEX_BITS;
/// Four six-bit registers in three bytes.
const PACKED_BYTES: usize = REGISTERS / 4 * 3;

const KIND_EXACT: u8 = 1;
const KIND_REGISTERS: u8 = 2;

/// A set of 64-bit hashes that only tells its size: exact up to 1,024, then 0.81 % off (one
/// standard deviation). Takes at most 12,289 bytes when stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch(Form);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// Ascending, without repetitions.
    Exact(Vec<u64>),
    Registers(Box<[u8; REGISTERS]>),
}

impl Default for Sketch {
    fn default() -> Self {
        Self(Form::Exact(Vec::new()))
    }
}

impl Sketch {
    /// Reads what [`Sketch::to_bytes`] wrote; no bytes at all are an empty sketch. `None` if the
    /// bytes are something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first() {
            None => Some(Self::default()),
            Some((&KIND_EXACT, packed)) => exact_from(packed),
            Some((&KIND_REGISTERS, packed)) if packed.len() == PACKED_BYTES => {
                Some(Self(Form::Registers(unpack(packed))))
            }
            Some(_) => None,
        }
    }

    /// A leading byte for the kind, then the hashes ascending (8 bytes each, little-endian) or the
    /// registers (6 bits each). An empty sketch has no bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Form::Exact(hashes) if hashes.is_empty() => Vec::new(),
            Form::Exact(hashes) => {
                let mut bytes = Vec::with_capacity(1 + hashes.len() * 8);
                bytes.push(KIND_EXACT);
                for hash in hashes {
                    bytes.extend_from_slice(&hash.to_le_bytes());
                }
                bytes
            }
            Form::Registers(registers) => {
                let mut bytes = Vec::with_capacity(1 + PACKED_BYTES);
                bytes.push(KIND_REGISTERS);
                pack(registers, &mut bytes);
                bytes
            }
        }
    }

    /// Adds a hash. True if the stored bytes changed.
    pub fn insert(&mut self, hash: u64) -> bool {
        match &mut self.0 {
            Form::Exact(hashes) => {
                let Err(place) = hashes.binary_search(&hash) else {
                    return false;
                };
                hashes.insert(place, hash);
                if hashes.len() > EXACT_HASHES_MAX {
                    self.0 = Form::Registers(registers_of(hashes));
                }
                true
            }
            Form::Registers(registers) => raise(registers, hash),
        }
    }

    /// How many different hashes were added.
    pub fn count(&self) -> u64 {
        match &self.0 {
            Form::Exact(hashes) => hashes.len() as u64,
            Form::Registers(registers) => estimate(registers),
        }
    }
}

/// A 64-bit hash that is stored and so never changes: FNV-1a (Fowler, Noll, Vo;
/// draft-eastlake-fnv) and then the finalizer of SplitMix64 (Steele, Lea, Flood, "Fast splittable
/// pseudorandom number generators", 2014; Stafford's variant 13), because FNV alone mixes its high
/// bits too little for [`Sketch`]. Not for input that somebody may choose to collide.
pub fn hash64(bytes: &[u8]) -> u64 {
    mix(fnv1a(bytes))
}

/// Hashes bytes under keys: 16 a step, by a multiplication whose halves are folded, as wyhash does
/// (Wang Yi, <https://github.com/wangyi-fudan/wyhash>), with the length mixed in at the end. Who
/// does not know the keys cannot look for two texts that share a hash.
pub fn keyed_hash(keys: [u64; 2], bytes: &[u8]) -> u64 {
    let step = |hash: u64, chunk: &[u8; 16]| {
        let word =
            |at: usize| chunk[at..].first_chunk().map_or(0, |part| u64::from_le_bytes(*part));
        fold(word(0) ^ keys[0], word(8) ^ hash)
    };
    let (chunks, rest) = bytes.as_chunks::<16>();
    let mut last = [0; 16];
    last[..rest.len()].copy_from_slice(rest);
    let hash = step(chunks.iter().fold(keys[1], step), &last);
    mix(hash ^ (bytes.len() as u64).wrapping_mul(keys[1] | 1))
}

/// The halves of a product, folded.
pub const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

fn fnv1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

fn exact_from(packed: &[u8]) -> Option<Sketch> {
    let (words, rest) = packed.as_chunks::<8>();
    let hashes: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
    let is_sound =
        rest.is_empty() && hashes.len() <= EXACT_HASHES_MAX && hashes.is_sorted_by(|a, b| a < b);
    is_sound.then_some(Sketch(Form::Exact(hashes)))
}

fn registers_of(hashes: &[u64]) -> Box<[u8; REGISTERS]> {
    let mut registers = Box::new([0; REGISTERS]);
    for &hash in hashes {
        raise(&mut registers, hash);
    }
    registers
}

/// The first bits choose the register, which keeps the longest run of zeros seen behind them.
fn raise(registers: &mut [u8; REGISTERS], hash: u64) -> bool {
    let index = (hash >> RANK_BITS) as usize;
    let rank = ((hash << INDEX_BITS).leading_zeros().min(RANK_BITS) + 1) as u8;
    let is_higher = rank > registers[index];
    if is_higher {
        registers[index] = rank;
    }
    is_higher
}

fn pack(registers: &[u8; REGISTERS], bytes: &mut Vec<u8>) {
    for group in registers.as_chunks::<4>().0 {
        let word = group.iter().rev().fold(0_u32, |word, &r| word << 6 | u32::from(r));
        bytes.extend_from_slice(&word.to_le_bytes()[..3]);
    }
}

fn unpack(packed: &[u8]) -> Box<[u8; REGISTERS]> {
    let mut registers = Box::new([0; REGISTERS]);
    let highest = (RANK_BITS + 1) as u8;
    for (group, bytes) in registers.as_chunks_mut::<4>().0.iter_mut().zip(packed.as_chunks::<3>().0)
    {
        let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
        for (at, register) in group.iter_mut().enumerate() {
            *register = ((word >> (6 * at) & 63) as u8).min(highest);
        }
    }
    registers
}

/// The improved raw estimator of Otmar Ertl, "New cardinality estimation algorithms for
/// HyperLogLog sketches" (2017), algorithm 6: without bias from none to very many, so that the
/// count does not jump where the exact form ends.
fn estimate(registers: &[u8; REGISTERS]) -> u64 {
    let m = REGISTERS as f64;
    let mut counts = [0_u32; RANK_BITS as usize + 2];
    for &register in registers {
        counts[usize::from(register)] += 1;
    }
    let full = f64::from(counts[RANK_BITS as usize + 1]);
    let mut z = m * tau(1.0 - full / m);
    for &count in counts[1..=RANK_BITS as usize].iter().rev() {
        z = 0.5 * (z + f64::from(count));
    }
    z += m * sigma(f64::from(counts[0]) / m);
    (m * m / (2.0 * std::f64::consts::LN_2 * z)).round() as u64
}

/// x + sum of x^(2^k) * 2^(k-1): what the empty registers say.
fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

/// (1 - x - sum of (1 - x^(2^-k))^2 * 2^-k) / 3: what the full registers say.
fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(seed: u64, users: u64) -> Sketch {
        let mut sketch = Sketch::default();
        for user in 0..users {
            sketch.insert(hash64(format!("user-{seed}-{user}").as_bytes()));
        }
        sketch
    }

    #[test]
    fn every_byte_and_the_length_change_the_keyed_hash() {
        let keys = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];
        let mut hashes = std::collections::HashSet::new();
        for length in 0..70 {
            let mut bytes = vec![0; length];
            assert!(hashes.insert(keyed_hash(keys, &bytes)), "{length} zeros");
            for at in 0..length {
                for bit in 0..8 {
                    bytes[at] = 1 << bit;
                    assert!(hashes.insert(keyed_hash(keys, &bytes)), "{length} bytes, {at}, {bit}");
                }
                bytes[at] = 0;
            }
        }
    }

    #[test]
    fn up_to_1024_users_are_counted_exactly() {
        for users in [0, 1, 2, 100, 1_023, 1_024] {
            assert_eq!(filled(7, users).count(), users);
        }
    }

    #[test]
    fn the_count_does_not_jump_where_the_exact_form_ends() {
        for seed in 0..20 {
            let count = filled(seed, 1_025).count();
            assert!((1_005..=1_045).contains(&count), "seed {seed}: {count}");
        }
    }

    #[test]
    fn many_users_are_counted_within_two_percent() {
        for users in [2_000_u64, 5_000, 20_000, 100_000, 1_000_000] {
            let seeds = if users > 100_000 { 2 } else { 6 };
            let mut squares = 0.0;
            for seed in 0..seeds {
                let error = filled(seed, users).count() as f64 / users as f64 - 1.0;
                assert!(error.abs() <= 0.02, "{users} users, seed {seed}: {error}");
                squares += error * error;
            }
            let root_mean_square = (squares / seeds as f64).sqrt();
            assert!(root_mean_square <= 0.0125, "{users} users: {root_mean_square}");
        }
    }

    #[test]
    fn a_user_seen_before_changes_nothing() {
        for users in [10, 1_024, 5_000] {
            let mut sketch = filled(3, users);
            let before = sketch.to_bytes();
            for user in 0..users {
                assert!(!sketch.insert(hash64(format!("user-3-{user}").as_bytes())));
            }
            assert_eq!(sketch.to_bytes(), before);
        }
    }

    #[test]
    fn insert_tells_whether_the_bytes_changed() {
        let mut sketch = Sketch::default();
        for user in 0..3_000_u32 {
            let before = sketch.to_bytes();
            let changed = sketch.insert(hash64(&user.to_le_bytes()));
            assert_eq!(changed, sketch.to_bytes() != before, "user {user}");
        }
    }

    #[test]
    fn bytes_read_back_are_the_same_sketch() {
        for users in [0, 1, 1_024, 1_025, 50_000] {
            let sketch = filled(1, users);
            let bytes = sketch.to_bytes();
            assert!(bytes.len() <= 1 + PACKED_BYTES);
            assert_eq!(Sketch::from_bytes(&bytes), Some(sketch));
        }
        let mut extreme = filled(1, 2_000);
        extreme.insert(0);
        extreme.insert(u64::MAX);
        assert_eq!(Sketch::from_bytes(&extreme.to_bytes()), Some(extreme));
    }

    #[test]
    fn other_bytes_are_refused() {
        let descending = [&[KIND_EXACT][..], &2_u64.to_le_bytes(), &1_u64.to_le_bytes()].concat();
        let too_many = vec![KIND_EXACT; 1 + 8 * (EXACT_HASHES_MAX + 1)];
        for bytes in
            [&[0][..], &[9, 9], &[KIND_EXACT, 1], &[KIND_REGISTERS, 1], &descending, &too_many]
        {
            assert_eq!(Sketch::from_bytes(bytes), None);
        }
        let full = [&[KIND_REGISTERS][..], &[0xff; PACKED_BYTES]].concat();
        assert!(Sketch::from_bytes(&full).unwrap().count() > 0);
    }

    #[test]
    fn the_hash_is_the_one_that_is_stored_everywhere() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(mix(0x9e37_79b9_7f4a_7c15), 0xe220_a839_7b1d_cdaf);
        assert_eq!(hash64(b"u_12345"), mix(fnv1a(b"u_12345")));
    }
}
