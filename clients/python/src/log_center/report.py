"""Builds a report: the error, its place, and what is known about the work that it ended."""

from __future__ import annotations

import datetime
import os
import platform
import socket
import sys
import threading
import traceback
import uuid
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from .errors import CodedError
from .format import original
from .options import Options, Report
from .plain import Plain, member, safe_text
from .recognize import Verdict
from .scope import Scope, everywhere
from .scrub import SCRUBBED, Scrubber

VERSION = "0.1.0"
SDK = f"log-center-sdk/{VERSION}"
STACK_LINES_MAX = 200
STACK_BUDGET_CHARACTERS = 100_000
#: Python itself walks through all members of a group, as often as they are in it.
MEMBERS_MAX = 500


class Found(NamedTuple):
    """An error and what was decided about it before anything costly was done."""

    error: Any
    kind: str
    verdict: Verdict
    level: str
    file_path: str
    line_number: int
    #: The stack of the caller, for what was never raised.
    stack: Optional[List[str]] = None
    message: Optional[str] = None

    @property
    def key(self) -> Tuple[Any, ...]:
        """What makes two reports the same error."""
        return (self.kind, self.file_path, self.line_number, self.verdict.code, self.level)


def build(
    found: Found, options: Options, scrubber: Scrubber, scope: Scope, given: Mapping[str, Any]
) -> Tuple[Report, int]:
    """The report, and about how many characters it holds."""
    plain = Plain(scrubber)
    stack, message = _told(found)
    report: Report = {
        "project_id": options.project,
        "environment": options.environment,
        "level": found.level,
        "timestamp": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "event_id": str(uuid.uuid4()),
        "error": {
            "type": found.kind,
            "message": plain.text(message),
            "file_path": found.file_path,
            "line_number": found.line_number,
            "stack_trace": _cut(stack, scrubber),
            "code": found.verdict.code,
        },
    }
    if options.version:
        report["version"] = options.version
    if options.commit_hash:
        report["commit_hash"] = options.commit_hash
    found = found._replace(message=message)
    report["context"] = _context(found, options, plain, scope, given)
    return report, 200_000 - plain.left + sum(map(len, report["error"]["stack_trace"]))


#: Python puts a guess behind what these say.
_GUESSED = (NameError, AttributeError, ImportError)
#: What Python says where the text cannot be made; we name the class.
_FAILED = ("<exception str() failed", "<unprintable ")


def _told(found: Found) -> Tuple[List[str], str]:
    """The stack as Python prints it, and the message. Python asks the exception for its text to
    print the stack; a text may be slow to make, so that one serves for both."""
    error = found.error
    known = found.message
    if found.stack is not None:
        return found.stack, safe_text(error) if known is None else known
    try:
        if _members_of(error) > MEMBERS_MAX:
            raise ValueError("too many exceptions in one group")
        printed = _printed(error)
        lines = list(printed.format())
        if known is None and not issubclass(type(error), _GUESSED):
            text = str(printed)
            known = None if text.startswith(_FAILED) else text
    except (Exception, SystemExit) as fault:
        lines = [f"<not all of it can be shown: {safe_text(fault)}>\n"]
        lines += traceback.format_tb(member(error, "__traceback__"))
    return lines, safe_text(error) if known is None else known


def _printed(error: Any) -> traceback.TracebackException:
    trace = error.__traceback__
    if sys.version_info >= (3, 10):
        return traceback.TracebackException(type(error), error, trace, compact=True)
    else:
        return traceback.TracebackException(type(error), error, trace)


def _cut(lines: List[str], scrubber: Scrubber) -> List[str]:
    if len(lines) > STACK_LINES_MAX:
        half = STACK_LINES_MAX // 2
        gone = f"  … {len(lines) - STACK_LINES_MAX} lines …\n"
        lines = [*lines[:half], gone, *lines[-half:]]
    plain = Plain(scrubber, STACK_BUDGET_CHARACTERS)
    return [plain.text(line) for line in lines]


