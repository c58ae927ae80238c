"""The guide's snippets in programs without a web framework: scripts, tasks, a terminal."""

import ast
import json
import re
import shutil
import signal
import socket

import pytest

import snippets
from snippets import (
    SHOPS, SNIPPETS, bring, closed_port, events, expect, install, java_build, marked, need,
    order, python, run, serving,
)

TIMEOUT_SECONDS = 3
# What an interpreter takes to start and end on a busy machine.
START_SECONDS = 6
WORKER_SECONDS = 8


@pytest.fixture(params=["closed", "silent"])
def dead(request):
    """A Log Center that does not answer: its port is closed, or it says nothing."""
    if request.param == "closed":
        yield closed_port()
        return
    silence = snippets.Silence()
    yield silence.url
    assert silence.was_called()
    silence.close()


def in_time(seconds):
    return seconds < TIMEOUT_SECONDS + START_SECONDS


def test_the_first_line_of_the_guide_works_in_a_terminal(server, tmp_path):
    install(tmp_path, "terminal", "curl.sh", url=server.url)
    done, _ = run(tmp_path, "sh", "curl.sh")
    assert json.loads(done.stdout)["status"] == "ok"
    [event] = events(server, "terminal")
    expect(event, "HelloError", "hello.py:1", environment="development", version=None)
    assert event["user_id"] == "u_1"


# Python.


def test_python_reports_what_json_cannot_hold_once(server, tmp_path):
    install(tmp_path, "python_odd", "report_error.py", url=server.url)
    bring(tmp_path, "python/script_shop.py")
    done, _ = run(tmp_path, *python("script_shop.py", "odd"))
    assert done.stdout == "went on\n"
    [event] = events(server, "python_odd")
    expect(event, "JSONDecodeError", f"script_shop.py:{marked(tmp_path / 'script_shop.py')}")
    assert event["user_id"] == "u_7"
    circle = event["context"]["circle"]
    assert (circle["when"], circle["nan"], circle["('a', 1)"]) == ("2026-01-02", "nan", "b'bytes'")
    assert event["context"]["silent"] == "<Silent>"


def test_python_reports_what_ends_a_script_and_prints_it(server, tmp_path):
    install(tmp_path, "python_end", "report_error.py", url=server.url)
    bring(tmp_path, "python/script_shop.py")
    # From another folder: the path stays relative to the project.
    done, _ = run("/", *python(str(tmp_path / "script_shop.py"), "end"), code=1)
    assert done.stderr.startswith("Traceback") and "JSONDecodeError" in done.stderr
    [event] = events(server, "python_end")
    line = marked(tmp_path / "script_shop.py")
    expect(event, "JSONDecodeError", f"script_shop.py:{line}", level="CRITICAL")


def test_python_ends_in_time_without_log_center(dead, tmp_path):
    install(tmp_path, "dead", "report_error.py")
    bring(tmp_path, "python/script_shop.py")
    for word, code in (("odd", 0), ("end", 1)):
        done, seconds = run(
            tmp_path, *python("script_shop.py", word), code=code, LOG_CENTER_URL=dead
        )
        assert in_time(seconds) and "requests" not in done.stderr, (seconds, done.stderr)


def worker(folder, **more):
    words = ["-m", "celery", "-A", "celery_shop", "worker", "-P", "prefork", "-c", "1"]
    quiet = ["--max-tasks-per-child", "1", "-l", "critical", "--without-gossip"]
    # It has children, so it is asked to stop; nobody calls it at a port.
    ending = signal.SIGTERM
    return serving(folder, *python(*words, *quiet), port="none", ending=ending, **more)


def test_celery_reports_a_failed_task_once_and_after_its_last_retry(server, tmp_path):
    install(tmp_path, "tasks", "report_error.py", "celery.py", url=server.url)
    bring(tmp_path, "python/celery_shop.py", "python/celery_call.py")
    with worker(tmp_path):
        done, _ = run(tmp_path, *python("celery_call.py"))
        first, second = events(server, "tasks", 2)
    assert len(done.stdout.splitlines()) == 2, "each result is an error"
    expect(first, "JSONDecodeError", f"celery_shop.py:{marked(tmp_path / 'celery_shop.py')}")
    assert first["context"]["url"] == "celery_shop.bill"
    assert first["context"]["params"] == {"args": [7], "kwargs": {}}
    assert (second["error"]["type"], len(first["request_id"])) == ("LookupError", 36)


