//! Refusals: the only place that knows their status codes and the envelope that all of them share.
//! What went wrong inside is logged with the request's id and never leaves the server.

use hyper::StatusCode;
use hyper::header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;
use serde_json::{Value, json};

use super::exchange::{self, RequestId, Response};
use crate::app::rates::Limited;
use crate::domain::report::Fault;
use crate::metrics::Reason;

/// The address and the headers of a request at most, in bytes; the longest query of a comma list
/// fits.
pub const HEAD_BYTES_MAX: usize = 64 * 1_024;

/// Headers of a request at most: as many as hyper takes unless told otherwise, which costs nothing.
pub const HEADERS_MAX: usize = 100;

/// Why a request is not answered as its sender wished.
#[derive(Debug)]
pub enum Error {
    /// The body, a path or a query holds what cannot be accepted; every fault at once.
    Validation(Vec<Fault>),
    /// A search text that cannot be read, and where: characters before the fault.
    Search {
        /// What was expected.
        message: String,
        /// Where.
        position: usize,
    },
    /// No or a wrong key or session.
    Auth(String),
    /// The password was right, and a code is asked for too.
    SecondStep {
        /// Whether there was one that is not right, or was used.
        is_wrong: bool,
    },
    /// Known, but not allowed.
    Forbidden(String),
    /// No such thing: what it is, e.g. `issue`.
    NotFound(&'static str),
    /// The address exists, with these methods only.
    Method(String),
    /// Not allowed as things stand, or somebody was first; the object says more.
    Conflict {
        /// Why not.
        message: String,
        /// For a move: `from`, `to`, `allowed`.
        info: Value,
    },
    /// The body is larger than this many bytes.
    TooLarge(usize),
    /// The batch holds more than this many reports.
    TooMany(usize),
    /// The address, or it and the headers, are longer than [`HEAD_BYTES_MAX`],
    /// or there are more than [`HEADERS_MAX`].
    LongHead(StatusCode),
    /// A `Content-Encoding` or `Content-Type` that is not understood.
    Encoding(String),
    /// The body did not come in time.
    Slow,
    /// Too often.
    RateLimit {
        /// Which limit it was.
        reason: Reason,
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// Nothing more can be taken at the moment.
    Overload {
        /// Why, for those who count.
        reason: Reason,
        /// Why, in words.
        message: String,
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// The database failed; the text is for the log.
    Database(String),
    /// The program failed; the text is for the log.
    Internal(String),
}

/// The envelope of CONTRACT 6.
#[derive(Serialize)]
struct Envelope {
    code: &'static str,
    message: String,
    info: Value,
    data: Option<()>,
    request_id: String,
}

impl From<Limited> for Error {
    fn from(Limited { reason, retry_after_s }: Limited) -> Self {
        Self::RateLimit { reason, retry_after_s }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Validation(vec![fault])
    }
}

impl Error {
    /// A body that cannot be read at all.
    pub fn unreadable(message: impl Into<String>) -> Self {
        Fault::new("", message).into()
    }

    /// The name in the envelope.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Validation(_) | Self::Search { .. } => "ValidationError",
            Self::Auth(_) | Self::SecondStep { .. } => "AuthError",
            Self::Forbidden(_) => "ForbiddenError",
            Self::NotFound(_) => "NotFoundError",
            Self::Method(_) => "MethodError",
            Self::Conflict { .. } => "ConflictError",
            Self::TooLarge(_) | Self::TooMany(_) | Self::LongHead(_) => "TooLargeError",
            Self::Encoding(_) => "EncodingError",
            Self::Slow => "TimeoutError",
            Self::RateLimit { .. } => "RateLimitError",
            Self::Overload { .. } => "OverloadError",
            Self::Database(_) => "DatabaseError",
            Self::Internal(_) => "AppError",
        }
    }

    /// The status code.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Validation(_) | Self::Search { .. } => StatusCode::BAD_REQUEST,
            Self::Auth(_) | Self::SecondStep { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::TooLarge(_) | Self::TooMany(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::LongHead(status) => *status,
            Self::Encoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::RateLimit { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Overload { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Database(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// One sentence for the caller. It never holds what happened inside.
    pub fn message(&self) -> String {
        match self {
            Self::Validation(faults) => match faults.first() {
                Some(fault) if fault.field.is_empty() => fault.message.clone(),
                Some(fault) => format!("{}: {}", fault.field, fault.message),
                None => "the request cannot be read".to_owned(),
            },
            Self::Search { message, position } => format!("q: {message} (at {position})"),
            Self::Auth(message)
            | Self::Forbidden(message)
            | Self::Encoding(message)
            | Self::Conflict { message, .. }
            | Self::Overload { message, .. } => message.clone(),
            Self::SecondStep { is_wrong: false } => "a code is asked for too".to_owned(),
            Self::SecondStep { is_wrong: true } => "the code is wrong, or was used".to_owned(),
            Self::NotFound(what) => format!("there is no such {what}"),
            Self::Method(allow) => format!("this address takes {allow}"),
            Self::TooLarge(limit) => format!("the body is larger than {limit} bytes"),
            Self::TooMany(limit) => format!("the batch holds more than {limit} reports"),
            Self::LongHead(StatusCode::URI_TOO_LONG) => {
                format!("the address is longer than {HEAD_BYTES_MAX} bytes")
            }
            Self::LongHead(_) => {
                format!(
                    "there are more than {HEADERS_MAX} headers, or they and the address are longer \
                     than {HEAD_BYTES_MAX} bytes"
                )
            }
            Self::Slow => "the body did not come in time".to_owned(),
            Self::RateLimit { reason, retry_after_s } => {
                let of = match reason {
                    Reason::AddressRate => "reports from this address",
                    Reason::ProjectRate => "reports to this project",
                    Reason::KeyRate => "requests with this key",
                    Reason::Logins => "tries to log in",
                    _ => "connections from this address",
                };
                format!("too many {of}: try again in {retry_after_s} s")
            }
            Self::Database(_) => "the database could not answer".to_owned(),
            Self::Internal(_) => "something went wrong inside".to_owned(),
        }
    }

    /// What the envelope's `info` holds: always an object.
    pub fn info(&self) -> Value {
        match self {
            Self::Validation(faults) => {
                let errors: Vec<_> = faults
                    .iter()
                    .map(|fault| json!({"field": fault.field, "message": fault.message}))
                    .collect();
                json!({ "errors": errors })
            }
            Self::Search { message, position } => {
                json!({"errors": [{"field": "q", "message": message}], "position": position})
            }
            Self::Conflict { info, .. } => info.clone(),
            Self::SecondStep { .. } => json!({ "needs": "code" }),
            Self::TooLarge(limit) => json!({ "limit_bytes": limit }),
            Self::LongHead(StatusCode::URI_TOO_LONG) => json!({ "limit_bytes": HEAD_BYTES_MAX }),
            Self::LongHead(_) => {
                json!({ "limit_bytes": HEAD_BYTES_MAX, "limit_headers": HEADERS_MAX })
            }
            Self::TooMany(limit) => json!({ "limit_reports": limit }),
            Self::RateLimit { retry_after_s, .. } => json!({ "retry_after_s": retry_after_s }),
            _ => json!({}),
        }
    }

    /// Why the server turned the request away, where its sender could not have said it better.
    pub const fn reason(&self) -> Option<Reason> {
        match self {
            Self::Slow => Some(Reason::SlowBody),
            Self::RateLimit { reason, .. } | Self::Overload { reason, .. } => Some(*reason),
            _ => None,
        }
    }

    /// Writes what happened inside into the log, once.
    pub fn log(&self, id: &RequestId) {
        if let Self::Database(cause) | Self::Internal(cause) = self {
            tracing::error!(request_id = id.as_str(), code = self.code(), cause);
        }
    }

    /// The envelope.
    pub fn envelope(&self, id: &RequestId) -> impl Serialize {
        Envelope {
            code: self.code(),
            message: self.message(),
            info: self.info(),
            data: None,
            request_id: id.as_str().to_owned(),
        }
    }

    /// The answer: the envelope, and the header that its status asks for.
    pub fn response(&self, id: &RequestId) -> Response {
        let mut response = exchange::json(self.status(), &self.envelope(id));
        match self {
            Self::Method(allow) => {
                let allow = HeaderValue::from_str(allow).expect("method names are ASCII");
                response.headers_mut().insert(ALLOW, allow);
            }
            // Not `Basic`, for which browsers ask by a window of their own.
            Self::Auth(_) | Self::SecondStep { .. } => {
                let challenge = HeaderValue::from_static("Bearer realm=\"Log Center\"");
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            }
            Self::RateLimit { retry_after_s, .. } | Self::Overload { retry_after_s, .. } => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*retry_after_s));
            }
            _ => {}
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_the_first_fault_and_the_info_has_all() {
        let error = Error::Validation(vec![
            Fault::new("error.line_number", "expected an integer of 0 or more, got \"abc\""),
            Fault::new("level", "is missing"),
        ]);
        let expected = "error.line_number: expected an integer of 0 or more, got \"abc\"";
        assert_eq!(error.message(), expected);
        assert_eq!(error.info()["errors"][1], json!({"field": "level", "message": "is missing"}));
        assert_eq!(Error::unreadable("expected JSON").message(), "expected JSON");
    }

    #[test]
    fn what_happened_inside_stays_inside() {
        for error in [Error::Database("/data/x.db".into()), Error::Internal("/data/x.db".into())] {
            assert!(!error.message().contains("/data"));
            assert_eq!(error.info(), json!({}));
            assert_eq!(error.status(), 500);
        }
    }

    #[test]
    fn every_code_can_be_counted() {
        let all = [
            Error::Validation(vec![]),
            Error::Auth(String::new()),
            Error::Forbidden(String::new()),
            Error::NotFound("x"),
            Error::Method(String::new()),
            Error::TooLarge(1),
            Error::LongHead(StatusCode::URI_TOO_LONG),
            Error::Encoding(String::new()),
            Error::Slow,
            Error::RateLimit { reason: Reason::AddressRate, retry_after_s: 1 },
            Error::Overload { reason: Reason::Busy, message: String::new(), retry_after_s: 1 },
            Error::Database(String::new()),
            Error::Internal(String::new()),
        ];
        for error in all {
            assert!(crate::metrics::REFUSALS.contains(&error.code()), "{}", error.code());
        }
    }
}
