"""What was answered is on the disk: after SIGKILL, before the answer, and while stopping."""

import os
import random
import re
import shutil
import threading
import time
import uuid
from collections import Counter

import pytest
import requests

from program import report

LONG = bool(os.environ.get("LOG_CENTER_TEST_LONG"))
KILLS = 60 if LONG else 10
SENDERS = 8
ISSUES = 40


class Load:
    """Senders that report until the server goes away, and remember what was answered."""

    def __init__(self, program):
        self.program = program
        self.answered = {}
        self.doubtful = {}
        self.refused = Counter()
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.send, args=[n]) for n in range(SENDERS)]
        for thread in self.threads:
            thread.start()

    def send(self, number):
        chance = random.Random(number)
        with requests.Session() as session:
            while not self.stopping.is_set():
                batch = [self.fresh(chance) for _ in range(20 if number == 0 else 1)]
                try:
                    self.take(batch, *self.post(session, batch))
                except requests.RequestException:
                    self.doubtful |= {one["event_id"]: one for one in batch}
                    return

    def fresh(self, chance):
        return report(line=chance.randrange(ISSUES), event_id=str(uuid.uuid4()))

    def post(self, session, batch):
        if len(batch) == 1:
            answer = session.post(self.program.report_url, json=batch[0], timeout=20)
            return answer.status_code, [answer.json()]
        answer = session.post(self.program.report_url + "/batch", json=batch, timeout=20)
        return answer.status_code, answer.json().get("results", [])

    def take(self, batch, status, answers):
        if status != 200:
            self.refused[status] += 1
            time.sleep(0.01)
            return
        assert len(answers) == len(batch)
        for one, answer in zip(batch, answers):
            assert answer["status"] in ("ok", "duplicate"), answer
            self.answered[one["event_id"]] = answer["id"]

    def join(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)


def counted(program):
    return sum(issue["count"] for issue in program.walk("/api/v1/issues", limit=200))


def test_nothing_answered_is_lost_and_no_retry_counts_twice(start):
    chance = random.Random(7)
    answered, doubtful = {}, {}
    for _ in range(KILLS):
        program = start()
        retry(program, doubtful, answered)
        load = Load(program)
        time.sleep(chance.uniform(0.1, 0.6))
        program.kill()
        load.join()
        program.close()
        answered |= load.answered
        doubtful = load.doubtful
        assert load.answered, "the load has to be under way when the program is killed"
    program = start()
    retry(program, doubtful, answered)
    assert counted(program) == len(answered)
    # Every single one, by its own name, in the issue that was answered.
    stored = {}
    for number in {*answered.values()}:
        events = program.walk(f"/api/v1/issues/{number}/events", limit=200)
        stored |= {event["event_id"]: number for event in events}
    kept = {name for name, number in answered.items() if stored.get(name) == number}
    lost = set(answered) - kept
    # Of an issue at most 1,000 events are kept; the rest has to be known all the same.
    for name in lost:
        again = program.report(event_id=name, line=10_000)
        assert (again["status"], again["id"]) == ("duplicate", answered[name])
    for name in random.Random(1).sample(sorted(answered), min(len(answered), 200)):
        again = program.report(event_id=name, line=10_000)
        assert (again["status"], again["id"]) == ("duplicate", answered[name])
    assert counted(program) == len(answered)


def retry(program, doubtful, answered):
    for name, one in doubtful.items():
        answer = requests.post(program.report_url, json=one, timeout=10)
        assert answer.status_code == 200, answer.text
        answered[name] = answer.json()["id"]


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_the_disk_has_a_report_before_it_is_answered(start, tmp_path):
    trace = tmp_path / "trace"
    calls = "trace=read,recvfrom,write,writev,sendto,sendmsg,fsync,fdatasync"
    program = start(before=["strace", "-f", "-y", "-s", "60", "-e", calls, "-o", str(trace)])
    with requests.Session() as session:
        for line in range(12):
            answer = session.post(program.report_url, json=report(line=line % 3), timeout=20)
            assert answer.status_code == 200
            time.sleep(0.05)
    assert program.stop()[0] == 0
    assert answers_after_sync(trace.read_text().splitlines()) == 12


def answers_after_sync(lines):
    """How many answers follow their request with a finished sync of the log between the two."""
    synced, reports, syncing = False, 0, {}
    for line in lines:
        thread, _, call = line.partition(" ")
        call = call.strip()
        if "POST /api/v1/logs/report" in call:
            synced = False
        begins = re.match(r"f(?:data)?sync\(\d+<([^>]*)>", call)
        if begins:
            syncing[thread] = begins[1]
        ends = begins or re.match(r"<\.\.\. f(?:data)?sync resumed>", call)
        if ends and call.endswith("= 0") and syncing.get(thread, "").endswith("-wal"):
            synced = True
        if "HTTP/1.1 200" in call:
            assert synced, f"answered before the disk had it: {line}"
            reports, synced = reports + 1, False
    return reports


def test_a_stop_under_load_answers_what_was_accepted(start):
    program = start()
    load = Load(program)
    time.sleep(1)
    code, seconds = program.stop()
    load.join()
    assert code == 0, program.said()
    assert seconds < 10
    assert set(load.refused) <= {503}
    program = start()
    assert counted(program) == len(load.answered)
    for name, one in load.doubtful.items():
        # No answer means that nothing was stored, so that the retry is what counts.
        assert requests.post(program.report_url, json=one, timeout=10).status_code == 200
        load.answered[name] = None
    assert counted(program) == len(load.answered)
