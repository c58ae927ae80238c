"""Thousands at once who want nothing, never read, never end or send bombs: memory, threads and
open files stay within what is promised, and reports of others are answered."""

import json
import pathlib
import resource
import socket
import threading
import time

import pytest

from caller import Caller
from ledger import Ledger
from load import Load
from program import report, until
from test_encodings import ENCODERS, MIB, post

IDLE = 10_000
DEAF = 1_000
# What the program promises: at rest, under full load, with 10,000 who wait. At rest four fifths are
# pages of the program's own file, of which the system decides, and the file of these tests is
# larger than a release's: hence five more than are promised.
REST_MIB, LOAD_MIB, IDLE_MIB = 12 + 5, 40, 120
# Bodies may take 64 MiB together. They grow, and the allocator keeps what they grew out of: after
# thousands of them that was at most 177 MiB in all.
BODIES_MIB = 200
# Main thread, HTTP, writer, checkpoints, and those for reads.
THREADS_MAX = 24
# Those of the program itself: database, log, sockets.
FILES_OWN = 60
PATIENCE_SECONDS = 3


class Vitals:
    """What a program takes now."""

    def __init__(self, program):
        process = pathlib.Path(f"/proc/{program.pid}")
        lines = (process / "status").read_text().splitlines()
        found = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
        self.resident_mib = int(found["VmRSS"][0]) / 1024
        self.peak_mib = int(found["VmHWM"][0]) / 1024
        self.threads = int(found["Threads"][0])
        self.files = len(list((process / "fd").iterdir()))

    def __str__(self):
        return (f"{self.resident_mib:.1f} MiB resident, at most {self.peak_mib:.1f} until now, "
                f"{self.threads} threads, {self.files} open files")

    def check(self, what, mib, connections=0):
        print(f"{what}: {self}")
        assert self.resident_mib <= mib, f"{what}: {self}"
        assert self.threads <= THREADS_MAX, f"{what}: {self}"
        assert self.files <= connections + FILES_OWN, f"{what}: {self}"


