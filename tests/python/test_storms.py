"""Notifications under load: a thousand decisions a second, kills, and receivers that are dead,
slow or lie. None is lost, none comes twice with two names, and reports are stored as fast.

A short form; LOG_CENTER_TEST_LONG makes it long (`make test-storms`: about half an hour, most of it
until the last summary leaves), LOG_CENTER_TEST_KILLS says how many kills."""

import json
import os
import random
import statistics
import threading
import time

import pytest
import requests

from caller import Caller
from load import GONE, own_lines
from program import report, until
from test_crowds import Vitals
from vendors import Receiver, decisions, nowhere

LONG = bool(os.environ.get("LOG_CENTER_TEST_LONG"))
KILLS = int(os.environ.get("LOG_CENTER_TEST_KILLS") or (100 if LONG else 6))
DECISIONS_A_SECOND = 1_000
BATCH = 25
SENDERS = 4
# Most of it is the page cache of the database; under full load without channels it is as much.
MEMORY_MIB = 96
EVENTS = 1_000_000 if LONG else 100_000
FLAGS = ("--notify-allow", "127.0.0.1", "--public-url", "http://localhost:8002")
BATCH_PATH = "/api/v1/logs/report/batch"


@pytest.fixture
def receive():
    """Starts receivers that end with the test."""
    started = []

    def receive(*given, **how):
        started.append(Receiver(*given, **how))
        return started[-1]

    yield receive
    for one in started:
        one.close()


def made(program, what, **body):
    answer = requests.post(f"{program.url}/api/v1/{what}", json=body, timeout=10)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def channel(program, name, url, kind="webhook"):
    return made(program, "channels", name=name, kind=kind, url=url)


class Storm:
    """Reports that are each an issue of its own, in a steady pace, until the program goes."""

    def __init__(self, program):
        self.program, self.answered = program, 0
        self.lock = threading.Lock()
        self.began = time.monotonic()
        self.threads = [threading.Thread(target=self.run) for _ in range(SENDERS)]
        for thread in self.threads:
            thread.start()

    def run(self):
        pause = BATCH * SENDERS / DECISIONS_A_SECOND
        due = time.monotonic()
        with Caller(self.program) as caller:
            while True:
                body = json.dumps([report(line=next(own_lines)) for _ in range(BATCH)])
                try:
                    status, _, text = caller.call("POST", BATCH_PATH, body)
                except GONE:
                    return
                if status == 200:
                    assert all(one["is_new"] for one in json.loads(text)["results"])
                    with self.lock:
                        self.answered += BATCH
                due = max(due + pause, time.monotonic() - pause)
                time.sleep(max(0.0, due - time.monotonic()))

    def join(self):
        for thread in self.threads:
            thread.join(60)


def lie(name, times):
    """Each message is taken at once, and half of them with no word, the others with a lie."""
    if times > 1:
        return 204, b""
    return None if int(name.rsplit("_", 1)[1], 16) % 2 else (503, b"busy")


def by_channel(program):
    """Every notice, by its channel."""
    found = {}
    for notice in program.walk("/api/v1/notices", limit=200):
        found.setdefault(notice["channel_id"], []).append(notice)
    return found


def test_kills_under_a_thousand_decisions_a_second_lose_and_double_none(start, receive):
    chance = random.Random(8)
    receivers = {"good": receive(), "lying": receive(answer=lie), "slow": receive(seconds=1.0)}
    dead = nowhere()
    program = start(*FLAGS)
    numbers = {name: channel(program, name, one.url) for name, one in receivers.items()}
    numbers["dead"] = channel(program, "dead", f"http://127.0.0.1:{dead}/hook")
    # What is no vendor's answer was not taken, although it is a 200.
    liar = receive(answer=lambda name, times: (200, b"<html>welcome</html>"))
    numbers["liar"] = channel(program, "liar", liar.url, "slack")
    answered, seconds, peak = 0, 0.0, 0.0
    for _ in range(KILLS):
        storm = Storm(program)
        until(lambda one=storm: one.answered >= 1_000)
        time.sleep(chance.uniform(0.0, 0.7))
        peak = max(peak, Vitals(program).peak_mib)
        seconds += time.monotonic() - storm.began
        program.kill()
        storm.join()
        answered += storm.answered
        program.close()
        program = start(*FLAGS)
    issues = sum(1 for _ in program.walk("/api/v1/issues", project_id="shop", limit=200))
    assert answered <= issues <= answered + KILLS * SENDERS * BATCH
    receivers["dead"] = receive(dead)
    settle(program, numbers, receivers)
    told = by_channel(program)
    for name, number in numbers.items():
        facts = [{"folded": one["folded"]} for one in told[number]]
        assert sum(map(decisions, facts)) == issues, f"{name}: each is told or counted, once"
    sent = {name: [n for n in told[numbers[name]] if n["state"] == "sent"] for name in receivers}
    for name, receiver in receivers.items():
        assert {one["id"] for one in sent[name]} <= receiver.numbers(), f"{name}: sent, not had"
        assert receiver.differing == [], f"{name}: one name, two messages"
        if LONG:
            assert receiver.told() == issues, name
    assert all(one["state"] == "waiting" for one in told[numbers["liar"]])
    assert peak <= MEMORY_MIB, f"{peak:.0f} MiB"
    repeated = sum(sum(one.times.values()) - len(one.times) for one in receivers.values())
    print(f"{KILLS} kills, {answered / seconds:.0f} decisions a second: {issues} issues for "
          f"{len(numbers)} channels, lost 0, with two names 0; "
          f"{sum(map(len, told.values()))} messages, {repeated} sent again with the same name; "
          f"at most {peak:.0f} MiB")


