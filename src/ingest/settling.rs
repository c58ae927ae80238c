//! What reports left uncounted in the rows of issues is counted before anybody reads them.

use std::sync::atomic::Ordering;

use super::{Ingest, transaction};
use crate::store::Writer;
use crate::store::engine::Engine;

impl Ingest {
    /// Makes the rows of issues count all that was answered before, as a reader expects. While
    /// nothing can be written they count less.
    pub async fn settle(&self) {
        let shared = &self.shared;
        if !shared.owing.load(Ordering::Relaxed) || shared.failing().is_some() {
            return;
        }
        let settled = self.maintain(|writer| {
            // A power cut may undo it: then it is counted anew.
            writer.db.wait_for_disk(false)?;
            let settled =
                transaction::run(writer, |Writer { db, recorder, .. }| recorder.settle(db));
            writer.db.wait_for_disk(true)?;
            settled
        });
        // Logged; and whoever reads reads what there is.
        let _settled = settled.await;
    }
}
