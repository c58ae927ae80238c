"""Turns any value into what JSON can hold, scrubbed and bounded. It never raises."""

from __future__ import annotations

import math
from typing import Any, Dict, Iterable, List, Set

from .scrub import SCRUBBED, Scrubber

DEPTH_MAX = 5
MEMBERS_MAX = 100
TEXT_CHARACTERS_MAX = 8_192
#: About what one report may weigh; the server takes 1 MiB.
BUDGET_CHARACTERS = 200_000
CUT = "… [cut]"


def safe_text(value: Any) -> str:
    """`str(value)`, also when that raises."""
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__} that cannot be shown>"


def short(text: str, limit: int = TEXT_CHARACTERS_MAX) -> str:
    """Text that JSON and UTF-8 can carry, cut to a length."""
    if len(text) > limit:
        text = text[:limit] + CUT
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text


class Plain:
    """One pass over the values of one report, which share a budget."""

    def __init__(self, scrubber: Scrubber, budget: int = BUDGET_CHARACTERS) -> None:
        self.scrubber = scrubber
        self.left = budget
        self.open: Set[int] = set()

    def text(self, text: str, limit: int = TEXT_CHARACTERS_MAX) -> str:
        # Cut before scrubbing, generously, so that a huge text does not cost time.
        scrubbed = self.scrubber.text(short(text, limit * 2))
        return self._spend(short(scrubbed, limit))

    def _spend(self, text: str) -> str:
        if self.left <= 0:
            return CUT
        if len(text) > self.left:
            text = text[:self.left] + CUT
        self.left -= len(text) + 4
        return text

    def value(self, value: Any, depth: int = DEPTH_MAX) -> Any:
        """The value as JSON can hold it: foreign types as text, circles and depth cut."""
        try:
            return self._value(value, depth)
        except Exception:
            return f"<{type(value).__name__} that cannot be shown>"

    def _value(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return int(value) if abs(value) < 2**63 else self.text(str(value)[:100])
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else repr(value)
        if isinstance(value, str):
            return self.text(str(value))
        if isinstance(value, (bytes, bytearray, memoryview)):
            return f"<{len(value)} bytes>"
        if id(value) in self.open:
            return "<circle>"
        self.open.add(id(value))
        try:
            return self._compound(value, depth)
        finally:
            self.open.discard(id(value))

    def _compound(self, value: Any, depth: int) -> Any:
        is_mapping = isinstance(value, dict) or (
            hasattr(value, "keys") and hasattr(value, "__getitem__")
        )
        if is_mapping:
            return self._mapping(value, depth) if depth > 0 else f"<{len(value)} members>"
        if isinstance(value, (list, tuple, set, frozenset)):
            return self._list(value, len(value), depth) if depth > 0 else f"<{len(value)} items>"
        return self.text(safe_text(value))

    def _mapping(self, value: Any, depth: int) -> Dict[str, Any]:
        found: Dict[str, Any] = {}
        keys = list(value.keys())
        for key in keys[:MEMBERS_MAX]:
            if self.left <= 0:
                break
            name = short(safe_text(key), 256)
            self.left -= len(name) + 4
            if self.scrubber.is_secret(name):
                inner = value[key]
                found[name] = inner if inner is None or isinstance(inner, bool) else SCRUBBED
            else:
                found[name] = self.value(value[key], depth - 1)
        if len(found) < len(keys):
            found["…"] = f"{len(keys) - len(found)} more"
        return found

    def _list(self, value: Iterable[Any], size: int, depth: int) -> List[Any]:
        found: List[Any] = []
        for item in value:
            if len(found) >= MEMBERS_MAX or self.left <= 0:
                found.append(f"… {size - len(found)} more")
                break
            found.append(self.value(item, depth - 1))
        return found