def test_celery_stores_results_without_log_center(tmp_path):
    silence = snippets.Silence()
    install(tmp_path, "dead", "report_error.py", "celery.py")
    bring(tmp_path, "python/celery_shop.py", "python/celery_call.py")
    with worker(tmp_path, LOG_CENTER_URL=silence.url):
        done, _ = run(tmp_path, *python("celery_call.py"))
    late = [float(line.split()[1]) for line in done.stdout.splitlines()]
    assert len(late) == 2 and late[0] < WORKER_SECONDS, "a result does not wait for the report"
    assert len(silence.callers) == 2
    silence.close()


@pytest.mark.parametrize("name, kind", [("django", "LookupError"), ("drf", "APIException")])
def test_django_reports_asynchronous_views_and_answers_of_500(server, tmp_path, name, kind):
    install(tmp_path, f"later_{name}", "report_error.py", "django.py", "drf.py", url=server.url)
    bring(tmp_path, f"python/{name}_shop.py")
    with serving(tmp_path, *python(f"{name}_shop.py")) as url:
        answer, _ = order(url, "/later/7")
        assert answer.status_code == 500
        [event] = events(server, f"later_{name}")
    assert event["error"]["type"] == kind
    assert (event["context"]["url"], event["request_id"]) == ("/later/7", "req-42")


# JavaScript.


def test_node_reports_what_json_cannot_hold_once(server, tmp_path):
    install(tmp_path, "node_odd", "report-error-node.mjs", url=server.url)
    bring(tmp_path, "node/script_shop.mjs")
    done, _ = run(tmp_path, "node", "script_shop.mjs", "odd")
    assert done.stdout == "went on\n"
    found = {event["error"]["type"]: event for event in events(server, "node_odd", 2)}
    event = found["SyntaxError"]
    expect(event, "SyntaxError", f"script_shop.mjs:{marked(tmp_path / 'script_shop.mjs')}")
    circle = {"big": "7", "when": "1970-01-01T00:00:00.000Z", "self": "[seen above]"}
    assert (event["user_id"], event["context"]["circle"]) == ("u_7", circle)
    assert not found["RangeError"]["context"]


@pytest.mark.parametrize("word, kind", [("end", "SyntaxError"), ("rejection", "UnhandledPromise")])
def test_node_reports_what_ends_a_program_and_prints_it(server, tmp_path, word, kind):
    install(tmp_path, f"node_{word}", "report-error-node.mjs", url=server.url)
    bring(tmp_path, "node/script_shop.mjs")
    done, _ = run(tmp_path, "node", "script_shop.mjs", word, code=1)
    [event] = events(server, f"node_{word}")
    assert event["level"] == "CRITICAL"
    if word == "end":
        line = marked(tmp_path / "script_shop.mjs")
        expect(event, kind, f"script_shop.mjs:{line}", level="CRITICAL")
        assert "SyntaxError" in done.stderr
    else:
        assert "only a word" in event["error"]["message"] and "only a word" in done.stderr


def test_node_ends_in_time_without_log_center(dead, tmp_path):
    install(tmp_path, "dead", "report-error-node.mjs")
    bring(tmp_path, "node/script_shop.mjs")
    for word, code in (("odd", 0), ("end", 1), ("rejection", 1)):
        words = ["node", "script_shop.mjs", word]
        _, seconds = run(tmp_path, *words, code=code, LOG_CENTER_URL=dead)
        assert in_time(seconds), (word, seconds)


# Go, Java, PHP and Ruby.


def test_go_reports_an_error_that_it_handles(server, tmp_path):
    need("go", "golang-go")
    install(tmp_path, "go_gone", "report_error.go", url=server.url)
    bring(tmp_path, "go/shop.go")
    (tmp_path / "go.mod").write_text("module shop\n\ngo 1.19\n")
    assert run(tmp_path, "gofmt", "-l", "report_error.go")[0].stdout == ""
    run(tmp_path, "go", "build", "-o", "shop")
    with serving(tmp_path, "./shop") as url:
        answer, _ = order(url, "/gone")
        assert (answer.status_code, answer.text) == (503, "later\n")
        [event] = events(server, "go_gone")
    expect(event, "fs.PathError", f"shop.go:{marked(tmp_path / 'shop.go', 'REPORTED HERE')}")
    assert event["error"]["message"] == "bill: open bill.txt: no"
    assert (event["user_id"], event["request_id"]) == ("u_7", "req-42")
    assert event["context"]["channel"] == "chan int"
    assert event["context"]["circle"] == "map[string]interface {}"


