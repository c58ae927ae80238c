"""Who comes in between: handlers of signals, destructors, other threads, forks, other interpreters.
Nobody waits for ever, and nothing comes out."""

import asyncio
import contextlib
import logging
import os
import threading

import pytest

import log_center
from collector import raised, until
from log_center import client
from log_center.folding import Folding
from log_center.logging import LogCenterHandler


def stands_still(thread):
    thread.join(30)
    return thread.is_alive()


def test_a_destructor_may_log_in_the_senders_thread_while_another_thread_logs(start, collector):
    folding = start().folding
    choose = folding.choose
    logs = threading.Event()
    logger = logging.getLogger("shop.locks")
    logger.propagate = False
    logger.addHandler(LogCenterHandler())

    def choosing(key):
        logs.set()
        return choose(key)

    folding.choose = choosing
    other = threading.Thread(target=logger.error, args=["other"], daemon=True)

    def destructor():
        # Whoever is at the queue may be the one in which Python looks for garbage.
        with folding.lock:
            other.start()
            logs.wait(30)
            logger.error("destructor")

    first = threading.Thread(target=destructor, daemon=True)
    first.start()
    assert not stands_still(first) and not stands_still(other)
    said = {entry["error"]["message"] for entry in collector.arrived(2)}
    assert said == {"destructor", "other"}


def test_a_destructor_may_report_in_the_senders_thread_while_that_begins(start, collector):
    sender = start().sender
    work = sender._work

    def begins():
        # Where Python, too, may look for garbage, before the thread is known to run.
        log_center.report_error(KeyError("destructor"))
        work()

    sender._work = begins
    main = threading.Thread(
        target=log_center.report_error, args=[KeyError("main")], daemon=True
    )
    main.start()
    assert not stands_still(main)
    assert len(collector.arrived(2)) == 2


def test_filters_of_the_logging_handler_choose(start, collector):
    start()
    logger = logging.getLogger("shop.filters")
    logger.propagate = False
    handler = LogCenterHandler()
    handler.addFilter(lambda record: "no" not in record.msg)
    logger.addHandler(handler)
    logger.error("no")
    logger.error("yes")
    assert log_center.flush(30)
    assert [entry["error"]["message"] for entry in collector.reports] == ["yes"]


def test_an_error_that_comes_while_others_are_looked_through_harms_nobody():
    folding = Folding()

    class Interrupts:
        """Where another error comes in, as from the handler of a signal."""

        began = 0.0
        folded = 0

        @property
        def kept(self):
            folding.choose(object())
            return None

    folding._runs["slow"] = Interrupts()
    assert folding.next_due() is None and folding.due() == []
    folding._forget(9e9)
    assert "slow" not in folding._runs


def test_locks_that_no_longer_work_reach_nobody(start):
    sender = start().sender

    def refuses():
        raise RuntimeError("cannot notify on un-acquired lock")

    sender.changed.notify_all = refuses
    assert log_center.report_error(raised(ValueError("after"))) == ""
    assert log_center.flush(1) is False and log_center.close(1) is False


def test_a_sending_thread_that_breaks_is_silent_and_has_a_successor(start, collector, capfd):
    sender = start().sender
    due = sender.folding.due

    def breaks(at_once=False):
        sender.folding.due = due
        raise RuntimeError("dictionary changed size during iteration")

    sender.folding.due = breaks
    log_center.report_error(raised(ValueError("first")))
    until(lambda: not sender.has_thread)
    log_center.report_error(raised(KeyError("second")))
    assert len(collector.arrived(2)) == 2
    assert capfd.readouterr().err == ""


