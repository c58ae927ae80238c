"""What nobody catches, in programs of their own: their end, threads, tasks, forks, children."""

import sys

import pytest

LEVELS = {"ERROR", "CRITICAL"}


def test_the_end_of_a_program_is_reported_and_python_says_what_it_always_says(script, collector):
    secrets = ["--api-key", "k-1", "--password=hunter2", "-v"]
    done = script("def pay():\n    raise LookupError('gone')\npay()\n", "nightly", *secrets)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback") and done.stderr.endswith("LookupError: gone\n")
    [found] = collector.reports
    assert found["level"] == "CRITICAL"
    error = found["error"]
    assert (error["type"], error["file_path"], error["line_number"]) == ("LookupError", "job.py", 4)
    context = found["context"]
    assert (context["method"], context["url"]) == ("COMMAND", "job.py nightly")
    assert context["params"]["argv"][1:] == [
        "nightly", "--api-key", "[scrubbed]", "--password=[scrubbed]", "-v",
    ]
    assert context["request_id"]


@pytest.mark.parametrize("ending", [
    "raise SystemExit(3)", "import sys; sys.exit(3)", "raise KeyboardInterrupt",
])
def test_an_ordinary_end_is_not_reported(script, collector, ending):
    assert script(ending).returncode != 0
    assert collector.requests == []


def test_a_broken_file_is_reported_as_itself(script, collector, tmp_path):
    (tmp_path / "settings.py").write_text("x = 1\nif\n")
    script("import settings")
    error = collector.reports[0]["error"]
    assert (error["type"], error["file_path"], error["line_number"]) == (
        "SyntaxError", "settings.py", 2,
    )


def test_a_thread_that_fails_is_reported(script, collector):
    done = script(
        "import threading\n"
        "def work():\n    raise LookupError('in a thread')\n"
        "thread = threading.Thread(target=work, name='worker-1')\nthread.start()\nthread.join()\n"
    )
    assert done.returncode == 0 and "LookupError: in a thread" in done.stderr
    [found] = collector.reports
    assert (found["level"], found["error"]["line_number"]) == ("ERROR", 5)
    assert found["context"]["thread"] == "worker-1"


def test_a_task_that_nobody_awaits_is_reported(script, collector):
    done = script(
        "import asyncio\n"
        "async def work():\n    raise LookupError('in a task')\n"
        "async def main():\n"
        "    with log_center.with_context(request_id='r-9'):\n"
        "        task = asyncio.ensure_future(work())\n"
        "    await asyncio.sleep(0)\n    del task\n    await asyncio.sleep(0)\n"
        "asyncio.run(main())\n"
    )
    assert done.returncode == 0 and "never retrieved" in done.stderr
    [found] = collector.reports
    assert found["error"]["line_number"] == 5
    if sys.version_info >= (3, 12):
        assert found["context"]["request_id"] == "r-9"


def test_a_loops_own_handler_is_called_too(script, collector):
    done = script(
        "import asyncio\n"
        "async def main():\n"
        "    loop = asyncio.get_running_loop()\n"
        "    loop.set_exception_handler(lambda loop, context: print('mine'))\n"
        "    log_center.watch_loop(loop)\n"
        "    loop.call_soon(int, 'x')\n"
        "    await asyncio.sleep(0)\n"
        "asyncio.run(main())\n"
    )
    assert done.stdout == "mine\n"
    assert [entry["error"]["type"] for entry in collector.reports] == ["ValueError"]


def test_hooks_that_were_there_go_on(script, collector):
    done = script(
        "import sys\n", LOG_CENTER_HOOKS="off"
    )
    assert done.returncode == 0
    done = script("from log_center import hooks\nimport sys\n"
                  "sys.excepthook = lambda *found: print('before')\n"
                  "hooks._is_installed = False\nhooks.install()\n1 / 0\n")
    assert done.stdout == "before\n"
    assert len(collector.reports) == 1


