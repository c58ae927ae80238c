"""The commands that report, run, change and examine, used as a person and as cron use them."""

import fcntl
import http.server
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import uuid

import pytest
import requests

from program import binary, environment, report

NOBODY = "http://127.0.0.1:1"
OWN = "report run move mute unmute assign comment deploy doctor completions man".split()


def command(url, *words, stdin=None, variables=None, cwd=None, timeout=60):
    """A command's end; output is bytes."""
    return subprocess.run(
        [binary(), *words],
        input=stdin if stdin is not None else b"",
        capture_output=True,
        timeout=timeout,
        cwd=cwd,
        env=environment() | {"LOG_CENTER_URL": url, "USER": "ana"} | (variables or {}),
    )


def answer(url, *words, **more):
    """The JSON that a command prints, which has to succeed."""
    done = command(url, *words, "--json", **more)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def on_a_terminal(url, *words, typed=b"", columns=80):
    """Runs a command on a terminal; its exit code and what the terminal saw."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        variables = environment() | {"LOG_CENTER_URL": url, "TERM": "xterm", "USER": "ana"}
        os.execve(binary(), [binary(), *words], variables)
    seen, deadline = b"", time.monotonic() + 30
    while time.monotonic() < deadline:
        if typed and b"ready" in seen:
            os.write(terminal, typed)
            typed = b""
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
    status = os.waitpid(pid, 0)[1]
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), seen.decode()


def columns_of(line):
    return len(re.sub(r"\x1b\[[0-9;]*m", "", line.rstrip("\r\n")))


def newest(server, project):
    issues = server.ask("/api/v1/issues", project_id=project)["items"]
    assert issues, f"nothing in {project}"
    return server.ask(f"/api/v1/issues/{issues[0]['id']}")["latest_event"]


@pytest.fixture
def issue(server):
    """The number of a fresh issue in a project of its own."""
    return server.report(project_id=f"p{uuid.uuid4().hex[:12]}")["id"]


# Help, completions, the manual.


def test_the_help_is_short_and_serve_has_its_own(server):
    text = command(NOBODY, "--help").stdout.decode()
    assert "--retention-days" not in text and len(text.splitlines()) < 80
    for name in ("serve", "report", "run", "move", "doctor", "completions"):
        assert re.search(rf"^  {name} ", text, re.M), name
    assert "--retention-days" in command(NOBODY, "serve", "--help").stdout.decode()


def test_every_command_explains_itself(server):
    text = command(NOBODY, "--help").stdout.decode()
    names = re.findall(r"^  ([a-z]+)  ", text.split("Options:")[0], re.M)
    assert set(OWN) <= set(names)
    for name in names:
        code, seen = on_a_terminal(NOBODY, name, "--help")
        assert code == 0, name
        assert all(columns_of(line) <= 80 for line in seen.splitlines()), name
        if name in OWN:
            assert "Example" in seen, name


def test_flags_of_serve_are_taken_without_a_command(tmp_path):
    done = command(NOBODY, "--listen", "0.0.0.0:0", "--data", str(tmp_path))
    assert done.returncode == 1 and b"--insecure-open" in done.stderr


def test_usage_faults_exit_with_2(server):
    for words in (
        ["nonsense"],
        ["move", "1"],
        ["move", "1", "NOWHERE"],
        ["mute", "1"],
        ["mute", "1", "--forever", "--reports", "3"],
        ["assign", "1"],
        ["report", "--level", "LOUD", "x"],
        ["report", "no project"],
        ["run", "--project", "x"],
        ["comment", "1", " "],
    ):
        assert command(server.url, *words).returncode == 2, words


def test_what_is_no_log_center_has_stored_nothing():
    class Foreign(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.server.body
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as foreign:
        threading.Thread(target=foreign.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{foreign.server_port}"
        for foreign.body in (b"{}", b"null", b'{"status":"up"}', b"<html>"):
            for words in (["report", "--project", "x", "m"], ["list"], ["deploy", "x", "1"]):
                done = command(url, *words)
                assert done.returncode == 1, (foreign.body, words, done)
                assert b"is not Log Center" in done.stderr
            done = command(url, "run", "--project", "x", "--", "false")
            assert done.returncode == 1 and b"not reported" in done.stderr
        foreign.shutdown()


def test_a_server_that_is_away_exits_with_3():
    for words in (["move", "1", "FIXED"], ["report", "--project", "x", "m"], ["doctor"]):
        assert command(NOBODY, *words).returncode == 3, words


def test_completions_complete_in_the_shells(tmp_path):
    for shell in ("bash", "zsh", "fish"):
        script = command(NOBODY, "completions", shell).stdout
        assert b"log-center" in script and b"unmute" in script
        if shutil.which(shell):
            (tmp_path / shell).write_bytes(script)
            subprocess.run([shell, "-n", str(tmp_path / shell)], check=True)
    lines = f"""
        source {tmp_path}/bash
        complete=$(complete -p log-center | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        try() {{
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
            $complete log-center "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
            echo "${{COMPREPLY[@]}}"
        }}
        try log-center unm
        try log-center run --time
    """
    done = subprocess.run(["bash", "-c", lines], capture_output=True, text=True)
    assert done.stdout.split() == ["unmute", "--timeout"], done


@pytest.mark.parametrize("words", [[], ["report"], ["run"], ["doctor"]])
def test_the_manual_renders_without_a_warning(words):
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    page = command(NOBODY, "man", *words).stdout
    drawn = subprocess.run(["groff", "-man", "-Tutf8", "-ww"], input=page, capture_output=True)
    assert drawn.stderr == b""
    text = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", drawn.stdout.decode())
    assert "NAME" in text and "EXAMPLES" in text
    assert words or all(f"\n{name}\n" in text for name in ("RUN", "REPORT", "MOVE", "DOCTOR"))
    assert command(NOBODY, "man", "nonsense").returncode == 2


# Reporting.


def test_a_message_is_reported_with_all_that_is_said_of_it(server, tmp_path):
    (tmp_path / "context.json").write_text('{"url": "/pay", "tags": {"a": "1"}}')
    words = ["--project", "told", "--environment", "staging", "--level", "warn", "--type", "Slow"]
    words += ["--file", "a.sh", "--line", "7", "--app-version", "1.2", "--commit", "abc"]
    words += ["--code", "Disk", "--tag", "host=db=1", "--request-id", "r1"]
    words += ["--context", f"@{tmp_path}/context.json", "--event-id", str(uuid.uuid4())]
    first = answer(server.url, "report", *words, "too slow")
    again = answer(server.url, "report", *words, "too slow")
    assert first["is_new"] and again["status"] == "duplicate"
    event = newest(server, "told")
    error = event["error"]
    assert (error["type"], error["message"], error["code"]) == ("Slow", "too slow", "Disk")
    assert (error["file_path"], error["line_number"]) == ("a.sh", 7)
    assert (event["environment"], event["level"]) == ("staging", "WARNING")
    assert (event["version"], event["commit_hash"], event["request_id"]) == ("1.2", "abc", "r1")
    assert event["context"]["tags"] == {"a": "1", "host": "db=1"}
    assert event["context"]["url"] == "/pay" and event["context"]["server_name"]
    assert server.ask(f"/api/v1/issues/{first['id']}")["count"] == 1, "the id counts once"


def test_what_is_not_said_comes_from_the_surroundings(server, tmp_path):
    git = tmp_path / ".git"
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs/heads/main").write_text("ab" * 20 + "\n")
    (tmp_path / "deep").mkdir()
    variables = {"LOG_CENTER_PROJECT": "around", "ENVIRONMENT": "qa"}
    done = command(server.url, "report", "x", variables=variables, cwd=tmp_path / "deep")
    assert done.returncode == 0, done
    event = newest(server, "around")
    assert (event["environment"], event["commit_hash"]) == ("qa", "ab" * 20)


def test_messages_group_by_their_words(server):
    said = ["disk 91 % full", "disk 99 % full", "disk broken"]
    numbers = [answer(server.url, "report", "--project", "words", one)["id"] for one in said]
    assert numbers[0] == numbers[1] != numbers[2]


FAILURES = {
    "python": ([sys.executable, "-"], "def f():\n    return {}['k']\n\n\nf()\n", "KeyError"),
    "node": (["node"], "function f() {\n  null.x;\n}\nf();\n", "TypeError"),
    "ruby": (["ruby"], "def f\n  1 / 0\nend\nf\n", "ZeroDivisionError"),
    "php": (
        ["php", "-d", "display_errors=stderr"],
        "<?php\nfunction f() {\n  throw new LogicException('no');\n}\nf();\n",
        "LogicException",
    ),
    "java": (
        ["java"],
        "class Main {\n  public static void main(String[] a) {\n"
        '    throw new IllegalStateException("no");\n  }\n}\n',
        "java.lang.IllegalStateException",
    ),
    "go": (["go", "run"], 'package main\n\nfunc main() {\n\tpanic("no")\n}\n', "panic"),
    "sh": (["bash"], "echo ok\n\nnosuchprogram --x\n", "ShellError"),
}
ENDINGS = {"python": "py", "node": "js", "ruby": "rb", "php": "php", "java": "java", "go": "go"}
LINES = {"python": 2, "node": 2, "ruby": 2, "php": 3, "java": 3, "go": 4, "sh": 3}


@pytest.mark.parametrize("language", FAILURES)
def test_a_failure_in_a_pipe_is_read(server, tmp_path, language):
    words, source, kind = FAILURES[language]
    words = [word for word in words if word != "-"]
    if not shutil.which(words[0]):
        pytest.skip(f"{words[0]} is not installed")
    name = "Main" if language == "java" else "main"
    file = tmp_path / f"{name}.{ENDINGS.get(language, language)}"
    file.write_text(source)
    variables = environment() | {"HOME": str(tmp_path), "GOFLAGS": "-mod=mod", "GO111MODULE": "off"}
    if language == "go":
        variables["GOCACHE"] = str(tmp_path / "cache")
    failed = subprocess.run([*words, str(file)], capture_output=True, env=variables, timeout=180)
    assert failed.returncode != 0
    told = command(server.url, "report", "--project", f"from-{language}", stdin=failed.stderr)
    assert told.returncode == 0, (told, failed.stderr)
    error = newest(server, f"from-{language}")["error"]
    assert (error["type"], error["line_number"]) == (kind, LINES[language]), failed.stderr
    assert error["file_path"].endswith(file.name)
    assert "\n".join(error["stack_trace"]) == failed.stderr.decode().rstrip("\n")


def test_reports_as_json_are_sent_as_they_are(server):
    one = report(project_id="json", event_id=str(uuid.uuid4()))
    first = answer(server.url, "report", "--body", stdin=json.dumps(one).encode())
    assert first["is_new"]
    assert answer(server.url, "report", stdin=json.dumps(one).encode())["status"] == "duplicate"
    assert server.ask(f"/api/v1/issues/{first['id']}")["count"] == 1
    bare = {"error": report()["error"]}
    words = ["--project", "json", "--environment", "qa"]
    assert answer(server.url, "report", *words, stdin=json.dumps(bare).encode())["id"]
    assert newest(server, "json")["environment"] == "qa"
    many = [report(project_id="json", line=line) for line in range(1500)]
    lines = "".join(json.dumps(one) + "\n" for one in many).encode()
    assert len(answer(server.url, "report", stdin=lines)["results"]) == 1500
    many[3]["error"]["line_number"] = "x"
    done = command(server.url, "report", "--body", stdin=json.dumps(many[:9]).encode())
    assert done.returncode == 1 and b"8 of 9" in done.stdout and b"report 4:" in done.stderr
    assert command(server.url, "report", "--body", stdin=b"{").returncode == 1
    assert command(server.url, "report", "--project", "json").returncode == 1, "nothing came"


def test_a_flood_and_bytes_that_are_no_text_are_taken(server):
    noise = os.urandom(3_000_000) + b"\nthe end\n"
    assert command(server.url, "report", "--project", "noise", stdin=noise).returncode == 0
    event = newest(server, "noise")
    assert event["error"]["message"] == "the end"
    assert any("bytes left out" in line for line in event["error"]["stack_trace"])


class Doorman(http.server.BaseHTTPRequestHandler):
    """Refuses the first request and passes the others on, keeping what came."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append(json.loads(body))
        status, text = 503, b"{}"
        if len(self.server.came) > 1:
            url, kind = self.server.target + self.path, {"Content-Type": "application/json"}
            passed = requests.post(url, data=body, headers=kind, timeout=10)
            status, text = passed.status_code, passed.content
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    """Starts small servers of a handler; each has an address."""
    started = []

    def serve(handler, **members):
        small = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        small.__dict__ |= members
        threading.Thread(target=small.serve_forever, daemon=True).start()
        started.append(small)
        small.url = f"http://127.0.0.1:{small.server_port}"
        return small

    yield serve
    for small in started:
        small.shutdown()
        small.server_close()


def test_a_passing_failure_is_tried_again_and_counts_once(server, serve):
    door = serve(Doorman, came=[], target=server.url)
    sent = answer(door.url, "report", "--project", "again", "x")
    assert sent["is_new"] and len(door.came) == 2
    assert door.came[0]["event_id"] == door.came[1]["event_id"]


# Running programs.


def run(url, *words, flags=(), **more):
    return command(url, "run", "--project", "cron", *flags, "--", *words, **more)


def test_output_and_exit_codes_are_the_programs_own(server):
    for code in (0, 1, 3, 255):
        done = run(server.url, "sh", "-c", f"printf out; printf err >&2; exit {code}")
        assert (done.returncode, done.stdout, done.stderr) == (code, b"out", b"err")
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV):
        assert run(server.url, "sh", "-c", f"kill -{number} $$").returncode == 128 + number
    assert run(server.url, "nosuchprogram").returncode == 127
    assert run(server.url, "/etc/passwd").returncode == 126
    noise = os.urandom(2_000_000)
    assert run(server.url, "cat", stdin=noise).stdout == noise
    told = [issue["type"] for issue in server.walk("/api/v1/issues", project_id="cron")]
    assert sorted(told) == sorted([
        "ExitStatus 1", "ExitStatus 3", "ExitStatus 255", "Killed by SIGKILL",
        "Killed by SIGTERM", "Killed by SIGSEGV", "NotFound", "NotExecutable",
    ])