def test_java_reports_what_ends_a_program_and_prints_it(server, tmp_path):
    install(tmp_path, "java_end", "ReportError.java", url=server.url)
    bring(tmp_path, "java/Shop.java")
    java_build(tmp_path)
    words = ["java", "-cp", ".", "com.example.shop.Shop"]
    done, _ = run(tmp_path, *words, "end", code=1)
    assert done.stderr.startswith('Exception in thread "main" java.lang.NumberFormatException')
    [event] = events(server, "java_end")
    kind, place = "java.lang.NumberFormatException", "com/example/shop/Shop.java"
    expect(event, kind, f"{place}:{marked(tmp_path / 'Shop.java')}", level="CRITICAL")
    silence = snippets.Silence()
    for url in (silence.url, closed_port()):
        _, seconds = run(tmp_path, *words, "end", code=1, LOG_CENTER_URL=url)
        assert in_time(seconds), seconds
    with serving(tmp_path, *words) as url:
        order(url)
        _, event = events(server, "java_end", 2)
    circle = event["context"]["circle"]
    assert circle["name"] == 'caf\u00e9 "7" \U0001f600'
    assert circle["list"] == [1, "2.5", "NaN"]
    assert circle["self"][0]["list"] == circle["list"]
    assert circle["odd"] == "Odd"
    assert "HashMap" in json.dumps(circle), "a circle ends with its kind"


def php_folder(folder, project, url):
    need("php", "php-cli")
    install(folder, project, "report_error.php", url=url)
    bring(folder, "php/shop.php")
    (folder / "vendor" / "acme").mkdir(parents=True)
    shutil.copy(SHOPS / "php" / "parse.php", folder / "vendor" / "acme")


def test_php_reports_warnings_and_what_no_handler_sees(server, tmp_path):
    php_folder(tmp_path, "php_odd", server.url)
    source = tmp_path / "shop.php"
    words = ["php", "-d", "display_errors=1", "-d", "log_errors=0", "shop.php"]
    for path, code in (("/odd", 0), ("/warned", 0), ("/full", 255), ("/orders/7", 255)):
        done, _ = run(tmp_path, *words, code=code, REQUEST_URI=path)
        plain, _ = run(tmp_path, *words, code=code, REQUEST_URI=path, PLAIN="1") \
            if path != "/odd" else (done, 0)
        assert done.stdout == plain.stdout, path
    by_hand, warned, full, raised = events(server, "php_odd", 4)
    expect(by_hand, "LogicException", f"shop.php:{marked(source, 'BY HAND')}")
    expect(warned, "ErrorException", f"shop.php:{marked(source, 'WARNED HERE')}", level="WARNING")
    expect(full, "ErrorException", f"shop.php:{marked(source, 'FULL HERE')}", level="CRITICAL")
    expect(raised, "JsonException", f"shop.php:{marked(source)}", level="CRITICAL")
    assert "memory" in full["error"]["message"]
    assert by_hand["context"]["method"] == "CLI"


def test_php_ends_in_time_without_log_center(dead, tmp_path):
    php_folder(tmp_path, "dead", snippets.URL)
    words = ["php", "shop.php"]
    _, seconds = run(tmp_path, *words, code=255, LOG_CENTER_URL=dead)
    assert in_time(seconds), seconds


def ruby_folder(folder, project, url):
    need("ruby", "ruby ruby-rack ruby-webrick")
    install(folder, project, "report_error.rb", url=url)
    bring(folder, "ruby/shop.rb")


def test_ruby_reports_odd_contexts_and_what_ends_a_script(server, tmp_path):
    ruby_folder(tmp_path, "ruby_odd", server.url)
    done, _ = run(tmp_path, "ruby", "-w", "shop.rb", "odd")
    assert (done.stdout, "report_error.rb" in done.stderr) == ("went on\n", False), done.stderr
    done, _ = run(tmp_path, "ruby", "shop.rb", "crash", code=1)
    assert "JSON::ParserError" in done.stderr
    odd, crash = events(server, "ruby_odd", 2)
    place = f"shop.rb:{marked(tmp_path / 'shop.rb')}"
    expect(odd, "JSON::ParserError", place)
    expect(crash, "JSON::ParserError", place, level="CRITICAL")
    circle = odd["context"]["circle"]
    assert (odd["user_id"], circle["nan"], circle["bad"]) == ("u_7", "NaN", "\ufffd")


