//! Records who changed what, where people are known. The resources of trust record themselves, in
//! the transaction of the change; of the others the history has the change itself.

use serde_json::json;

use super::exchange::Request;
use super::route::{Access, Route};
use crate::app::App;
use crate::domain::trust::audit::Note;
use crate::store::audit;

/// Routes whose handlers record what was done, with more about it, and one that changes nothing.
const SELF_RECORDED: [&str; 30] = [
    "preview_rule",
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
    "import",
];

/// What is to be recorded of a request once it has succeeded; `None` if nothing is.
pub(super) fn of(route: &Route, request: &Request) -> Option<Note> {
    let is_recorded = route.access == Access::Change && !SELF_RECORDED.contains(&route.id);
    let who = request.caller().who().filter(|_| is_recorded && !request.caller().is_open())?;
    let mut object = route.path.to_owned();
    for (at, name) in route.path_names().enumerate() {
        object = object.replace(&format!("{{{name}}}"), request.param(at));
    }
    // What is erased of a user must not live on here: that it was done stays, not of whom.
    let pairs = request.query().split('&');
    let kept =
        pairs.filter(|one| route.id != "erase_user_events" || one.starts_with("project_id="));
    let query: String = kept.collect::<Vec<_>>().join("&").chars().take(256).collect();
    Some(Note {
        who,
        address: request.caller().address.to_canonical().to_string(),
        action: route.id,
        object,
        detail: if query.is_empty() { json!({}) } else { json!({ "query": query }) },
    })
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
