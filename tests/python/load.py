"""Clients of every kind at once: they report, move, comment and erase until they are stopped or
the program goes away, and write into a ledger what was answered."""

import http.client
import itertools
import json
import random
import threading
import time
import uuid

from caller import Caller
from ledger import Change
from program import report

FEW_ISSUES = 40
# Lines from here on are used once.
FIRST_OWN_LINE = 1_000
own_lines = itertools.count(FIRST_OWN_LINE)
GONE = (OSError, http.client.HTTPException)


class Load:
    """`kinds` names the senders; each is a thread with a connection of its own."""

    def __init__(self, program, ledger, kinds=("few", "few", "different", "batch"), seed=0):
        self.program, self.ledger, self.seed = program, ledger, seed
        self.stopping = threading.Event()
        self.answers = 0
        self.slowest = 0.0
        self.threads = [
            threading.Thread(target=self.run, args=[kind, nth]) for nth, kind in enumerate(kinds)
        ]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        self.join()

    def join(self):
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a sender hangs"

    def wait(self, until, seconds=30):
        """Goes on until something is so."""
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, f"not within {seconds} s: {self.program.said()[-2000:]}"
            time.sleep(0.01)

    def wait_for_answers(self, more=20, seconds=30):
        target = self.answers + more
        self.wait(lambda: self.answers >= target, seconds)

    def run(self, kind, nth):
        chance = random.Random(f"{self.seed} {nth}")
        turn = getattr(self, kind)(chance)
        with Caller(self.program) as caller:
            while not self.stopping.is_set():
                try:
                    next(turn)(caller)
                except GONE:
                    return
                except Exception as fault:  # pylint: disable=broad-except
                    self.ledger.wrong.append(repr(fault))
                    return

    def call(self, caller, method, path, body=None):
        """The parsed answer; None when it was refused for a while."""
        began = time.monotonic()
        marks = self.headers(method, path, body)
        status, headers, text = caller.call(method, path, body and json.dumps(body), marks)
        self.slowest = max(self.slowest, time.monotonic() - began)
        if status == 503 and int(headers["Retry-After"]) > 0:
            self.ledger.refused[json.loads(text)["message"]] += 1
            time.sleep(0.01)
            return None
        if status not in (200, 201):
            self.ledger.wrong.append((method, path, status, text[:300]))
            self.stopping.set()
            return None
        self.answers += 1
        return json.loads(text)

    def headers(self, _method, _path, _body):
        """What each request says beside its body."""
        return {}

    # The kinds of senders: each gives its next call again and again.

    def few(self, chance):
        """Single reports of few issues."""
        while True:
            yield lambda caller: self.report(caller, [fresh(chance.randrange(FEW_ISSUES))])

    def different(self, _chance):
        """Single reports that each make an issue."""
        while True:
            yield lambda caller: self.report(caller, [fresh(next(own_lines))])

    def batch(self, chance):
        """Batches, mostly of few issues, some of them all different."""
        while True:
            size = chance.choice((2, 20, 100, 400))
            few = chance.random() < 0.8
            lines = [chance.randrange(FEW_ISSUES) if few else next(own_lines) for _ in range(size)]
            yield lambda caller, lines=lines: self.report(caller, [fresh(line) for line in lines])

    def large(self, chance):
        """Batches that fill a disk: what they hold cannot be packed."""
        while True:
            text = chance.randbytes(100_000).hex()
            one = fresh(chance.randrange(FEW_ISSUES), context={"text": text})
            yield lambda caller, one=one: self.report(caller, [one, fresh(0)])

    def moves(self, chance):
        """Moves an issue of its own to and fro, with a comment now and then."""
        number = None
        while True:
            if number is None:
                answers = []
                yield lambda caller: answers.append(self.report(caller, [fresh(next(own_lines))]))
                number = answers[0] and answers[0][0]["id"]
            elif chance.random() < 0.3:
                yield lambda caller: self.change(caller, "POST", number, "/comments", "text", {})
            else:
                yield lambda caller: self.move(caller, number)

    def erasures(self, _chance):
        """Makes issues in a project of their own and erases them."""
        while True:
            yield self.erase

    def report(self, caller, batch):
        doubtful = self.ledger.doubtful
        doubtful |= {one["event_id"]: one for one in batch}
        path = "/api/v1/logs/report"
        if len(batch) == 1:
            answer = self.call(caller, "POST", path, batch[0])
            answers = answer and [answer]
        else:
            answer = self.call(caller, "POST", path + "/batch", batch)
            answers = answer and answer["results"]
        if answers is not None:
            assert len(answers) == len(batch)
            for one, said in zip(batch, answers):
                assert said["status"] in ("ok", "duplicate"), said
                self.ledger.answered[one["event_id"]] = said["id"]
        # Refused means: not stored. If it is all the same, the counts will say so.
        for one in batch:
            del doubtful[one["event_id"]]
        return answers

    def move(self, caller, number):
        issue = self.call(caller, "GET", f"/api/v1/issues/{number}")
        if issue is None:
            return
        to = "VERIFYING" if issue["status"] != "VERIFYING" else "CANNOT_REPRODUCE"
        wanted = {"status": to, "from": issue["status"]}
        self.change(caller, "PATCH", number, "", "note", wanted)

    def change(self, caller, method, number, below, member, wanted):
        change = Change(number, str(uuid.uuid4()), answered=False)
        self.ledger.changes.append(change)
        path = f"/api/v1/issues/{number}{below}"
        if self.call(caller, method, path, wanted | {member: change.text}) is None:
            self.ledger.changes.remove(change)
        change.answered = True

    def erase(self, caller):
        body = report(project_id="erased", line=next(own_lines))
        made = self.call(caller, "POST", "/api/v1/logs/report", body)
        if made and self.call(caller, "DELETE", f"/api/v1/issues/{made['id']}") is not None:
            self.ledger.erased.add(made["id"])


def fresh(line, **more):
    """A report that no other has the name of."""
    return report(line=line, event_id=str(uuid.uuid4()), **more)