def test_what_goes_to_one_place_stays_in_order(server):
    script = "for i in $(seq 50); do echo out $i; echo err $i >&2; done; exit 3"
    words = [binary(), "run", "--project", "order", "--", "sh", "-c", script]
    variables = environment() | {"LOG_CENTER_URL": server.url}
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=variables)
    lines = [f"{word} {n}" for n in range(1, 51) for word in ("out", "err")]
    assert done.stdout.decode().splitlines() == lines
    assert newest(server, "order")["error"]["stack_trace"] == lines


def test_a_slow_reader_gets_all_of_it(server):
    size = 300_000
    words = ["run", "--project", "slow", "--", "head", "-c", str(size), "/dev/zero"]
    variables = environment() | {"LOG_CENTER_URL": server.url}
    with subprocess.Popen([binary(), *words], stdout=-1, env=variables) as running:
        time.sleep(1.5)  # longer than what holds a pipe open is waited for
        assert len(running.stdout.read()) == size
    assert running.returncode == 0


def test_without_a_project_it_runs_all_the_same(server):
    done = command(server.url, "run", "--", "sh", "-c", "echo out; exit 5")
    assert (done.returncode, done.stdout) == (5, b"out\n")
    assert b"LOG_CENTER_PROJECT" in done.stderr and len(done.stderr.splitlines()) == 1


