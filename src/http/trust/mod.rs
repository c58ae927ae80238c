//! Logins, people, invitations, keys and the record of what was done.

pub(super) mod audit;
pub(crate) mod invitations;
pub(super) mod keys;
pub(super) mod login;
pub(super) mod oidc;
pub(super) mod passkeys;
pub(super) mod people;
pub(super) mod read;
pub(super) mod session;
mod start;
pub(super) mod totp;

use serde_json::Value;

use super::error::Error;
use super::exchange::Request;
use crate::app::trust::passwords::Unchecked;
use crate::domain::trust::audit::Note;
use crate::metrics::Reason;

/// Seconds after which passwords can be checked again.
const PASSWORDS_RETRY_S: u32 = 2;

/// What is recorded of a request.
fn note(
    request: &Request,
    action: &'static str,
    object: impl Into<String>,
    detail: Value,
) -> Result<Note, Error> {
    let address = request.caller().address.to_canonical().to_string();
    Ok(Note { who: request.who()?, address, action, object: object.into(), detail })
}

impl From<Unchecked> for Error {
    fn from(unchecked: Unchecked) -> Self {
        match unchecked {
            Unchecked::Busy => Self::Overload {
                reason: Reason::Logins,
                message: "too many passwords wait to be checked".into(),
                retry_after_s: PASSWORDS_RETRY_S,
            },
            Unchecked::Failed(cause) => Self::Internal(cause),
        }
    }
}

/// A secret that nobody can guess.
fn fresh() -> Result<String, Error> {
    crate::app::trust::secret::fresh().map_err(Error::Internal)
}

/// The number of a path's part. What is no number names nothing.
fn number(request: &Request, what: &'static str) -> Result<i64, Error> {
    let text = request.param(0);
    let id = text.parse().ok().filter(|id: &i64| *id > 0 && id.to_string() == text);
    id.ok_or(Error::NotFound(what))
}