def settle(program, numbers, receivers):
    """Waits until all was sent; in the short form not for summaries, which gather for minutes, nor
    for the one that was dead, which is tried after minutes again."""
    names = receivers if LONG else set(receivers) - {"dead"}

    def is_settled():
        told = by_channel(program)
        waiting = [one for name in names for one in told[numbers[name]]
                   if one["state"] == "waiting"]
        return not waiting if LONG else all(one["folded"] for one in waiting)

    until(is_settled, 3_600 if LONG else 180)


def test_a_million_events_of_one_issue_make_a_handful_of_messages(start, receive):
    receiver = receive()
    program = start(*FLAGS)
    channel(program, "good", receiver.url)
    triggers = ["created", "regressed", "milestone", "frequent", "spread"]
    made(program, "rules", name="all", triggers=triggers)
    body = json.dumps([report() for _ in range(1_000)])
    with Caller(program) as caller:
        for _ in range(EVENTS // 1_000):
            status, _, text = caller.call("POST", BATCH_PATH, body)
            assert status == 200, text
    assert program.ask("/api/v1/issues")["items"][0]["count"] == EVENTS
    until(lambda: not program.ask("/api/v1/notices", state="waiting")["items"])
    titles = [one["data"]["title"] for one in receiver.bodies.values()]
    assert 3 <= len(titles) <= 8, titles
    print(f"{EVENTS} events of one issue: {len(titles)} messages: {titles}")


def test_a_message_leaves_at_once(start, receive):
    """Each channel is for a project of its own: one takes ten messages a minute."""
    program = start(*FLAGS)
    waits = {"created": [], "regressed": []}
    channels = 40 if LONG else 8
    receivers = [receive() for _ in range(channels)]
    for nth, receiver in enumerate(receivers):
        number = channel(program, f"c{nth}", receiver.url)
        made(program, "rules", name=f"r{nth}", projects=[f"p{nth}"], channels=[number])
    for nth, receiver in enumerate(receivers):
        for line in range(4):
            wanted = {"project_id": f"p{nth}", "line": line}
            waits["created"].append(wait_for(receiver, lambda w=wanted: program.report(**w)))
            issue = program.ask("/api/v1/issues", project_id=f"p{nth}", sort="first_seen")
            path = f"{program.url}/api/v1/issues/{issue['items'][0]['id']}"
            moved = {"status": "DEPLOYED", "path": True, "version": "1.0.0"}
            requests.patch(path, json=moved, timeout=10).raise_for_status()
            waits["regressed"].append(wait_for(receiver, lambda w=wanted: program.report(**w)))
    for what, seconds in waits.items():
        seconds.sort()
        p99 = seconds[int(len(seconds) * 0.99)]
        print(f"{what}: {len(seconds)} messages; from answer to arrival median "
              f"{statistics.median(seconds) * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms, "
              f"most {seconds[-1] * 1e3:.1f} ms")


def wait_for(receiver, act):
    """Seconds from an answer to the message that it causes."""
    before = len(receiver.arrived)
    act()
    answered = time.perf_counter()
    until(lambda: len(receiver.arrived) > before)
    return max(0.0, receiver.arrived[before][0] - answered)


@pytest.mark.parametrize("kind", ["known issues", "new issues"])
def test_rules_cost_reports_little(start, receive, kind):
    """Batches go in turns to a program without channels and to one with them; the ratio is
    printed, and decides nothing."""
    rounds = 600 if LONG else 40
    plain, ruled = start(*FLAGS, data="plain"), start(*FLAGS, data="ruled")
    number = channel(ruled, "good", receive().url)
    made(ruled, "rules", name="usual")
    made(ruled, "rules", name="pay", projects=["pay-*"], level="CRITICAL", triggers=["created"])
    more = ["created", "milestone", "frequent", "spike", "spread"]
    made(ruled, "rules", name="more", query="!code:DB*", channels=[number], triggers=more)
    took = {plain: [], ruled: []}
    with Caller(plain) as one, Caller(ruled) as other:
        for nth in range(rounds):
            body = json.dumps([report(line=line) for line in lines(kind, nth)])
            turns = [(plain, one), (ruled, other)]
            for program, caller in turns if nth % 2 else turns[::-1]:
                began = time.perf_counter()
                status, _, text = caller.call("POST", BATCH_PATH, body)
                took[program].append(time.perf_counter() - began)
                assert status == 200, text
    assert plain.ask("/api/v1/issues")["total"] == ruled.ask("/api/v1/issues")["total"]
    # The first few batches make the known issues.
    rates = {program: 500 / statistics.median(all[4:]) for program, all in took.items()}
    pairs = [a / b for a, b in zip(took[plain][4:], took[ruled][4:])]
    print(f"{kind}: {rates[plain]:.0f} reports a second without channels, {rates[ruled]:.0f} with; "
          f"ratio {rates[ruled] / rates[plain]:.3f}, of pairs {statistics.median(pairs):.3f}")


def lines(kind, nth):
    """The lines of a batch of 500."""
    if kind == "known issues":
        chance = random.Random(nth)
        return [int(chance.paretovariate(1.2)) % 1_000 for _ in range(500)]
    return range(1 + nth * 500, 501 + nth * 500)
