"""What was answered, against what the program knows: nothing lost, nothing counted twice."""

import json
from collections import Counter
from dataclasses import dataclass, field

import requests

from caller import Caller
from program import report

# As many as the batch route takes.
BATCH = 1_000
# A line that no sender uses: a report that was lost would make an issue of its own there.
FRESH_LINE = 900_000


@dataclass
class Change:
    """A move or a comment: the text that only it has, and whether it was answered."""

    issue: int
    text: str
    answered: bool


@dataclass
class Ledger:
    """Everything that clients sent in one test, over all starts of the program."""

    # Reports by their `event_id`: the issue that was answered, or what was sent in vain.
    answered: dict = field(default_factory=dict)
    doubtful: dict = field(default_factory=dict)
    changes: list = field(default_factory=list)
    # Issues whose erasure was answered.
    erased: set = field(default_factory=set)
    refused: Counter = field(default_factory=Counter)
    # Answers that nobody should get.
    wrong: list = field(default_factory=list)

    def settle(self, program):
        """Sends again what was never answered: only now it is known to be stored, once."""
        for batch in batches(list(self.doubtful.values())):
            for one, answer in zip(batch, send(program, batch), strict=True):
                assert answer["status"] in ("ok", "duplicate"), answer
                self.answered[one["event_id"]] = answer["id"]
        self.doubtful.clear()

    def check(self, program):
        """Compares everything. Call it after `settle`, without load."""
        assert not self.wrong, self.wrong[:5]
        assert not self.doubtful
        assert counted(program) == len(self.answered)
        self.check_names(program)
        self.check_events(program)
        self.check_changes(program)
        for number in self.erased:
            answer = requests.get(f"{program.url}/api/v1/issues/{number}", timeout=10)
            assert answer.status_code == 404, f"issue {number} was erased, and is back"
        assert counted(program) == len(self.answered)

    def check_names(self, program):
        """Every single report is known by its own name, in the issue that was answered."""
        for names in batches(list(self.answered)):
            again = [report(line=FRESH_LINE, event_id=name) for name in names]
            for name, answer in zip(names, send(program, again), strict=True):
                got, expected = (answer["status"], answer.get("id")), self.answered[name]
                assert got == ("duplicate", expected), f"{name} of {expected}: {answer}"

    def check_events(self, program):
        """What is kept of each issue is its own, once; and its count is that of its reports."""
        counts = Counter(self.answered.values())
        for issue in program.walk("/api/v1/issues", project_id="shop", limit=200):
            assert issue["count"] == counts.pop(issue["id"]), issue
        assert not counts, f"issues that are gone: {counts}"
        for number, count in Counter(self.answered.values()).most_common(50):
            events = program.walk(f"/api/v1/issues/{number}/events", limit=200)
            names = Counter(event["event_id"] for event in events)
            assert 0 < len(names) <= count and set(names.values()) == {1}
            assert {self.answered.get(name) for name in names} == {number}

    def check_changes(self, program):
        """Moves and comments stand in the history once, in their order, and nothing else does."""
        for number in {change.issue for change in self.changes}:
            history = [*program.walk(f"/api/v1/issues/{number}/history", limit=200)]
            found = Counter(entry["note"] or entry["text"] for entry in history)
            sent = {c.text: c.answered for c in self.changes if c.issue == number}
            assert set(found) <= set(sent) and set(found.values()) <= {1}
            lost = [text for text, answered in sent.items() if answered and text not in found]
            assert not lost, f"{len(lost)} changes of issue {number} are lost: {lost[:3]}"
            status = "NEW"
            for move in (entry for entry in reversed(history) if entry["kind"] == "move"):
                assert move["from"] == status, move
                status = move["to"]
            assert program.ask(f"/api/v1/issues/{number}")["status"] == status


def batches(items):
    return [items[at : at + BATCH] for at in range(0, len(items), BATCH)]


def send(program, batch):
    """One batch, which has to be taken; an answer for each report."""
    with Caller(program) as caller:
        status, _, body = caller.call("POST", "/api/v1/logs/report/batch", json.dumps(batch))
    assert status == 200, body
    return json.loads(body)["results"]


def counted(program):
    issues = program.walk("/api/v1/issues", project_id="shop", limit=200)
    return sum(issue["count"] for issue in issues)
