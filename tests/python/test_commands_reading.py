"""The commands that read: list, search, show, stats, projects."""

import json
import subprocess

import pytest
import requests

from program import binary, environment, report
from terminal import columns_of, command, fits, on_terminal, plain

CHINESE = "连接超时：无法连接到数据库服务器，请稍后再试，或联系管理员处理此问题"
EVIL = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202egnp"


@pytest.fixture(scope="module")
def filled(server):
    """Reports of every kind in three projects; the ids of some issues."""
    context = {
        "url": "https://shop.example.org/api/users/123?page=2",
        "method": "GET",
        "params": {"id": "abc"},
        "headers": {"accept": "*/*", "user-agent": "Mozilla/5.0 " + "x" * 120},
        "user_id": "u_1",
        "request_id": "req_1",
        "tags": {"region": "eu-1"},
        "breadcrumbs": [{"category": "http", "message": "GET /cart"}, "plain words"],
        "extra": {"cart": {"items": [1, {"名": CHINESE}]}, "evil": EVIL, EVIL: "name"},
    }
    stack = [
        "Traceback (most recent call last):",
        '  File "/usr/lib/python3/site-packages/django/core/handlers.py", line 55, in inner',
        "    response = get_response(request)",
        '  File "apps/users/views.py", line 42, in get_user',
        f"ValueError: {CHINESE}{EVIL}",
    ]
    error = {"message": CHINESE + EVIL, "stack_trace": stack}
    ids = {"main": server.report(error=error, context=context, version="1.2.3")["id"]}
    server.report(error=error, context=context, version="1.3.0", environment="staging")
    for line in range(100, 160):
        server.report(line=line, project_id="rtc_backend", level="WARNING")
    long = {"project_id": "p" * 64, "environment": "e" * 64}
    ids["long"] = server.report(error={"type": "错误" * 60, "message": CHINESE * 5}, **long)["id"]
    ids["plain"] = server.report(line=7, context={"request_id": "req_1"}, level="CRITICAL")["id"]
    change = {"status": "PENDING_FIX", "path": True, "note": "it is\nreal", "assignee": "bo"}
    for body in (change, {"muted_until": {"for_ever": True}}):
        requests.patch(f"{server.url}/api/v1/issues/{ids['main']}", json=body, timeout=10)
    return ids


def read(server, *words):
    done = command(server, *words, "--json")
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def test_a_list_in_json_is_what_the_api_answers(server, filled):
    words = ["list", "--project", "shop,rtc_backend", "--sort", "count", "--limit", "5"]
    query = {"project_id": "shop,rtc_backend", "sort": "count", "limit": 5}
    assert read(server, *words) == server.ask("/api/v1/issues", **query)
    everything = read(server, "list", "--all")
    assert len(everything["items"]) == everything["total"] and everything["next_cursor"] is None
    assert len(read(server, "list", "--limit", "3")["items"]) == 3


def test_every_filter_of_a_list_is_understood(server, filled):
    found = {
        "--status PENDING_FIX": {filled["main"]},
        "--level critical": {filled["plain"]},
        "--project shop --environment staging": {filled["main"]},
        "--type ValueError --app-version 1.3.0": {filled["main"]},
        "--version 1.2.3": {filled["main"]},
        "--assignee bo --since 1h": {filled["main"]},
        "--since 2026-01-01 --until 2026-01-02": set(),
        "is:muted !level:INFO": {filled["main"]},
        "-project:shop -project:rtc_backend": {filled["long"]},
    }
    for words, expected in found.items():
        answer = read(server, "list", *words.split())
        assert {issue["id"] for issue in answer["items"]} == expected, words


def test_a_list_fits_a_terminal_and_says_what_is_left(server, filled):
    for columns in (60, 80, 120, 160):
        code, shown = on_terminal(server, "list", columns=columns)
        lines = fits(shown, columns)
        assert code == 0 and lines[-1].endswith("more with --all or --limit")
        assert lines[-1].startswith("50 of 63"), lines[-1]
    [row] = fits(on_terminal(server, "list", "is:muted")[1])[1:]
    assert "M" in row.split() and "PENDING_FIX" in row and "ValueError: 连接" in row
    assert "\x1b[" in on_terminal(server, "list")[1]
    assert "\x1b[" not in on_terminal(server, "list", variables={"NO_COLOR": "1"})[1]
    wide = command(server, "list", "project:" + "p" * 64).stdout
    assert "p" * 64 in wide and "\x1b" not in wide


