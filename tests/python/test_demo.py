"""Example data: the same for the same seed, in every state, and never over somebody's own."""

import datetime
import signal
import subprocess
import time
from collections import Counter

import pytest

from program import Program, binary, environment

FILL_SECONDS = 120
STATUSES = {
    "NEW", "VERIFYING", "CANNOT_REPRODUCE", "PENDING_FIX", "FIXING", "FIX_FAILED", "FIXED",
    "VERIFIED", "DEPLOYED",
}


def hours_ago(hours):
    now = datetime.datetime.now(datetime.UTC).replace(minute=0, second=0, microsecond=0)
    return (now - datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def demo(data, *flags):
    words = [binary(), "demo", "--data", str(data), *flags]
    return subprocess.run(
        words, capture_output=True, text=True, timeout=FILL_SECONDS, env=environment()
    )


def filled(data, *flags):
    done = demo(data, "--events", "3000", *flags)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A server with a filled folder; tests only read."""
    data = tmp_path_factory.mktemp("month") / "data"
    done = filled(data)
    program = Program(data)
    program.made = done
    yield program
    program.close()


def answers(program):
    """What a server tells, apart from what depends on the present hour."""
    issues = [program.ask(f"/api/v1/issues/{one['id']}")
              for one in program.walk("/api/v1/issues", limit=200)]
    yield len(issues)
    for issue in issues:
        yield {name: value for name, value in issue.items() if name not in ("rising", "trend")}
    yield program.ask("/api/v1/projects")
    yield list(program.walk("/api/v1/events", limit=200))
    for words in ("undefined", "状态", "строка", "environment:staging level:CRITICAL"):
        yield [one["id"] for one in program.walk("/api/v1/issues", q=words)]
    span = {"since": hours_ago(31 * 24), "until": hours_ago(0)}
    yield program.ask("/api/v1/stats", by="version", interval="day", **span)


def test_the_same_seed_and_end_give_the_same_answers_and_another_seed_others(tmp_path):
    told = []
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        filled(tmp_path / name, "--seed", seed, "--until", hours_ago(24), "--quiet")
        program = Program(tmp_path / name)
        try:
            told.append(list(answers(program)))
        finally:
            program.close()
    assert told[0] == told[1]
    assert told[0] != told[2]


def test_every_status_is_there_with_a_history(month):
    issues = list(month.walk("/api/v1/issues", limit=200))
    counts = Counter(issue["status"] for issue in issues)
    assert set(counts) == STATUSES and len(issues) > 180
    assert sum(issue["regressed"] for issue in issues) >= 3
    assert sum(issue["muted_until"] is not None for issue in issues) >= 3
    assert sum(issue["assignee"] is not None for issue in issues) > 30
    assert len({issue["last_seen"][:13] for issue in issues}) > 40
    assert any(sum(issue["trend"]) for issue in issues)
    for issue in issues:
        history = month.ask(f"/api/v1/issues/{issue['id']}/history")["items"]
        moves = [one for one in history if one["to"]]
        assert (moves[0]["to"] if moves else "NEW") == issue["status"]
        assert all(one["at"] >= issue["first_seen"] or one["kind"] == "regression"
                   for one in history)


def test_what_it_tells_is_what_is_there(month):
    projects = month.ask("/api/v1/projects")["items"]
    issues = list(month.walk("/api/v1/issues", limit=200))
    reports = sum(issue["count"] for issue in issues)
    said = month.made.stdout
    assert f"Made {len(projects)} projects with {len(issues)} issues" in said
    assert f" and {reports:,} reports" in said
    assert 2000 < reports < 4000
    assert f"log-center --data {month.data}" in said
    assert "25 % …" in month.made.stderr and "\r" not in month.made.stderr


def test_one_request_shows_up_in_several_projects(month):
    events = list(month.walk("/api/v1/events", limit=200))
    of_request = {}
    for event in events:
        if event["request_id"]:
            of_request.setdefault(event["request_id"], set()).add(event["project_id"])
    several = [request for request, projects in of_request.items() if len(projects) > 1]
    assert len(several) > 5
    found = month.ask("/api/v1/events", request_id=several[0])["items"]
    assert {event["project_id"] for event in found} == of_request[several[0]]


def test_secrets_of_its_reports_are_scrubbed(month):
    [issue] = month.ask("/api/v1/issues", q='"Invalid token" file:auth.py')["items"]
    context = month.ask(f"/api/v1/issues/{issue['id']}")["latest_event"]["context"]
    assert context["session_key"] == context["request"]["body"]["password"] == "[scrubbed]"


def refused(done, *words):
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("log-center: "), done.stderr
    for word in words:
        assert word in lines[0]


def test_it_does_not_touch_a_folder_that_holds_data(start):
    program = start()
    number = program.report()["id"]
    refused(demo(program.data), "in use")
    assert program.stop()[0] == 0
    for flags in ((), ("--live",), ("--quiet",)):
        refused(demo(program.data, *flags), str(program.data), "holds data already")
    program = start()
    assert [issue["id"] for issue in program.walk("/api/v1/issues")] == [number]


def test_a_second_demo_says_what_to_do(tmp_path):
    filled(tmp_path / "data", "--quiet")
    refused(demo(tmp_path / "data"), "holds a demo already", "--live")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_one_that_was_ended_on_the_way_begins_anew(tmp_path, how):
    words = [binary(), "demo", "--data", str(tmp_path / "data"), "--events", "20000"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment())
    with process:
        assert process.stderr.readline() == "25 % …\n"
        process.send_signal(how)
    assert process.returncode != 0
    said = filled(tmp_path / "data", "--seed", "9").stdout
    assert "Seed 9" in said
    program = Program(tmp_path / "data")
    try:
        assert len(list(program.walk("/api/v1/issues", limit=200))) > 180
    finally:
        program.close()


def reports(program):
    return sum(issue["count"] for issue in program.walk("/api/v1/issues", limit=200))


def test_live_goes_on_reporting_until_it_is_stopped(tmp_path):
    filled(tmp_path / "data", "--until", hours_ago(2), "--quiet")
    program = Program(tmp_path / "data", "--live", "--rate", "3000", command="demo")
    try:
        before = reports(program)
        deadline = time.monotonic() + 30
        while reports(program) < before + 20 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert reports(program) >= before + 20
        newest = program.ask("/api/v1/events", limit=1)["items"][0]
        assert newest["received_at"] > hours_ago(1)
        code, seconds = program.stop()
        assert code == 0 and seconds < 10
    finally:
        program.close()


def test_live_fills_and_serves_at_once(tmp_path):
    program = Program(tmp_path / "data", "--live", "--events", "2000", command="demo")
    try:
        assert "Made 6 projects" in program.said()
        assert program.ask("/api/v1/issues", limit=1)["total"] > 150
        assert program.stop()[0] == 0
    finally:
        program.close()


@pytest.mark.parametrize(
    "flags, word",
    [
        (["--until", "tomorrow"], "2026-01-30T12:00:00Z"),
        (["--until", "2999-01-01T00:00:00Z"], "future"),
        (["--rate", "10"], "--live"),
        (["--events", "5"], "2000"),
    ],
)
def test_wrong_flags_are_explained_and_leave_nothing(tmp_path, flags, word):
    done = demo(tmp_path / "data", *flags)
    assert done.returncode == 2 and word in done.stderr
    assert not (tmp_path / "data").exists()