def test_output_goes_on_at_once(server):
    words = [binary(), "run", "--project", "x", "--", "sh", "-c", "printf ready; read x; echo $x"]
    variables = environment() | {"LOG_CENTER_URL": server.url}
    with subprocess.Popen(words, stdin=-1, stdout=-1, env=variables) as running:
        assert running.stdout.read(5) == b"ready", "before a line is whole"
        running.stdin.write(b"go\n")
        running.stdin.close()
        assert running.stdout.read() == b"go\n"


def test_a_failure_is_reported_with_what_helps(server, tmp_path):
    script = "for i in $(seq 200); do echo line $i; done; sleep 0.1; echo 'no room' >&2; exit 9"
    flags = ["--name", "nightly", "--environment", "qa", "--lines", "5", "--level", "CRITICAL"]
    words = ["sh", "-c", script, "--password", "hunter2"]
    for _ in range(2):
        command(server.url, "run", "--project", "help", *flags, *words, cwd=tmp_path)
    [issue] = server.ask("/api/v1/issues", project_id="help")["items"]
    assert (issue["type"], issue["file_path"], issue["count"]) == ("ExitStatus 9", "nightly", 2)
    event = newest(server, "help")
    assert event["error"]["message"] == "nightly: no room" and event["level"] == "CRITICAL"
    assert event["error"]["stack_trace"] == [f"line {n}" for n in range(197, 201)] + ["no room"]
    context = event["context"]
    assert context["exit_code"] == 9 and context["working_folder"] == str(tmp_path)
    assert context["server_name"] == socket.gethostname() and context["duration_ms"] >= 100
    assert "hunter2" not in json.dumps(event) and "seq 200" in context["command"]
    assert command(server.url, "run", "--project", "fine", "--ok", "9", *words).returncode == 9
    assert server.ask("/api/v1/issues", project_id="fine")["items"] == []


