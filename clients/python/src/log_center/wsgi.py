"""For any WSGI application: `application = LogCenterMiddleware(application)`.

It gives each request an id, answers with it, and reports what the application raises, which goes
on its way to the server.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from . import client, outgoing, scope
from .incoming import BODY_BYTES_MAX, HEADER, description, keeps_body, read_body

Environ = Dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class LogCenterMiddleware:
    """The outermost layer of an application."""

    def __init__(self, app: Application) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        outgoing.install()
        request_id, trace_id = scope.choose_ids(
            environ.get("HTTP_X_REQUEST_ID"), environ.get("HTTP_TRACEPARENT")
        )
        tee = _tee(environ)
        here = scope.Scope(request_id, lambda: describe(environ, tee), trace_id)
        token = scope.current.set(here)

        def start(status: str, headers: List[Tuple[str, str]], *rest: Any) -> Any:
            if not any(name.lower() == "x-request-id" for name, _ in headers):
                headers = [*headers, (HEADER, request_id)]
            return start_response(status, headers, *rest)

        try:
            body = self.app(environ, start)
        except Exception as error:
            client.current().capture(error, by="request")
            scope.leave(token)
            raise
        except BaseException:
            scope.leave(token)
            raise
        if type(body) in (list, tuple):
            scope.leave(token)
            return body
        wrapper = environ.get("wsgi.file_wrapper")
        if isinstance(wrapper, type) and isinstance(body, wrapper):
            # The server sends the file by itself, in a quicker way.
            scope.leave(token)
            return body
        return _Body(body, here, token)


class _Body:
    """An answer that the application makes while it is sent."""

    def __init__(self, body: Iterable[bytes], here: scope.Scope, token: Any) -> None:
        self.body = body
        self.parts: Optional[Iterator[bytes]] = None
        self.here = here
        self.token = token

    def __iter__(self) -> "_Body":
        return self

    def __next__(self) -> bytes:
        try:
            if self.parts is None:
                self.parts = iter(self.body)
            return next(self.parts)
        except StopIteration:
            raise
        except Exception as error:
            client.current().capture(error, by="request")
            raise

    def close(self) -> None:
        try:
            close = getattr(self.body, "close", None)
            if close is not None:
                close()
        finally:
            scope.leave(self.token)


class _Tee:
    """A request's body, of which the beginning is kept as the application reads it."""

    __slots__ = ("source", "kept")

    def __init__(self, source: Any) -> None:
        self.source = source
        self.kept = b""

    def _keep(self, part: bytes) -> bytes:
        if len(self.kept) <= BODY_BYTES_MAX:
            self.kept += part[:BODY_BYTES_MAX + 1]
        return part

    def read(self, *size: Any) -> bytes:
        return self._keep(self.source.read(*size))

    def readline(self, *size: Any) -> bytes:
        return self._keep(self.source.readline(*size))

    def readlines(self, *hint: Any) -> List[bytes]:
        return [self._keep(line) for line in self.source.readlines(*hint)]

    def __iter__(self) -> Iterator[bytes]:
        for line in self.source:
            yield self._keep(line)

    def __getattr__(self, name: str) -> Any:
        """Other ways to read, where the source has them: Werkzeug looks for `readinto`."""
        found = getattr(self.source, name)
        if name in ("readinto", "readinto1"):

            def read_into(buffer: Any) -> Any:
                size = found(buffer)
                self._keep(bytes(buffer[:size or 0]))
                return size

            return read_into
        if name in ("read1", "readall"):
            return lambda *size: self._keep(found(*size))
        return found


def _tee(environ: Environ) -> Optional[_Tee]:
    length = environ.get("CONTENT_LENGTH")
    if not length or length == "0":
        return None
    if not keeps_body(environ.get("CONTENT_TYPE") or "", length):
        return None
    tee = environ["wsgi.input"] = _Tee(environ["wsgi.input"])
    return tee


def describe(environ: Environ, tee: Optional[_Tee] = None) -> Dict[str, Any]:
    """A request out of its WSGI variables."""
    headers = [
        (name[5:].replace("_", "-"), str(value))
        for name, value in environ.items() if name.startswith("HTTP_")
    ]
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers.append((name.replace("_", "-"), str(environ[name])))
    host = environ.get("HTTP_HOST") or environ.get("SERVER_NAME") or ""
    path = (environ.get("SCRIPT_NAME") or "") + (environ.get("PATH_INFO") or "")
    # WSGI hands bytes over as Latin-1.
    path = path.encode("latin-1", "replace").decode("utf-8", "replace")
    query = environ.get("QUERY_STRING") or ""
    url = f"{environ.get('wsgi.url_scheme', 'http')}://{host}{path}"
    body = None
    if tee is not None:
        body = read_body(tee.kept, environ.get("CONTENT_TYPE") or "")
    return description(
        str(environ.get("REQUEST_METHOD") or ""), f"{url}?{query}" if query else url, headers,
        query, body,
    )
