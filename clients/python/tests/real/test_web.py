"""Each web framework: an application that fails, started for real, and what Log Center got."""

import contextlib
import dataclasses
import pathlib
import socket
import types

import pytest
import requests

from apps import EXAMPLES, events, marked, new_id, older, order, serving, variables

WSGI = "serve_wsgi.py"
ASGI = "serve_asgi.py"
SCRUBBED = "[scrubbed]"


@dataclasses.dataclass
class Web:
    """An application, and what the report of its failure has to say."""

    server: str
    module: str
    kind: str
    file: str
    code: str = "AppError"
    level: str = "ERROR"
    mark: str = ""
    folder: str = ""
    path: str = "/orders/7"
    params: object = None
    status: int = 500
    #: Whether the caller gets the structured error without asking for JSON.
    is_structured: bool = False
    is_older: bool = False

    @property
    def environment(self):
        return older if self.is_older else dict


DJANGO = {"folder": "django_shop", "file": "shop/urls.py", "params": {"number": 7}}
WEBS = {
    "wsgi": Web(
        WSGI, "wsgi_app", "OperationalError", "wsgi_app.py", "DatabaseConnectionError", "CRITICAL",
    ),
    "flask": Web(
        WSGI, "flask_app", "OperationalError", "flask_app.py", "DatabaseConnectionError",
        "CRITICAL", params={"number": 7},
    ),
    "fastapi": Web(
        ASGI, "fastapi_app", "ConnectError", "fastapi_app.py", "RequestError",
        params={"number": "7"}, status=502, is_structured=True,
    ),
    "starlette": Web(
        ASGI, "starlette_app", "AttributeError", "starlette_app.py", params={"number": 7},
        is_structured=True,
    ),
}
for name in ("flask", "fastapi", "starlette"):
    WEBS[f"{name} before"] = dataclasses.replace(WEBS[name], is_older=True)
for name, is_older in {"django 5": False, "django 4": True}.items():
    shop = {**DJANGO, "is_older": is_older}
    WEBS[name] = Web(
        WSGI, "shop.wsgi", "OperationalError", code="DatabaseError", mark="order", **shop
    )
    WEBS[f"{name} async"] = Web(
        ASGI, "shop.asgi", "LookupError", mark="later", **shop, path="/later/7"
    )
    WEBS[f"{name} drf"] = Web(
        WSGI, "shop.wsgi", "KeyError", mark="api", path="/api/7", is_structured=True, **shop
    )


@pytest.fixture(scope="module")
def started(center):
    """Applications, each started once."""
    here = pathlib.Path(__file__).parent
    with contextlib.ExitStack() as stack:
        known = {}

        def start(name):
            web = WEBS[name]
            key = (web.server, web.module, web.is_older)
            if key not in known:
                environment = web.environment(variables(center))
                known[key] = stack.enter_context(
                    serving([here / web.server, web.module], EXAMPLES / web.folder, environment)
                )
            return web, known[key]

        yield start


@pytest.mark.parametrize("name", WEBS)
def test_what_nobody_caught_arrives_with_its_request(started, center, name):
    web, url = started(name)
    request_id = new_id()
    answer = order(url, f"{web.path}?coupon=spring&token=t-1", request_id)
    assert answer.headers.get("X-Request-Id", request_id) == request_id
    assert answer.status_code == web.status
    [event] = events(center, request_id=request_id)

    error = event["error"]
    assert (event["project_id"], event["environment"], event["version"]) == (
        "shop", "staging", "1.2.3",
    )
    assert (error["type"], error["code"], event["level"]) == (web.kind, web.code, web.level)
    place = (error["file_path"], error["line_number"])
    source = f"{web.folder}/{web.file}" if web.folder else web.file
    assert place == (web.file, marked(source, web.mark))
    assert error["stack_trace"][0].startswith("Traceback")

    context = event["context"]
    assert context["method"] == "POST"
    assert context["url"] == f"{url}{web.path}?coupon=spring&token={SCRUBBED}"
    assert context["query"] == {"coupon": "spring", "token": SCRUBBED}
    assert context["body"] == {"sku": "A-1", "password": SCRUBBED}
    assert context["headers"]["x-shop"] == "north"
    assert context["headers"]["authorization"] == SCRUBBED
    assert context.get("params") == web.params
    assert event["user_id"] == "u_7"
    assert event["request_id"] == request_id
    if web.params:
        assert context["view"]


@pytest.mark.parametrize("name", [name for name in WEBS if name != "wsgi"])
def test_a_caller_that_accepts_json_gets_the_structured_error(started, center, name):
    web, url = started(name)
    answer = order(url, web.path, "bad id", accept="application/json")
    told = answer.json()
    assert set(told) == {"code", "message", "info", "data", "requestId"}
    assert told["code"] == web.code
    assert told["requestId"] == answer.headers["X-Request-Id"]
    assert len(told["requestId"]) == 32
    [event] = events(center, request_id=told["requestId"])
    assert event["error"]["code"] == web.code