def is_running(mark):
    """Whether a process with this in its command line runs; zombies have none."""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes():
                return True
        except OSError:
            pass
    return False


def test_a_time_out_ends_everything_that_was_started(server):
    mark = f"{uuid.uuid4().int % 10**8}.5"
    stubborn = f"trap '' TERM; (setsid sleep {mark} &) ; sleep {mark} & sleep {mark}; sleep {mark}"
    for script in (f"sleep {mark} & sleep {mark}", stubborn):
        began = time.monotonic()
        flags = ["--timeout", "1s", "--kill-after", "1s"]
        done = run(server.url, "sh", "-c", script, flags=flags)
        assert done.returncode == 124 and time.monotonic() - began < 6
        assert not is_running(mark)
    assert "TimedOut" in [one["type"] for one in server.walk("/api/v1/issues", project_id="cron")]


def test_a_grandchild_that_keeps_the_pipe_does_not_hold_the_end_up(server):
    began = time.monotonic()
    done = run(server.url, "sh", "-c", "sleep 20 & echo $!; exit 0")
    os.kill(int(done.stdout), signal.SIGKILL)
    assert done.returncode == 0 and time.monotonic() - began < 5


def test_signals_reach_the_program(server):
    script = "trap 'echo told; exit 7' {0}; echo ready; while :; do sleep 0.05; done"
    for name in ("TERM", "INT", "HUP"):
        words = [binary(), "run", "--project", "signals", "--", "sh", "-c", script.format(name)]
        variables = environment() | {"LOG_CENTER_URL": server.url}
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=-1, env=variables) as one:
            assert one.stdout.readline() == b"ready\n"
            one.send_signal(getattr(signal, f"SIG{name}"))
            assert one.stdout.read() == b"told\n"
        assert one.returncode == 7


