"""The structured errors, and what Python's own library is recognised as."""

import io
import socket
import sqlite3
import urllib.error
import urllib.request

import pytest

import log_center
from collector import raised
from log_center import recognize

STATUSES = {
    "AppError": 500, "AppBadRequest": 400, "ValidationError": 400, "AuthError": 401,
    "ForbiddenError": 403, "NotFoundError": 404, "ConflictError": 409, "RateLimitError": 429,
    "DatabaseError": 500, "DatabaseUniqueError": 409, "DatabaseConnectionError": 503,
    "RequestError": 502, "RequestTimeoutError": 504,
}


@pytest.mark.parametrize("code, status", STATUSES.items())
def test_every_class_has_its_code_and_status(code, status):
    error = getattr(log_center, code)("text", info={"field": "x"}, data={"kept": 1})
    assert (error.code, error.status, str(error)) == (code, status, "text")
    assert log_center.status_of(error) == status
    told = log_center.format_error(error)
    assert (told["code"], told["data"]) == (code, {"kept": 1})
    if status < 500:
        assert (told["message"], told["info"]) == ("text", {"field": "x"})


def test_production_tells_a_caller_nothing_of_a_fault(start):
    start(environment="production")
    told = log_center.format_error(raised(ValueError("connect ECONNREFUSED db.internal")))
    assert set(told) == {"code", "message", "info", "data", "requestId"}
    assert told["code"] == "AppError" and "db.internal" not in str(told)
    start(environment="anything")
    assert "originalError" not in log_center.format_error(ValueError("x"))


def test_production_tells_nothing_of_what_a_database_refused(start):
    start(environment="production")
    store = sqlite3.connect(":memory:")
    store.execute("CREATE TABLE members (email UNIQUE)")
    store.execute("INSERT INTO members VALUES (1)")
    told = log_center.format_error(caught(store.execute, "INSERT INTO members VALUES (1)"))
    store.close()
    assert (told["code"], told["info"]) == ("DatabaseUniqueError", None)
    assert told["message"] == "There is one like it already"


def test_codes_can_be_exposed(start):
    start(expose_codes=["ShippingError"])
    told = log_center.format_error(log_center.AppError("no ship", code="ShippingError"))
    assert (told["code"], told["message"]) == ("ShippingError", "no ship")
    assert "originalError" not in told
    assert log_center.format_error(log_center.AppError("no"))["message"] == "Internal server error"


@pytest.mark.parametrize("environment", ["development", "test", "Development"])
def test_development_tells_everything_but_secrets(start, environment):
    start(environment=environment)
    told = log_center.format_error(raised(ValueError("password=hunter2 is wrong")))
    assert told["message"] == "password=[scrubbed] is wrong"
    assert told["originalError"]["type"] == "ValueError"
    assert "hunter2" not in str(told)


def test_an_own_code_and_status_are_kept():
    error = log_center.AppError("late", code="ShippingError", status=502)
    assert recognize.classify(error)[:2] == ("ShippingError", 502)

    class Custom(log_center.NotFoundError):
        code = "NoSuchOrder"

    assert recognize.classify(Custom())[:2] == ("NoSuchOrder", 404)


def caught(function, *args, **named):
    try:
        function(*args, **named)
    except Exception as error:
        return error
    raise AssertionError("it did not fail")


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def code(error):
    return recognize.classify(error).code


def test_sqlite_is_recognised():
    store = sqlite3.connect(":memory:")
    store.execute("CREATE TABLE t (a UNIQUE, b NOT NULL)")
    store.execute("INSERT INTO t VALUES (1, 1)")
    twice = caught(store.execute, "INSERT INTO t VALUES (1, 1)")
    assert code(twice) == "DatabaseUniqueError"
    assert recognize.classify(twice).info == {"columns": "t.a"}
    assert code(caught(store.execute, "INSERT INTO t VALUES (2, NULL)")) == "DatabaseError"
    assert code(caught(store.execute, "SELEC")) == "DatabaseError"
    assert code(caught(sqlite3.connect, "/nonexistent/x")) == "DatabaseConnectionError"
    store.close()


def test_urllib_and_sockets_are_recognised():
    url = f"http://127.0.0.1:{closed_port()}/x?api_key=k"
    assert code(caught(urllib.request.urlopen, url)) == "RequestError"
    late = urllib.error.URLError(socket.timeout("timed out"))
    assert code(late) == "RequestTimeoutError"
    answer = urllib.error.HTTPError(url, 502, "bad", {}, io.BytesIO())
    found = recognize.classify(answer)
    assert (found.code, found.info) == ("RequestError", {"url": url, "status": 502})
    answer.close()
    assert code(socket.timeout()) == "RequestTimeoutError"
    assert code(TimeoutError()) == "RequestTimeoutError"
    assert code(ConnectionRefusedError(111, "connect to ('db', 5432)")) == "DatabaseConnectionError"
    assert code(ConnectionRefusedError(111, "refused")) == "RequestError"
    assert code(socket.gaierror(-2, "unknown")) == "RequestError"
    assert code(FileNotFoundError(2, "no such file")) == "AppError"


def test_causes_are_looked_at_and_suppressed_ones_are_not():
    def fail(suppress):
        try:
            sqlite3.connect("/nonexistent/x")
        except sqlite3.Error as error:
            if suppress:
                raise LookupError("x") from None
            raise LookupError("x") from error

    assert code(caught(fail, False)) == "DatabaseConnectionError"
    assert code(caught(fail, True)) == "AppError"


class Hostile(Exception):
    @property
    def exceptions(self):
        raise RuntimeError("no")


def test_a_hostile_exception_is_an_app_error(start, collector):
    start()
    assert code(Hostile()) == "AppError"
    assert log_center.report_error(raised(Hostile("x")))
    assert collector.arrived(1)[0]["error"]["type"] == "Hostile"


def test_the_info_of_a_failed_request_is_scrubbed(start, collector):
    start()
    url = f"http://bob:hunter2@127.0.0.1:{closed_port()}/x?api_key=k-1"
    answer = urllib.error.HTTPError(url, 502, "bad", {}, io.BytesIO())
    log_center.report_error(answer)
    answer.close()
    found = collector.arrived(1)[0]
    assert found["context"]["info"]["status"] == 502
    assert "hunter2" not in str(found) and "k-1" not in str(found)
