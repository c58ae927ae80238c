"""The structured errors: one class for each code, with the HTTP status that fits.

An application raises them; the client answers with them and takes their code for its report.
"""

from __future__ import annotations

from typing import Any, ClassVar, Mapping, Optional


class CodedError(Exception):
    """What all structured errors are: `code`, `status`, a message for developers, and details.

    `info` holds details of the code, such as the fields that were wrong; `data` holds what could
    be answered all the same.
    """

    code: str = "AppError"
    status: int = 500
    default_message: ClassVar[str] = "Something failed"

    def __init__(
        self,
        message: str = "",
        info: Optional[Mapping[str, Any]] = None,
        data: Any = None,
        code: Optional[str] = None,
        status: Optional[int] = None,
    ) -> None:
        self.message = message or self.default_message
        self.info = None if info is None else dict(info)
        self.data = data
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status
        super().__init__(self.message)


class AppError(CodedError):
    """The application failed, in a way that no other class says better."""


class AppBadRequest(AppError):
    """The request makes no sense to the application."""

    code = "AppBadRequest"
    status = 400
    default_message = "The request cannot be understood"


class ValidationError(CodedError):
    """Input is wrong; `info` says which fields."""

    code = "ValidationError"
    status = 400
    default_message = "The input is not valid"


class AuthError(CodedError):
    """Nobody knows who asks."""

    code = "AuthError"
    status = 401
    default_message = "Please log in"


class ForbiddenError(CodedError):
    """Known, but not allowed."""

    code = "ForbiddenError"
    status = 403
    default_message = "This is not allowed"


class NotFoundError(CodedError):
    """There is no such thing."""

    code = "NotFoundError"
    status = 404
    default_message = "There is no such thing"


class ConflictError(CodedError):
    """It does not fit what is there."""

    code = "ConflictError"
    status = 409
    default_message = "This does not fit what is there"


class RateLimitError(CodedError):
    """Too many requests."""

    code = "RateLimitError"
    status = 429
    default_message = "Too many requests"


class DatabaseError(CodedError):
    """The database refused."""

    code = "DatabaseError"
    default_message = "The database refused"


class DatabaseUniqueError(DatabaseError):
    """There is one like it already."""

    code = "DatabaseUniqueError"
    status = 409
    default_message = "There is one like it already"


class DatabaseConnectionError(DatabaseError):
    """The database cannot be reached."""

    code = "DatabaseConnectionError"
    status = 503
    default_message = "The database cannot be reached"


class RequestError(CodedError):
    """Another service failed or refused; `info` says what was asked of it."""

    code = "RequestError"
    status = 502
    default_message = "Another service failed"


class RequestTimeoutError(RequestError):
    """Another service did not answer in time."""

    code = "RequestTimeoutError"
    status = 504
    default_message = "Another service did not answer in time"


_KINDS = (
    AppError, AppBadRequest, ValidationError, AuthError, ForbiddenError, NotFoundError,
    ConflictError, RateLimitError, DatabaseError, DatabaseUniqueError, DatabaseConnectionError,
    RequestError, RequestTimeoutError,
)

#: The HTTP status of each code.
STATUSES: Mapping[str, int] = {kind.code: kind.status for kind in _KINDS}

#: What a code says when the exception's own message is not for callers.
MESSAGES: Mapping[str, str] = {kind.code: kind.default_message for kind in _KINDS}

#: The level of a report by its code; a code that is not here is an ERROR.
LEVELS: Mapping[str, str] = {
    "AppBadRequest": "WARNING",
    "ValidationError": "WARNING",
    "AuthError": "WARNING",
    "ForbiddenError": "WARNING",
    "NotFoundError": "WARNING",
    "ConflictError": "WARNING",
    "RateLimitError": "WARNING",
    "DatabaseUniqueError": "WARNING",
    "DatabaseConnectionError": "CRITICAL",
}


def code_of_status(status: int) -> str:
    """The code that fits an HTTP status."""
    known = {
        401: "AuthError", 403: "ForbiddenError", 404: "NotFoundError", 409: "ConflictError",
        422: "ValidationError", 400: "ValidationError", 429: "RateLimitError",
    }
    if status in known:
        return known[status]
    return "AppError" if status >= 500 or status < 400 else "AppBadRequest"
