"""What nobody caught: the program's end, threads, tasks of asyncio. Python's own hooks, and those
that were there before, go on doing what they did."""

from __future__ import annotations

import atexit
import sys
import threading
from types import TracebackType
from typing import Any, Callable, Dict, Optional, Type

from . import client, outgoing, report, scope

_is_installed = False


def install() -> None:
    """Puts the hooks in; the second time does nothing."""
    global _is_installed
    if _is_installed:
        return
    _is_installed = True
    _watch_program()
    _watch_threads()
    _watch_tasks()
    _watch_children()
    outgoing.install()
    atexit.register(client.flush_at_exit)


def _watch_program() -> None:
    before = sys.excepthook

    def report_and_go_on(
        kind: Type[BaseException], error: BaseException, trace: Optional[TracebackType]
    ) -> None:
        try:
            if scope.everywhere.describe is None:
                scope.everywhere.describe = report.command_line
            client.current().capture(error, level="CRITICAL", by="hook")
        finally:
            before(kind, error, trace)

    sys.excepthook = report_and_go_on


def _watch_threads() -> None:
    before = threading.excepthook

    def report_and_go_on(args: Any) -> None:
        try:
            if args.exc_value is not None:
                thread = args.thread.name if args.thread is not None else None
                client.current().capture(
                    args.exc_value, {"thread": thread}, by="hook"
                )
        finally:
            before(args)

    threading.excepthook = report_and_go_on


def _watch_tasks() -> None:
    """What asyncio would only log. A loop with a handler of its own is left to it."""
    from asyncio import BaseEventLoop

    before = BaseEventLoop.default_exception_handler

    def report_and_go_on(self: Any, context: Dict[str, Any]) -> None:
        try:
            _report_task(context)
        finally:
            before(self, context)

    BaseEventLoop.default_exception_handler = report_and_go_on  # type: ignore[method-assign]


def watch_loop(loop: Any) -> None:
    """For a loop that is not asyncio's own, such as uvloop's: reports what its tasks raise."""
    before: Optional[Callable[[Any, Dict[str, Any]], Any]] = loop.get_exception_handler()

    def report_and_go_on(loop: Any, context: Dict[str, Any]) -> None:
        try:
            _report_task(context)
        finally:
            if before is not None:
                before(loop, context)
            else:
                loop.default_exception_handler(context)

    loop.set_exception_handler(report_and_go_on)


def _report_task(context: Dict[str, Any]) -> None:
    error = context.get("exception")
    if error is None:
        return
    task = context.get("task") or context.get("future")
    given = {"asyncio": {"message": context.get("message"), "task": _task_name(task)}}

    def capture() -> None:
        client.current().capture(error, given, by="hook")

    # The task's own context knows the request that started it (Python 3.12 and newer).
    own = getattr(task, "get_context", None)
    if own is not None:
        own().copy().run(capture)
    else:
        capture()


def _task_name(task: Any) -> Optional[str]:
    name = getattr(task, "get_name", None)
    return str(name()) if name is not None else None


def _watch_children() -> None:
    """A child of multiprocessing's fork server runs `init` anew, and ends without atexit."""
    client.flush_with_multiprocessing()
