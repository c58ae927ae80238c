//! Takes keys of events that go out of the runs.

use super::{EVENTS, issue_key, keys_of, runs};
use crate::store::engine::Engine;
use crate::store::error::Result;

/// Forgets these keys of one event in every run.
pub fn forget(db: &mut dyn Engine, event: i64, issue: i64, keys: &[u8]) -> Result<()> {
    for run in runs(db, EVENTS)? {
        for hash in keys_of(keys).chain([issue_key(issue)]) {
            db.run(
                "delete from run_key where run = ?1 and hash = ?2 and extra = 0 and value = ?3",
                &[run.into(), hash.into(), event.into()],
            )?;
        }
    }
    Ok(())
}

/// Forgets that these events belong to an issue, and nothing else of them: their other keys lead
/// to nothing and leave with the next merge after their age. `kept` are events of it that stay,
/// of which some may lie between them.
pub fn forget_of_issue(
    db: &mut dyn Engine,
    issue: i64,
    events: &[i64],
    kept: &[i64],
) -> Result<()> {
    let spans = spans(events, kept);
    for run in runs(db, EVENTS)? {
        for (first, last) in &spans {
            db.run(
                "delete from run_key where run = ?1 and hash = ?2 and extra = 0 \
                 and value between ?3 and ?4",
                &[run.into(), issue_key(issue).into(), (*first).into(), (*last).into()],
            )?;
        }
    }
    Ok(())
}

/// The least and the greatest of each part of `numbers` between which none of `kept` lies.
fn spans(numbers: &[i64], kept: &[i64]) -> Vec<(i64, i64)> {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    let parts = numbers.chunk_by(|a, b| !kept.iter().any(|kept| (a..b).contains(&kept)));
    parts.filter_map(|part| Some((*part.first()?, *part.last()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_end_where_something_stays() {
        assert_eq!(spans(&[], &[1]), []);
        assert_eq!(spans(&[5, 3, 4, 9], &[]), [(3, 9)]);
        assert_eq!(spans(&[3, 4, 9, 12], &[1, 7, 13]), [(3, 4), (9, 12)]);
        assert_eq!(spans(&[3, 5, 7], &[4, 6]), [(3, 3), (5, 5), (7, 7)]);
    }
}
