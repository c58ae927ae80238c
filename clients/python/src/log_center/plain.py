"""Turns any value into what JSON can hold, scrubbed and bounded. It never raises."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any, Dict, Iterable, List, Sequence, Set

from .scrub import SCRUBBED, Scrubber

DEPTH_MAX = 5
MEMBERS_MAX = 100
TEXT_CHARACTERS_MAX = 8_192
#: About what one report may weigh; the server takes 1 MiB.
BUDGET_CHARACTERS = 200_000
VALUE_COST = 16
CUT = "… [cut]"


def safe_text(value: Any) -> str:
    """`str(value)`, also when that raises, even `SystemExit`."""
    try:
        return str(value)
    except (Exception, SystemExit, GeneratorExit):
        return f"<{type(value).__name__} that cannot be shown>"


def member(value: Any, name: str) -> Any:
    """A foreign object's member, None when there is none; a property may do anything, and raise."""
    try:
        return getattr(value, name, None)
    except (Exception, SystemExit, GeneratorExit):
        return None


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
        # Numbers and brackets weigh as well: a few lists, one in the other, hold millions.
        self.left -= VALUE_COST
        try:
            return self._value(value, depth)
        except (Exception, SystemExit, GeneratorExit):
            return f"<{type(value).__name__} that cannot be shown>"

    def _value(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            # The text of a huge one takes its time.
            bits = value.bit_length()
            if bits < 64:
                return int(value)
            return str(value) if bits < 1_000 else f"<int of {bits} bits>"
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
        # `{"name": "password", "value": "b"}`, as forms, headers and archives have it.
        is_secret_value = isinstance(value, dict) and "value" in value and any(
            isinstance(value.get(name), str) and self.scrubber.is_secret(value[name])
            for name in ("name", "key")
        )
        for key in islice(value.keys(), MEMBERS_MAX):
            if self.left <= 0:
                break
            name = self.scrubber.text(short(safe_text(key), 256))
            self.left -= len(name) + 4
            if self.scrubber.is_secret(name) or (is_secret_value and name == "value"):
                inner = value[key]
                found[name] = inner if inner is None or isinstance(inner, bool) else SCRUBBED
            else:
                found[name] = self.value(value[key], depth - 1)
        if len(found) < len(value):
            found["…"] = f"{len(value) - len(found)} more"
        return found

    def _list(self, value: Iterable[Any], size: int, depth: int) -> List[Any]:
        if size == 2 and isinstance(value, (list, tuple)) and self._is_pair(value):
            return [self.value(value[0]), SCRUBBED]
        found: List[Any] = []
        for item in value:
            if len(found) >= MEMBERS_MAX or self.left <= 0:
                found.append(f"… {size - len(found)} more")
                break
            found.append(self.value(item, depth - 1))
        return found

    def _is_pair(self, value: Sequence[Any]) -> bool:
        """`("cookie", "a=b")`, as lists of headers and forms hold it."""
        return all(isinstance(part, (str, bytes)) for part in value) and self.scrubber.is_secret(
            value[0] if isinstance(value[0], str) else value[0].decode("latin-1")
        )