def test_numbers_have_separators(server):
    one = report(project_id="many", event_id=None)
    for _ in range(2):
        requests.post(f"{server.report_url}/batch", json=[one] * 600, timeout=30)
    assert " 1,200 " in command(server, "list", "--project", "many").stdout
    assert "1,200 in all" in command(server, "stats", "--project", "many").stdout


def test_an_empty_answer_says_so(server, filled):
    for words, expected in [
        (["list", "--project", "nobody"], "No issue matches.\n"),
        (["search", "surely-not-there"], "No issue matches.\n"),
        (["search", "--request", "nobody"], "No event matches.\n"),
    ]:
        done = command(server, *words)
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")
    done = command(server, "stats", "--project", "nobody")
    assert done.returncode == 0 and done.stdout.startswith("No report")


def test_a_search_is_over_issues_or_events(server, filled):
    [issue] = read(server, "search", "status:PENDING_FIX", "file:views.py")["items"]
    assert issue["id"] == filled["main"]
    for words in (["--request", "req_1"], ["--events", "request:req_1"]):
        events = read(server, "search", *words)["items"]
        assert {event["issue_id"] for event in events} == {filled["main"], filled["plain"]}
    assert len(read(server, "search", "--user-id", "u_1", "--limit", "1")["items"]) == 1
    assert read(server, "search", "--trace", "none")["items"] == []
    by_context = ["search", "--events", "context.tags.region:eu-*", "--environment", "staging"]
    assert len(read(server, *by_context)["items"]) == 1
    lines = fits(on_terminal(server, "search", "--request", "req_1")[1])
    event = read(server, "search", "--request", "req_1")["items"][0]
    assert any(event["event_id"] in line for line in lines)


def test_a_query_that_cannot_be_read_shows_where(server):
    done = command(server, "search", "错误", "status:OLD")
    assert done.returncode == 2 and done.stdout == ""
    sentence, query, caret = done.stderr.splitlines()
    assert "cannot be read" in sentence and query.strip() == "错误 status:OLD"
    marked = query.encode("utf-8", "strict").decode()
    before = next(marked[:at] for at in range(len(marked) + 1)
                  if columns_of(marked[:at]) == caret.index("^"))
    assert before.strip().startswith("错误")
    for words in (["list"], ["tail"], ["search", "--events"]):
        failed = command(server, *words, 'level:ERROR "abc')
        assert failed.returncode == 2 and failed.stderr.splitlines()[-1].strip() == "^"
        assert failed.stderr.splitlines()[-1].index("^") == len('  level:ERROR ')


def test_an_issue_is_shown_whole(server, filled):
    number = filled["main"]
    detail = server.ask(f"/api/v1/issues/{number}")
    assert read(server, "show", str(number)) == detail
    for columns in (40, 80):
        code, shown = on_terminal(server, "show", f"#{number}", columns=columns)
        fits(shown, columns)
        joined = "".join(plain(shown).split())
        assert code == 0
        for part in (CHINESE, "FIXING", "bo", "production1,staging1", "req_1", "u_1", "GET/cart",
                     "apps/users/views.py", "plainwords", "itis", "eu-1", "x" * 120,
                     "VERIFYING→PENDING_FIX", detail["fingerprint"]):
            assert part in joined, part
    text = command(server, "show", str(number)).stdout
    assert '  File "apps/users/views.py", line 42, in get_user' in text
    assert text.count("GET https://shop.example.org/api/users/123?page=2") == 1
    assert "\x1b" not in text and "\u009b" not in text and "\u202e" not in text
    fits(on_terminal(server, "show", str(filled["long"]))[1])
    raw = on_terminal(server, "show", str(number), "--json")[1]
    assert "\u009b" not in raw and json.loads(raw)["id"] == number


def test_an_issue_has_several_names(server, filled):
    number = filled["main"]
    detail = server.ask(f"/api/v1/issues/{number}")
    newest, first = server.ask(f"/api/v1/issues/{number}/events")["items"]
    for name in (detail["fingerprint"], detail["fingerprint"][:12].upper()):
        assert read(server, "show", name)["id"] == number
    for name in (first["event_id"], first["event_id"].replace("-", "")):
        shown = read(server, "show", name)
        assert shown["id"] == number and shown["event"]["event_id"] == first["event_id"]
        assert shown["event"]["context"]["tags"] == {"region": "eu-1"}
    chosen = read(server, "show", str(number), "--event", first["event_id"])
    assert chosen["event"]["environment"] == "production"
    assert newest["event_id"] in command(server, "show", str(number)).stdout
    other = command(server, "show", str(filled["plain"]), "--event", first["event_id"])
    assert other.returncode == 1 and f"is of issue {number}" in other.stderr
    events = read(server, "show", str(number), "--events", "1")
    assert [event["event_id"] for event in events["items"]] == [newest["event_id"]]
    table = fits(on_terminal(server, "show", str(number), "--events", "9")[1])
    assert first["event_id"] in table[2] and newest["event_id"] in table[1]


