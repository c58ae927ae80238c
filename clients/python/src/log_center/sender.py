"""The way out: a bounded queue and one thread that empties it, in batches.

Nothing here raises and nobody waits: the program that reports goes on while Log Center is away,
slow or refusing. What cannot be sent is dropped and counted.
"""

from __future__ import annotations

import _thread
import json
import sys
import threading
import time
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional

from .folding import Folding
from .options import Options, Report
from .plain import Plain, safe_text
from .scrub import Scrubber
from .transport import Answer, Transport

BATCH_REPORTS_MAX = 50
#: Characters, by a rough count; the server takes 8 MiB a batch.
BATCH_CHARACTERS_MAX = 2_000_000
QUEUE_CHARACTERS_MAX = 8_000_000
RETRY_AFTER_S = 0.5
PAUSE_S_MAX = 60.0


class Entry:
    """A report that waits."""

    __slots__ = ("report", "cost", "refused")

    def __init__(self, report: Report, cost: int) -> None:
        self.report = report
        self.cost = cost
        #: How often the server asked to come back later.
        self.refused = 0


class Sender:
    """One for a process; after a fork the child gets a new one."""

    def __init__(
        self, options: Options, folding: Folding, say: Callable[[str], None],
        transport: Optional[Transport] = None,
    ) -> None:
        self.options = options
        self.folding = folding
        self.say = say
        self.transport = transport or Transport(options)
        self.changed = threading.Condition(folding.lock)
        self.waiting: Deque[Entry] = deque()
        self.cost = 0
        self.in_flight = 0
        #: Reports that never left, and how many of them the server was told of.
        self.lost = 0
        self.told = 0
        self.failures = 0
        self.paused_until = 0.0
        #: Whether the pause is the server's wish, which also the end of the program obeys.
        self.was_asked_to_wait = False
        self.hurry = 0
        self.has_thread = False
        self.is_closed = False

    def put(self, report: Report, cost: int) -> None:
        """Adds a report; when there is no room the oldest one goes."""
        with self.changed:
            if self.is_closed:
                return
            self._append(Entry(report, cost))
            is_sent_by_thread = self._keeps_thread()
            self.changed.notify_all()
        if not is_sent_by_thread:
            self._send_waiting()

    def touch(self) -> None:
        """Lets the thread see that the folding has something new."""
        with self.changed:
            self._keeps_thread()
            self.changed.notify_all()

    def has_something(self) -> bool:
        """Whether a flush would wait for anything."""
        return bool(self.waiting or self.in_flight) or self.folding.next_due() is not None

    def flush(self, timeout: float) -> bool:
        """Waits until nothing waits any more; whether that was in time and all was sent."""
        try:
            return self._flush(timeout)
        except Exception as fault:  # such as locks that eventlet has replaced
            self.say(f"cannot flush: {safe_text(fault)}")
            return False

    def _flush(self, timeout: float) -> bool:
        end = time.monotonic() + timeout
        with self.changed:
            lost_before = self.lost
            self._take_folded(at_once=True)
            if not self.waiting and not self.in_flight:
                return True
            is_sent_by_thread = self._keeps_thread()
            self.hurry += 1
            self.changed.notify_all()
            try:
                while is_sent_by_thread and (self.waiting or self.in_flight):
                    left = end - time.monotonic()
                    if left <= 0 or self._must_wait():
                        return False
                    self.changed.wait(left)
            finally:
                self.hurry -= 1
        if not is_sent_by_thread:
            self._send_waiting()
        return not self.waiting and self.lost == lost_before

    def close(self, timeout: float) -> bool:
        """Flushes, and takes nothing more."""
        done = self.flush(timeout)
        self.is_closed = True
        try:
            with self.changed:
                self.changed.notify_all()
        except Exception as fault:
            self.say(f"cannot close: {safe_text(fault)}")
        return done

    # Within the lock.

    def _append(self, entry: Entry) -> None:
        self.waiting.append(entry)
        self.cost += entry.cost
        while len(self.waiting) > self.options.max_queue or self.cost > QUEUE_CHARACTERS_MAX:
            self.cost -= self.waiting.popleft().cost
            self.lost += 1

    def _keeps_thread(self) -> bool:
        if self.has_thread:
            return True
        if _has_no_threads():
            return False
        # First: a signal's handler that interrupts the start must not start another one.
        self.has_thread = True
        try:
            # Not `threading`: its `start` waits until the thread runs, which may be stopped by a
            # destructor that reports and needs the lock that is held here.
            _thread.start_new_thread(self._work, ())
        except RuntimeError:  # no more threads, as while Python ends
            self.has_thread = False
        return self.has_thread

    def _take_folded(self, at_once: bool = False) -> None:
        for report in self.folding.due(at_once):
            self._append(Entry(report, 2_000))

    def _must_wait(self) -> bool:
        is_paused = time.monotonic() < self.paused_until
        return is_paused and (self.was_asked_to_wait or not self.hurry)

    def _next_batch(self) -> List[Entry]:
        batch: List[Entry] = []
        cost = 0
        while self.waiting and len(batch) < BATCH_REPORTS_MAX:
            if batch and cost + self.waiting[0].cost > BATCH_CHARACTERS_MAX:
                break
            entry = self.waiting.popleft()
            self.cost -= entry.cost
            cost += entry.cost
            batch.append(entry)
        if not self.waiting:
            # A signal's handler may have come in between two steps of an addition.
            self.cost = 0
        self.in_flight = len(batch)
        if batch and self.lost > self.told:
            context = batch[0].report.setdefault("context", {})
            context["dropped"] = self.lost - self.told
            self.told = self.lost
        return batch

    # In the thread.

    def _work(self) -> None:
        try:
            self._run()
        except Exception as fault:
            self.say(f"cannot send: {safe_text(fault)}")
        finally:
            # The next report starts another one.
            self.has_thread = False

    def _run(self) -> None:
        while True:
            with self.changed:
                self._take_folded()
                while not self.waiting or self._must_wait():
                    if self.is_closed:
                        return
                    self.changed.wait(self._patience())
                    self._take_folded()
                batch = self._next_batch()
            self._deliver(batch)

    def _patience(self) -> Optional[float]:
        """Seconds until there may be something to do; None when somebody will tell."""
        found = [self.folding.next_due()]
        if self.waiting and self._must_wait():
            found.append(self.paused_until - time.monotonic())
        known = [seconds for seconds in found if seconds is not None]
        return max(0.01, min(known)) if known else None

    def _send_waiting(self) -> None:
        """In the caller's thread, where there is no other."""
        while True:
            with self.changed:
                if not self.waiting or self._must_wait():
                    return
                batch = self._next_batch()
            self._deliver(batch)

    def _deliver(self, batch: List[Entry]) -> None:
        try:
            answer = self._attempt(batch)
            if answer.is_failure:
                with self.changed:
                    if not self.hurry:
                        self.changed.wait_for(lambda: self.hurry > 0, RETRY_AFTER_S)
                # The event's id makes that safe: what did arrive is not counted again.
                answer = self._attempt(batch)
            self._conclude(batch, answer)
        except Exception as fault:
            self._lose(batch, f"cannot send: {safe_text(fault)}")
        finally:
            with self.changed:
                self.in_flight = 0
                self.changed.notify_all()

    def _attempt(self, batch: List[Entry]) -> Answer:
        bodies = [encode(entry.report) for entry in batch]
        if len(bodies) == 1:
            return self.transport.post("/api/v1/logs/report", bodies[0])
        return self.transport.post(
            "/api/v1/logs/report/batch", b"[" + b",".join(bodies) + b"]"
        )

    def _conclude(self, batch: List[Entry], answer: Answer) -> None:
        if answer.is_failure:
            self._fail(batch, answer)
        elif answer.asks_to_wait:
            self._wait(batch, answer.retry_after_s)
        elif answer.status == 413:
            self._shrink(batch)
        elif answer.status != 200:
            self.failures = 0
            self._lose(batch, f"refused with {answer.status}: {answer.text()}")
        else:
            self.failures = 0
            if len(batch) > 1:
                self._read_results(batch, answer)

    def _fail(self, batch: List[Entry], answer: Answer) -> None:
        with self.changed:
            self.failures += 1
            pause = min(2.0 ** self.failures, PAUSE_S_MAX)
            self.paused_until = time.monotonic() + pause
            self.was_asked_to_wait = False
            if self.hurry:
                # The program ends: what waits would only fail in the same way.
                self.lost += len(self.waiting)
                self.waiting.clear()
                self.cost = 0
        self._lose(batch, f"no answer from {self.options.url}: {answer.fault}")

    def _wait(self, batch: List[Entry], seconds: float) -> None:
        with self.changed:
            self.paused_until = time.monotonic() + seconds
            self.was_asked_to_wait = True
            again = []
            for entry in batch:
                entry.refused += 1
                if entry.refused <= 1:
                    again.append(entry)
            self.lost += len(batch) - len(again)
            newer = list(self.waiting)
            self.waiting.clear()
            self.cost = 0
            for entry in again + newer:
                self._append(entry)
        self.say(f"asked to wait {seconds:g} s")

    def _shrink(self, batch: List[Entry]) -> None:
        """Once more one by one, and the last time without its context."""
        for entry in batch:
            answer = self.transport.post("/api/v1/logs/report", encode(entry.report))
            if answer.status == 413:
                kept = entry.report.get("context", {})
                names = ("request_id", "user_id", "dropped", "folded")
                small = {name: kept[name] for name in names if name in kept}
                report = {**entry.report, "context": small}
                answer = self.transport.post("/api/v1/logs/report", encode(report))
            if answer.status != 200:
                self._lose([entry], f"refused with {answer.status or answer.fault}")

    def _read_results(self, batch: List[Entry], answer: Answer) -> None:
        try:
            results: List[Dict[str, Any]] = json.loads(answer.body)["results"]
        except (ValueError, KeyError, TypeError):
            return
        refused = []
        wait = 0.0
        for entry, result in zip(batch, results):
            if result.get("status") != "error":
                continue
            seconds = (result.get("info") or {}).get("retry_after_s")
            if isinstance(seconds, (int, float)):
                refused.append(entry)
                wait = max(wait, float(seconds))
            else:
                self._lose([entry], f"refused: {result.get('message')}")
        if refused:
            self._wait(refused, min(max(wait, 1.0), 3_600.0))

    def _lose(self, batch: List[Entry], reason: str) -> None:
        with self.changed:
            self.lost += len(batch)
            for entry in batch:
                self.told -= entry.report.get("context", {}).pop("dropped", 0)
        self.say(reason)


def encode(report: Report) -> bytes:
    """JSON; `before_send` may have put in what JSON cannot hold."""
    try:
        text = json.dumps(report, ensure_ascii=False, default=safe_text)
    except (TypeError, ValueError, RecursionError):
        # A circle, or keys that are no text.
        text = json.dumps(Plain(Scrubber()).value(report), ensure_ascii=False)
    return text.encode("utf-8", "replace")


def _has_no_threads() -> bool:
    """uWSGI without --enable-threads stops every thread but its own, and an interpreter within
    the interpreter may not have one that ends with it."""
    are_allowed = getattr(_thread, "daemon_threads_allowed", None)
    if are_allowed is not None and not are_allowed():
        return True
    uwsgi = sys.modules.get("uwsgi")
    options = getattr(uwsgi, "opt", None)
    if not isinstance(options, dict):
        return False
    return not any(name in options for name in ("enable-threads", b"enable-threads", "threads",
                                                b"threads"))
