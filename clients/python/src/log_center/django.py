"""For Django: first in MIDDLEWARE put "log_center.django.LogCenterMiddleware".

It gives each request an id, answers with it, and reports what becomes a 500. A caller that accepts
JSON gets the structured error; a browser gets the application's own page.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Callable, Dict, Optional

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.signals import got_request_exception
from django.http import HttpResponse

from . import client, outgoing, scope
from .errors import CodedError
from .incoming import (
    HEADER, answer, description, encoded, keeps_body, pairs, read_body, wants_answer,
)
from .plain import safe_text
from .recognize import classify

#: Django's own, where its traces of failures go.
_logger = logging.getLogger("django.request")


class LogCenterMiddleware:
    """Works in synchronous and asynchronous projects."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)
        got_request_exception.connect(report_exception, dispatch_uid="log_center")

    def __call__(self, request: Any) -> Any:
        if self.is_async:
            return self._answer_later(request)
        token = _enter(request)
        try:
            return _with_id(self.get_response(request))
        finally:
            scope.leave(token)

    async def _answer_later(self, request: Any) -> Any:
        token = _enter(request)
        try:
            return _with_id(await self.get_response(request))
        finally:
            scope.leave(token)

    def process_exception(self, request: Any, error: Exception) -> Optional[Any]:
        """Answers with the structured error, where that is what the caller wants."""
        if not _is_to_answer(request, error):
            return None
        client.current().capture(error, by="request")
        status, body = answer(error)
        response = HttpResponse(encoded(body), status=status, content_type="application/json")
        log_answer(request, response, error)
        return response


def log_answer(request: Any, response: Any, error: BaseException) -> None:
    """Django takes an answered exception for handled, and would log it without its trace."""
    if response.status_code >= 500:
        _logger.error(
            "%s: %s", response.reason_phrase, request.path, exc_info=error,
            extra={"status_code": response.status_code, "request": request},
        )
        response._has_been_logged = True


def _is_to_answer(request: Any, error: Exception) -> bool:
    if client.current().options.answers == "never":
        return False
    if isinstance(error, CodedError):
        return True
    # Django's own way with its own exceptions: 404, 403, 400.
    return not classify(error).is_expected and wants_answer(request.headers.get("Accept", ""))


def _enter(request: Any) -> Any:
    outgoing.install()
    meta = request.META
    request_id, trace_id = scope.choose_ids(
        meta.get("HTTP_X_REQUEST_ID"), meta.get("HTTP_TRACEPARENT")
    )
    request.request_id = request_id
    return scope.current.set(scope.Scope(request_id, lambda: describe(request), trace_id))


def _with_id(response: Any) -> Any:
    if HEADER not in response:
        response[HEADER] = scope.request_id()
    return response


def report_exception(sender: Any = None, request: Any = None, **_: Any) -> None:
    """Django sends this for what becomes a 500. It must not raise: its exception would replace
    the application's page."""
    try:
        error = sys.exc_info()[1]
        if error is None:
            return
        if scope.current.get() is None and request is not None:
            # Another middleware failed outside of ours.
            token = _enter(request)
            try:
                client.current().capture(error, by="request")
            finally:
                scope.leave(token)
        else:
            client.current().capture(error, by="request")
    except Exception as fault:
        client.current().say(f"cannot report: {safe_text(fault)}")


def describe(request: Any) -> Dict[str, Any]:
    """A request of Django's."""
    meta = request.META
    found = description(
        request.method or "", _url(request), request.headers.items(),
        meta.get("QUERY_STRING") or "", _body(request),
    )
    match = getattr(request, "resolver_match", None)
    if match is not None:
        found["params"] = dict(match.kwargs) or list(match.args) or None
        found["view"] = match.view_name or match._func_path
    user = _user(request)
    if user is not None:
        found["user_id"] = user
    return found


def _url(request: Any) -> str:
    try:
        return str(request.build_absolute_uri())
    except Exception:
        # A host that ALLOWED_HOSTS refuses.
        return str(request.get_full_path())


def _body(request: Any) -> Any:
    kind = request.META.get("CONTENT_TYPE") or ""
    if not keeps_body(kind, request.META.get("CONTENT_LENGTH")):
        return None
    try:
        if not hasattr(request, "_body") and not request._read_started:
            if not hasattr(request, "scope"):
                # Nobody read it, so it is no cause; and reading waits for a slow caller.
                return None
        elif not hasattr(request, "_body"):
            # The view read it as a form; REST framework keeps what it read elsewhere.
            parsed = getattr(request, "_log_center_data", None)
            return parsed if parsed is not None else pairs(request.POST.urlencode())
        return read_body(request.body, kind)
    except Exception:
        return None


def _user(request: Any) -> Optional[str]:
    """The user's key. Asking may need the database, which may be what failed."""
    try:
        key = getattr(getattr(request, "user", None), "pk", None)
        return None if key is None else str(key)
    except Exception:
        return None
