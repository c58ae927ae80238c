"""The real program, started on a free port with a folder of its own."""

import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 20
STOP_SECONDS = 10


def binary():
    """The program under test: LOG_CENTER_BIN, else the newest one that was built here."""
    named = os.environ.get("LOG_CENTER_BIN")
    if named:
        return named
    target = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
    built = [target / profile / "log-center" for profile in ("ci", "release", "debug")]
    built = [path for path in built if path.exists()]
    if not built:
        raise RuntimeError("build the program first, or name it in LOG_CENTER_BIN")
    return str(max(built, key=lambda path: path.stat().st_mtime))


def environment():
    """This process's variables without any that would choose for the program."""
    kept = {name: value for name, value in os.environ.items() if "LOG_CENTER" not in name}
    return kept | {"HOME": "/nonexistent"}


class Program:
    """A running `log-center serve`, or another command that serves."""

    def __init__(self, data, *flags, before=(), command="serve", variables=None):
        words = [*before, binary(), command, "--data", str(data), "--listen", "127.0.0.1:0"]
        self.data = pathlib.Path(data)
        self.lines = []
        self.process = subprocess.Popen(
            [*words, *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment() | (variables or {}),
        )
        ready = threading.Event()
        self.reader = threading.Thread(target=self._read, args=[ready], daemon=True)
        self.reader.start()
        if not ready.wait(START_SECONDS) or not self.port:
            self.process.kill()
            raise RuntimeError(f"it did not start: {self.said()}")
        self.url = f"http://127.0.0.1:{self.port}"
        self.report_url = self.url + "/api/v1/logs/report"

    def _read(self, ready):
        self.port = None
        for line in self.process.stdout:
            self.lines.append(line)
            found = re.search(r"127\.0\.0\.1:(\d+)", line)
            if found and not self.port:
                self.port = int(found[1])
                ready.set()
        ready.set()

    def said(self):
        return "".join(self.lines)

    @property
    def pid(self):
        """Of the program itself, also when it runs below another one such as strace."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        below = children.read_text().split() if self.process.args[0] != binary() else []
        return int(below[0]) if below else self.process.pid

    def kill(self):
        """As power loss does: no chance to write anything more."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def terminate(self):
        """Asks it to stop, and does not wait."""
        os.kill(self.pid, signal.SIGTERM)

    def stop(self):
        """Asks it to stop; its exit code and the seconds that it took."""
        began = time.monotonic()
        self.terminate()
        code = self.process.wait(STOP_SECONDS + 5)
        return code, time.monotonic() - began

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.join(5)
        self.process.stdout.close()

    # What a client does.

    def report(self, **changes):
        answer = requests.post(self.report_url, json=report(**changes), timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, path, **query):
        answer = requests.get(self.url + path, params=query, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def walk(self, path, **query):
        """Every item of a list, page after page."""
        cursor = None
        while True:
            page = self.ask(path, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


def killed_start(data, seconds):
    """Starts the program and kills it so soon, wherever it is then."""
    words = [binary(), "serve", "--data", str(data), "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=environment(),
    )
    time.sleep(seconds)
    process.kill()
    process.wait()


def refused_start(*words, data=None, variables=None):
    """Starts the program, which has to end by itself; exit code and standard error."""
    folder = ["--data", str(data)] if data else []
    done = subprocess.run(
        [binary(), "serve", *folder, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        env=environment() | (variables or {}),
    )
    return done.returncode, done.stderr


def report(error=None, **changes):
    """A valid report; `line` is a short way to another issue."""
    line = changes.pop("line", 42)
    whole = {
        "project_id": "shop",
        "environment": "production",
        "level": "ERROR",
        "error": {
            "type": "ValueError",
            "message": "invalid literal for int(): 'abc'",
            "file_path": "apps/users/views.py",
            "line_number": line,
            "stack_trace": ["Traceback (most recent call last):", "ValueError: invalid literal"],
        },
    }
    whole["error"] |= error or {}
    return whole | changes


def until(holds, seconds=60):
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
