//! The one table of who may what: for every route who has to ask at least, and what it is about.
//! A route that is not in it is the administrators'.

use super::error::Error;
use super::exchange::Request;
use super::route::Route;
use crate::app::App;
use crate::domain::trust::reach::Reach;
use crate::domain::trust::role::Role;
use crate::store::issues;

/// Who has to ask at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Least {
    /// Everybody.
    Nobody,
    /// Who may report.
    Reporter,
    /// Anybody who is logged in, about themselves.
    Person,
    /// Who may look.
    Viewer,
    /// Who may change.
    Member,
    /// Who may say who may what.
    Administrator,
}

/// What a route is about, and so what is out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concerns {
    /// Nothing of any project.
    Nothing,
    /// What the caller sees of all projects: the handler leaves the rest out.
    Listed,
    /// The project that the path names.
    Project,
    /// The project of the issue that the path names.
    Issue,
    /// The project that each report names: the handler looks.
    Reported,
    /// All projects at once.
    Everything,
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Permission {
    pub(super) least: Least,
    pub(super) concerns: Concerns,
}

impl Least {
    /// The name in documents.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Reporter => "report_key",
            Self::Person => "person",
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Administrator => "administrator",
        }
    }

    const fn role(self) -> Option<Role> {
        match self {
            Self::Nobody | Self::Reporter | Self::Person => None,
            Self::Viewer => Some(Role::Viewer),
            Self::Member => Some(Role::Member),
            Self::Administrator => Some(Role::Administrator),
        }
    }
}

impl Concerns {
    /// The name in documents.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Listed => "listed",
            Self::Project => "project",
            Self::Issue => "issue",
            Self::Reported => "reported",
            Self::Everything => "everything",
        }
    }
}

/// The table, by the routes' ids.
pub(super) fn of(route: &Route) -> Permission {
    use Concerns::{Everything, Issue, Listed, Nothing, Project, Reported};
    use Least::{Administrator, Member, Nobody, Person, Reporter, Viewer};
    let (least, concerns) = match route.id {
        "report" | "report_batch" => (Reporter, Reported),
        "alive" | "client_script" => (Nobody, Nothing),
        "ready" | "openapi" => (Viewer, Nothing),
        "list_issues" | "list_events" | "find_event" | "list_projects" | "stats" | "listen"
        | "system" | "list_deploys" => (Viewer, Listed),
        "find_issue" | "list_issue_events" | "list_issue_history" => (Viewer, Issue),
        "find_project" | "source_lines" => (Viewer, Project),
        "metrics" => (Viewer, Everything),
        "change_issues" => (Member, Listed),
        "change_issue" | "comment_issue" => (Member, Issue),
        "change_project" | "record_deploy" => (Member, Project),
        "act" | "look_at_act" => (Nobody, Nothing),
        "who_am_i" | "log_in" | "accept_invitation" => (Nobody, Nothing),
        "log_out" | "change_password" | "list_sessions" | "end_session" => (Person, Nothing),
        "find_totp" | "begin_totp" | "confirm_totp" | "renew_recovery_codes" | "remove_totp" => {
            (Person, Nothing)
        }
        "begin_passkey_login" | "log_in_by_passkey" | "begin_oidc" | "end_oidc" => {
            (Nobody, Nothing)
        }
        "list_passkeys" | "begin_passkey" | "add_passkey" | "rename_passkey" | "remove_passkey" => {
            (Person, Nothing)
        }
        "list_people" => (Viewer, Listed),
        "export" | "import_progress" | "import" | "give_up_import" => (Administrator, Everything),
        "list_backups" | "begin_backup" | "find_backup" => (Administrator, Everything),
        "erase_issue" | "erase_user_events" | "erase_project" | "create_project" => {
            (Administrator, Everything)
        }
        "find_person"
        | "add_person"
        | "change_person"
        | "reset_totp"
        | "reset_passkeys"
        | "list_invitations"
        | "invite"
        | "take_back_invitation" => (Administrator, Everything),
        "list_keys" | "create_key" | "rotate_key" | "revoke_key" => (Administrator, Everything),
        "list_audit" | "export_audit" => (Administrator, Everything),
        "list_channels" | "create_channel" | "find_channel" | "change_channel"
        | "remove_channel" | "test_channel" | "preview_channel" => (Administrator, Everything),
        "list_rules" | "create_rule" | "preview_rule" | "find_rule" | "change_rule"
        | "remove_rule" => (Administrator, Everything),
        "list_notices" | "replay_notices" | "replay_notice" | "list_deliveries" => {
            (Administrator, Everything)
        }
        _ => (Administrator, Everything),
    };
    Permission { least, concerns }
}

