"""The program's commands as a person or a script runs them."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
import unicodedata

from program import binary, environment

COMMAND_SECONDS = 30


def command(server, *words, variables=None):
    """Runs a command beside a server, or an address; the finished process."""
    url = server if isinstance(server, str) else server.url
    return subprocess.run(
        [binary(), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        env=environment() | {"LOG_CENTER_URL": url} | (variables or {}),
    )


def on_terminal(server, *words, columns=80, variables=None, before=()):
    """Runs a command in a terminal; exit code and what it showed, with its colours."""
    url = server if isinstance(server, str) else server.url
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [*before, binary(), *words],
        stdin=subprocess.DEVNULL,
        stdout=side,
        stderr=side,
        env=environment() | {"LOG_CENTER_URL": url, "TERM": "xterm"} | (variables or {}),
    )
    os.close(side)
    shown = b""
    end = time.monotonic() + COMMAND_SECONDS
    # The terminal is gone with an error, not with an end of file.
    with contextlib.suppress(OSError):
        while time.monotonic() < end and select.select([main], [], [], COMMAND_SECONDS)[0]:
            piece = os.read(main, 65_536)
            if not piece:
                break
            shown += piece
    os.close(main)
    return process.wait(COMMAND_SECONDS), shown.decode().replace("\r\n", "\n")


def plain(text):
    """Without colours."""
    return re.sub(r"\x1b\[[0-9]+m", "", text)


def columns_of(line):
    """Columns that a line takes in a terminal."""
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in line)
    return len(line) + wide


def fits(text, columns=80):
    """The lines of a text, none of which may be too long or steer the terminal."""
    lines = plain(text).splitlines()
    for line in lines:
        assert columns_of(line) <= columns, f"{columns_of(line)} columns: {line}"
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", line), repr(line)
    return lines


class Running:
    """A command that goes on, and the lines that it has written so far."""

    def __init__(self, server, *words):
        url = server if isinstance(server, str) else server.url
        self.lines = []
        self.complaints = []
        self.process = subprocess.Popen(
            [binary(), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment() | {"LOG_CENTER_URL": url},
        )
        pipes = [(self.process.stdout, self.lines), (self.process.stderr, self.complaints)]
        self.readers = [threading.Thread(target=gather, args=pipe, daemon=True) for pipe in pipes]
        for reader in self.readers:
            reader.start()

    def wait_for(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while not condition(self):
            assert self.process.poll() is None, f"it ended: {self.complaints}"
            assert time.monotonic() < end, f"{self.lines[-5:]} {self.complaints}"
            time.sleep(0.05)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(10)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for reader in self.readers:
            reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()


def gather(pipe, lines):
    for line in pipe:
        lines.append(line.rstrip("\n"))
