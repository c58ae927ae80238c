"""Folds storms: of one error, the first five leave; the rest is counted, and one report a second
tells for how many more it stands."""

from __future__ import annotations

import threading
import time
from enum import Enum
from typing import Dict, Hashable, List, Optional, Tuple

from .options import Report

WINDOW_S = 1.0
#: So that each of a few callers finds the error under the request id that they were given.
BURST = 5
#: Building a report costs more than counting one: the report that stands for the others is at
#: most that much older than the newest.
REBUILD_S = 0.1
ERRORS_MAX = 1_000


class Choice(Enum):
    """What to do with an error."""

    SEND = "build it and send it"
    KEEP = "build it and keep it, to stand for the others"
    COUNT = "count it"


class _Run:
    """One error's reports within a second."""

    __slots__ = ("began", "allowed", "folded", "kept", "kept_at")

    def __init__(self, now: float, allowed: int) -> None:
        self.began = now
        self.allowed = allowed
        self.folded = 0
        self.kept: Optional[Report] = None
        self.kept_at = 0.0


class Folding:
    """The errors of the last second, a thousand at most."""

    def __init__(self) -> None:
        # A signal's handler, or a destructor, may report while this thread holds it. The sender
        # waits on the same one: with two, each thread could hold what the other wants.
        self.lock = threading.RLock()
        self._runs: Dict[Hashable, _Run] = {}

    def choose(self, key: Hashable) -> Choice:
        """Counts an error, and says whether it leaves by itself."""
        now = time.monotonic()
        with self.lock:
            run = self._runs.get(key)
            # One that folded something is taken out by `due`, which tells the count.
            if run is None or (now - run.began >= WINDOW_S and not run.folded):
                if run is None and len(self._runs) >= ERRORS_MAX:
                    self._forget(now)
                    if len(self._runs) >= ERRORS_MAX:
                        return Choice.SEND
                run = self._runs[key] = _Run(now, BURST)
            if run.allowed > 0:
                run.allowed -= 1
                return Choice.SEND
            run.folded += 1
            if run.kept is None or now - run.kept_at >= REBUILD_S:
                run.kept_at = now
                return Choice.KEEP
            return Choice.COUNT

    def keep(self, key: Hashable, report: Report) -> None:
        """The report that will stand for the folded ones."""
        with self.lock:
            run = self._runs.get(key)
            if run is not None:
                run.kept = report

    def due(self, at_once: bool = False) -> List[Report]:
        """The reports that stand for what was folded in windows that are over."""
        now = time.monotonic()
        found: List[Report] = []
        with self.lock:
            for key, run in self._now():
                if run.kept is None or not (at_once or now - run.began >= WINDOW_S):
                    continue
                found.append(_counted(run.kept, run.folded))
                # A storm that goes on sends these alone, until there was a second without.
                self._runs[key] = _Run(now, 0)
        return found

    def next_due(self) -> Optional[float]:
        """Seconds until `due` has something; None when it will not."""
        now = time.monotonic()
        with self.lock:
            ends = [run.began + WINDOW_S for _, run in self._now() if run.kept is not None]
        return max(0.0, min(ends) - now) if ends else None

    def _now(self) -> List[Tuple[Hashable, _Run]]:
        """What there is at this moment: the handler of a signal, or a destructor, comes in between
        two steps of a loop in spite of the lock. Keys alone are copied in one step."""
        found = [(key, self._runs.get(key)) for key in list(self._runs)]
        return [(key, run) for key, run in found if run is not None]

    def _forget(self, now: float) -> None:
        for key, run in self._now():
            if now - run.began >= WINDOW_S and run.kept is None:
                self._runs.pop(key, None)


def _counted(report: Report, folded: int) -> Report:
    """The report with the number of further ones that it stands for."""
    return {**report, "context": {**report["context"], "folded": folded - 1}}
