"""The one client of the process: decides what is reported and hands it to the sender.

It never raises into the program and never waits, except where it was asked to.
"""

from __future__ import annotations

import fnmatch
import os
import random
import re
import sys
import threading
import time
from types import FrameType
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from . import frames, report, scope
from .folding import Choice, Folding
from .options import LEVEL_NAMES, Options, Report, read_level, read_options
from .errors import LEVELS
from .plain import member, safe_text
from .recognize import Verdict, classify
from .scrub import Scrubber
from .sender import Sender

SAY_EVERY_S = 60.0
#: An exception that is caught and raised again is reported once, also across threads.
SAME_ERROR_S = 2.0
#: Reports from within a report: of a `before_send` that fails, of a `__str__` that reports.
DEPTH_MAX = 3
_MARK = "__log_center__"


class Client:
    """Options, and everything made from them."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.scrubber = Scrubber(tuple(options.scrub))
        self.roots = frames.Roots(options.root_dir, options.in_app)
        self.is_on = bool(options.enabled and options.url and options.project)
        self._said_at = -SAY_EVERY_S
        self._here = threading.local()
        self.renew()
        if self.is_on:
            self.sender.transport.prepare()
        for fault in options.faults:
            self.say(fault, at_once=True)
        if not self.is_on:
            self.say(self._why_off(), at_once=True)

    def renew(self) -> None:
        """A new queue: at the start, and in the child after a fork."""
        self.folding = Folding()
        self.sender = Sender(self.options, self.folding, self.say)

    def _why_off(self) -> str:
        if not self.options.enabled:
            return "switched off"
        missing = "url" if not self.options.url else "project"
        return f"off: no {missing} (option {missing} or LOG_CENTER_{missing.upper()})"

    def say(self, text: str, at_once: bool = False) -> None:
        """Speaks on standard error when debugging, at most once a minute of failures."""
        if not self.options.debug:
            return
        now = time.monotonic()
        if not at_once and now - self._said_at < SAY_EVERY_S:
            return
        self._said_at = now if not at_once else self._said_at
        try:
            sys.stderr.write(f"log-center: {text}\n")
        except Exception:
            return

    # What is reported.

    def capture(
        self, error: Any, context: Optional[Mapping[str, Any]] = None, level: Optional[str] = None,
        by: str = "hand",
    ) -> str:
        """Reports an exception; the id of the event, or nothing when it is not reported.

        `by` is `hand` when the program asked, `hook` when nobody caught it, and `request` when
        there is a caller who gets an answer.
        """
        return self._guarded(lambda: self._capture(error, context, level, by))

    def _capture(
        self, error: Any, context: Optional[Mapping[str, Any]], level: Optional[str], by: str
    ) -> str:
        if not isinstance(error, BaseException):
            return self._non_error(error, context, level)
        if not isinstance(error, Exception) or self._was_reported(error):
            return ""
        error = _only_member(error)
        verdict = classify(error)
        if by != "hand" and not self.wants(error, verdict, by):
            return ""
        return self._take(self._find(error, verdict, level), context)

    def message(
        self, text: str, level: str, context: Optional[Mapping[str, Any]], kind: str = "Message",
        place: Optional[frames.Place] = None,
    ) -> str:
        """Reports a sentence, from the line that calls, or from another place."""
        return self._guarded(lambda: self._message(text, level, context, kind, place))

    def _message(
        self, text: str, level: str, context: Optional[Mapping[str, Any]], kind: str,
        place: Optional[frames.Place] = None,
    ) -> str:
        stack = frames.callers(_outer_frame())
        blamed = place or frames.blamed(stack, self.roots) or frames.Place("unknown", 0)
        found = report.Found(
            None, kind, Verdict("", 0), self._level("", level),
            self.roots.relative(blamed.path), blamed.line, frames.listing(stack),
            safe_text(text),
        )
        return self._take(found, context)

    def _guarded(self, work: Callable[[], str]) -> str:
        """Nothing comes out, and reports from within reports come to an end."""
        depth = getattr(self._here, "depth", 0)
        if not self.is_on or depth >= DEPTH_MAX:
            return ""
        self._here.depth = depth + 1
        try:
            return work()
        except (Exception, SystemExit) as fault:
            self.say(f"cannot report: {safe_text(fault)}")
            return ""
        finally:
            self._here.depth = depth

    def wants(self, error: BaseException, verdict: Verdict, by: str) -> bool:
        """Whether an error that nobody asked to report is one to report."""
        if self.options.should_report is not None:
            hint = {"code": verdict.code, "status": verdict.status}
            try:
                said = self.options.should_report(error, hint)
            except (Exception, SystemExit) as fault:
                self.say(f"should_report failed: {safe_text(fault)}")
                said = None
            if said is not None:
                return bool(said)
        # A refusal is for a caller; in a task or a script nobody else would hear of it.
        return by != "request" or not verdict.is_expected

    def _find(self, error: Exception, verdict: Verdict, level: Optional[str]) -> report.Found:
        path, line = frames.of_exception(error, self.roots)
        stack = message = None
        is_raised = member(error, "__traceback__") is not None
        if not is_raised and not issubclass(type(error), SyntaxError):
            # It was made and never raised: the line that reports it is all there is.
            listed = frames.callers(_outer_frame())
            blamed = frames.blamed(listed, self.roots)
            if blamed is not None:
                path, line = self.roots.relative(blamed.path), blamed.line
            message = safe_text(error)
            stack = [*frames.listing(listed), f"{type(error).__name__}: {message}\n"]
        return report.Found(
            error, type(error).__name__, verdict, self._level(verdict.code, level), path, line,
            stack, message,
        )

    def _non_error(
        self, value: Any, context: Optional[Mapping[str, Any]], level: Optional[str]
    ) -> str:
        return self._message(safe_text(value), level or "ERROR", context, "NonError")

    def _level(self, code: str, level: Optional[str]) -> str:
        if level:
            try:
                return read_level(level)
            except ValueError as fault:
                self.say(safe_text(fault))
        return self.options.code_level_map.get(code) or LEVELS.get(code, "ERROR")

    def _take(self, found: report.Found, context: Optional[Mapping[str, Any]]) -> str:
        options = self.options
        if LEVEL_NAMES.index(found.level) < LEVEL_NAMES.index(options.level):
            return ""
        if options.ignore and found.message is None:
            found = found._replace(message=safe_text(found.error))
        if self._is_ignored(found) or random.random() >= options.sample_rate:
            return ""
        choice = self.folding.choose(found.key)
        if choice is Choice.COUNT:
            return ""
        built, cost = report.build(
            found, options, self.scrubber, scope.of(found.error), _given(context)
        )
        finished = self._finish(built, found.error)
        if finished is None:
            return ""
        if choice is Choice.KEEP:
            self.folding.keep(found.key, finished)
            self.sender.touch()
            return ""
        self.sender.put(finished, cost)
        return str(finished.get("event_id", ""))

    def _finish(self, built: Report, error: Any) -> Optional[Report]:
        if self.options.before_send is None:
            return built
        try:
            found = self.options.before_send(built, {"error": error})
        except (Exception, SystemExit) as fault:
            self.say(f"before_send failed: {safe_text(fault)}")
            return built
        if found is None or (isinstance(found, dict) and _is_report(found)):
            return found
        # Not to be trusted: a function of another's types.
        kind = type(found).__name__
        self.say(f"before_send gave {kind}, no report")
        return built

    def _is_ignored(self, found: report.Found) -> bool:
        if not self.options.ignore:
            return False
        title = f"{found.kind}: {found.message}"
        for rule in self.options.ignore:
            if isinstance(rule, type):
                if isinstance(found.error, rule):
                    return True
            elif isinstance(rule, re.Pattern):
                if rule.search(title):
                    return True
            elif str(rule) in title or _fits(found, str(rule)):
                return True
        return False

    def _was_reported(self, error: BaseException) -> bool:
        """Marks an exception; whether it was marked in the same work, or just before."""
        now = time.monotonic()
        here = scope.scope().work()
        mark: Optional[Tuple[int, float]] = member(error, _MARK)
        try:
            setattr(error, _MARK, (here.serial, now))
        except (Exception, SystemExit):
            return False
        if mark is None:
            return False
        is_same_work = here is not scope.everywhere and mark[0] == here.serial
        return is_same_work or now - mark[1] < SAME_ERROR_S


def _given(context: Any) -> Dict[str, Any]:
    """What the program says beside the error; a text is no mapping, but worth sending."""
    if context is None or isinstance(context, Mapping):
        return scope.as_members(context)
    return {"details": context}


def _is_report(found: Report) -> bool:
    """Whether `before_send` left what the server and the sender need."""
    return isinstance(found.get("error"), dict) and isinstance(found.get("context"), dict)


def _only_member(error: Exception) -> Exception:
    """What a group of one holds: a TaskGroup wraps every failure, and tells nothing by itself."""
    for _ in range(5):
        if type(error).__name__ != "ExceptionGroup":
            break
        members = member(error, "exceptions")
        if not isinstance(members, tuple) or len(members) != 1:
            break
        error = members[0]
    return error


def _fits(found: report.Found, rule: str) -> bool:
    return any(fnmatch.fnmatchcase(name, rule) for name in _names(found))


def _names(found: report.Found) -> List[str]:
    names = [found.kind]
    if found.verdict.code:
        names.append(found.verdict.code)
    if isinstance(found.error, BaseException):
        for base in type(found.error).__mro__:
            names += [base.__name__, f"{base.__module__}.{base.__name__}"]
    return names


def _outer_frame() -> Optional[FrameType]:
    """The frame that called into this package."""
    frame: Optional[FrameType] = sys._getframe(1)
    package = os.path.dirname(__file__) + os.sep
    while frame is not None and frame.f_code.co_filename.startswith(package):
        frame = frame.f_back
    return frame


# The one of this process.

_lock = threading.RLock()
_client: Optional[Client] = None


def current() -> Client:
    """The client; made from environment variables alone when nobody called `init`."""
    global _client
    if _client is None:
        with _lock:
            if _client is None:
                _client = Client(read_options({}))
    return _client


def replace(given: Mapping[str, Any]) -> Client:
    """A new client; the old one sends what waits in it, and its thread ends."""
    global _client
    new = Client(read_options(given))
    with _lock:
        old, _client = _client, new
    if old is not None:
        _retire(old.sender)
    return new


def _retire(sender: Sender) -> None:
    if sender.has_something():
        try:
            threading.Thread(target=sender.close, args=[2.0], daemon=True).start()
            return
        except RuntimeError:  # no threads here: the sender sent by itself
            sender.flush(2.0)
    sender.close(0.0)


#: The lock that a thread took to fork.
_held: Dict[int, Any] = {}
FORK_WAIT_S = 1.0


def _before_fork() -> None:
    """Nobody else is at the queue meanwhile: in the child a destructor may report before
    `_after_fork` was there, and a lock of a thread that is gone would stop it for ever."""
    if _client is not None:
        lock = _client.folding.lock
        # Not without end: who holds it may wait for what this thread has.
        if lock.acquire(timeout=FORK_WAIT_S):
            _held[threading.get_ident()] = lock


def _after_fork_in_parent() -> None:
    lock = _held.pop(threading.get_ident(), None)
    if lock is not None:
        lock.release()


def _after_fork() -> None:
    """The child has neither the thread nor a use for the parent's queue, and a lock may be held by
    a thread that it does not have."""
    global _lock
    _held.clear()
    _lock = threading.RLock()
    if _client is not None:
        _client.renew()
        flush_with_multiprocessing()


def flush_with_multiprocessing() -> None:
    """Children of multiprocessing end without atexit, but run these. What is registered before
    the child starts its work is thrown away, so this is registered to be registered then."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.register_after_fork(_Flusher.only, _Flusher.register)


class _Flusher:
    """Something to hold on to, for multiprocessing."""

    only: "_Flusher"

    def register(self) -> None:
        from multiprocessing.util import Finalize

        Finalize(None, flush_at_exit, exitpriority=10)


_Flusher.only = _Flusher()


def flush_at_exit() -> None:
    """At the end of the program, two seconds at most."""
    if _client is not None:
        _client.sender.flush(2.0)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork,
    )
