//! The routes of the second step of logins.

use hyper::Method;

use super::super::route::{Access, Route};
use super::super::trust::totp;

/// Every one of them.
pub(super) const TABLE: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/api/v1/session/totp",
        access: Access::Read,
        run: |app, request| Box::pin(totp::show(app, request)),
        id: "find_totp",
        summary: "Whether one's own login asks for a code",
        about: "",
        query: &[],
        body: None,
        answer: (200, "Totp"),
        refusals: &[],
    },
    Route {
        method: Method::POST,
        path: "/api/v1/session/totp",
        access: Access::Change,
        run: |app, request| Box::pin(totp::begin(app, request)),
        id: "begin_totp",
        summary: "Set up an authenticator",
        about: "Tells the secret for it (RFC 6238: SHA-1, 6 digits, 30 seconds), once. Codes are \
                asked for only when one of it was confirmed.",
        query: &[],
        body: Some("PasswordProof"),
        answer: (200, "TotpBegun"),
        refusals: &[409],
    },
    Route {
        method: Method::POST,
        path: "/api/v1/session/totp/confirm",
        access: Access::Change,
        run: |app, request| Box::pin(totp::confirm(app, request)),
        id: "confirm_totp",
        summary: "Ask for codes from now on",
        about: "Shows by a code that the authenticator works. Tells codes to recover with, once; \
                one's other sessions end.",
        query: &[],
        body: Some("TotpCode"),
        answer: (200, "RecoveryCodes"),
        refusals: &[409],
    },
    Route {
        method: Method::POST,
        path: "/api/v1/session/totp/codes",
        access: Access::Change,
        run: |app, request| Box::pin(totp::renew(app, request)),
        id: "renew_recovery_codes",
        summary: "Make other codes to recover with",
        about: "Those before count no more.",
        query: &[],
        body: Some("PasswordProof"),
        answer: (200, "RecoveryCodes"),
        refusals: &[409],
    },
    Route {
        method: Method::POST,
        path: "/api/v1/session/totp/remove",
        access: Access::Change,
        run: |app, request| Box::pin(totp::remove(app, request)),
        id: "remove_totp",
        summary: "Ask for codes no more",
        about: "",
        query: &[],
        body: Some("PasswordProof"),
        answer: (200, "Health"),
        refusals: &[],
    },
    Route {
        method: Method::DELETE,
        path: "/api/v1/people/{person}/totp",
        access: Access::Change,
        run: |app, request| Box::pin(totp::reset(app, request)),
        id: "reset_totp",
        summary: "Ask a person for codes no more",
        about: "For somebody who lost the authenticator and the codes to recover with. They are \
                logged out everywhere.",
        query: &[],
        body: None,
        answer: (200, "Health"),
        refusals: &[400, 404],
    },
];