def test_a_name_in_several_projects_says_which(server):
    # The formula joins without separators: the same fingerprint may stand for two projects.
    ours = server.report(project_id="ab", error={"type": "cE"}, event_id="0" * 31 + "7")
    theirs = server.report(project_id="abc", error={"type": "E"}, event_id="0" * 31 + "7")
    assert ours["fingerprint"] == theirs["fingerprint"]
    prefix = ours["fingerprint"][:16]
    several = command(server, "show", prefix)
    assert several.returncode == 1
    assert f"{ours['id']} in ab\n" in several.stderr
    assert f"{theirs['id']} in abc\n" in several.stderr
    assert read(server, "show", prefix, "--project", "abc")["id"] == theirs["id"]
    event = "00000000-0000-0000-0000-000000000007"
    both = command(server, "show", event)
    assert both.returncode == 1 and "--project" in both.stderr and "abc" in both.stderr
    assert read(server, "show", event, "--project", "ab")["id"] == ours["id"]


def test_statistics_fit_and_add_up(server, filled):
    split = ["--project", "shop,rtc_backend", "--by", "level"]
    answer = read(server, "stats", *split)
    sums = {one["key"]: sum(one["counts"]) for one in answer["series"]}
    assert sums["WARNING"] == 60 and sums["CRITICAL"] == 1
    for words in ([], split, ["--by", "project", "--since", "400d", "--interval", "day"],
                  ["--interval", "day"], ["--by", "version", "--environment", "production"]):
        for columns in (40, 80):
            code, shown = on_terminal(server, "stats", *words, columns=columns)
            assert code == 0 and len(fits(shown, columns)) > 2, shown
    lines = command(server, "stats", *split).stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["WARNING", "60"], ["ERROR", "2"]]
    assert any(line.split() == ["total", str(sum(sums.values()))] for line in lines)


def test_projects_count_as_the_dashboard_does(server, filled):
    requests.patch(f"{server.url}/api/v1/issues/{filled['plain']}",
                   json={"status": "CANNOT_REPRODUCE", "path": True}, timeout=10)
    lines = [line.split() for line in command(server, "projects").stdout.splitlines()]
    assert lines[0] == ["PROJECT", "NEW", "OPEN", "ALL", "LAST", "REPORT"]
    assert next(line[1:4] for line in lines if line[0] == "shop") == ["0", "1", "2"]
    assert read(server, "projects")["items"] == list(server.walk("/api/v1/projects"))
    fits(on_terminal(server, "projects")[1])


def test_exit_codes_tell_what_went_wrong(server):
    nobody = "http://127.0.0.1:1"
    for words in (["list"], ["search", "x"], ["show", "1"], ["stats"], ["tail"], ["projects"]):
        away = command(nobody, *words)
        assert (away.returncode, away.stdout) == (3, ""), words
        assert "No answer from http://127.0.0.1:1" in away.stderr
    for words in (["show", "999999"], ["show", "f" * 12], ["show", "01a202f6-" + "0" * 23]):
        unknown = command(server, *words)
        assert unknown.returncode in (1, 2) and unknown.stderr.count("\n") == 1, words
    assert command(server, "show", "999999").returncode == 1
    for words in (["show"], ["show", "what"], ["list", "--since", "soon"], ["list", "--limit", "0"],
                  ["search"], ["list", "--since", "1h", "--until", "2h"], ["tail", "--level", "x"],
                  ["list", "--all", "--limit", "3"], ["stats", "--by", "user"], ["unheard-of"],
                  ["search", "--request", "r", "--sort", "count"]):
        wrong = command(server, *words)
        assert (wrong.returncode, wrong.stdout) == (2, ""), (words, wrong)
        assert wrong.stderr


def test_a_reader_that_leaves_is_no_error(server, filled):
    for words in ("list --all", "show 1", "stats", "search x"):
        line = f'"{binary()}" {words} | head -1 >/dev/null; echo "${{PIPESTATUS[0]}}"'
        done = subprocess.run(
            ["bash", "-c", line],
            capture_output=True,
            text=True,
            timeout=30,
            env=environment() | {"LOG_CENTER_URL": server.url},
        )
        assert (done.stdout, done.stderr) == ("0\n", ""), words


def test_help_has_examples(server):
    for name in ("list", "search", "show", "stats", "tail", "projects"):
        done = command(server, name, "--help")
        assert done.returncode == 0 and f"log-center {name}" in done.stdout.split("Examples:")[1]
