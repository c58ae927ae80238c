"""What overloads the program is refused honestly, reading goes on, and it recovers by itself."""

import os
import pathlib
import selectors
import socket
import subprocess
import threading
import time

import pytest
import requests

from program import report, until

SLOW = 60
PATIENCE_SECONDS = 30


def refused_for(program, reason):
    reasons = program.ask("/api/v1/system")["refused"]["by_reason"]
    return sum(one["count"] for one in reasons if one["reason"] == reason)


def open_files(program):
    return len(list(pathlib.Path(f"/proc/{program.pid}/fd").iterdir()))


HEAD = b"POST /api/v1/logs/report HTTP/1.1\r\nHost: localhost\r\n"
SENDERS = {
    "silent": (b"", b""),
    "head": (b"POST /api/v1/logs/report HTTP/1.1\r\n", b"X: y\r\n"),
    "body": (HEAD + b"Content-Length: 100000\r\n\r\n", b"{"),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


def trickle(program, kind):
    """Connections that send a little again and again, until the program ends all of them."""
    first, more = SENDERS[kind]
    choose = selectors.DefaultSelector()
    left = SLOW
    for _ in range(SLOW):
        stream = socket.create_connection(("127.0.0.1", program.port))
        stream.sendall(first)
        choose.register(stream, selectors.EVENT_READ)
    answers = []
    while left:
        for key, _ in choose.select(0.2):
            try:
                got = key.fileobj.recv(4096)
            except ConnectionError:
                got = b""
            if got:
                answers.append(int(got.split()[1]))
            else:
                choose.unregister(key.fileobj)
                key.fileobj.close()
                left -= 1
        for key in list(choose.get_map().values()):
            try:
                key.fileobj.sendall(more)
            except OSError:
                pass  # It was just ended; the next look says so.
    return answers


def test_slow_senders_hold_nobody_up_and_hold_nothing(start):
    program = start("--body-timeout", "2", "--header-timeout", "2")
    program.report()
    program.ask("/api/v1/system")  # Opens what reading needs.
    before = open_files(program)
    answers = {}

    def send(kind):
        answers[kind] = trickle(program, kind)

    senders = [threading.Thread(target=send, args=[kind], daemon=True) for kind in SENDERS]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        program.report()
    for kind in ("body", "chunks"):
        assert answers[kind] == [408] * SLOW
    assert answers["silent"] == answers["head"] == []
    until(lambda: program.ask("/api/v1/system")["connections"]["open"] == 1)
    assert refused_for(program, "slow_body") == 2 * SLOW
    assert refused_for(program, "slow_head") == SLOW
    assert open_files(program) <= before + 2


def test_a_full_queue_is_said_and_empties_by_itself(start):
    program = start("--queue-reports", "1000")
    batch = [report(line=line) for line in range(1000)]
    refused = []

    def send():
        while not refused:
            answer = requests.post(program.report_url + "/batch", json=batch, timeout=30)
            if answer.status_code != 200:
                refused.append(answer)

    senders = [threading.Thread(target=send, daemon=True) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(PATIENCE_SECONDS)
    assert (refused[0].status_code, refused[0].json()["code"]) == (503, "OverloadError")
    assert refused[0].headers["Retry-After"] == "1"
    until(lambda: requests.post(program.report_url, json=report(), timeout=10).status_code == 200)
    assert refused_for(program, "queue_full") == len(refused)
    assert program.ask("/api/v1/system")["storing"]["ok"]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own; needs root."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("only root can make a small disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def erase_all_but(program, issue):
    """Erasing gives space back, so it goes on without any."""
    others = [one["id"] for one in program.ask("/api/v1/issues")["items"] if one["id"] != issue]
    for path in [f"issues/{others[1]}", "projects/old?confirm=old"]:
        answer = requests.delete(f"{program.url}/api/v1/{path}", timeout=30)
        assert answer.status_code == 200, answer.text
    assert [one["id"] for one in program.ask("/api/v1/issues")["items"]] == [issue]


def test_a_disk_that_gets_room_again_is_used_again(start, small_disk):
    program = start(data=small_disk / "data")
    first = program.report()["id"]
    program.report(line=2)
    program.report(project_id="old")
    filler = small_disk / "filler"
    filler.write_bytes(bytes(100 * 1024 * 1024))

    def send():
        return requests.post(program.report_url, json=report(), timeout=10)

    until(lambda: send().status_code == 503)
    refused = send()
    assert refused.json()["code"] == "OverloadError" and int(refused.headers["Retry-After"]) > 0
    system = program.ask("/api/v1/system")
    assert system["storing"]["reason"] == "disk_full"
    ready = requests.get(program.url + "/readyz", timeout=10)
    assert ready.json()["message"] == system["storing"]["message"]
    assert system["disk"]["free_bytes"] < system["disk"]["floor_bytes"]
    count = program.ask(f"/api/v1/issues/{first}")["count"]
    change = requests.patch(f"{program.url}/api/v1/issues/{first}", json={"assignee": "ann"})
    assert (change.status_code, change.json()["code"]) == (503, "OverloadError")
    erase_all_but(program, first)
    filler.unlink()
    until(lambda: send().status_code == 200)
    assert refused_for(program, "disk_full") >= 2
    assert program.ask(f"/api/v1/issues/{first}")["count"] == count + 1
    assert program.ask("/api/v1/system")["storing"]["ok"]


def test_bodies_of_nothing_but_empty_blocks_hold_nobody_up(start):
    """A block of deflate may hold nothing and take ten bits: whoever reads on until something comes
    reads six million of them in a body that is not too large."""
    program = start()
    bits = "0100000000" * 4
    block = bytes(sum(int(bits[at * 8 + bit]) << bit for bit in range(8)) for at in range(5))
    body = block * 600_000 + b"\x03\x00"
    statuses = []

    def send():
        url = f"{program.url}/api/v1/logs/report/batch"
        headers = {"Content-Encoding": "deflate"}
        answer = requests.post(url, data=body, headers=headers, timeout=PATIENCE_SECONDS)
        statuses.append(answer.status_code)

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        assert requests.get(f"{program.url}/healthz", timeout=PATIENCE_SECONDS).ok
    assert statuses == [400] * 4


def test_lists_go_on_beside_searches(start):
    program = start()
    words = "of many words that have to be looked through one by one "
    for line in range(10):
        contexts = [{"v": f"{words * 4}{number}"} for number in range(500)]
        reports = [report(line=line, context=context) for context in contexts]
        url = f"{program.url}/api/v1/logs/report/batch"
        assert requests.post(url, json=reports, timeout=PATIENCE_SECONDS).ok
    answered = []

    def search():
        url = f"{program.url}/api/v1/events?q=context.v:*q*z*"
        answered.append(requests.get(url, timeout=4 * PATIENCE_SECONDS).status_code)

    searches = [threading.Thread(target=search) for _ in range(60)]
    for one in searches:
        one.start()
    program.ask("/api/v1/issues")
    assert len(answered) < 55, "a list waits for no queue of searches"
    for one in searches:
        one.join()
    assert answered == [200] * 60
