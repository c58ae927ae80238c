"""Exceptions, values and options that fight back: nothing comes out, and a report still leaves."""

import _thread
import asyncio
import json
import signal
import threading

import pytest

import log_center
from collector import raised, until
from log_center import asgi
from log_center.plain import BUDGET_CHARACTERS, Plain
from log_center.scrub import SCRUBBED, Scrubber


class Leaves(Exception):
    """Its text ends the program."""

    def __str__(self):
        raise SystemExit(3)

    __repr__ = __str__


class Fights(Exception):
    """Its text and whatever it is asked for fail."""

    def __str__(self):
        raise ValueError("no")

    __repr__ = __str__

    def __getattr__(self, name):
        raise Fights()

    @property
    def __cause__(self):
        raise Fights()


class Frozen(Exception):
    def __setattr__(self, name, value):
        raise Leaves()


class Keyed(dict):
    def keys(self):
        raise Leaves()

    __iter__ = items = keys


class Endless:
    def __getitem__(self, key):
        return 1

    def keys(self):
        number = 0
        while True:
            yield number
            number += 1


@pytest.mark.parametrize("kind", [Leaves, Fights, Frozen])
def test_an_exception_that_fights_back_is_reported(start, collector, kind):
    start()
    assert log_center.report_error(raised(kind()))
    assert collector.arrived(1)[0]["error"]["type"] == kind.__name__
    assert log_center.format_error(kind())["code"] == "AppError"


def test_context_that_fights_back_costs_no_report(start, collector):
    start()
    log_center.set_user(Keyed(a=1))
    log_center.set_tag([], 1)
    log_center.add_breadcrumb(Leaves(), more=Leaves())
    with log_center.with_context(user=Keyed(), tags=5, poison=Leaves()):
        log_center.report_error(raised(ValueError(1)), Keyed(a=1))
    log_center.report_error(raised(ValueError(2)), "a text")
    log_center.report_error(raised(ValueError(3)), level=Leaves())
    log_center.capture_message(Leaves(), level="nonsense")
    found = collector.arrived(4)
    assert found[1]["context"]["details"] == "a text"
    assert [entry["level"] for entry in found[2:]] == ["ERROR", "ERROR"]


@pytest.mark.parametrize("options", [
    {"environment": Leaves()}, {"ignore": 5}, {"scrub": 5}, {"level": Leaves()}, {"timeout": "x"},
    {"environment": "e" * 500}, {"before_send": lambda report, hint: {}},
    {"before_send": lambda report, hint: {**report, "context": None}},
    {"before_send": lambda report, hint: report.update(itself=report) or report},
    {"before_send": lambda report, hint: raised(Leaves())},
], ids=lambda options: next(iter(options)))
def test_options_that_make_no_sense_leave_the_default(start, collector, options):
    start(**options)
    log_center.report_error(raised(ValueError("odd")))
    report = collector.arrived(1)[0]
    assert report["error"]["message"] == "odd"
    assert len(report["environment"]) <= 64 and report["context"]["runtime"]


@pytest.mark.parametrize("url", [
    "http://[bad", "file:///etc/passwd", "javascript:alert(1)", "%%%", "localhost:8002", Leaves(),
], ids=range(6))
def test_an_address_that_is_none_switches_off(capfd, url):
    log_center.init(url=url, project="shop", hooks=False, debug=True)
    assert not log_center.report_error(raised(ValueError()))
    assert "off: no url" in capfd.readouterr().err


def test_huge_endless_and_shared_values_are_cut():
    shared = [1] * 100
    for _ in range(4):
        shared = [shared] * 100
    for value in (shared, Endless(), 10 ** 100_000, {n: n for n in range(100_000)}):
        assert len(json.dumps(Plain(Scrubber()).value({"v": value}))) < BUDGET_CHARACTERS * 2


def test_a_group_that_holds_itself_many_times_over_is_reported(start, collector):
    group = pytest.importorskip("builtins").__dict__.get("ExceptionGroup")
    if group is None:
        pytest.skip("groups came with Python 3.11")
    start()
    error = ValueError("inner")
    for _ in range(200):
        error = group("outer", [error, error])
    assert log_center.report_error(raised(error))
    assert "not all of it" in collector.arrived(1)[0]["error"]["stack_trace"][0]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no such signals")
def test_a_handler_of_a_signal_may_report(script):
    ended = script(
        "import signal, time\n"
        "seen = []\n"
        "def handler(*_):\n"
        "    seen.append(1)\n"
        "    log_center.report_error(ValueError('signal'))\n"
        # Only now the next one: a slow machine would do nothing but handle.
        "    signal.setitimer(signal.ITIMER_REAL, 0.005)\n"
        "signal.signal(signal.SIGALRM, handler)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.005)\n"
        "while len(seen) < 100:\n"
        "    log_center.report_error(KeyError('main'))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "print('done')\n"
    )
    assert ended.stdout == "done\n" and ended.returncode == 0


