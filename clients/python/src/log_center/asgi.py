"""For FastAPI, Starlette and any ASGI application.

    log_center.asgi.install(app)               # FastAPI and Starlette
    app = LogCenterMiddleware(app)             # anything else

It gives each request an id, answers with it, and reports what the application raises, which goes
on its way to the server.
"""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, MutableMapping, Optional

from . import client, outgoing, scope
from .errors import CodedError
from .incoming import (
    BODY_BYTES_MAX, answer, description, encoded, given_id, keeps_body, log_failure, read_body,
)

AsgiScope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[AsgiScope, Receive, Send], Awaitable[None]]


class LogCenterMiddleware:
    """The outermost layer of an application."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, asgi: AsgiScope, receive: Receive, send: Send) -> None:
        if asgi["type"] not in ("http", "websocket"):
            await self.app(asgi, receive, send)
            return
        outgoing.install()
        request_id, trace_id = given_id(list(asgi.get("headers") or ()))
        body = _keeper(asgi)
        here = scope.Scope(request_id, lambda: describe(asgi, body), trace_id)
        token = scope.current.set(here)
        header = (b"x-request-id", request_id.encode("latin-1"))

        async def send_with_id(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                headers = list(message.get("headers") or ())
                if not any(name.lower() == b"x-request-id" for name, _ in headers):
                    headers.append(header)
                # A copy: an application may send the same message for every request.
                message = {**message, "headers": headers}
            await send(message)

        try:
            kept = receive if body is None else _kept(receive, body)
            await self.app(asgi, kept, send_with_id)
        except Exception as error:
            client.current().capture(error, by="request")
            raise
        finally:
            scope.leave(token)


def _keeper(asgi: AsgiScope) -> Optional[bytearray]:
    """Where the beginning of the body is kept, when it is one to keep."""
    if asgi.get("method") in (None, "GET", "HEAD"):
        return None
    kind = length = ""
    for name, value in asgi.get("headers") or ():
        if name == b"content-type":
            kind = value.decode("latin-1")
        elif name == b"content-length":
            length = value.decode("latin-1")
    return bytearray() if kind and keeps_body(kind, length) else None


def _kept(receive: Receive, body: bytearray) -> Receive:
    async def receive_and_keep() -> Message:
        message = await receive()
        if message["type"] == "http.request" and len(body) <= BODY_BYTES_MAX:
            body.extend((message.get("body") or b"")[:BODY_BYTES_MAX + 1])
        return message

    return receive_and_keep


def describe(asgi: AsgiScope, body: Optional[bytearray] = None) -> Dict[str, Any]:
    """A request out of its ASGI scope."""
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in asgi.get("headers") or ()
    ]
    known = dict(headers)
    server = asgi.get("server") or ("", None)
    host = known.get("host") or (f"{server[0]}:{server[1]}" if server[1] else server[0])
    query = (asgi.get("query_string") or b"").decode("latin-1")
    url = f"{asgi.get('scheme', 'http')}://{host}{asgi.get('path', '')}"
    kept = read_body(bytes(body), known.get("content-type", "")) if body else None
    found = description(
        str(asgi.get("method") or "WEBSOCKET"), f"{url}?{query}" if query else url, headers,
        query, kept,
    )
    if asgi.get("path_params"):
        found["params"] = dict(asgi["path_params"])
    route = getattr(asgi.get("route"), "path", None)
    endpoint = getattr(asgi.get("endpoint"), "__qualname__", None)
    found["view"] = " ".join(part for part in (route, endpoint) if part) or None
    user = _user(asgi)
    if user is not None:
        found["user_id"] = user
    return found


def _user(asgi: AsgiScope) -> Optional[str]:
    """What Starlette's authentication found, or `request.state.user_id`."""
    state = asgi.get("state")
    told = state.get("user_id") if isinstance(state, dict) else None
    user = asgi.get("user")
    if told is None and user is not None and getattr(user, "is_authenticated", False):
        told = getattr(user, "id", None) or getattr(user, "identity", None)
    return None if told is None else str(told)


def install(app: Any) -> None:
    """For FastAPI and Starlette: the middleware around everything, and structured answers.

    An error that a handler of the application expects stays that handler's.
    """
    build = app.build_middleware_stack

    # Around Starlette's own outermost layer, so that the answer to a failure has the id too. Late,
    # so that the application's own handlers are all there.
    def build_and_wrap() -> Application:
        handlers = app.exception_handlers
        if client.current().options.answers != "never":
            handlers.setdefault(CodedError, respond)
            if 500 not in handlers:
                handlers.setdefault(Exception, respond)
        return LogCenterMiddleware(build())

    app.build_middleware_stack = build_and_wrap
    app.middleware_stack = None


async def respond(request: Any, error: Exception) -> Any:
    """The structured answer, as an exception handler of Starlette's."""
    from starlette.responses import Response

    if isinstance(error, CodedError):
        # Starlette takes this one for handled, so nobody else reports it.
        client.current().capture(error, by="request")
        log_failure(error)
    status, body = answer(error)
    return Response(encoded(body), status, media_type="application/json")


__all__ = ["LogCenterMiddleware", "describe", "install", "respond"]
