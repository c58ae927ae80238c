//! What the writer remembers between groups so as not to write or read it again. Every cache is
//! bounded and may be emptied at any time: the statements behind it are safe to repeat.

use super::encode::Prepared;
use super::engine::{Engine, first};
use super::error::Result;
use super::quick::{Quick, QuickMap, QuickSet};
use crate::domain::sketch::Sketch;

/// Entries of each cache of hashes, a table of which is full with so many: together 2 MiB. What one
/// no longer knows costs a statement that changes nothing.
const ENTRIES_MAX: usize = 14_336;
/// Bytes of user sketches in memory, about.
const SKETCH_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Hashes of what is already in the database.
#[derive(Debug, Default)]
pub struct Seen {
    /// Reporters choose the texts: only under keys that they do not know can no two of them share a
    /// hash.
    quick: Quick,
    texts: QuickMap<i64, u64>,
    slices: QuickSet<(i64, i64, i64, i64)>,
    days: QuickMap<(i64, i64), i64>,
    codes: QuickSet<u64>,
    stacks: QuickMap<(i64, i64), i64>,
}

impl Seen {
    /// Whether an issue's text differs from the one written last, as far as is known.
    pub fn text_changed(&mut self, issue: i64, parts: &[&[u8]]) -> bool {
        let mut hash = 0_u64;
        for part in parts {
            hash = hash.rotate_left(17).wrapping_mul(3) ^ self.quick.of(part);
        }
        if self.texts.len() >= ENTRIES_MAX {
            self.texts.clear();
        }
        self.texts.insert(issue, hash) != Some(hash)
    }

    /// Whether this may be an issue's first report of an (environment, version, level).
    pub fn slice_is_new(&mut self, issue: i64, slice: (i64, i64, i64)) -> bool {
        if self.slices.len() >= ENTRIES_MAX {
            self.slices.clear();
        }
        self.slices.insert((issue, slice.0, slice.1, slice.2))
    }

    /// Whether this may be a later day than those on which an issue was seen in an environment.
    pub fn day_is_new(&mut self, issue: i64, environment: i64, day: i64) -> bool {
        if self.days.len() >= ENTRIES_MAX {
            self.days.clear();
        }
        let last = self.days.entry((issue, environment)).or_insert(i64::MIN);
        let is_new = day > *last;
        *last = day.max(*last);
        is_new
    }

    /// Whether this may be an issue's first report with a code.
    pub fn code_is_new(&mut self, issue: i64, code: &str) -> bool {
        if self.codes.len() >= ENTRIES_MAX {
            self.codes.clear();
        }
        self.codes.insert(self.quick.of(&[&issue.to_le_bytes(), code.as_bytes()].concat()))
    }

    /// Forgets every stack's number.
    pub fn forget_stacks(&mut self) {
        self.stacks.clear();
    }

    /// The number of an issue's stack; written when it is new. `is_new`: the issue is, so that no
    /// stack of it is stored but those that were written here.
    pub fn stack(
        &mut self,
        db: &mut dyn Engine,
        issue: i64,
        is_new: bool,
        prepared: &Prepared,
    ) -> Result<i64> {
        let key = (issue, prepared.stack_hash);
        if let Some(id) = self.stacks.get(&key) {
            return Ok(*id);
        }
        let key_values = [issue.into(), prepared.stack_hash.into()];
        let sql = "select id from stack where issue = ?1 and hash = ?2 limit 1";
        let found = if is_new { None } else { first(db, sql, &key_values, |row| row.int(0))? };
        let id = match found {
            Some(id) => id,
            None => db.insert(
                "insert into stack (issue, hash, body) values (?1, ?2, ?3)",
                &[key_values[0], key_values[1], (&*prepared.packed_stack()).into()],
            )?,
        };
        if self.stacks.len() >= ENTRIES_MAX {
            self.stacks.clear();
        }
        self.stacks.insert(key, id);
        Ok(id)
    }
}

/// Who met which issue, as sketches in memory.
#[derive(Debug, Default)]
pub struct Sketches {
    known: QuickMap<i64, Sketch>,
    bytes: usize,
}

impl Sketches {
    /// Adds users to an issue's sketch; the sketch, if that changed it.
    pub fn insert(
        &mut self,
        db: &mut dyn Engine,
        issue: i64,
        is_new: bool,
        users: impl Iterator<Item = u64>,
    ) -> Result<Option<&Sketch>> {
        if self.bytes > SKETCH_BYTES_MAX {
            *self = Self::default();
        }
        if !self.known.contains_key(&issue) {
            let stored = if is_new {
                None
            } else {
                let sql = "select body from user_sketch where issue = ?1";
                first(db, sql, &[issue.into()], |row| Sketch::from_bytes(row.blob(0)))?.flatten()
            };
            let sketch = stored.unwrap_or_default();
            self.bytes += 128 + sketch.to_bytes().len();
            self.known.insert(issue, sketch);
        }
        let Some(sketch) = self.known.get_mut(&issue) else { return Ok(None) };
        let mut changed = false;
        for user in users {
            if sketch.insert(user) {
                changed = true;
                self.bytes += 8;
            }
        }
        Ok(changed.then_some(&*sketch))
    }
}
