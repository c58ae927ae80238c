"""For Flask: `log_center.flask.install(app)` where the application is made.

It gives each request an id, answers with it, and reports what becomes a 500. A caller that accepts
JSON gets the structured error; a browser gets the application's own page.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

from flask import Response, got_request_exception, request, session

from . import client
from .errors import CodedError
from .incoming import answer, encoded, log_failure, wants_answer
from .wsgi import LogCenterMiddleware


def install(app: Any) -> None:
    """Wraps the application, and listens to its failures."""
    app.wsgi_app = LogCenterMiddleware(app.wsgi_app)
    # Without the strong reference the receiver would be gone at once, were it a local function.
    got_request_exception.connect(report_exception, app)
    if client.current().options.answers != "never":
        app.register_error_handler(CodedError, respond)
        if 500 not in app.error_handler_spec[None] and not _has_handler(app, Exception):
            app.register_error_handler(500, respond_or_page)


def _has_handler(app: Any, kind: type) -> bool:
    return any(kind in handlers for handlers in app.error_handler_spec[None].values())


def report_exception(sender: Any, exception: Exception, **_: Any) -> None:
    """Flask sends this for what becomes a 500, not for `abort(404)`."""
    client.current().capture(exception, _described(), by="request")


def respond(error: CodedError) -> Any:
    """The structured answer to a structured error."""
    client.current().capture(error, _described(), by="request")
    log_failure(error)
    status, body = answer(error)
    return Response(encoded(body), status, mimetype="application/json")


def respond_or_page(error: Any) -> Any:
    """The structured answer to a failure, for a caller that accepts JSON."""
    cause: Optional[BaseException] = getattr(error, "original_exception", None)
    if cause is None or not wants_answer(request.headers.get("Accept", "")):
        return error
    status, body = answer(cause)
    return Response(encoded(body), status, mimetype="application/json")


def _described() -> Dict[str, Any]:
    """What Flask knows beyond WSGI."""
    found: Dict[str, Any] = {}
    try:
        found["view"] = request.endpoint
        found["params"] = dict(request.view_args) if request.view_args else None
        found["user_id"] = session.get("user_id") if session else None
    except Exception:
        return found
    return {name: value for name, value in found.items() if value is not None}
