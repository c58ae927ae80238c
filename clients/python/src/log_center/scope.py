"""What is known about the work in hand: request, user, tags. It follows the work through threads'
and tasks' own contexts, and lives as long as they do."""

from __future__ import annotations

import contextlib
import itertools
import re
import time
import uuid
from contextvars import ContextVar
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

from .plain import member, safe_text

BREADCRUMBS_MAX = 50
_serials = itertools.count(1)
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_TRACE_PARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class Scope:
    """One unit of work: a request, a task, a command; `parent` is the work that it is part of."""

    # A scope is made for each request: slots and late dictionaries keep that cheap.
    __slots__ = (
        "serial", "request_id", "trace_id", "describe", "user", "tags", "contexts", "breadcrumbs",
        "parent",
    )

    def __init__(
        self,
        request_id: str = "",
        describe: Optional[Callable[[], Mapping[str, Any]]] = None,
        trace_id: str = "",
        parent: Optional["Scope"] = None,
    ) -> None:
        self.serial = next(_serials)
        self.request_id = request_id
        self.trace_id = trace_id
        #: Describes the request; called only when there is something to report.
        self.describe = describe
        self.user: Optional[Dict[str, Any]] = None
        self.tags: Optional[Dict[str, Any]] = None
        self.contexts: Optional[Dict[str, Any]] = None
        self.breadcrumbs: Optional[List[Dict[str, Any]]] = None
        self.parent = parent

    def breadcrumb(self, crumb: Dict[str, Any]) -> None:
        """Keeps the newest ones."""
        if self.breadcrumbs is None:
            self.breadcrumbs = []
        self.breadcrumbs.append(crumb)
        if len(self.breadcrumbs) > BREADCRUMBS_MAX:
            del self.breadcrumbs[0]

    def chain(self) -> List["Scope"]:
        """The outermost scope first."""
        found: List[Scope] = []
        scope: Optional[Scope] = self
        while scope is not None:
            found.append(scope)
            scope = scope.parent
        return found[::-1]

    def work(self) -> "Scope":
        """The request, task or block that this one is a part of: the outermost that ends."""
        found = self
        while found.parent is not None and found.parent is not everywhere:
            found = found.parent
        return found


#: What holds outside of any request: set at the start of the program.
everywhere = Scope()
current: ContextVar[Optional[Scope]] = ContextVar("log_center_scope", default=None)


def scope() -> Scope:
    """The work in hand, else the whole program."""
    return current.get() or everywhere


def request_id() -> str:
    """The id of the request in hand; empty outside of one."""
    found = current.get()
    while found is not None:
        if found.request_id:
            return found.request_id
        found = found.parent
    return everywhere.request_id


def choose_ids(given: Optional[str], trace_parent: Optional[str]) -> Tuple[str, str]:
    """Request id and trace id: the caller's own if it is well formed, else the trace's, else a
    new one."""
    trace = _TRACE_PARENT.fullmatch(trace_parent) if trace_parent else None
    trace_id = trace[1] if trace else ""
    if given and _REQUEST_ID.fullmatch(given):
        return given, trace_id
    return trace_id or uuid.uuid4().hex, trace_id


@contextlib.contextmanager
def with_context(
    user: Any = None,
    tags: Optional[Mapping[str, Any]] = None,
    request_id: str = "",
    **contexts: Any,
) -> Iterator[Scope]:
    """Adds to what is known while a block (or, as a decorator, a function) runs."""
    inner = Scope(request_id, parent=scope())
    inner.user = as_user(user)
    inner.tags = as_members(tags) or None
    inner.contexts = contexts or None
    token = current.set(inner)
    try:
        yield inner
    except Exception as error:
        # Who reports it outside of the block shall know what was known inside.
        _remember(error, inner)
        raise
    finally:
        leave(token)


_SCOPE = "__log_center_scope__"


def _remember(error: Exception, inner: Scope) -> None:
    known: Optional[Scope] = member(error, _SCOPE)
    if known is None or inner not in known.chain():
        with contextlib.suppress(Exception, SystemExit):
            setattr(error, _SCOPE, inner)


def of(error: Any) -> Scope:
    """Where an exception came from, if that was a part of the work in hand, else that work."""
    here = scope()
    known: Optional[Scope] = member(error, _SCOPE)
    return known if known is not None and here in known.chain() else here


def leave(token: Any) -> None:
    """Goes back to what was known before; a generator may end in a foreign context."""
    with contextlib.suppress(ValueError):
        current.reset(token)


def set_user(user: Any = None, **more: Any) -> None:
    """Who the work is done for: an id, or members with `id` among them; nothing forgets it."""
    scope().user = as_user(user, **more)


def as_user(user: Any, **more: Any) -> Optional[Dict[str, Any]]:
    if user is None and not more:
        return None
    members = {} if user is None else {"id": user}
    if isinstance(user, Mapping):
        members = as_members(user)
    members.update(more)
    return members


def as_members(value: Any) -> Dict[str, Any]:
    """A mapping as a dictionary; anything else, and one that cannot be read, is none."""
    try:
        return {safe_text(key): value[key] for key in value.keys()} if value is not None else {}
    except (Exception, SystemExit):
        return {}


def set_tag(key: str, value: Any) -> None:
    """A word to find reports by."""
    found = scope()
    if found.tags is None:
        found.tags = {}
    found.tags[safe_text(key)] = value


def set_context(name: str, value: Any) -> None:
    """Anything else that helps, under a name."""
    found = scope()
    if found.contexts is None:
        found.contexts = {}
    found.contexts[safe_text(name)] = value


def add_breadcrumb(message: str, category: str = "", level: str = "info", **data: Any) -> None:
    """What happened before; the newest 50 go with a report."""
    crumb: Dict[str, Any] = {"timestamp": time.time(), "message": message, "level": level}
    if category:
        crumb["category"] = category
    if data:
        crumb["data"] = data
    scope().breadcrumb(crumb)