def test_on_a_terminal_the_program_can_read_and_be_interrupted(server):
    words = ["run", "--project", "tty", "--"]
    code, seen = on_a_terminal(server.url, *words, "sh", "-c", "echo ready; read x; echo got-$x",
                               typed=b"word\n")
    assert code == 0 and "got-word" in seen
    code, seen = on_a_terminal(server.url, *words, "sh", "-c", "echo ready; sleep 30",
                               typed=b"\x03")
    assert code == 130
    assert server.ask("/api/v1/issues", project_id="tty")["items"] == []
    code, seen = on_a_terminal(server.url, "run", "--project", "tty", "--timeout", "1", "--",
                               "sh", "-c", "sleep 31.5 & sleep 31.5")
    assert code == 124 and not is_running("31.5")


def test_without_log_center_nothing_changes(server):
    done = run(NOBODY, "sh", "-c", "echo out; exit 4")
    assert (done.returncode, done.stdout) == (4, b"out\n")
    assert len(done.stderr.splitlines()) == 1 and b"not reported" in done.stderr
    assert run(NOBODY, "false", flags=["--quiet"]).stderr == b""
    assert run(NOBODY, "true").stderr == b""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        done = run(f"http://127.0.0.1:{silent.getsockname()[1]}", "sh", "-c", "exit 4")
        assert done.returncode == 4 and 4 < time.monotonic() - began < 7
        assert b"not reported" in done.stderr


