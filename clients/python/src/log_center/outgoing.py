"""Carries the request id to other services, on calls made with requests and httpx, and notes the
calls for the report of what fails later."""

from __future__ import annotations

import fnmatch
import sys
import time
from typing import Any, Callable, Dict, Optional
from urllib.parse import urlsplit

from . import client, scope

HEADER = "X-Request-Id"
_done: Dict[str, bool] = {}


def install() -> None:
    """Watches those of the libraries that are loaded; cheap enough to ask for each request."""
    if "requests" in sys.modules and "requests" not in _done:
        _patch("requests", "requests", ("Session",), _around)
    if "httpx" in sys.modules and "httpx" not in _done:
        _patch("httpx", "httpx", ("Client",), _around)
        _patch("httpx", "httpx", ("AsyncClient",), _around_async)


def _patch(
    name: str, module: str, classes: Any, around: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> None:
    for kind in classes:
        owner = getattr(sys.modules[module], kind, None)
        # Still being imported: next time.
        if owner is None or not hasattr(owner, "send"):
            return
        if not getattr(owner.send, "is_watched_by_log_center", False):
            watched = around(owner.send)
            watched.is_watched_by_log_center = True  # type: ignore[attr-defined]
            owner.send = watched
    _done[name] = True


def _around(send: Callable[..., Any]) -> Callable[..., Any]:
    def watched(self: Any, request: Any, *args: Any, **named: Any) -> Any:
        _prepare(request)
        began = time.monotonic()
        try:
            response = send(self, request, *args, **named)
        except BaseException as error:
            _note(request, began, None, error)
            raise
        _note(request, began, response, None)
        return response

    return _named_like(watched, send)


def _around_async(send: Callable[..., Any]) -> Callable[..., Any]:
    async def watched(self: Any, request: Any, *args: Any, **named: Any) -> Any:
        _prepare(request)
        began = time.monotonic()
        try:
            response = await send(self, request, *args, **named)
        except BaseException as error:
            _note(request, began, None, error)
            raise
        _note(request, began, response, None)
        return response

    return _named_like(watched, send)


def _named_like(watched: Callable[..., Any], send: Callable[..., Any]) -> Callable[..., Any]:
    watched.__name__ = getattr(send, "__name__", "send")
    watched.__doc__ = send.__doc__
    return watched


def _prepare(request: Any) -> None:
    """Sets the header, unless the program set it or the host is not one to tell."""
    try:
        found = scope.request_id()
        headers = request.headers
        if found and HEADER not in headers and _is_told(str(request.url)):
            headers[HEADER] = found
    except Exception:
        return


def _is_told(url: str) -> bool:
    hosts = client.current().options.propagate
    if "*" in hosts:
        return True
    host = urlsplit(url).hostname or ""
    return any(fnmatch.fnmatchcase(host, pattern.lower()) for pattern in hosts)


def _note(request: Any, began: float, response: Any, error: Optional[BaseException]) -> None:
    try:
        crumb: Dict[str, Any] = {
            "timestamp": time.time(),
            "category": "http",
            "level": "info" if response is not None else "error",
            "message": f"{request.method} {request.url}",
            "data": {
                "status": getattr(response, "status_code", None) or type(error).__name__,
                "duration_ms": round((time.monotonic() - began) * 1000),
            },
        }
        scope.scope().breadcrumb(crumb)
    except Exception:
        return
