//! Records who changed what, and who took everything along, where people are known. The resources
//! of trust record themselves, in the transaction of the change; of the others the history has the
//! change itself.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::exchange::{Request, Response};
use super::route::{Access, Route};
use crate::app::App;
use crate::domain::change::Who;
use crate::domain::trust::audit::Note;
use crate::store::audit;

/// Routes whose handlers record what was done, with more about it, and two that change nothing.
const SELF_RECORDED: [&str; 30] = [
    "preview_rule",
    "preview_channel",
    "act",
    "look_at_act",
    "log_in",
    "log_out",
    "change_password",
    "begin_totp",
    "confirm_totp",
    "renew_recovery_codes",
    "remove_totp",
    "reset_totp",
    "end_session",
    "begin_passkey",
    "add_passkey",
    "rename_passkey",
    "remove_passkey",
    "reset_passkeys",
    "begin_passkey_login",
    "log_in_by_passkey",
    "begin_oidc",
    "end_oidc",
    "add_person",
    "change_person",
    "invite",
    "accept_invitation",
    "take_back_invitation",
    "create_key",
    "rotate_key",
    "revoke_key",
];

/// More about a change than its address says: what was made, what of it.
#[derive(Clone, Debug)]
struct About {
    object: String,
    detail: Value,
}

/// The same answer, with what the record is to say of the change: on which object it was made, and
/// more about it.
pub(super) fn about(mut answer: Response, object: impl Into<String>, detail: Value) -> Response {
    answer.extensions_mut().insert(About { object: object.into(), detail });
    answer
}

/// Who takes or brings everything, page by page: the first page stands for all of them, and a later
/// one for those of ten minutes, since whoever knows how may begin in the midst.
#[derive(Debug, Default)]
pub(super) struct Pages(Mutex<Vec<(String, &'static str, Instant)>>);

/// Routes that are used page by page.
const PAGED: [&str; 3] = ["export", "export_audit", "import"];
/// For how long a page stands for the later ones.
const PAGES_TIME: Duration = Duration::from_secs(600);

impl Pages {
    fn has(&self, who: &Who, action: &str) -> bool {
        self.seen().iter().any(|(name, of, _)| *name == who.name && *of == action)
    }

    fn keep(&self, note: &Note) {
        if PAGED.contains(&note.action) && !self.has(&note.who, note.action) {
            self.seen().push((note.who.name.clone(), note.action, Instant::now()));
        }
    }

    fn seen(&self) -> MutexGuard<'_, Vec<(String, &'static str, Instant)>> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|(.., at)| at.elapsed() < PAGES_TIME);
        seen
    }
}

/// What is to be recorded of a request once it has succeeded; `None` if nothing is.
pub(super) fn of(pages: &Pages, route: &Route, request: &Request) -> Option<Note> {
    let has = |is: fn(&str) -> bool| request.query().split('&').any(is);
    let is_first_page = match route.id {
        "export" | "export_audit" => Some(!has(|pair| pair.starts_with("cursor="))),
        "import" => Some(has(|pair| pair == "from_line=1")),
        _ => None,
    };
    let is_change = route.access == Access::Change && !SELF_RECORDED.contains(&route.id);
    if is_first_page.is_none() && !is_change || request.caller().is_open() {
        return None;
    }
    let who = request.caller().who()?;
    if is_first_page == Some(false) && pages.has(&who, route.id) {
        return None;
    }
    // What is erased of a user must not live on here: that it was done stays, not of whom.
    let has_query = route.id != "erase_user_events" && !request.query().is_empty();
    let query: String = request.query().chars().take(256).collect();
    Some(Note {
        who,
        address: request.caller().address.to_canonical().to_string(),
        action: route.id,
        object: object(route, request),
        detail: if has_query { json!({ "query": query }) } else { json!({}) },
    })
}

/// What an address is about: `issue 7` of one in which it stands, else what it begins with.
fn object(route: &Route, request: &Request) -> String {
    match route.path_names().next() {
        Some("id") => format!("issue {}", request.param(0)),
        Some(name) => format!("{} {}", name.trim_end_matches("_id"), request.param(0)),
        None => route.path.split('/').nth(3).unwrap_or_default().to_owned(),
    }
}

/// Adds to a note what the answer says about the change, which has succeeded.
pub(super) fn complete(pages: &Pages, mut note: Note, answer: &mut Response) -> Note {
    pages.keep(&note);
    if let Some(About { object, detail }) = answer.extensions_mut().remove() {
        (note.object, note.detail) = (object, detail);
    }
    note
}

/// Writes it down.
pub(super) async fn write(app: &App, note: Note) {
    let now = app.now();
    let (action, who) = (note.action, note.who.name.clone());
    if let Err(failure) = app.write(move |writer| audit::add(&mut writer.db, &note, now)).await {
        // The change is made: its sender must not be told otherwise.
        tracing::warn!(?failure, action, who, "a change is not in the record");
    }
}