# An API has no pages, and bare WSGI has none of its own.
@pytest.mark.parametrize(
    "name", [name for name, web in WEBS.items() if not web.is_structured and name != "wsgi"]
)
def test_a_browser_gets_the_frameworks_own_page(started, name):
    web, url = started(name)
    answer = order(url, web.path, "req-page", accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert answer.status_code == 500
    assert "html" in answer.headers["Content-Type"] and "Server Error" in answer.text
    assert answer.headers["X-Request-Id"] == "req-page"


@pytest.mark.parametrize("name", ["flask", "fastapi", "django 5", "django 4", "django 5 async"])
def test_refusals_are_answered_and_not_reported(started, center, name):
    web, url = started(name)
    request_id = new_id()
    answer = order(url, "/refused/7", request_id)
    assert answer.status_code == 403
    assert answer.json() == {
        "code": "ForbiddenError", "message": "not yours", "info": {"order": 7}, "data": None,
        "requestId": request_id,
    }
    missing = requests.get(f"{url}/missing", headers={"X-Request-Id": request_id}, timeout=20)
    assert missing.status_code == 404 and missing.headers["X-Request-Id"] == request_id
    if web.folder:
        denied = requests.get(f"{url}/denied", headers={"X-Request-Id": request_id}, timeout=20)
        assert denied.status_code == 403
        api = requests.get(f"{url}/api/7", headers={"X-Request-Id": request_id}, timeout=20)
        assert (api.status_code, api.json()) == (404, {"detail": "no such order"})
    # One that is reported, behind them on the same way.
    last = new_id()
    order(url, web.path, last)
    events(center, request_id=last)
    assert center.ask("/api/v1/events", request_id=request_id)["items"] == []


def test_invalid_input_is_fastapis_to_answer(started, center):
    _, url = started("fastapi")
    answer = requests.post(
        f"{url}/orders/7", json={"no": 1}, headers={"X-Request-Id": "req-422"}, timeout=20
    )
    assert answer.status_code == 422 and answer.headers["X-Request-Id"] == "req-422"
    assert center.ask("/api/v1/events", request_id="req-422")["items"] == []


@pytest.mark.parametrize("name", WEBS)
def test_what_works_is_left_alone(started, name):
    _, url = started(name)
    answer = requests.get(f"{url}/healthy", timeout=20)
    assert answer.status_code == 200
    assert len(answer.headers["X-Request-Id"]) == 32


@pytest.mark.parametrize("name", ["django 5", "django 4 async", "fastapi", "flask"])
def test_code_of_the_application_that_fails_in_the_client_changes_no_answer(center, name):
    """A receiver of Django's signal that raises would replace the application's page."""
    web = WEBS[name]
    environment = variables(
        center, LOG_CENTER_BEFORE_SEND="operator:truediv", LOG_CENTER_SHOULD_REPORT="math:hypot",
        LOG_CENTER_SAMPLE_RATE="no number", LOG_CENTER_ANSWERS="never",
    )
    request_id = new_id()
    server = pathlib.Path(__file__).parent / web.server
    with serving([server, web.module], EXAMPLES / web.folder, web.environment(environment)) as url:
        answer = order(url, web.path, request_id)
        assert events(center, request_id=request_id)[0]["error"]["type"] == web.kind
    assert (answer.status_code, "Server Error" in answer.text) == (500, True)


@pytest.mark.parametrize("name", ["django 5", "fastapi", "flask"])
def test_in_development_the_caller_sees_the_original_error(center, name):
    web = WEBS[name]
    environment = variables(center, ENVIRONMENT="development")
    server = pathlib.Path(__file__).parent / web.server
    with serving([server, web.module], EXAMPLES / web.folder, environment) as url:
        told = order(url, web.path, "req-dev", accept="application/json").json()
    assert told["originalError"]["type"] == web.kind
    assert told["message"] != ""
    if web.code == "RequestError":
        assert told["info"]["url"] == f"http://127.0.0.1:9/stock?api_key={SCRUBBED}"


@pytest.mark.parametrize("status, is_logged", [(500, True), (409, False)])
def test_an_answered_failure_stays_in_djangos_log_with_its_trace(caplog, status, is_logged):
    from log_center.django import log_answer

    response = types.SimpleNamespace(status_code=status, reason_phrase="Internal Server Error")
    log_answer(types.SimpleNamespace(path="/orders/7"), response, KeyError("stock"))
    found = [(record.name, record.exc_info[1].args) for record in caplog.records]
    assert found == ([("django.request", ("stock",))] if is_logged else [])


@pytest.mark.parametrize("name", ["django 5", "django 4", "django 5 async"])
def test_a_body_that_nobody_read_is_not_waited_for(started, center, name):
    web, url = started(name)
    host, port = url.rpartition("/")[2].split(":")
    request_id = new_id()
    head = (
        f"POST /unread/7 HTTP/1.1\r\nHost: {host}:{port}\r\nX-Request-Id: {request_id}\r\n"
        "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=30) as caller:
        caller.sendall(head.encode())
        if "asgi" in web.server:
            caller.sendall(b" " * 500)
        assert b" 500 " in caller.recv(100)
    [event] = events(center, request_id=request_id)
    assert event["error"]["type"] == "LookupError"
    assert event["context"]["url"] == f"{url}/unread/7"
