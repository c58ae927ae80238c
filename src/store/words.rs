//! Full-text indexing, after the answer: an issue whose text is new or has changed waits with
//! `indexed = 0` (and is searched without the index until then).

use super::engine::{Engine, all};
use super::error::Result;
use crate::domain::search::fold;

/// Indexes up to `limit` waiting issues; how many there were.
pub fn index_waiting(db: &mut dyn Engine, limit: i64) -> Result<usize> {
    let waiting = all(
        db,
        "select issue, type, message, file_path, code from issue_text where indexed = 0 limit ?1",
        &[limit.into()],
        |row| {
            let (kind, message) = (row.text(1), row.text(2));
            (row.int(0), format!("{kind}: {message}\n{}\n{}", row.text(3), row.text(4)))
        },
    )?;
    for (issue, text) in &waiting {
        // Folded as queries are: the index's own folding knows fewer letters.
        db.index_words(*issue, &fold(text))?;
        db.run("update issue_text set indexed = 1 where issue = ?1", &[(*issue).into()])?;
    }
    Ok(waiting.len())
}
