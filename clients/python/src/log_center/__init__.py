"""Reports what nobody caught to a Log Center, with the request that caused it.

    import log_center
    log_center.init(url="http://localhost:8002", project="shop")

It never raises into the program, never makes it wait, and needs nothing but Python.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
import uuid
from typing import (
    Any, Callable, Iterator, Mapping, Optional, Sequence, TypeVar, Union, overload,
)

from . import client as _client
from . import hooks as _hooks
from . import report as _report
from . import scope as _scope
from .errors import (
    AppBadRequest,
    AppError,
    AuthError,
    CodedError,
    ConflictError,
    DatabaseConnectionError,
    DatabaseError,
    DatabaseUniqueError,
    ForbiddenError,
    NotFoundError,
    RateLimitError,
    RequestError,
    RequestTimeoutError,
    ValidationError,
)
from .format import format_error, status_of
from .hooks import watch_loop
from .options import BeforeSend, Hint, Ignored, Report, ShouldReport
from .report import VERSION as __version__
from .scope import add_breadcrumb, set_context, set_tag, set_user, with_context
from .scope import request_id

__all__ = [
    "AppBadRequest", "AppError", "AuthError", "BeforeSend", "CodedError", "ConflictError",
    "DatabaseConnectionError", "DatabaseError", "DatabaseUniqueError", "ForbiddenError", "Hint",
    "Ignored", "NotFoundError", "RateLimitError", "Report", "RequestError", "RequestTimeoutError",
    "ShouldReport", "ValidationError", "__version__", "add_breadcrumb", "capture_exception",
    "capture_message", "close", "flush", "format_error", "status_of",
    "init", "monitored", "report_error", "request_id", "set_context", "set_tag", "set_user",
    "status_of", "watch_loop",
    "with_context",
]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def init(
    url: Optional[str] = None,
    project: Optional[str] = None,
    *,
    environment: Optional[str] = None,
    version: Optional[str] = None,
    commit_hash: Optional[str] = None,
    key: Optional[str] = None,
    before_send: Optional[Union[BeforeSend, str]] = None,
    code_level_map: Optional[Mapping[str, str]] = None,
    should_report: Optional[Union[ShouldReport, str]] = None,
    expose_codes: Optional[Sequence[str]] = None,
    ignore: Optional[Sequence[Ignored]] = None,
    sample_rate: Optional[float] = None,
    in_app: Optional[Sequence[str]] = None,
    root_dir: Optional[str] = None,
    scrub: Optional[Sequence[str]] = None,
    bodies: Optional[str] = None,
    answers: Optional[str] = None,
    propagate: Optional[Union[bool, Sequence[str]]] = None,
    timeout: Optional[float] = None,
    max_queue: Optional[int] = None,
    level: Optional[str] = None,
    server_name: Optional[str] = None,
    hooks: Optional[bool] = None,
    enabled: Optional[bool] = None,
    debug: Optional[bool] = None,
) -> None:
    """Starts the client. What is not given is read from `LOG_CENTER_…` variables, and
    `environment` from `ENVIRONMENT` too; without an address or a project it stays silent."""
    # First, so that it holds nothing but the arguments.
    given = dict(locals())
    new = _client.replace(given)
    if not _scope.everywhere.request_id:
        # One for each run, so that what a script reports is found together.
        _scope.everywhere.request_id = uuid.uuid4().hex
    if new.options.hooks:
        _hooks.install()


def report_error(
    error: Any,
    context: Optional[Mapping[str, Any]] = None,
    level: Optional[str] = None,
    wait: bool = False,
) -> str:
    """Reports an exception that the program caught; the event's id, or nothing when it is not
    reported. With `wait` it returns when the report has left, or after its time-out."""
    found = _client.current().capture(error, context, level)
    if wait:
        flush(_client.current().options.timeout)
    return found


def capture_exception(
    error: Optional[BaseException] = None,
    context: Optional[Mapping[str, Any]] = None,
    level: Optional[str] = None,
) -> str:
    """The same; without an argument it is the exception that is being handled."""
    if error is None:
        error = sys.exc_info()[1]
    return "" if error is None else _client.current().capture(error, context, level)


def capture_message(
    message: str, level: str = "INFO", context: Optional[Mapping[str, Any]] = None
) -> str:
    """Reports a sentence, from the line that calls this."""
    return _client.current().message(message, level, context)


def flush(timeout: float = 2.0) -> bool:
    """Waits until all reports have left; whether they did in time."""
    return _client.current().sender.flush(timeout)


def close(timeout: float = 2.0) -> bool:
    """Flushes and reports nothing more."""
    return _client.current().sender.close(timeout)


@overload
def monitored(name: _Function) -> _Function: ...


@overload
def monitored(name: str = "", *, flush: float = 2.0) -> Callable[[_Function], _Function]: ...


def monitored(name: Any = "", *, flush: float = 2.0) -> Any:
    """For cron jobs, serverless handlers and other entries: reports what a function raises, sends
    it before the function returns (at most `flush` seconds), and raises it again.

        @log_center.monitored
        def handler(event, context): ...

        @log_center.monitored("invoices", flush=5)
        def send_invoices(): ...
    """
    if callable(name):
        return _monitor(name, "", flush)
    return functools.partial(_monitor, name=name, flush=flush)


def _monitor(function: Callable[..., Any], name: str, flush: float) -> Callable[..., Any]:
    name = name or getattr(function, "__qualname__", "")
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def monitored_async(*args: Any, **named: Any) -> Any:
            try:
                with _monitoring(name):
                    return await function(*args, **named)
            finally:
                sender = _client.current().sender
                if sender.has_something():
                    from asyncio import get_running_loop

                    # Other tasks of this loop go on meanwhile. At the end of a loop nothing more
                    # can be handed over, which is no fault of the function's.
                    with contextlib.suppress(RuntimeError):
                        await get_running_loop().run_in_executor(None, sender.flush, flush)

        return monitored_async

    @functools.wraps(function)
    def monitored_sync(*args: Any, **named: Any) -> Any:
        try:
            with _monitoring(name):
                return function(*args, **named)
        finally:
            _client.current().sender.flush(flush)

    return monitored_sync


@contextlib.contextmanager
def _monitoring(name: str) -> Iterator[None]:
    with with_context(request_id=uuid.uuid4().hex) as here:
        here.describe = lambda: {**_report.command_line(), "view": name}
        try:
            yield
        except BaseException as error:
            # As at the end of a program, which it may be: not by the code.
            _client.current().capture(error, level="CRITICAL", by="hook")
            raise