def test_at_the_end_of_a_loop_a_monitored_function_fails_with_its_own_error(start, collector):
    start()
    collector.open.clear()

    @log_center.monitored(flush=30)
    async def fails():
        raise ValueError("mine")

    async def late():
        await asyncio.get_running_loop().shutdown_default_executor()
        with pytest.raises(ValueError, match="mine"):
            await fails()

    asyncio.run(late())
    collector.open.set()
    assert collector.arrived(1)[0]["error"]["message"] == "mine"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_destructor_may_report_in_a_child_that_is_not_yet_made_ready(script, collector):
    done = script(
        "import os, threading\n"
        "from log_center import client\n"
        "log_center.report_error(KeyError('parent'))\n"
        "at_work, may_end = threading.Event(), threading.Event()\n"
        "def hold():\n"
        "    with client.current().folding.lock:\n"
        "        at_work.set()\n        may_end.wait(0.1)\n"
        "def in_child():\n"
        # What was registered first is called first: the client of this child is the parent's.
        "    log_center.report_error(KeyError('destructor'))\n"
        "thread = threading.Thread(target=hold)\n"
        "thread.start()\nat_work.wait(30)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    print(log_center.flush(30), flush=True)\n    os._exit(0)\n"
        "os.waitpid(child, 0)\nmay_end.set()\nthread.join()\n"
        "log_center.report_error(KeyError('after'))\n",
        before="import os\nos.register_at_fork(after_in_child=lambda: in_child())\n",
    )
    assert done.stdout == "True\n" and done.returncode == 0, done.stderr
    assert {entry["error"]["message"] for entry in collector.reports} >= {"'parent'", "'after'"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_of_a_fork_under_every_lock_reports(script, collector):
    done = script(
        "import os, threading\n"
        "from log_center import client\n"
        "log_center.report_error(KeyError('parent'))\n"
        "held, forked = threading.Event(), threading.Event()\n"
        "def hold():\n"
        "    with client._lock, client.current().folding.lock:\n"
        "        held.set()\n        forked.wait(30)\n"
        "thread = threading.Thread(target=hold)\nthread.start()\nheld.wait(30)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    log_center.report_error(KeyError('child'))\n"
        "    print(log_center.flush(30), flush=True)\n    os._exit(0)\n"
        "os.waitpid(child, 0)\nforked.set()\nthread.join()\n"
    )
    assert done.stdout == "True\n" and done.returncode == 0, done.stderr
    assert len(collector.reports) == 2


def test_an_interpreter_within_the_interpreter_reports(script, collector):
    made = None
    for name in ("_interpreters", "_xxsubinterpreters"):
        with contextlib.suppress(ImportError):
            made = made or __import__(name).__name__
    if made is None:
        pytest.skip("not here")
    # Python 3.12.1 itself fails at the end of one that has loaded `ssl`: this one never ends.
    done = script(
        f"import os, {made} as interpreters\n"
        "code = '''import log_center\n"
        "log_center.init()\n"
        "log_center.report_error(ValueError(1))\n"
        "log_center.init()\n"
        "print(log_center.flush(30), flush=True)'''\n"
        "print(interpreters.run_string(interpreters.create(), code), flush=True)\n"
        "os._exit(0)\n"
    )
    assert done.stdout == "True\nNone\n", done.stdout + done.stderr
    assert len(collector.reports) == 1


@pytest.mark.parametrize("is_raised", [True, False])
def test_a_text_that_is_slow_to_make_is_asked_for_once(start, collector, is_raised):
    start()
    asked = []

    class Slow(Exception):
        def __str__(self):
            asked.append(1)
            return "slow"

    log_center.report_error(raised(Slow()) if is_raised else Slow())
    found = collector.arrived(1)[0]
    assert len(asked) == 1
    assert found["error"]["message"] == found["context"]["originalError"]["message"] == "slow"
    assert found["error"]["stack_trace"][-1].endswith("Slow: slow\n")


def test_before_send_may_report_and_does_not_go_round_for_ever(start, collector):
    def again(report, hint):
        log_center.report_error(raised(ValueError("inner")))
        return report

    start(before_send=again)
    log_center.report_error(raised(KeyError("outer")))
    assert log_center.flush(30)
    until(lambda: {e["error"]["type"] for e in collector.reports} == {"KeyError", "ValueError"})
    assert len(collector.reports) <= 8 and client.current().sender.lost == 0


def test_a_text_that_reports_whenever_it_is_made_comes_to_an_end(start, collector):
    class Reports(Exception):
        def __str__(self):
            log_center.report_error(Reports())
            log_center.report_error(raised(Reports()))
            return "text"

    start()
    log_center.report_error(Reports())
    log_center.report_error(raised(KeyError("after")))
    assert log_center.flush(30)
    assert "KeyError" in {entry["error"]["type"] for entry in collector.reports}
