"""Every snippet of the guide, in its own language and framework, against the real program."""

import dataclasses
import re
import shutil
import socket

import pytest

import snippets
from snippets import (
    SHOPS, bring, events, expect, install, java_build, marked, need, node_folder, order, python,
    run, serving,
)

# On a busy machine, and yet less than the time-out that a wait would take.
QUICK_SECONDS = 2.5
TIMEOUT_SECONDS = 3

PYTHON = "report_error.py"
NODE = "report-error-node.mjs"


@dataclasses.dataclass
class Web:
    """An application, the snippets that it uses, and what a report of it says."""

    snippets: list
    files: list
    words: list
    kind: str
    place: str
    level: str = "ERROR"
    status: int = 500
    # Where the language can only wait, the answer may be that late.
    seconds: float = QUICK_SECONDS
    params: object = None


def python_web(name, **more):
    file = f"{name}_shop.py"
    names = [PYTHON, f"{name}.py", *more.pop("also", [])]
    return Web(names, [f"python/{file}"], python(file), "JSONDecodeError", file, **more)


def node_web(name, **more):
    file = f"{name}_shop.mjs"
    return Web([NODE, f"{name}.js"], [f"node/{file}"], ["node", file], "SyntaxError", file, **more)


WEBS = {
    "flask": python_web("flask", params={"number": "7"}),
    "fastapi": python_web("fastapi", params={"number": "7"}),
    "django": python_web("django", params={"number": 7}),
    "drf": python_web("drf", also=["django.py"], params={"number": 7}),
    "express": node_web("express", params={"coupon": "spring"}),
    "koa": node_web("koa", params={"number": "7"}),
    "nest": Web(
        ["nestjs.ts"], ["node/nest_shop.ts", "node/tsconfig.json"], ["node", "nest_shop.js"],
        "SyntaxError", "nest_shop.js", params={"number": "7"},
    ),
    "go": Web(
        ["report_error.go"], ["go/shop.go"], ["./shop"], "runtime.plainError", "shop.go",
        level="CRITICAL", params={"coupon": ["spring"]},
    ),
    "java": Web(
        ["ReportError.java"], ["java/Shop.java"], ["java", "-cp", ".", "com.example.shop.Shop"],
        "java.lang.NumberFormatException", "com/example/shop/Shop.java",
    ),
    "php": Web(
        ["report_error.php"], ["php/shop.php"], [], "JsonException", "shop.php", level="CRITICAL",
        seconds=TIMEOUT_SECONDS + QUICK_SECONDS, params={"coupon": "spring"},
    ),
    "ruby": Web(
        ["report_error.rb"], ["ruby/shop.rb"], ["ruby", "shop.rb"], "JSON::ParserError",
        "shop.rb", params={"coupon": "spring"},
    ),
}


def prepare(name, folder, project, url):
    """Puts an application and its snippets into a folder, and builds it."""
    web = WEBS[name]
    install(folder, project, *web.snippets, url=url)
    bring(folder, *web.files)
    words, source, port = web.words, folder / web.files[0].split("/")[1], None
    if words[:1] == ["node"]:
        node_folder(folder)
    if name == "nest":
        run(folder, "npx", "tsc", "-p", ".")
        source = folder / "nest_shop.js"
    if name == "go":
        need("go", "golang-go")
        (folder / "go.mod").write_text("module shop\n\ngo 1.19\n")
        run(folder, "go", "vet")
        run(folder, "go", "build", "-o", "shop")
    if name == "java":
        java_build(folder)
    if name == "ruby":
        need("ruby", "ruby ruby-rack ruby-webrick")
    if name == "php":
        need("php", "php-cli")
        run(folder, "php", "-l", "report_error.php")
        (folder / "vendor" / "acme").mkdir(parents=True)
        shutil.copy(SHOPS / "php" / "parse.php", folder / "vendor" / "acme")
        port = free_port()
        words = ["php", "-S", f"127.0.0.1:{port}", "shop.php"]
    return web, source, words, port


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def started(folder, words, port, **more):
    """PHP's server does not say when it listens."""
    serving_now = serving(folder, *words, port=port, **more)
    if port is None:
        return serving_now
    return waiting(serving_now, port)


class waiting:
    def __init__(self, inner, port):
        self.inner, self.port = inner, port

    def __enter__(self):
        url = self.inner.__enter__()
        assert snippets.until(lambda: not socket.socket().connect_ex(("127.0.0.1", self.port)))
        return url

    def __exit__(self, *error):
        return self.inner.__exit__(*error)


@pytest.fixture(scope="module", params=WEBS)
def shop(request, server, tmp_path_factory):
    """An application, built once for all tests of it."""
    folder = tmp_path_factory.mktemp(request.param)
    return request.param, folder, prepare(request.param, folder, f"web_{request.param}", server.url)


def test_a_request_that_fails_is_reported_and_answered_as_before(server, shop):
    name, folder, (web, source, words, port) = shop
    with started(folder, words, port, PLAIN="1") as url:
        plain, _ = order(url)
        refused, _ = order(url, "/refused")
    with started(folder, words, port) as url:
        # First what must not be reported: a report of it would be there before the other.
        again, _ = order(url, "/refused")
        answer, seconds = order(url)
        assert (answer.status_code, seconds < QUICK_SECONDS) == (web.status, True)
        assert (answer.status_code, body(answer)) == (plain.status_code, body(plain))
        assert (again.status_code, body(again)) == (refused.status_code, body(refused))
        [event] = events(server, f"web_{name}")
    expect(event, web.kind, f"{web.place}:{marked(source)}", level=web.level)
    context = event["context"]
    assert context["url"].startswith("/orders/7"), context
    assert (context["method"], event["request_id"]) == ("GET", "req-42")
    if name != "go":
        assert event["user_id"] == "u_7"
    if web.params is not None:
        assert context["params"] == web.params


def body(answer):
    """Without what differs from one answer to the next, such as ids and times."""
    return re.sub(r"0x[0-9a-f]+|\d{4}-\d\d-\d\dT[\d:.Z]+", "", answer.text)


def test_a_dead_log_center_changes_no_answer(shop):
    _, folder, (web, _, words, port) = shop
    silence = snippets.Silence()
    for url, limit in ((snippets.closed_port(), QUICK_SECONDS), (silence.url, web.seconds)):
        with started(folder, words, port, LOG_CENTER_URL=url) as address:
            answer, seconds = order(address)
            assert (answer.status_code, seconds < limit) == (web.status, True), seconds
            again, seconds = order(address)
            assert (again.status_code, seconds < limit) == (web.status, True), seconds
            assert url != silence.url or silence.was_called()
    silence.close()
