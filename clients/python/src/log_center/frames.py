"""Which line is to blame: the innermost of the program's own, with a path that is the same on
every machine."""

from __future__ import annotations

import os
import sys
import sysconfig
import traceback
from functools import lru_cache
from types import FrameType, TracebackType
from typing import FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from .plain import member

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_STDLIB = tuple(
    {
        os.path.realpath(path) + os.sep
        for path in (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
        if path
    }
    | {
        path + os.sep
        for path in (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
        if path
    }
)
_LIBRARY_PARTS = ("site-packages", "dist-packages")
FRAMES_MAX = 50


class Place(NamedTuple):
    """A line of source."""

    path: str
    line: int
    function: str = ""


class Roots:
    """Where the program's own code lies."""

    def __init__(self, root_dir: str, in_app: Sequence[str] = ()) -> None:
        self.root = os.path.abspath(root_dir)
        self.in_app = tuple(in_app)

    def is_own(self, path: str) -> bool:
        """Whether a file belongs to the program, and not to Python or a library."""
        if self.in_app and self._is_named(path):
            return True
        if path.startswith(("<", _HERE)) or not path:
            return False
        parts = path.replace("\\", "/").split("/")
        if any(part in parts for part in _LIBRARY_PARTS):
            return False
        return not path.startswith(_STDLIB) and not _is_installed(path)

    def _is_named(self, path: str) -> bool:
        """`in_app` names packages (`acme`, `acme.shop`) or folders (`/srv/acme`)."""
        path = path.replace("\\", "/")
        for name in self.in_app:
            if "/" in name or os.sep in name:
                folder = os.path.join(self.root, name).replace("\\", "/").rstrip("/")
                if path == folder or path.startswith(folder + "/"):
                    return True
            elif f"/{name.replace('.', '/')}/" in path:
                return True
            elif path.endswith(f"/{name.replace('.', '/')}.py"):
                return True
        return False

    def relative(self, path: str) -> str:
        """The path below the project, else below the longest folder that Python imports from."""
        # Django's autoreloader and `python -m` start with relative names.
        if not os.path.isabs(path):
            return path.replace("\\", "/")
        roots = [self.root] if len(self.root) > 1 else []
        found = _below(path, roots)
        if found is None:
            found = _below(path, [os.path.abspath(entry) for entry in sys.path if entry])
        return (found or path).replace("\\", "/")


def _is_installed(path: str) -> bool:
    """Whether pip put a file beside the program's own, as `pip install --target` does for
    serverless functions."""
    for root in sys.path:
        if root and path.startswith(root.rstrip(os.sep) + os.sep):
            first = path[len(root.rstrip(os.sep)) + 1:].split(os.sep)[0]
            if first in _installed_in(root):
                return True
    return False


@lru_cache(maxsize=64)
def _installed_in(root: str) -> FrozenSet[str]:
    """The top names of all that pip installed into a folder; most folders have nothing."""
    names = set()
    try:
        for entry in os.listdir(root):
            if entry.endswith(".dist-info"):
                with open(os.path.join(root, entry, "RECORD"), encoding="utf-8") as record:
                    names |= {line.split(",")[0].split("/")[0] for line in record}
    except (OSError, UnicodeDecodeError):
        pass
    return frozenset(names)


def _below(path: str, roots: Sequence[str]) -> Optional[str]:
    fitting = [root for root in roots if path.startswith(root.rstrip(os.sep) + os.sep)]
    if not fitting:
        return None
    return path[len(max(fitting, key=len).rstrip(os.sep)) + 1:]


def places(trace: Optional[TracebackType]) -> List[Place]:
    """The lines that an exception came through, outermost first."""
    found: List[Place] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(Place(code.co_filename, trace.tb_lineno or 0, code.co_name))
        trace = trace.tb_next
    return found


def callers(frame: Optional[FrameType]) -> List[Place]:
    """The lines that lead to a frame, outermost first."""
    found: List[Place] = []
    while frame is not None and len(found) < FRAMES_MAX:
        found.append(Place(frame.f_code.co_filename, frame.f_lineno or 0, frame.f_code.co_name))
        frame = frame.f_back
    return found[::-1]


def blamed(found: Sequence[Place], roots: Roots) -> Optional[Place]:
    """The innermost own line, else the innermost one."""
    own = [place for place in found if roots.is_own(place.path)]
    if not own and not found:
        return None
    return (own or list(found))[-1]


def of_exception(error: BaseException, roots: Roots) -> Tuple[str, int]:
    """File and line that identify an exception."""
    broken = member(error, "filename") if issubclass(type(error), SyntaxError) else None
    if broken and roots.is_own(broken):
        # Its own place, not the line that imported the broken file.
        return roots.relative(broken), member(error, "lineno") or 0
    found = blamed(places(member(error, "__traceback__")), roots)
    if found is None:
        return "unknown", 0
    return roots.relative(found.path), found.line


def listing(found: Sequence[Place]) -> List[str]:
    """A stack as Python prints it."""
    summary = traceback.StackSummary.from_list(
        [(place.path, place.line, place.function, None) for place in found[-FRAMES_MAX:]]
    )
    return summary.format()


def compact(error: BaseException, roots: Roots) -> List[str]:
    """Own lines in short, innermost last."""
    own = [place for place in places(member(error, "__traceback__")) if roots.is_own(place.path)]
    return [f"{roots.relative(p.path)}:{p.line} {p.function}" for p in own[-10:]]
