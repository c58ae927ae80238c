"""One POST to Log Center, in three seconds at most, without following redirects."""

from __future__ import annotations

import time
from typing import Any, Optional
from urllib.parse import urlsplit

from .options import Options

ANSWER_BYTES_MAX = 2_000_000
RETRY_AFTER_DEFAULT_S = 60.0
RETRY_AFTER_MAX_S = 3_600.0
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Answer:
    """What came back; `fault` when nothing did."""

    def __init__(
        self, status: int = 0, body: bytes = b"", retry_after: str = "", fault: str = ""
    ) -> None:
        self.status = status
        self.body = body
        self.retry_after = retry_after
        self.fault = fault or (f"status {status}" if status >= 500 else "")

    @property
    def asks_to_wait(self) -> bool:
        """Too many reports, or an overload: the same may be sent again later."""
        return self.status in (429, 503)

    @property
    def is_failure(self) -> bool:
        """Nothing answered, or something on the way failed."""
        return self.status == 0 or (self.status >= 500 and self.status != 503)

    @property
    def retry_after_s(self) -> float:
        """How long to wait: seconds or a date; a minute if nothing readable was said."""
        try:
            seconds = float(self.retry_after)
        except ValueError:
            seconds = _seconds_until(self.retry_after)
        return min(max(seconds, 1.0), RETRY_AFTER_MAX_S)

    def text(self) -> str:
        return self.body[:300].decode("utf-8", "replace")


def _seconds_until(date: str) -> float:
    from http.cookiejar import http2time  # type: ignore[attr-defined]

    found = http2time(date)
    return RETRY_AFTER_DEFAULT_S if found is None else found - time.time()


class Transport:
    """The way to one server."""

    def __init__(self, options: Options) -> None:
        self.url = options.url
        self.timeout = options.timeout
        self.headers = {
            "Content-Type": "application/json",
            "User-Agent": "log-center-sdk-python",
        }
        if options.key:
            self.headers["X-Log-Center-Key"] = options.key
        self._opener: Optional[Any] = None

    def prepare(self) -> None:
        """Imports what sending needs. In the sender's thread a fork could cut an import short, and
        the child would be left with half a module."""
        import encodings.idna  # noqa: F401
        import http.cookiejar  # noqa: F401

        self._open()

    def post(self, path: str, body: bytes) -> Answer:
        """Sends a body; a failure is an answer too."""
        # Imported late: a program that reports to nobody does not pay for it.
        from urllib.request import Request

        end = time.monotonic() + self.timeout
        try:
            request = Request(self.url + path, data=body, headers=self.headers, method="POST")
            with self._open().open(request, timeout=self.timeout) as response:
                text = b""
                # The time-out holds for each read; this holds for all of them.
                while len(text) < ANSWER_BYTES_MAX and time.monotonic() < end:
                    part = response.read1(65_536)
                    if not part:
                        break
                    text += part
                return Answer(response.status, text, response.headers.get("Retry-After") or "")
        except Exception as fault:
            return Answer(fault=f"{type(fault).__name__}: {fault}")

    def _open(self) -> Any:
        if self._opener is None:
            from urllib import request

            opener = request.OpenerDirector()
            is_local = urlsplit(self.url).hostname in _LOCAL
            # A proxy of the company's cannot reach this machine.
            for handler in (
                request.ProxyHandler({} if is_local else None),
                request.HTTPHandler(),
                request.HTTPSHandler(),
                request.UnknownHandler(),
            ):
                opener.add_handler(handler)
            self._opener = opener
        return self._opener
