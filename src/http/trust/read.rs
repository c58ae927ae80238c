//! Members of bodies that several of these resources read.

use serde_json::Value;

use super::super::error::Error;
use super::super::fields::Fields;
use crate::domain::report::NAME_CHARS_MAX;
use crate::domain::trust::password::{self, PASSWORD_CHARS_MAX};
use crate::domain::trust::person;
use crate::domain::trust::role::Role;
use crate::store::names::PROJECTS_MAX;

/// Bytes of a code at most, with room for blanks.
pub(in crate::http) const CODE_BYTES_MAX: usize = 64;

/// A role that may be left out.
pub(super) fn role(fields: &mut Fields) -> Option<Role> {
    // Absent is none; anything else has to be one.
    let is_there = fields.has("role");
    is_there.then(|| fields.choice("role", "viewer, member or administrator", Role::parse))?
}

/// Projects that somebody sees: absent is `None`, `null` is all.
pub(super) fn projects(fields: &mut Fields) -> Option<Option<Vec<String>>> {
    if !fields.has("projects") {
        return None;
    }
    if fields.is_null("projects") {
        fields.take("projects");
        return Some(None);
    }
    fields.names("projects", NAME_CHARS_MAX, PROJECTS_MAX).map(Some)
}

/// Administrators see all projects: whoever says who may what could see them anyway.
pub(super) fn only_all(fields: &mut Fields, role: Role, projects: &Option<Vec<String>>) {
    if role == Role::Administrator && projects.is_some() {
        fields.fault("projects", "administrators see all projects: expected null");
    }
}

/// A person's name, as a new one has to be.
pub(super) fn new_name(fields: &mut Fields) -> String {
    let name = fields.text("name", 256);
    match &name {
        None => fields.missing("name"),
        Some(name) => {
            if let Some(fault) = person::name_fault(name) {
                fields.fault("name", fault);
            }
        }
    }
    name.unwrap_or_default()
}

/// A password as it was typed. Its value is in no message.
pub(super) fn typed_password(fields: &mut Fields, member: &str) -> Option<String> {
    match fields.take(member)? {
        Value::Null => None,
        Value::String(text) if text.chars().count() <= PASSWORD_CHARS_MAX => Some(text),
        _ => {
            let expected = format!("expected a text of at most {PASSWORD_CHARS_MAX} characters");
            fields.fault(member, expected);
            None
        }
    }
}

/// A body that holds the password of whoever sends it, and nothing else.
pub(super) fn proof(body: &[u8]) -> Result<String, Error> {
    let mut fields = Fields::parse(body)?;
    let password = typed_password(&mut fields, "password");
    if password.is_none() {
        fields.missing("password");
    }
    fields.finish()?;
    Ok(password.unwrap_or_default())
}

/// A code as it was typed. Its value is in no message.
pub(super) fn typed_code(fields: &mut Fields) -> Option<String> {
    match fields.take("code")? {
        Value::Null => None,
        Value::String(text) if text.len() <= CODE_BYTES_MAX => Some(text),
        _ => {
            fields.fault("code", format!("expected a text of at most {CODE_BYTES_MAX} characters"));
            None
        }
    }
}

/// A new password of somebody of this name.
pub(super) fn new_password(fields: &mut Fields, member: &str, name: &str) -> Option<String> {
    let password = typed_password(fields, member)?;
    if let Some(fault) = password::fault(&password, name) {
        fields.fault(member, fault);
    }
    Some(password)
}

/// `true` or `false`, or absent.
pub(super) fn choice_of_two(fields: &mut Fields, name: &str) -> Option<bool> {
    match fields.take(name)? {
        Value::Null => None,
        Value::Bool(flag) => Some(flag),
        other => {
            fields.unexpected(name, "true or false", &other);
            None
        }
    }
}