def test_output_that_nobody_reads_ends_the_program_as_ever(server):
    line = f"{binary()} run --project head -- yes | head -n 1"
    variables = environment() | {"LOG_CENTER_URL": server.url}
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], capture_output=True,
                          env=variables, timeout=20)
    assert (done.stdout, done.returncode) == (b"y\n", 128 + signal.SIGPIPE)


# Changing issues.


def status(server, number):
    return server.ask(f"/api/v1/issues/{number}")["status"]


def test_an_issue_is_moved_and_the_way_is_told(server, issue):
    done = command(server.url, "move", str(issue), "verifying", "--note", "seen")
    assert done.returncode == 0 and "NEW → VERIFYING" in done.stdout.decode()
    done = command(server.url, "move", f"#{issue}", "cannot-reproduce")
    assert f"log-center move {issue} VERIFYING" in done.stdout.decode(), "the way back"
    done = command(server.url, "move", str(issue), "FIXED", "--path", "--app-version", "1.2")
    way = "CANNOT_REPRODUCE → VERIFYING → PENDING_FIX → FIXING → FIXED"
    assert way in done.stdout.decode()
    history = server.ask(f"/api/v1/issues/{issue}/history")["items"]
    assert history[-1]["note"] == "seen" and history[0]["version"] == "1.2"
    assert all(entry["who"] == "ana" for entry in history)


def test_a_refused_move_names_those_that_are_allowed(server, issue):
    done = command(server.url, "move", str(issue), "FIXED")
    said = done.stderr.decode()
    assert done.returncode == 1 and "It may become VERIFYING" in said and "--path" in said
    assert status(server, issue) == "NEW"


def test_a_lost_race_is_said_and_changes_nothing(server, issue):
    command(server.url, "move", str(issue), "VERIFYING")
    done = command(server.url, "move", str(issue), "VERIFYING", "--from", "NEW")
    assert done.returncode == 1 and b"VERIFYING now, not NEW" in done.stderr
    assert status(server, issue) == "VERIFYING"


class Rival(Doorman):
    """Lets somebody else move the issue between a command's look and its change."""

    def do_GET(self):
        text = requests.get(self.server.target + self.path, timeout=10).content
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        change = {"status": "VERIFYING"}
        requests.patch(self.server.target + self.path, json=change, timeout=10)


def test_what_was_seen_is_sent_along(server, serve, issue):
    rival = serve(Rival, came=[{}], target=server.url)
    done = command(rival.url, "move", str(issue), "PENDING_FIX", "--path")
    assert done.returncode == 1 and b"VERIFYING now, not NEW" in done.stderr, done
    assert rival.came[-1]["from"] == "NEW"