def test_what_waits_is_sent_at_the_end(script, collector):
    done = script(
        "for number in range(20):\n"
        "    log_center.capture_message('x', context={'number': number})\n"
    )
    assert done.returncode == 0 and done.stderr == ""
    counted = [entry["context"].get("folded", 0) + 1 for entry in collector.reports]
    assert sum(counted) == 20


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="no fork here")
def test_a_child_after_a_fork_sends_its_own_reports(script, collector):
    done = script(
        "import os\n"
        "log_center.capture_message('parent before')\nlog_center.flush()\n"
        "log_center.capture_message('parent waits')\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    log_center.capture_message('child')\n    log_center.flush()\n    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
    )
    assert done.returncode == 0, done.stderr
    said = sorted(entry["error"]["message"] for entry in collector.reports)
    assert said == ["child", "parent before", "parent waits"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_send_before_they_end(script, collector, method):
    import multiprocessing

    if method not in multiprocessing.get_all_start_methods():
        pytest.skip("not here")
    done = script(
        "import multiprocessing\n"
        "def work(name):\n    log_center.capture_message(name)\n"
        "if __name__ == '__main__':\n"
        f"    made = multiprocessing.get_context('{method}').Process(target=work, args=['child'])\n"
        "    log_center.capture_message('parent')\n"
        "    made.start()\n    made.join()\n"
    )
    assert done.returncode == 0, done.stderr
    assert sorted(e["error"]["message"] for e in collector.reports) == ["child", "parent"]


def test_a_monitored_function_sends_before_it_returns(script, collector):
    done = script(
        "import os\n"
        "@log_center.monitored\n"
        "def handler(event):\n"
        "    raise LookupError(event)\n"
        "try:\n    handler('frozen')\nexcept LookupError:\n    os._exit(0)\n"
    )
    assert done.returncode == 0
    [found] = collector.reports
    assert (found["error"]["line_number"], found["context"]["view"]) == (6, "handler")
    # As without the decorator: it ends the program.
    assert found["level"] == "CRITICAL"


def test_a_monitored_coroutine_too(script, collector):
    script(
        "import asyncio, os\n"
        "@log_center.monitored('invoices', flush=5)\n"
        "async def handler(event):\n    raise LookupError(event)\n"
        "try:\n    asyncio.run(handler('frozen'))\nexcept LookupError:\n    os._exit(0)\n"
    )
    [found] = collector.reports
    assert (found["error"]["message"], found["context"]["view"]) == ("frozen", "invoices")


def test_the_end_is_quick_while_log_center_is_away(script):
    import time

    began = time.monotonic()
    done = script("1 / 0\n", LOG_CENTER_URL="http://127.0.0.1:9")
    assert done.returncode == 1 and done.stderr.endswith("ZeroDivisionError: division by zero\n")
    assert time.monotonic() - began < 30


def test_the_end_waits_two_seconds_at_most_for_a_server_that_hangs(script, collector):
    collector.open.clear()
    done = script(
        "import atexit, time\nbegan = time.monotonic()\n"
        "import sys\nsys.stdout.flush()\n"
        "log_center.capture_message('x')\n"
        "from log_center import client\n"
        "client.flush_at_exit()\n"
        "print(time.monotonic() - began < 5)\nimport os\nsys.stdout.flush()\nos._exit(0)\n"
    )
    assert done.stdout == "True\n"


def test_where_threads_are_forbidden_it_sends_at_once(script, collector):
    done = script(
        "import sys, types, os\n"
        "sys.modules['uwsgi'] = types.SimpleNamespace(opt={'master': True})\n"
        "log_center.capture_message('inline')\nos._exit(0)\n"
    )
    assert done.returncode == 0
    assert [entry["error"]["message"] for entry in collector.reports] == ["inline"]


def test_a_guides_call_works_as_it_is(script, collector):
    done = script(
        "from log_center import report_error\n"
        "try:\n    {}['x']\nexcept KeyError as error:\n"
        "    report_error(error, {'url': '/x'}, level='CRITICAL', wait=True)\n"
        "import os\nos._exit(0)\n"
    )
    assert done.returncode == 0
    [found] = collector.reports
    assert (found["level"], found["context"]["url"]) == ("CRITICAL", "/x")