/// Refuses a caller who may not use a route: 401 for nobody who is known, 403 for less than is
/// needed, 404 for what is out of reach.
pub(super) async fn check(app: &App, route: &Route, request: &Request) -> Result<(), Error> {
    let Permission { least, concerns } = of(route);
    let caller = request.caller();
    if caller.is_open() || least == Least::Nobody {
        return Ok(());
    }
    if least == Least::Reporter && caller.may_report() {
        return Ok(());
    }
    if caller.is_nobody() {
        return Err(Error::Auth(unknown(least).into()));
    }
    let is_enough = match least.role() {
        Some(role) => caller.role() >= Some(role),
        None => least == Least::Person && caller.person().is_some(),
    };
    if !is_enough {
        return Err(Error::Forbidden(too_little(least).into()));
    }
    match concerns {
        Concerns::Nothing | Concerns::Listed | Concerns::Reported => Ok(()),
        Concerns::Everything if caller.reach() == Reach::Every => Ok(()),
        Concerns::Everything => {
            Err(Error::Forbidden("this is about all projects, and you see some".into()))
        }
        Concerns::Project if caller.reach().has(request.param(0)) => Ok(()),
        Concerns::Project => Err(Error::NotFound("project")),
        Concerns::Issue => issue_within(app, request, caller.reach()).await,
    }
}

async fn issue_within(app: &App, request: &Request, reach: Reach) -> Result<(), Error> {
    if reach == Reach::Every {
        return Ok(());
    }
    // What is no number names no issue, as in the handlers.
    let id: i64 = request.param(0).parse().map_err(|_| Error::NotFound("issue"))?;
    let project = app.read_events(move |db| issues::project(db, id)).await?;
    match project {
        Some(name) if reach.has(&name) => Ok(()),
        _ => Err(Error::NotFound("issue")),
    }
}

const fn unknown(least: Least) -> &'static str {
    match least {
        Least::Reporter => {
            "reports need a key: send it as X-Log-Center-Key, as Authorization: Bearer, or as ?key="
        }
        _ => "log in, or send a key as X-Log-Center-Key or as Authorization: Bearer",
    }
}

const fn too_little(least: Least) -> &'static str {
    match least {
        Least::Nobody | Least::Viewer => "this key is for reports alone",
        Least::Reporter => "this key is not for reports",
        Least::Person => "this is for people who are logged in, not for keys",
        Least::Member => "viewers change nothing",
        Least::Administrator => "this is for administrators",
    }
}

/// The projects of a filter that are within reach. None at all is a name that no project has:
/// an empty filter would be all.
pub(super) fn within(reach: &Reach, wanted: Vec<String>) -> Vec<String> {
    let Reach::Of(places) = reach else { return wanted };
    let own = || places.iter().map(|place| place.name.clone());
    let mut names: Vec<String> = match wanted.is_empty() {
        true => own().collect(),
        false => wanted.into_iter().filter(|name| reach.has(name)).collect(),
    };
    if names.is_empty() {
        names.push(String::new());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::routes;
    use super::*;
    use crate::domain::trust::reach::Place;

    #[test]
    fn every_route_has_its_line() {
        // The last arm is for what was forgotten, and no route may lean on it.
        let table = include_str!("permissions.rs");
        for route in routes::all() {
            let line = format!("\"{}\"", route.id);
            assert!(table.contains(&line), "{} has no line in the table", route.id);
        }
    }

    #[test]
    fn a_filter_keeps_to_what_is_within_reach() {
        let place = |number, name: &str| Place { number, name: name.into() };
        let some = Reach::Of([place(1, "a"), place(2, "b")].into());
        let names = |all: &[&str]| -> Vec<String> { all.iter().map(|n| (*n).into()).collect() };
        assert_eq!(within(&some, vec![]), names(&["a", "b"]));
        assert_eq!(within(&some, names(&["b", "c"])), names(&["b"]));
        assert_eq!(within(&some, names(&["c"])), names(&[""]), "nothing, not everything");
        assert_eq!(within(&Reach::Of([].into()), vec![]), names(&[""]));
        assert_eq!(within(&Reach::Every, vec![]), names(&[]));
        assert_eq!(within(&Reach::Every, names(&["c"])), names(&["c"]));
    }
}
