"""The way out: batches, retries, waiting, dropping, and never a word to the program."""

import socket
import threading
import time
import uuid

import log_center
from collector import raised, until


def report(number):
    """A report that no other one is folded with."""
    return log_center.capture_message(f"number {number}", "ERROR", {"number": number})


def numbers(reports):
    return [entry["context"]["number"] for entry in reports]


def spread(monkeypatch):
    """Makes every report one of its own."""
    from log_center import folding

    monkeypatch.setattr(folding, "BURST", 100_000)


def test_a_report_has_what_the_contract_asks_for(start, collector):
    start(environment="staging", version="1.2.3", commit_hash="abc")
    event_id = log_center.report_error(raised(ValueError("no")))
    [found] = collector.arrived(1)
    assert found["event_id"] == event_id == str(uuid.UUID(event_id))
    assert found["project_id"] == "shop"
    assert (found["environment"], found["version"], found["commit_hash"]) == (
        "staging", "1.2.3", "abc",
    )
    assert found["level"] == "ERROR"
    assert found["timestamp"].endswith("+00:00")
    error = found["error"]
    assert (error["type"], error["message"], error["code"]) == ("ValueError", "no", "AppError")
    assert error["line_number"] > 0
    assert error["stack_trace"][0].startswith("Traceback")
    assert error["stack_trace"][-1] == "ValueError: no\n"
    assert found["context"]["request_id"]
    assert found["context"]["originalError"]["type"] == "ValueError"


def test_the_key_goes_in_its_header(start, collector):
    start(key="k-1")
    report(1)
    collector.arrived(1)
    [(path, headers, _)] = collector.requests
    assert path == "/api/v1/logs/report"
    assert headers["X-Log-Center-Key"] == "k-1"


def test_what_waits_goes_as_one_batch(start, collector, monkeypatch):
    spread(monkeypatch)
    start()
    collector.open.clear()
    report(0)
    until(lambda: collector.requests)
    for number in range(1, 31):
        report(number)
    collector.open.set()
    assert log_center.flush(10)
    assert numbers(collector.reports) == list(range(31))
    assert [path for path, _, _ in collector.requests] == [
        "/api/v1/logs/report", "/api/v1/logs/report/batch",
    ]


def test_a_failure_is_tried_once_more_with_the_same_id(start, collector):
    start()
    collector.answers = [(500, {}, None)]
    event_id = report(1)
    assert log_center.flush(10)
    assert [sent["event_id"] for _, _, sent in collector.requests] == [event_id, event_id]


def test_after_two_failures_it_is_dropped_and_the_next_one_tells(start, collector):
    client = start()
    collector.answers = [(500, {}, None), (502, {}, None)]
    report(1)
    log_center.flush(10)
    assert len(collector.requests) == 2
    report(2)
    assert log_center.flush(10)
    assert numbers(collector.reports) == [2]
    assert collector.reports[0]["context"]["dropped"] == 1
    assert client.sender.lost == client.sender.told == 1


def test_a_wish_to_wait_is_obeyed_and_nothing_is_lost(start, collector, monkeypatch):
    spread(monkeypatch)
    start()
    collector.answers = [(429, {"Retry-After": "1"}, None)]
    began = time.monotonic()
    report(1)
    until(lambda: collector.requests)
    report(2)
    found = collector.arrived(2)
    assert time.monotonic() - began >= 1
    assert numbers(found) == [1, 2]


def test_a_flush_does_not_override_a_wish_to_wait(start, collector):
    client = start()
    collector.answers = [(503, {"Retry-After": "30"}, None)]
    report(1)
    until(lambda: client.sender.was_asked_to_wait)
    assert not log_center.flush(5)
    assert len(collector.requests) == 1


def test_one_of_a_batch_that_came_too_often_is_sent_again(start, collector, monkeypatch):
    spread(monkeypatch)
    start()
    collector.open.clear()
    report(0)
    until(lambda: collector.requests)
    report(1)
    report(2)
    done = {"status": "ok", "id": 1, "fingerprint": "0", "is_new": True}
    refused = {
        "status": "error", "code": "RateLimitError", "message": "too often",
        "info": {"retry_after_s": 1},
    }
    collector.answers = [(200, {}, None), (200, {}, {"results": [done, refused]})]
    began = time.monotonic()
    collector.open.set()
    until(lambda: len(collector.requests) == 3)
    assert time.monotonic() - began >= 1
    assert collector.requests[2][2]["context"]["number"] == 2


def test_a_report_that_is_too_large_goes_without_its_context(start, collector):
    start()
    collector.answers = [(413, {}, None), (413, {}, None)]
    report(1)
    assert log_center.flush(10)
    [found] = collector.reports
    assert "number" not in found["context"]
    assert found["context"]["request_id"]


def test_a_refusal_is_final(start, collector):
    client = start()
    collector.answers = [(400, {}, None)]
    report(1)
    log_center.flush(10)
    assert client.sender.lost == 1
    assert len(collector.requests) == 1


def test_the_queue_is_bounded_and_the_oldest_goes(start, collector, monkeypatch):
    spread(monkeypatch)
    client = start(max_queue=10)
    collector.open.clear()
    report(0)
    until(lambda: collector.requests)
    for number in range(1, 101):
        report(number)
    assert len(client.sender.waiting) == 10
    collector.open.set()
    log_center.flush(10)
    assert numbers(collector.reports) == [0, *range(91, 101)]
    assert collector.reports[1]["context"]["dropped"] == 90


def test_a_server_that_hangs_costs_the_program_nothing(start, collector):
    start(timeout=0.3)
    collector.open.clear()
    before = threading.active_count()
    for number in range(50):
        report(number)
    assert threading.active_count() <= before + 3
    assert not log_center.flush(0.1)


def test_the_end_does_not_wait_for_a_server_that_is_gone(start):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = start(url=f"http://127.0.0.1:{port}")
    report(1)
    log_center.flush(30)
    assert (client.sender.lost, len(client.sender.waiting)) == (1, 0)


def test_a_server_that_answers_nonsense_harms_nobody(start, collector, monkeypatch):
    spread(monkeypatch)
    client = start()
    collector.answers = [(200, {}, {"results": "?"}), (302, {"Location": "/x"}, None)]
    report(1)
    log_center.flush(10)
    report(2)
    log_center.flush(10)
    assert (len(collector.requests), client.sender.lost) == (2, 1)


def test_after_close_nothing_is_sent(start, collector):
    start()
    assert log_center.close()
    report(1)
    assert log_center.flush(0.2)
    assert collector.requests == []


def test_a_retry_after_is_seconds_or_a_date():
    from wsgiref.handlers import format_date_time

    from log_center.transport import Answer

    assert Answer(429, retry_after="7").retry_after_s == 7
    in_a_minute = format_date_time(time.time() + 60)
    assert 50 < Answer(429, retry_after=in_a_minute).retry_after_s < 61
    assert Answer(429).retry_after_s == 60
    assert Answer(429, retry_after="soon").retry_after_s == 60
    assert Answer(429, retry_after="-5").retry_after_s == 1
    assert Answer(429, retry_after="1e9").retry_after_s == 3600