def test_who_is_interrupted_while_it_counts_may_report_while_the_thread_looks(start, collector):
    sender = start().sender
    looks = threading.Event()
    due = sender.folding.due

    def looking(at_once=False):
        looks.set()
        return due(at_once)

    sender.folding.due = looking

    def interrupted():
        # The handler of a signal comes in here.
        with sender.folding.lock:
            threading.Thread(target=sender.flush, args=[5], daemon=True).start()
            # The other has to wait outside, or it is let in: it must not hold what we need now.
            looks.wait(0.5)
            log_center.report_error(ValueError("signal"))

    main = threading.Thread(target=interrupted, daemon=True)
    main.start()
    main.join(30)
    assert not main.is_alive()
    assert collector.arrived(1)[0]["error"]["message"] == "signal"


def test_only_one_thread_sends_though_a_signal_interrupts_its_start(start, collector, monkeypatch):
    start()
    begin = _thread.start_new_thread
    begun = []

    def interrupted(work, args):
        begun.append(work)
        if len(begun) == 1:
            log_center.report_error(ValueError("signal"))
        return begin(work, args)

    monkeypatch.setattr(_thread, "start_new_thread", interrupted)
    log_center.report_error(KeyError("main"))
    assert log_center.flush(30)
    # The collector has threads of its own.
    monkeypatch.undo()
    assert len(collector.arrived(2)) == 2
    assert len([work for work in begun if work.__name__ == "_work"]) == 1


def test_the_thread_of_a_client_ends_when_another_takes_its_place(start, collector):
    old = start()
    log_center.report_error(KeyError("old"))
    assert log_center.flush(30)
    start()
    until(lambda: not old.sender.has_thread)


def test_a_message_that_is_sent_for_every_request_keeps_no_id_of_one(start):
    start()
    message = {"type": "http.response.start", "status": 200, "headers": []}
    told = []

    async def application(asgi_scope, receive, send):
        await send(message)

    async def send(given):
        told.append(dict(given["headers"])[b"x-request-id"])

    async def serve():
        application_with = asgi.LogCenterMiddleware(application)
        # The headers may be absent.
        await application_with({"type": "http", "method": "POST", "path": "/"}, None, send)
        given = [(b"x-request-id", b"second")]
        await application_with({"type": "http", "path": "/", "headers": given}, None, send)

    asyncio.run(serve())
    assert told[1] == b"second" and told[0] != b"second"
    assert message["headers"] == []


def test_other_tasks_go_on_while_a_monitored_one_sends(start, collector):
    start(timeout=30)
    collector.open.clear()
    happened = []

    @log_center.monitored(flush=30)
    async def fails():
        raise ValueError("task")

    async def other():
        await asyncio.sleep(0)
        happened.append("other")
        collector.open.set()

    async def both():
        beside = asyncio.ensure_future(other())
        with pytest.raises(ValueError):
            await fails()
        happened.append("sent")
        await beside

    asyncio.run(both())
    assert happened == ["other", "sent"]
    assert collector.arrived(1)[0]["error"]["message"] == "task"


STATEMENT = "[SQL: INSERT INTO users (name, {}) VALUES (?, ?)]\n[parameters: ('bob', 'S3cr3tXY')]"


@pytest.mark.parametrize("text", [
    "clone https://S3cr3tXY@git.example failed",
    "host=db user=app password=S3cr3tXY dbname=x",
    "Server=db;Password=S3cr3tXY;Encrypt=true",
    '{"user":"a","password":"S3cr3tXY"}',
    json.dumps('{"password":"S3cr3tXY"}'),
    'mutation { login(user: "a", password: "S3cr3tXY") { id } }',
    "update users set password = 'S3cr3tXY' where id = 1",
    "Authorization: S3cr3tXY", "Cookie: a=1; b=S3cr3tXY", "x-api-key: S3cr3tXY",
    "wrong password: S3cr3tXY", "mysql --password S3cr3tXY --host db",
    "DETAIL:  Failing row contains (1, bob, S3cr3tXY).",
    "https://h/cb?next=https%3A%2F%2Fb%2F%3Ftoken%3DS3cr3tXY", "https://h/cb?pass%77ord=S3cr3tXY",
    STATEMENT.format("password"), STATEMENT.format("password")[:-2],
])
def test_secrets_in_sentences_and_statements_are_known_by_their_names(text):
    said = Scrubber().text(text)
    assert "S3cr3tXY" not in said and SCRUBBED in said


@pytest.mark.parametrize("text", [
    STATEMENT.format("city"), "password: is too short", "unexpected token: punc",
    "max_tokens=5 primary_key=7",
])
def test_sentences_without_secrets_stay(text):
    assert Scrubber().text(text) == text


def test_a_name_and_its_value_are_known_apart_as_well():
    value = {
        "form": [{"name": "password", "value": "x"}, {"name": "age", "value": "y"}],
        "headers": [("cookie", "x"), (b"authorization", b"x"), ("host", "y")],
    }
    found = Plain(Scrubber()).value(value)
    assert found["form"][0]["value"] == SCRUBBED and found["form"][1]["value"] == "y"
    assert [pair[1] for pair in found["headers"]] == [SCRUBBED, SCRUBBED, "y"]