def _members_of(error: Any) -> int:
    """How many exceptions a group holds, counted to a little more than are shown."""
    waiting = [error]
    count = 0
    while waiting and count <= MEMBERS_MAX:
        count += 1
        inner = member(waiting.pop(), "exceptions")
        if isinstance(inner, (tuple, list)):
            waiting.extend(inner[:MEMBERS_MAX])
    return count


def _context(
    found: Found, options: Options, plain: Plain, scope: Scope, given: Mapping[str, Any]
) -> Dict[str, Any]:
    """What is known, from the whole program to the work in hand; the nearer wins."""
    merged: Dict[str, Any] = {}
    tags: Dict[str, Any] = {}
    user: Optional[Dict[str, Any]] = None
    crumbs: List[Dict[str, Any]] = []
    links = scope.chain()
    if links[0] is not everywhere:
        # Of the program as a whole only what describes the program, and no user or request.
        merged.update(everywhere.contexts or {})
        tags.update(everywhere.tags or {})
    for part in links:
        if part.describe is not None:
            merged.update(_described(part))
        merged.update(part.contexts or {})
        tags.update(part.tags or {})
        user = part.user or user
        crumbs += part.breadcrumbs or []
        merged["request_id"] = part.request_id or merged.get("request_id") or uuid.uuid4().hex
        if part.trace_id:
            merged["trace_id"] = part.trace_id
    if user is not None:
        merged.pop("user_id", None)
        merged["user"] = user
    merged.update({key: value for key, value in given.items() if value is not None})
    context: Dict[str, Any] = {}
    for key in ("request_id", "trace_id", "method", "url"):
        if merged.get(key):
            context[key] = _identifier(merged.pop(key), plain)
    context["server_name"] = options.server_name or host_name()
    context.update(plain.value(merged))
    context["runtime"] = _runtime()
    if tags:
        context["tags"] = plain.value({**tags, **_members(merged.get("tags"))})
    if isinstance(found.error, BaseException):
        context["originalError"] = original(found.error, plain, found.message)
        if found.verdict.info:
            context["info"] = plain.value(found.verdict.info)
        if isinstance(found.error, CodedError) and found.error.data is not None:
            context["data"] = plain.value(found.error.data)
    if crumbs:
        context["breadcrumbs"] = [plain.value(crumb) for crumb in crumbs[-50:]]
    return context


def _described(part: Scope) -> Mapping[str, Any]:
    try:
        return part.describe() if part.describe is not None else {}
    except (Exception, SystemExit):
        return {}


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _identifier(value: Any, plain: Plain) -> str:
    """Ids stay as they are: one that looks like a card number is none."""
    text = safe_text(value)
    return text[:128] if text.isascii() and text.isalnum() else plain.text(text, 2_048)


def _runtime() -> Dict[str, Any]:
    return {
        "python": platform.python_version(),
        "client": SDK,
        "thread": threading.current_thread().name,
        "process": os.getpid(),
    }


_host_name = ""


def host_name() -> str:
    """This machine's name; asked for once."""
    global _host_name
    if not _host_name:
        try:
            _host_name = socket.gethostname() or "unknown"
        except OSError:
            _host_name = "unknown"
    return _host_name


def command_line() -> Dict[str, Any]:
    """What describes a program that is no server, in the members that a request has."""
    words = list(getattr(sys, "argv", None) or [""])
    name = os.path.basename(words[0]) or "python"
    hidden = [
        SCRUBBED if at and _announces_secret(words[at - 1]) else word
        for at, word in enumerate(words)
    ]
    return {"method": "COMMAND", "url": " ".join([name, *hidden[1:2]]), "params": {"argv": hidden}}


def _announces_secret(word: str) -> bool:
    """Whether the next word belongs to this one, as in `--password hunter2`."""
    return word.startswith("-") and "=" not in word and Scrubber().is_secret(word)
