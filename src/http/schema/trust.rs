//! The shapes of logins, people, invitations, keys and the record of what was done.

use serde_json::{Value, json};

use super::super::trust::oidc::NEXT_CHARS_MAX;
use super::super::trust::read::CODE_BYTES_MAX;
use super::{
    closed, count, described, name, nullable, page, reference, text, time, untrusted, whole,
};
use crate::domain::report::NAME_CHARS_MAX;
use crate::domain::trust::key::{
    KEY_DAYS_MAX, KEY_NAME_CHARS_MAX, Kind, ORIGINS_MAX, SECRET_DIGITS, Scope,
};
use crate::domain::trust::passkey::PASSKEY_NAME_CHARS_MAX;
use crate::domain::trust::password::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
use crate::domain::trust::person::{INVITATION_HOURS, INVITATION_HOURS_MAX};
use crate::domain::trust::role::Role;

/// Every one of them by its name.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    let logged_in = whole(json!({ "person": reference("Person") }));
    vec![
        ("Whoever", whoever()),
        (
            "Login",
            closed(
                &["name", "password"],
                json!({
                    "name": typed(256),
                    "password": typed(PASSWORD_CHARS_MAX),
                    "code": code(),
                }),
            ),
        ),
        ("LoggedIn", logged_in),
        ("PasswordChange", password_change()),
        ("PasswordChanged", whole(json!({ "ended_sessions": count() }))),
        ("PasswordProof", closed(&["password"], json!({"password": typed(PASSWORD_CHARS_MAX)}))),
        ("TotpCode", closed(&["code"], json!({"code": typed(CODE_BYTES_MAX)}))),
        ("Totp", totp()),
        ("TotpBegun", totp_begun()),
        ("RecoveryCodes", recovery_codes()),
        ("Passkey", passkey()),
        ("PasskeyPage", page("Passkey")),
        ("PasskeyOptions", whole(json!({ "public_key": {"type": "object"} }))),
        (
            "NewPasskey",
            closed(
                &["name", "credential"],
                json!({
                    "name": name(PASSKEY_NAME_CHARS_MAX), "credential": credential(),
                }),
            ),
        ),
        ("PasskeyName", closed(&["name"], json!({"name": name(PASSKEY_NAME_CHARS_MAX)}))),
        ("PasskeyLogin", closed(&["credential"], json!({"credential": credential()}))),
        ("Empty", closed(&[], json!({}))),
        ("OidcRequest", oidc_request()),
        ("OidcBegun", whole(json!({ "url": described(text(), "The provider's page.") }))),
        ("Session", session()),
        ("SessionPage", page("Session")),
        ("Person", person()),
        ("PersonPage", person_page()),
        ("NewPerson", new_person()),
        ("PersonChange", person_change()),
        ("Invitation", invitation()),
        ("InvitationPage", page("Invitation")),
        ("InvitationRequest", invitation_request()),
        ("Invited", invited()),
        ("Acceptance", acceptance()),
        ("Key", key()),
        ("KeyPage", page("Key")),
        ("KeyRequest", key_request()),
        (
            "KeyMade",
            whole(json!({
                "key": reference("Key"),
                "secret": described(text(), "The key itself. It is told this once."),
            })),
        ),
        ("AuditEntry", entry()),
        ("AuditPage", page("AuditEntry")),
        ("NewProject", closed(&["project_id"], json!({"project_id": name(NAME_CHARS_MAX)}))),
    ]
}

fn typed(chars_max: usize) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": chars_max})
}

fn code() -> Value {
    described(
        nullable(json!({"type": "string", "maxLength": CODE_BYTES_MAX})),
        "Of the authenticator, or one to recover with; each counts once.",
    )
}

fn totp() -> Value {
    whole(json!({
        "enabled_at": described(nullable(time()), "Since when codes are asked for."),
        "recovery_codes_left": count(),
    }))
}

fn totp_begun() -> Value {
    whole(json!({
        "secret": described(text(), "For the authenticator, in base32. It is told this once."),
        "uri": described(text(), "The same as an `otpauth` address, for a QR code."),
    }))
}

fn recovery_codes() -> Value {
    whole(json!({
        "recovery_codes": described(
            json!({"type": "array", "items": text()}),
            "Each counts once, in the place of a code. They are told this once.",
        ),
        "ended_sessions": count(),
    }))
}

fn passkey() -> Value {
    whole(json!({
        "id": count(),
        "name": text(),
        "is_synced": described(
            json!({"type": "boolean"}),
            "Whether its owner may have it on several devices.",
        ),
        "created_at": time(),
        "last_used_at": nullable(time()),
    }))
}

fn credential() -> Value {
    described(json!({"type": "object"}), "The browser's `PublicKeyCredential`, as its `toJSON`.")
}

fn oidc_request() -> Value {
    closed(
        &[],
        json!({
            "next": described(
                json!({"type": "string", "pattern": "^/", "maxLength": NEXT_CHARS_MAX}),
                "The page to go on with.",
            ),
            "secret": described(text(), "Of an invitation."),
        }),
    )
}

/// What a login page may offer.
fn ways() -> Value {
    let provider = whole(json!({ "name": described(text(), "What its button says.") }));
    whole(json!({
        "passkeys": described(json!({"type": "boolean"}), "Whether this address can have them."),
        "oidc": described(nullable(provider), "The provider, if there is one."),
    }))
}

fn new_password() -> Value {
    described(
        json!({
            "type": "string", "minLength": PASSWORD_CHARS_MIN, "maxLength": PASSWORD_CHARS_MAX,
        }),
        "Any characters. What programs try first is refused.",
    )
}

