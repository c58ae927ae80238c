"""`log-center tail`: every event once, whatever happens to the server meanwhile."""

import json
import subprocess
import threading
import time

import pytest
import requests

from program import Program, binary, environment, report
from terminal import Running, command, fits, on_terminal


@pytest.fixture
def tail():
    """Starts `tail` beside a server, and waits until it follows."""
    running = []

    def begin(server, *words):
        one = Running(server, "tail", *words)
        running.append(one)
        return one

    yield begin
    for one in running:
        one.close()


def messages(running):
    return [json.loads(line)["error"]["message"] for line in running.lines]


def tell(server, message, **changes):
    server.report(error={"message": message}, **changes)


def follow(tail, server, *words):
    """A tail in JSON that has shown the last of what was there."""
    tell(server, "before")
    one = tail(server, "--json", "-n", "1", *words)
    one.wait_for(lambda it: it.lines)
    one.lines.clear()
    return one


def restart(server, port):
    """The same data on this port too, after a stop."""
    if server.process.poll() is None:
        server.stop()
    server.close()
    return Program(server.data, "--listen", f"127.0.0.1:{port}")


def test_it_begins_with_the_last_ones(server, tail):
    for number in range(15):
        tell(server, f"m{number}", project_id="begins")
    for words, expected in [([], 10), (["-n", "3"], 3), (["--since", "1h"], 15)]:
        one = tail(server, "--json", "--project", "begins", *words)
        one.wait_for(lambda it, expected=expected: len(it.lines) >= expected)
        assert messages(one) == [f"m{number}" for number in range(15 - expected, 15)]
        assert one.interrupt() == 0
    items = server.ask("/api/v1/events", project_id="begins", limit=3)["items"]
    one = tail(server, "--json", "--project", "begins", "-n", "3")
    one.wait_for(lambda it: len(it.lines) == 3)
    assert [json.loads(line) for line in one.lines] == items[::-1]


def test_what_comes_is_told_once_and_in_order(server, tail):
    one = follow(tail, server, "--project", "shop")
    expected = [f"n{number}" for number in range(300)]
    for message in expected:
        tell(server, message)
    one.wait_for(lambda it: len(it.lines) >= 300)
    time.sleep(2.5)
    assert messages(one) == expected
    assert one.complaints == []


def test_filters_choose_what_is_told(server, tail):
    tell(server, "before", project_id="f1", environment="staging")
    filters = {
        "project": ["--project", "f1"],
        "environment": ["--project", "f1", "--environment", "staging"],
        "level": ["--project", "f1", "--level", "critical,INFO"],
        "request": ["--request", "rq-7"],
        "user": ["--user-id", "us-7"],
        "words": ["pineapple"],
        "key": ["project:f1", "version:2.*"],
    }
    running = {name: tail(server, "--json", "-n", "0", *words) for name, words in filters.items()}
    # None of them says that it follows: the first report is told until all have heard one.
    time.sleep(3)
    tell(server, "plain", project_id="f1")
    tell(server, "staged", project_id="f1", environment="staging", version="2.1")
    tell(server, "bad", project_id="f1", level="CRITICAL")
    tell(server, "asked", project_id="f2", context={"request_id": "rq-7"})
    tell(server, "used", project_id="f2", context={"user_id": "us-7"})
    tell(server, "a pineapple fell", project_id="f3", line=4321)
    expected = {
        "project": ["plain", "staged", "bad"],
        "environment": ["staged"],
        "level": ["bad"],
        "request": ["asked"],
        "user": ["used"],
        "words": ["a pineapple fell"],
        "key": ["staged"],
    }
    for name, one in running.items():
        wanted = len(expected[name])
        one.wait_for(lambda it, wanted=wanted: len(it.lines) >= wanted)
    time.sleep(3)
    assert {name: messages(one) for name, one in running.items()} == expected


def test_a_restart_loses_nothing_and_repeats_nothing(start, tail):
    server = start()
    one, port = follow(tail, server), server.port
    expected = []

    def send(server, count):
        for _ in range(count):
            expected.append(f"r{len(expected)}")
            tell(server, expected[-1])

    for _ in range(2):
        send(server, 20)
        server = restart(server, port)
        send(server, 20)
    one.wait_for(lambda it: len(it.lines) >= len(expected))
    time.sleep(2.5)
    assert messages(one) == expected
    server.stop()
    one.wait_for(lambda it: it.complaints and "Waiting for it" in it.complaints[-1])
    told = len(one.complaints)
    time.sleep(2)
    assert len(one.complaints) == told, "it says so once"
    server = restart(server, port)
    one.wait_for(lambda it: "answers again" in it.complaints[-1])
    assert one.interrupt() == 0
    server.close()


def test_writers_at_once_are_all_heard(start, tail):
    server = start()
    one = follow(tail, server)

    def send(writer):
        for number in range(100):
            tell(server, f"w{writer}-{number}", line=writer)

    writers = [threading.Thread(target=send, args=[writer]) for writer in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    one.wait_for(lambda it: len(it.lines) >= 400)
    time.sleep(2.5)
    told = messages(one)
    assert len(told) == 400 and len(set(told)) == 400


def test_a_storm_is_told_by_its_number(start, tail):
    server = start()
    tell(server, "before", line=1)
    one = tail(server, "-n", "1")
    one.wait_for(lambda it: it.lines)
    storm = [report(line=2, error={"message": "storm"})] * 1_000
    for _ in range(8):
        answer = requests.post(f"{server.report_url}/batch", json=storm, timeout=60)
        assert answer.status_code == 200

    def told(it):
        rows = sum("storm" in line for line in it.lines)
        more = [line for line in it.lines if line.startswith("…")]
        return rows + sum(int(line.split()[1].replace(",", "")) for line in more)

    one.wait_for(lambda it: told(it) >= 8_000, seconds=60)
    time.sleep(3)
    assert told(one) == 8_000
    assert any(line.startswith("… ") and line.endswith(" more reports") for line in one.lines)


def test_a_line_fits_the_terminal(server):
    tell(server, "连接超时" * 40 + "\x1b[2J\u202e", project_id="p" * 60, line=9)
    timeout = ["timeout", "--signal=INT", "3"]
    words = ["tail", "-n", "2"]
    for columns in (40, 80):
        code, shown = on_terminal(server, *words, columns=columns, before=timeout)
        lines = fits(shown, columns)
        assert code in (0, 124) and len(lines) >= 3, shown
        assert lines[0].count("-") == 2 and "连接" in lines[-1] if columns == 80 else True


def test_a_closed_pipe_ends_it(server):
    for number in range(20):
        tell(server, f"c{number}", project_id="closed")
    process = subprocess.Popen(
        [binary(), "tail", "--project", "closed", "-n", "5"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment() | {"LOG_CENTER_URL": server.url},
    )
    assert "c15" in process.stdout.readline()
    process.stdout.close()
    tell(server, "one more", project_id="closed")
    assert process.wait(20) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_a_server_that_was_never_there_is_an_error():
    done = command("http://127.0.0.1:1", "tail")
    assert done.returncode == 3 and "No answer" in done.stderr