def test_several_issues_are_each_told(server):
    project = f"p{uuid.uuid4().hex[:12]}"
    made = [server.report(project_id=project, line=line) for line in range(3)]
    numbers = [str(one["id"]) for one in made]
    command(server.url, "move", numbers[1], "VERIFYING")
    words = [numbers[0], numbers[1], made[2]["fingerprint"][:12], "987654", numbers[0]]
    done = command(server.url, "move", *words, "PENDING_FIX", "--path")
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 1 and b"987654" in done.stderr
    assert [line.split()[0] for line in lines[:3]] == [f"#{number}" for number in numbers]
    assert {status(server, number) for number in numbers} == {"PENDING_FIX"}
    done = command(server.url, "move", *numbers, "FIXING", "--json")
    assert len(json.loads(done.stdout)["results"]) == 3


def test_issues_are_muted_in_every_way(server, issue):
    number = str(issue)
    muted = lambda: server.ask(f"/api/v1/issues/{number}")["muted_until"]  # noqa: E731
    assert command(server.url, "mute", number, "--for", "2h").returncode == 0
    assert "at" in muted()
    done = command(server.url, "mute", number, "--reports", "5")
    assert muted()["reports"] == 5 and b"--until" in done.stdout, "the way back"
    command(server.url, "mute", number, "--until", "2099-01-01")
    assert muted()["at"].startswith("2099-01-01")
    command(server.url, "mute", number, "--forever")
    assert muted() == {"for_ever": True}
    done = command(server.url, "unmute", number)
    assert muted() is None and b"mute" in done.stdout
    assert command(server.url, "mute", number, "--until", "2001-01-01").returncode == 2
    assert command(server.url, "mute", "987654", "--forever").returncode == 1


def test_issues_are_assigned_and_taken_back(server, issue):
    number = str(issue)
    command(server.url, "assign", number, "bob")
    done = command(server.url, "assign", number, "Ana Lima")
    assert server.ask(f"/api/v1/issues/{number}")["assignee"] == "Ana Lima"
    assert f"assign {number} 'bob'" in done.stdout.decode()
    command(server.url, "assign", number, "--nobody")
    assert server.ask(f"/api/v1/issues/{number}")["assignee"] is None
    assert command(server.url, "assign", number, "77").returncode == 2, "two issues, no name"


def test_comments_stand_in_the_history(server, issue):
    command(server.url, "comment", str(issue), "first")
    done = command(server.url, "comment", str(issue), "-", stdin="второй\nline\n".encode())
    assert done.returncode == 0
    texts = [one["text"] for one in server.ask(f"/api/v1/issues/{issue}/history")["items"]]
    assert texts[:2] == ["второй\nline", "first"]
    assert command(server.url, "comment", "987654", "x").returncode == 1


def test_a_deploy_says_what_it_moved(server):
    number = server.report(project_id="live")["id"]
    command(server.url, "move", str(number), "VERIFIED", "--path")
    done = command(server.url, "deploy", "live", "1.0", "--environment", "staging")
    assert b"no issue moved" in done.stdout and status(server, number) == "VERIFIED"
    done = command(server.url, "deploy", "live", "1.0", "--commit", "abc")
    assert b"1 issue moved" in done.stdout and status(server, number) == "DEPLOYED"
    done = command(server.url, "move", str(number), "VERIFYING")
    assert done.returncode == 1 and b"--note" in done.stderr
    assert answer(server.url, "deploy", "live", "1.1")["moved"] == 0
    assert command(server.url, "deploy", "nowhere", "1.0").returncode == 1


def test_on_a_terminal_lines_fit_and_foreign_text_is_harmless(server):
    evil = {"message": "\x1b]0;owned\x07\x1b[2J" + "数据库" * 30 + "\u2764\ufe0f" * 60}
    number = str(server.report(project_id="evil", error=evil)["id"])
    for words in (["move", number, "VERIFYING"], ["assign", number, "ana"], ["doctor"],
                  ["mute", number, "--forever"], ["report", "--project", "evil", "x" * 300]):
        code, seen = on_a_terminal(server.url, *words)
        assert code == 0, seen
        assert "\x1b]" not in seen and "\x1b[2J" not in seen
        assert all(columns_of(line) <= 80 for line in seen.splitlines()), seen
