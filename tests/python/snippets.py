"""The guide's snippets, copied beside a small application and run as its readers would."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
SNIPPETS = ROOT / "docs" / "guide" / "snippets"
SHOPS = ROOT / "tests" / "snippets"
URL = "http://localhost:8002"
PROJECT = "my_project"
START_SECONDS = 30
ARRIVAL_SECONDS = 10
VERSION = "1.2.3"


def need(command, package):
    """Skips where a language is not installed; setup.sh installs all of them."""
    if not shutil.which(command):
        reason = f"{command} is not installed (Debian: {package})"
        assert "CI" not in os.environ, reason
        pytest.skip(reason)
    return command


def install(folder, project, *names, url=URL):
    """Copies snippets to where their first lines say, with address and project filled in."""
    for name in names:
        text = (SNIPPETS / name).read_text().replace(URL, url).replace(PROJECT, project)
        said = re.search(r"Save as (?:src/)?([\w.-]+)", text)
        (folder / (said[1] if said else name)).write_text(text)


def bring(folder, *names):
    """Copies files of an application."""
    for name in names:
        shutil.copy(SHOPS / name, folder)


def node_folder(folder):
    (folder / "node_modules").symlink_to(SHOPS / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')


def java_build(folder):
    need("javac", "default-jdk-headless")
    own = folder / "ReportError.java"
    own.write_text("package com.example.shop;\n" + own.read_text())
    run(folder, "javac", "-Xlint:all", "-Werror", "-d", ".", "ReportError.java", "Shop.java")


def marked(path, mark="RAISED HERE"):
    """The number of the line that fails."""
    lines = path.read_text().splitlines()
    [number] = [number for number, line in enumerate(lines, 1) if mark in line]
    return number


def variables(**more):
    """What the application's process sees: no variable of ours except those of the snippets."""
    kept = {name: value for name, value in os.environ.items() if "LOG_CENTER" not in name}
    return kept | {"ENVIRONMENT": "staging", "APP_VERSION": VERSION} | more


def run(folder, *words, code=0, **more):
    """Runs a program to its end; what it wrote, and the seconds that it took."""
    began = time.monotonic()
    done = subprocess.run(
        words, cwd=folder, env=variables(**more), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done, time.monotonic() - began


@contextlib.contextmanager
def serving(folder, *words, port=None, ending=signal.SIGKILL, **more):
    """An application's address, while it runs."""
    with open(folder / "errors.txt", "a") as errors:
        process = subprocess.Popen(
            words, cwd=folder, env=variables(**more), stdout=subprocess.PIPE, stderr=errors,
            text=True,
        )
    try:
        yield f"http://127.0.0.1:{port or listening(process, folder)}"
    finally:
        process.send_signal(ending)
        process.wait(ARRIVAL_SECONDS)
        process.stdout.close()


def listening(process, folder):
    found = []
    reader = threading.Thread(target=lambda: found.append(process.stdout.readline()), daemon=True)
    reader.start()
    reader.join(START_SECONDS)
    words = found[0].split() if found else []
    assert words[:1] == ["listening"], (found, (folder / "errors.txt").read_text())
    return int(words[1])


def python(*words):
    return [sys.executable, *words]


class Silence:
    """Accepts connections and never answers; counts them."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.callers = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.callers.append(self.listener.accept()[0])

    def was_called(self):
        return until(lambda: self.callers)

    def close(self):
        self.listener.close()
        for caller in self.callers:
            caller.close()


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def until(found):
    """Waits until it is true."""
    end = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.05)
    return found()


def events(server, project, wanted=1):
    """The events of a project, whole and oldest first, once there are as many as wanted."""
    def arrived():
        items = list(server.walk("/api/v1/events", project_id=project))
        return items if len(items) >= wanted else None

    items = until(arrived) or list(server.walk("/api/v1/events", project_id=project))
    items.sort(key=lambda item: item["received_at"])
    whole = [
        server.ask(f"/api/v1/events/{item['event_id']}", project_id=project) for item in items
    ]
    assert len(whole) == wanted, [event["error"] for event in whole]
    return whole


def expect(event, kind, place, level="ERROR", environment="staging", version=VERSION):
    """Checks what every report carries."""
    error = event["error"]
    found = (error["type"], f"{error['file_path']}:{error['line_number']}")
    assert found == (kind, place), error
    assert (event["level"], event["environment"]) == (level, environment)
    assert event["version"] == version
    assert "".join(error["stack_trace"]) or kind == "NonError"


def order(url, path="/orders/7?coupon=spring"):
    """Asks the application as a browser behind a proxy would; its answer and the seconds."""
    began = time.monotonic()
    with contextlib.suppress(requests.ConnectionError):
        answer = requests.get(url + path, headers={"X-Request-Id": "req-42"}, timeout=20)
        return answer, time.monotonic() - began
    return None, time.monotonic() - began
