//! Decides whether a change of status may happen now.

use super::change::Change;
use super::status::Status;

/// Why a move is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The caller saw another status than the present one.
    Stale {
        /// What the caller saw.
        seen: Status,
        /// What it is.
        present: Status,
    },
    /// The table has no such move, or no path to it.
    NotAllowed {
        /// What it is.
        present: Status,
        /// What was wanted.
        to: Status,
    },
    /// This move must say why.
    NoteRequired {
        /// What it is.
        present: Status,
        /// What was wanted.
        to: Status,
    },
}

/// The steps from `present` to what the change wants, in order; none if it moves nothing.
pub fn steps(present: Status, change: &Change) -> Result<Vec<Status>, Refusal> {
    if let Some(seen) = change.from
        && seen != present
    {
        return Err(Refusal::Stale { seen, present });
    }
    let Some(to) = change.status else { return Ok(Vec::new()) };
    let refused = Refusal::NotAllowed { present, to };
    let way = if change.path {
        present.path(to).ok_or(refused)?
    } else if present.allowed_moves().contains(&to) {
        vec![to]
    } else {
        return Err(refused);
    };
    let has_note = change.note.as_deref().is_some_and(|note| !note.trim().is_empty());
    let mut at = present;
    for step in &way {
        if !has_note && at.note_required(*step) {
            return Err(Refusal::NoteRequired { present, to });
        }
        at = *step;
    }
    Ok(way)
}

#[cfg(test)]
mod tests {
    use super::Status::{CannotReproduce, Deployed, New, PendingFix, Verifying};
    use super::*;

    fn change(to: Status) -> Change {
        Change { status: Some(to), ..Change::default() }
    }

    #[test]
    fn only_the_tables_moves_are_allowed() {
        assert_eq!(steps(New, &change(Verifying)), Ok(vec![Verifying]));
        for to in [New, PendingFix, CannotReproduce] {
            let refused = Refusal::NotAllowed { present: New, to };
            assert_eq!(steps(New, &change(to)), Err(refused));
        }
    }

    #[test]
    fn a_stale_from_is_refused_even_without_a_move() {
        let stale = Change { from: Some(New), ..Change::default() };
        let refused = Refusal::Stale { seen: New, present: Verifying };
        assert_eq!(steps(Verifying, &stale), Err(refused));
    }

    #[test]
    fn taking_back_a_deployed_fix_needs_a_note() {
        let refused = Refusal::NoteRequired { present: Deployed, to: Verifying };
        assert_eq!(steps(Deployed, &change(Verifying)), Err(refused));
        let noted = Change { note: Some("still there".into()), ..change(Verifying) };
        assert_eq!(steps(Deployed, &noted), Ok(vec![Verifying]));
    }

    #[test]
    fn a_path_over_a_deploy_and_back_needs_a_note_too() {
        let back = Change { path: true, ..change(Verifying) };
        let refused = Refusal::NoteRequired { present: Status::Verified, to: Verifying };
        assert_eq!(steps(Status::Verified, &back), Err(refused));
    }

    #[test]
    fn a_path_walks_every_step() {
        let walk = Change { path: true, ..change(CannotReproduce) };
        assert_eq!(steps(New, &walk), Ok(vec![Verifying, CannotReproduce]));
    }
}