fn role() -> Value {
    json!({"type": "string", "enum": Role::ALL.map(Role::name)})
}

fn projects() -> Value {
    let names =
        json!({"type": ["array", "null"], "items": name(NAME_CHARS_MAX), "uniqueItems": true});
    described(names, "Projects that are seen; `null` is all, also later ones.")
}

fn whoever() -> Value {
    whole(json!({
        "mode": {"type": "string", "enum": ["open", "closed"]},
        "person": nullable(reference("Person")),
        "key": described(nullable(text()), "The name of the key that was sent."),
        "role": described(nullable(role()), "What may be done; `null`: nothing."),
        "projects": projects(),
        "password_chars_min": count(),
        "login": described(ways(), "What a login may be by, beside a password."),
        "source_projects": described(
            json!({"type": "array", "items": text()}),
            "Of which projects lines of source can be read.",
        ),
    }))
}

fn password_change() -> Value {
    closed(
        &["password", "new_password"],
        json!({"password": typed(PASSWORD_CHARS_MAX), "new_password": new_password()}),
    )
}

fn session() -> Value {
    untrusted(whole(json!({
        "id": count(),
        "created_at": time(),
        "seen_at": described(time(), "When it was used last, within a minute or two."),
        "agent": described(text(), "The browser, as it calls itself."),
        "address": text(),
        "is_current": {"type": "boolean"},
    })))
}

fn person_members() -> Value {
    json!({
        "name": text(),
        "role": role(),
        "projects": projects(),
        "has_password": {"type": "boolean"},
        "has_totp": described(json!({"type": "boolean"}), "Whether a login asks for a code too."),
        "passkeys": count(),
        "created_at": time(),
        "disabled_at": nullable(time()),
    })
}

/// The list alone tells when somebody was there.
fn person() -> Value {
    let mut schema = whole(person_members());
    let seen = described(nullable(time()), "In the list: when a session of theirs was used last.");
    schema["properties"]["seen_at"] = seen;
    schema
}

fn person_page() -> Value {
    let mut schema = page("Person");
    let named = json!({"type": "object", "required": ["name"], "properties": {"name": text()}});
    schema["properties"]["items"]["items"] = json!({"anyOf": [reference("Person"), named]});
    schema
}

fn new_person() -> Value {
    closed(
        &["name", "role"],
        json!({
            "name": typed(64),
            "role": role(),
            "projects": projects(),
            "password": nullable(new_password()),
        }),
    )
}

fn person_change() -> Value {
    closed(
        &[],
        json!({
            "role": role(),
            "projects": projects(),
            "disabled": {"type": ["boolean", "null"]},
            "password": nullable(new_password()),
        }),
    )
}

fn invitation() -> Value {
    whole(json!({
        "id": count(),
        "role": role(),
        "projects": projects(),
        "created_at": time(),
        "created_by": text(),
        "expires_at": time(),
    }))
}

fn invitation_request() -> Value {
    closed(
        &["role"],
        json!({
            "role": role(),
            "projects": projects(),
            "expires_in_hours": {
                "type": ["integer", "null"], "minimum": 1, "maximum": INVITATION_HOURS_MAX,
                "default": INVITATION_HOURS,
            },
        }),
    )
}

fn invited() -> Value {
    whole(json!({
        "invitation": reference("Invitation"),
        "secret": described(text(), "It is told this once."),
        "url": described(text(), "The link; without `--public-url` its path alone."),
    }))
}

fn acceptance() -> Value {
    closed(
        &["secret", "name", "password"],
        json!({
            "secret": {"type": "string", "maxLength": 2 * SECRET_DIGITS},
            "name": typed(64),
            "password": new_password(),
        }),
    )
}

fn key() -> Value {
    whole(json!({
        "id": count(),
        "kind": {"type": "string", "enum": Kind::ALL.map(Kind::name)},
        "name": text(),
        "shown": described(text(), "Its first characters."),
        "project_id": described(nullable(text()), "`null`: the whole server."),
        "scopes": {"type": "array", "items": scope()},
        "origins": {"type": "array", "items": text()},
        "created_at": time(),
        "created_by": text(),
        "expires_at": nullable(time()),
        "last_used_at": described(nullable(time()), "Within a minute or two."),
        "revoked_at": nullable(time()),
    }))
}

fn scope() -> Value {
    json!({"type": "string", "enum": Scope::ALL.map(Scope::name)})
}

fn key_request() -> Value {
    let kind = json!({"type": "string", "enum": Kind::ALL.map(Kind::name), "default": "report"});
    let scopes = json!({"type": ["array", "null"], "items": scope(), "uniqueItems": true});
    let origins = json!({
        "type": ["array", "null"], "items": typed(256), "uniqueItems": true,
        "maxItems": ORIGINS_MAX,
    });
    closed(
        &["name"],
        json!({
            "name": name(KEY_NAME_CHARS_MAX),
            "kind": kind,
            "project_id": nullable(name(NAME_CHARS_MAX)),
            "scopes": described(scopes, "Of a key of kind `api`; without: `read`."),
            "origins": described(origins, "Pages that may use it; without: any caller."),
            "expires_in_days": {
                "type": ["integer", "null"], "minimum": 1, "maximum": KEY_DAYS_MAX,
            },
        }),
    )
}

fn entry() -> Value {
    untrusted(whole(json!({
        "id": count(),
        "at": time(),
        "who": text(),
        "verified": described(json!({"type": "boolean"}), "Whether the server knew them."),
        "address": text(),
        "action": text(),
        "object": described(text(), "What it was done to, e.g. `issue 7` or `person ann`."),
        "detail": {"type": "object"},
    })))
}
