"""Starts the examples as their users would, and reads what the real Log Center got."""

import contextlib
import os
import pathlib
import subprocess
import sys
import threading
import time
import uuid

import requests

HERE = pathlib.Path(__file__).resolve().parent
CLIENT = HERE.parents[1]
EXAMPLES = CLIENT / "examples"
SOURCE = CLIENT / "src"
#: Older versions of frameworks, and those that do not fit beside the newer ones.
OLDER = CLIENT / ".venv" / "older"
WAIT_S = 60


def variables(program, **more):
    """What an example's process sees."""
    kept = {name: value for name, value in os.environ.items() if "LOG_CENTER" not in name}
    return {
        **kept, "PYTHONPATH": os.pathsep.join([str(SOURCE), str(EXAMPLES)]),
        "LOG_CENTER_URL": program.url, "ENVIRONMENT": "staging",
        "LOG_CENTER_VERSION": "1.2.3", "PYTHONDONTWRITEBYTECODE": "1", **more,
    }


def older(found):
    """The same, with the older versions before the others."""
    return {**found, "PYTHONPATH": os.pathsep.join([str(OLDER), found["PYTHONPATH"]])}


@contextlib.contextmanager
def serving(words, folder, environment):
    """An application's address, while it runs."""
    process = subprocess.Popen(
        [sys.executable, *map(str, words)], cwd=folder, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    said = []
    reader = threading.Thread(
        target=lambda: said.extend(iter(process.stderr.readline, "")), daemon=True
    )
    reader.start()
    try:
        first = process.stdout.readline().split()
        assert first[:1] == ["listening"], "".join(said) or process.wait(5)
        yield f"http://127.0.0.1:{first[1]}"
    finally:
        process.terminate()
        try:
            process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(5)
        process.stdout.close()
        process.stderr.close()


def run(words, environment, folder=EXAMPLES, code=None):
    """Runs a program to its end."""
    done = subprocess.run(
        [sys.executable, *map(str, words)], cwd=folder, env=environment, capture_output=True,
        text=True, timeout=60,
    )
    assert code is None or done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


def marked(path, mark=""):
    """The number of the line that fails."""
    lines = (EXAMPLES / path).read_text().splitlines()
    [number] = [
        number for number, line in enumerate(lines, 1)
        if line.endswith(f"# RAISED HERE {mark}".rstrip())
    ]
    return number


def until(found, seconds=WAIT_S):
    """Waits until it is true, and gives it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def new_id():
    return f"req-{uuid.uuid4().hex[:12]}"


def events(program, wanted=1, **query):
    """Events as the real Log Center has them, whole, oldest first."""
    def arrived():
        items = program.ask("/api/v1/events", **query)["items"]
        return items if len(items) >= wanted else None

    items = until(arrived)
    whole = [
        program.ask(f"/api/v1/events/{item['event_id']}", project_id=item["project_id"])
        for item in items
    ]
    assert len(whole) == wanted, [event["error"] for event in whole]
    return sorted(whole, key=lambda event: event["received_at"])


def order(url, path, request_id, accept="*/*", method="POST"):
    """Asks an application as a caller with secrets would."""
    body = {"sku": "A-1", "password": "hunter2"} if method == "POST" else None
    return requests.request(
        method, url + path, json=body, timeout=WAIT_S,
        headers={
            "X-Request-Id": request_id, "Authorization": "Bearer abcdefghijkl", "Accept": accept,
            "X-Shop": "north",
        },
    )
