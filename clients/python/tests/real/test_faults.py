"""Log Center away, slow, failing, refusing: the application answers as ever, and as quickly."""

import json
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import threading
import time

import pytest
import requests

from apps import EXAMPLES, events, new_id, order, serving, variables

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "core"))
from collector import Collector  # noqa: E402

STORM = 10_000


class Center:
    """In the place of Log Center: an address, and how it fails."""

    def __init__(self, url, close=lambda: None):
        self.url = url
        self.close = close


def away():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return Center(f"http://127.0.0.1:{listener.getsockname()[1]}")


def answering(*answer):
    collector = Collector()
    collector.answers = [answer] * 1_000
    return Center(collector.url, collector.close)


def slow():
    collector = Collector()
    collector.open.clear()
    return Center(collector.url, collector.close)


def healthy():
    collector = Collector()
    return Center(collector.url, collector.close)


FAULTS = {
    "away": away,
    "slow": slow,
    "500": lambda: answering(500, {}, None),
    "503": lambda: answering(503, {"Retry-After": "60"}, None),
    "401": lambda: answering(401, {}, None),
}


def asked(center, times=60):
    """How an application answers, and in which time at best and in the middle."""
    answers, seconds = set(), []
    with serving([HERE / "serve_wsgi.py", "flask_app"], EXAMPLES, variables(center)) as url:
        for _ in range(times):
            began = time.perf_counter()
            answer = order(url, "/orders/7", "req-1", accept="application/json")
            seconds.append(time.perf_counter() - began)
            answers.add((answer.status_code, answer.text))
    return answers, min(seconds), statistics.median(seconds)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_changes_neither_answers_nor_their_speed(fault, capsys):
    good, bad = healthy(), FAULTS[fault]()
    try:
        usual, _, usual_median = asked(good)
        found, _, median = asked(bad)
    finally:
        good.close()
        bad.close()
    assert found == usual
    with capsys.disabled():
        print(f"\n{fault}: {median * 1000:.1f} ms an answer, usual {usual_median * 1000:.1f} ms")
    # One that waited for Log Center would take the three seconds of its time-out.
    assert median < 1


STORM_PROGRAM = """
import json, resource, sys, time
import log_center
log_center.init(project="storm")
began, slowest = time.perf_counter(), 0.0
for number in range({storm}):
    before = time.perf_counter()
    try:
        {{}}["order %d" % number]
    except KeyError as error:
        log_center.report_error(error, {{"number": number, "filler": "x" * 5000}})
    slowest = max(slowest, time.perf_counter() - before)
seconds = time.perf_counter() - began
log_center.flush(5)
lost = log_center._client.current().sender.lost
print(json.dumps([seconds, slowest, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, lost]))
"""


def storm(center):
    done = subprocess.run(
        [sys.executable, "-c", STORM_PROGRAM.format(storm=STORM)], capture_output=True, text=True,
        env=variables(center), timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_ten_thousand_errors_are_counted_and_the_program_lives(center, capsys):
    seconds, _, kilobytes, lost = storm(center)
    found = center.ask("/api/v1/events", project_id="storm", limit=200)["items"]
    whole = [
        center.ask(f"/api/v1/events/{item['event_id']}", project_id="storm")["context"]
        for item in found
    ]
    assert sum(one.get("folded", 0) + 1 for one in whole) == STORM
    assert lost == 0
    with capsys.disabled():
        print(
            f"\nstorm: {STORM} errors in {seconds:.2f} s, {seconds / STORM * 1e6:.0f} µs each, "
            f"{len(found)} reports, {kilobytes // 1024} MiB"
        )


def test_a_storm_while_log_center_is_away_costs_bounded_memory():
    _, _, calm, _ = storm(away())
    assert calm < 120 * 1024


def test_an_application_under_load_lives_through_a_storm(center):
    """Requests that fail at once, from several callers; everyone gets an answer."""
    project_ids = []
    with serving([HERE / "serve_wsgi.py", "flask_app"], EXAMPLES, variables(center)) as url:

        def ask():
            with requests.Session() as session:
                for _ in range(50):
                    request_id = new_id()
                    answer = session.post(
                        f"{url}/orders/7", json={}, headers={"X-Request-Id": request_id},
                        timeout=20,
                    )
                    project_ids.append((answer.status_code, request_id))

        callers = [threading.Thread(target=ask) for _ in range(4)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert {status for status, _ in project_ids} == {500}
        assert len(project_ids) == 200
        assert requests.get(f"{url}/healthy", timeout=20).status_code == 200
        # The first of them is found by its id.
        assert events(center, request_id=project_ids[0][1])


def test_what_a_request_costs_when_nothing_fails(capsys):
    """The middleware around an application that does nothing, beside that application alone."""
    done = subprocess.run(
        [sys.executable, str(HERE / "overhead.py")], capture_output=True, text=True, timeout=120,
        env=variables(away()),
    )
    assert done.returncode == 0, done.stderr
    found = {name: float(cost) for name, cost in re.findall(r"(\w+): ([\d.]+) µs", done.stdout)}
    with capsys.disabled():
        print("\n" + done.stdout.strip())
    assert set(found) == {"wsgi", "asgi", "django"}
    # The least of many rounds of processor time, which what else runs here does not change.
    assert max(found.values()) < 50