@pytest.fixture(autouse=True)
def many_files():
    """For this process and those that it starts."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = max(before[1], IDLE + 1_000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (enough, enough))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[0], enough))


def connections_open(program):
    return program.ask("/api/v1/system")["connections"]["open"]


@pytest.fixture
def connect():
    """Opens so many connections; each sends the same and gets an answer, unless that is nothing."""
    streams = []

    def connect(program, count, first=b"", receive_bytes=None):
        for nth in range(count):
            stream = socket.socket()
            streams.append(stream)
            if receive_bytes:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            stream.connect(("127.0.0.1", program.port))
            stream.sendall(first)
            if first:
                assert stream.recv(12) == b"HTTP/1.1 200"
            elif nth % 100 == 99:
                # More than wait to be let in would have to knock again, a second later.
                until(lambda nth=nth: connections_open(program) > nth)
        until(lambda: connections_open(program) > count)
        return streams

    yield connect
    for stream in streams:
        stream.close()


def test_at_rest_it_takes_little(start):
    program = start()
    Vitals(program).check("at rest", REST_MIB)


def test_full_load_takes_what_is_promised(start):
    program = start()
    load = Load(program, Ledger(), ["few"] * 24 + ["different"] * 8 + ["batch"] * 2)
    load.wait_for_answers(3_000, seconds=60)
    vitals = Vitals(program)
    load.stop()
    vitals.check("under load", LOAD_MIB, connections=len(load.threads))
    assert not load.ledger.wrong


@pytest.mark.parametrize("first", [b"", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"],
                         ids=["silent", "kept"])
def test_ten_thousand_who_wait_cost_little_and_stop_nobody(start, connect, first):
    program = start("--max-connections", str(IDLE + 100))
    program.report()
    streams = connect(program, IDLE, first)
    vitals = Vitals(program)
    began = time.monotonic()
    for line in range(20):
        program.report(line=line)
    assert time.monotonic() - began < 20 * PATIENCE_SECONDS
    vitals.check(f"{IDLE} idle connections", IDLE_MIB, connections=IDLE)
    # Whoever waited is answered when he asks, the last as the first.
    for stream in (streams[0], streams[-1]):
        stream.settimeout(PATIENCE_SECONDS)
        while first and not stream.recv(4096).endswith(b"}"):
            pass
        stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert stream.recv(4096).startswith(b"HTTP/1.1 200")
    for stream in streams:
        stream.close()
    until(lambda: connections_open(program) == 1)
    Vitals(program).check("after they left", IDLE_MIB)
    code, seconds = program.stop()
    assert code == 0 and seconds < 10


def test_a_thousand_listeners_who_do_not_read_cost_little(start, connect):
    program = start()
    listen = b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
    # A small window, so that the server soon has nowhere to put what it has to say.
    deaf = connect(program, DEAF, listen, receive_bytes=4096)
    with Caller(program, 60) as caller:
        for line in range(0, 20_000, 500):
            text = "m" * 500
            batch = [report(line=nth, error={"message": text}) for nth in range(line, line + 500)]
            status, _, _ = caller.call("POST", "/api/v1/logs/report/batch", json.dumps(batch))
            assert status == 200
    Vitals(program).check(f"{DEAF} listeners who do not read", IDLE_MIB, connections=DEAF)
    for stream in deaf:
        stream.close()
    until(lambda: connections_open(program) == 1)


HEAD = b"POST /api/v1/logs/report/batch HTTP/1.1\r\nHost: localhost\r\n"


def test_bodies_that_never_end_are_ended(start):
    program = start("--body-timeout", "5")
    program.report()
    until(lambda: connections_open(program) == 1)
    before = Vitals(program)
    stopping = threading.Event()
    answers = []

    def send():
        while not stopping.is_set():
            with socket.create_connection(("127.0.0.1", program.port)) as stream:
                stream.settimeout(30)
                try:
                    stream.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
                    while True:
                        stream.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
                except OSError:
                    pass  # It was told to stop.
                try:
                    answers.append(stream.recv(4096)[:12])
                except ConnectionError:
                    answers.append(b"")

    senders = [threading.Thread(target=send, daemon=True) for _ in range(16)]
    for sender in senders:
        sender.start()
    vitals = []
    while len(answers) < 100:
        assert program.report()["id"]
        vitals.append(Vitals(program))
    stopping.set()
    for sender in senders:
        sender.join(60)
    most = max(vitals, key=lambda one: one.resident_mib)
    most.check("bodies without an end", BODIES_MIB, connections=len(senders))
    assert set(answers) <= {b"HTTP/1.1 413", b"HTTP/1.1 503", b"HTTP/1.1 408", b""}
    assert b"HTTP/1.1 413" in answers
    until(lambda: connections_open(program) == 1)
    assert Vitals(program).files <= before.files + 2


@pytest.fixture(scope="module")
def bombs():
    plain = json.dumps(report(error={"message": "a" * 48 * MIB})).encode()
    return [(encoding, encode(plain)) for encoding, encode in ENCODERS.values()
            if encoding != "identity"]


@pytest.mark.parametrize("path", ["/api/v1/logs/report", "/api/v1/logs/report/batch"])
def test_bombs_in_every_encoding_at_once_burst_nothing(start, bombs, path):
    program = start()
    answers, vitals = [], []

    def send(encoding, bomb):
        for _ in range(3):
            answers.append(post(program, encoding, bomb, path).status_code)

    senders = [threading.Thread(target=send, args=bomb, daemon=True) for bomb in bombs * 2]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        began = time.monotonic()
        program.report()
        assert time.monotonic() - began < PATIENCE_SECONDS
        vitals.append(Vitals(program))
    most = max(vitals, key=lambda one: one.resident_mib)
    most.check(f"{len(senders)} senders of bombs", BODIES_MIB, connections=len(senders))
    assert set(answers) <= {413, 503} and answers.count(413) > 0