def test_ruby_ends_in_time_without_log_center(dead, tmp_path):
    ruby_folder(tmp_path, "dead", snippets.URL)
    for word, code in (("odd", 0), ("crash", 1)):
        words = ["ruby", "shop.rb", word]
        _, seconds = run(tmp_path, *words, code=code, LOG_CENTER_URL=dead)
        assert in_time(seconds), seconds


# Shells.

NASTY = 'a "quote", a \\ backslash,\ta tab, $HOME `id` %s\nline 2\r\n\x01\x1f привет 错误 é\n\n  end'


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_a_shell_reports_any_text(server, tmp_path, shell):
    install(tmp_path, f"shell_{shell}", "report_error.sh", url=server.url)
    bring(tmp_path, "shell/shop.sh")
    done, _ = run(tmp_path, shell, "shop.sh", "hand", NASTY)
    assert (done.stdout, done.stderr) == ("went on\n", "")
    [event] = events(server, f"shell_{shell}")
    expect(event, "BackupFailed", "shop.sh:12") if event["error"]["stack_trace"] else None
    kept = NASTY.replace("\r", "").replace("\x01", "").replace("\x1f", "")
    assert event["error"]["message"] == kept
    assert event["context"]["server_name"] == socket.gethostname()


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_a_shell_reports_a_command_and_keeps_its_output(server, tmp_path, shell):
    install(tmp_path, f"wrap_{shell}", "report_error.sh", url=server.url)
    bring(tmp_path, "shell/shop.sh")
    done, _ = run(tmp_path, shell, "shop.sh", "wrap")
    assert done.stdout == "to the output\ncode 3\ncode 0\n"
    assert done.stderr == 'first error\nsecond "error"\n'
    [event] = events(server, f"wrap_{shell}")
    expect(event, "sh", "shop.sh:0")
    assert event["error"]["stack_trace"] in (
        'first error\nsecond "error"', ["first error", 'second "error"'])


def test_a_trap_of_bash_reports_command_and_line(server, tmp_path):
    install(tmp_path, "trap", "report_error.sh", url=server.url)
    bring(tmp_path, "shell/shop.sh")
    run(tmp_path, "bash", "shop.sh", "trap", code=2)
    [event] = events(server, "trap")
    error = event["error"]
    place = (error["type"], error["file_path"], error["line_number"])
    assert place == ("CommandFailed", "shop.sh", marked(tmp_path / "shop.sh"))
    assert error["message"] == "ls /missing ended with 2"


def test_a_shell_ends_in_time_without_log_center(dead, tmp_path):
    install(tmp_path, "dead", "report_error.sh")
    bring(tmp_path, "shell/shop.sh")
    done, seconds = run(tmp_path, "sh", "-e", "shop.sh", "hand", "x", LOG_CENTER_URL=dead)
    assert (done.stdout, done.stderr, in_time(seconds)) == ("went on\n", "", True)


def test_the_readme_shows_parts_of_the_snippets_and_links_to_all():
    readme = (snippets.ROOT / "README.md").read_text()
    texts = [path.read_text() for path in SNIPPETS.iterdir()]
    blocks = re.findall(r"^```(?:python|js)\n(.*?)^```$", readme, re.M | re.S)
    assert len(blocks) == 2
    for block in blocks:
        assert any(block in text for text in texts), block
    for path in SNIPPETS.iterdir():
        assert f"(docs/guide/snippets/{path.name})" in readme, path.name


def test_python_3_10_reads_each_snippet_in_python():
    for path in SNIPPETS.glob("*.py"):
        ast.parse(path.read_text(), path.name, feature_version=(3, 10))


def test_each_snippet_names_address_and_project_once():
    beside = {  # These use the one that they stand beside.
        "django.py", "drf.py", "fastapi.py", "flask.py", "celery.py", "react.tsx", "vue.js",
        "axios.js", "express.js", "koa.js",
    }
    for path in sorted(SNIPPETS.iterdir()):
        text = path.read_text()
        counts = (text.count(snippets.URL), text.count(snippets.PROJECT))
        assert counts == ((0, 0) if path.name in beside else (1, 1)), path.name
        assert path.read_text().splitlines()[0][:1] in "/#<", path.name
