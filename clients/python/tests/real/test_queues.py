"""Celery and RQ with a real Redis between."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys

import pytest

from apps import EXAMPLES, events, marked, new_id, older, run, until, variables


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    """A Redis of our own, with nothing on disk."""
    if not shutil.which("redis-server"):
        assert "CI" not in os.environ, "redis-server is missing (Debian: redis-server)"
        pytest.skip("redis-server is missing (Debian: redis-server)")
    folder = tmp_path_factory.mktemp("redis")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
         "--appendonly", "no", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )

    def answers():
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            return False

    until(answers)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(20)


@pytest.fixture
def worker(tmp_path):
    """Starts workers that end with the test."""
    started = []

    def start(words, environment):
        log = open(tmp_path / f"{len(started)}.log", "w")
        process = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=EXAMPLES, env=environment, stdout=log,
            stderr=subprocess.STDOUT,
        )
        started.append((process, log))
        return pathlib.Path(log.name)

    yield start
    for process, log in started:
        process.terminate()
        try:
            # It ends by itself, whatever was reported.
            process.wait(60)
        finally:
            process.kill()
            process.wait()
            log.close()


def queue(environment, text):
    return run(["-c", "import log_center\n" + text], environment, code=0).stdout.split()


@pytest.mark.parametrize("pool, version", [
    ("prefork", dict), ("solo", dict), ("threads", dict), ("gevent", dict), ("eventlet", dict),
    ("prefork", older),
], ids=["prefork", "solo", "threads", "gevent", "eventlet", "prefork before"])
def test_celery_reports_a_task_once_with_the_id_of_who_queued_it(
    center, redis, worker, pool, version
):
    environment = version(variables(center, REDIS_URL=redis))
    request_id, retried_id = new_id(), new_id()
    queued = queue(environment, (
        "from celery_app import bill, retried, fine\n"
        f"with log_center.with_context(request_id='{request_id}'):\n"
        "    print(bill.delay(7, card='4242424242424242').id)\n"
        f"with log_center.with_context(request_id='{retried_id}'):\n"
        "    retried.delay(8)\n"
        "fine.delay(9)\n"
        "bill.delay(10)\nprint(log_center.request_id())\n"
    ))
    worker(
        ["celery", "-A", "celery_app", "worker", "--pool", pool, "--concurrency", "1",
         "--loglevel", "WARNING", "--without-gossip", "--without-mingle"], environment,
    )
    [event] = events(center, request_id=request_id)
    error, context = event["error"], event["context"]
    assert (error["type"], error["code"], event["level"]) == (
        "OperationalError", "DatabaseConnectionError", "CRITICAL",
    )
    assert (error["file_path"], error["line_number"]) == (
        "celery_app.py", marked("celery_app.py", "bill"),
    )
    assert (context["method"], context["url"]) == ("TASK", "celery_app.bill")
    assert context["params"] == {"args": [7], "kwargs": {"card": "[scrubbed]"}}
    assert context["task"]["id"] == queued[0]
    assert event["user_id"] == "u_7"
    [event] = events(center, request_id=retried_id)
    assert event["error"]["line_number"] == marked("celery_app.py", "retried")
    assert event["context"]["task"]["retries"] == 2
    # One that a script queued has the id of the script's run.
    events(center, request_id=queued[1])


def test_rq_reports_before_the_work_horse_ends(center, redis, worker):
    environment = variables(center, REDIS_URL=redis)
    request_id, retried_id = new_id(), new_id()
    queue(environment, (
        "import os, redis, rq, rq_jobs, log_center.rq\n"
        "jobs = rq.Queue(connection=redis.Redis.from_url(os.environ['REDIS_URL']))\n"
        f"with log_center.with_context(request_id='{request_id}'):\n"
        "    jobs.enqueue(rq_jobs.bill, 7, card='x', meta=log_center.rq.carried())\n"
        f"with log_center.with_context(request_id='{retried_id}'):\n"
        "    jobs.enqueue(rq_jobs.bill, 8, retry=rq.Retry(max=1), meta=log_center.rq.carried())\n"
    ))
    log = worker(
        ["rq.cli", "worker", "--url", redis, "--worker-class", "log_center.rq.Worker", "--burst"],
        environment,
    )
    [event] = events(center, request_id=request_id)
    error, context = event["error"], event["context"]
    assert (error["type"], error["code"]) == ("LookupError", "AppError"), log.read_text()
    assert (error["file_path"], error["line_number"]) == ("rq_jobs.py", marked("rq_jobs.py"))
    assert (context["method"], context["url"]) == ("TASK", "rq_jobs.bill")
    assert context["params"] == {"args": [7], "kwargs": {"card": "x"}}
    assert event["user_id"] == "u_7"
    events(center, wanted=1, request_id=retried_id)
