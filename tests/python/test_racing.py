"""Many at once: who is first, who wins, and what is counted."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import requests

from program import report

CALLERS = 32


def together(call, items):
    """Runs one call for each item, all let go at the same moment; the results in order."""
    gate = threading.Barrier(len(items))

    def one(item):
        gate.wait()
        return call(item)

    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(one, items))


def test_of_many_first_reports_exactly_one_is_new(server):
    for line in range(20):
        answers = together(lambda _: server.report(line=line), range(CALLERS))
        assert sum(answer["is_new"] for answer in answers) == 1
        assert [answer["status"] for answer in answers].count("ok") == 1
        assert len({answer["id"] for answer in answers}) == 1
        assert server.ask(f"/api/v1/issues/{answers[0]['id']}")["count"] == CALLERS


def test_of_many_with_one_event_id_exactly_one_counts(server):
    name = str(uuid.uuid4())
    answers = together(lambda line: server.report(line=1000 + line, event_id=name), range(CALLERS))
    assert sum(answer["is_new"] for answer in answers) == 1
    assert len({answer["id"] for answer in answers}) == 1
    assert server.ask(f"/api/v1/issues/{answers[0]['id']}")["count"] == 1


def test_a_report_can_be_read_as_soon_as_it_is_answered(server):
    def write_and_read(line):
        number = server.report(line=2000 + line, project_id="readers")["id"]
        event = server.ask(f"/api/v1/issues/{number}")["latest_event"]
        [listed] = server.ask("/api/v1/issues", project_id="readers", q=f"seen:<1h type:ValueError",
                              fingerprint=event["fingerprint"])["items"]
        return (event["error"]["line_number"], listed["id"]) == (2000 + line, number)

    assert all(together(write_and_read, range(CALLERS)))


def test_two_who_move_an_issue_at_once_cannot_both_win(server):
    for line in range(3000, 3010):
        number = server.report(line=line)["id"]
        change = {"status": "VERIFYING", "from": "NEW"}
        url = f"{server.url}/api/v1/issues/{number}"
        answers = together(lambda _: requests.patch(url, json=change, timeout=10), range(8))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] + [409] * 7
        lost = next(answer for answer in answers if answer.status_code == 409).json()
        assert lost["code"] == "ConflictError"
        assert lost["info"]["allowed"] == ["PENDING_FIX", "CANNOT_REPRODUCE"]
        assert len(server.ask(f"/api/v1/issues/{number}")["history"]) == 1


def test_a_walk_beside_reports_shows_each_untouched_issue_once(server):
    old = {server.report(line=line, project_id="walked")["id"] for line in range(120)}
    stop = threading.Event()

    def keep_reporting():
        line = 500
        while not stop.is_set():
            line += 1
            one = report(line=line, project_id="walked")
            requests.post(server.report_url, json=one, timeout=10)

    writer = threading.Thread(target=keep_reporting)
    writer.start()
    try:
        for sort in ("last_seen", "first_seen", "count", "users"):
            walk = server.walk("/api/v1/issues", project_id="walked", sort=sort, limit=7)
            seen = [issue["id"] for issue, _ in zip(walk, range(3000)) if issue["id"] in old]
            assert sorted(seen) == sorted(old), sort
    finally:
        stop.set()
        writer.join()
