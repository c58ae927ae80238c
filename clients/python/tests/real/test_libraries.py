"""Exceptions of the libraries that teams use, most of them raised by the libraries themselves."""

import asyncio
import socket

import pytest

from log_center import recognize


def caught(function, *args, **named):
    try:
        function(*args, **named)
    except Exception as error:
        return error
    raise AssertionError("it did not fail")


def code(error):
    return recognize.classify(error).code


@pytest.fixture(scope="module")
def closed():
    """A port that refuses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def silent():
    """A port that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


def test_psycopg(closed):
    import psycopg
    from psycopg import errors

    refused = caught(psycopg.connect, f"host=127.0.0.1 port={closed} dbname=x connect_timeout=2")
    assert code(refused) == "DatabaseConnectionError"
    assert code(errors.UniqueViolation("twice")) == "DatabaseUniqueError"
    assert code(errors.AdminShutdown("stopped")) == "DatabaseConnectionError"
    assert code(errors.TooManyConnections("full")) == "DatabaseConnectionError"
    assert code(errors.SyntaxError("SELEC")) == "DatabaseError"
    assert recognize.classify(errors.UndefinedTable("no")).info == {"sqlstate": "42P01"}


def test_pymysql(closed):
    import pymysql

    refused = caught(pymysql.connect, host="127.0.0.1", port=closed, connect_timeout=2)
    assert code(refused) == "DatabaseConnectionError"
    assert code(pymysql.err.IntegrityError(1062, "Duplicate entry")) == "DatabaseUniqueError"
    assert code(pymysql.err.ProgrammingError(1064, "syntax")) == "DatabaseError"


def test_sqlalchemy(closed):
    import sqlalchemy
    from sqlalchemy.orm import Session

    store = sqlalchemy.create_engine("sqlite://")
    with store.connect() as connection:
        run = lambda text: connection.execute(sqlalchemy.text(text))  # noqa: E731
        run("CREATE TABLE t (a UNIQUE)")
        run("INSERT INTO t VALUES (1)")
        assert code(caught(run, "INSERT INTO t VALUES (1)")) == "DatabaseUniqueError"
        # SQLite says OperationalError of this too.
        assert code(caught(run, "SELEC")) == "DatabaseError"
    with Session(store) as session:
        nothing = caught(lambda: session.execute(sqlalchemy.text("SELECT 1 WHERE 0")).scalar_one())
    assert code(nothing) == "NotFoundError"
    store.dispose()
    away = sqlalchemy.create_engine(f"postgresql+psycopg://u:p@127.0.0.1:{closed}/x")
    assert code(caught(away.connect)) == "DatabaseConnectionError"
    small = sqlalchemy.create_engine(
        "sqlite://", poolclass=sqlalchemy.pool.QueuePool, pool_size=1, max_overflow=0,
        pool_timeout=0.01,
    )
    with small.connect():
        assert code(caught(small.connect)) == "DatabaseConnectionError"
    small.dispose()


def test_pymongo(closed):
    import pymongo
    from pymongo import errors

    with pymongo.MongoClient("127.0.0.1", closed, serverSelectionTimeoutMS=50) as client:
        assert code(caught(client.shop.command, "ping")) == "DatabaseConnectionError"
    twice = errors.DuplicateKeyError("E11000", 11000, {"keyPattern": {"email": 1}})
    assert code(twice) == "DatabaseUniqueError"
    assert recognize.classify(twice).info == {"keys": ["email"]}
    assert code(errors.OperationFailure("no")) == "DatabaseError"


def test_redis(closed, silent):
    import redis

    refused = redis.Redis(port=closed, socket_connect_timeout=1, retry=None)
    assert code(caught(refused.ping)) == "DatabaseConnectionError"
    late = redis.Redis(port=silent, socket_timeout=0.05, retry=None)
    assert code(caught(late.ping)) == "DatabaseConnectionError"
    assert code(redis.exceptions.ResponseError("WRONGTYPE")) == "DatabaseError"


def test_requests(closed, silent):
    import requests

    url = f"http://127.0.0.1:{closed}/stock?api_key=k-1"
    refused = caught(requests.post, url, json={"n": 1})
    found = recognize.classify(refused)
    assert found.code == "RequestError"
    assert (found.info["method"], found.info["url"]) == ("POST", url)
    assert found.info["body"] == {"n": 1}
    late = caught(requests.get, f"http://127.0.0.1:{silent}/", timeout=0.05)
    assert code(late) == "RequestTimeoutError"
    response = requests.Response()
    response.status_code, response.url = 502, url
    answered = recognize.classify(caught(response.raise_for_status))
    assert (answered.code, answered.info["status"]) == ("RequestError", 502)
    assert code(requests.exceptions.InvalidURL("x")) == "RequestError"


def test_httpx(closed, silent):
    import httpx

    url = f"http://127.0.0.1:{closed}/stock"
    found = recognize.classify(caught(httpx.post, url, json={"n": 1}))
    assert (found.code, found.info["url"]) == ("RequestError", url)
    assert found.info["body"] == {"n": 1}
    assert code(caught(httpx.get, f"http://127.0.0.1:{silent}/", timeout=0.05)) == (
        "RequestTimeoutError"
    )
    response = httpx.Response(503, request=httpx.Request("GET", url))
    answered = recognize.classify(caught(response.raise_for_status))
    assert (answered.code, answered.info["status"]) == ("RequestError", 503)
    assert code(httpx.ReadError("made without a request")) == "RequestError"


def test_aiohttp(closed, silent):
    import aiohttp

    async def ask(port):
        timeout = aiohttp.ClientTimeout(total=0.2)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            async with session.get(f"http://127.0.0.1:{port}/"):
                pass

    assert code(caught(asyncio.run, ask(closed))) == "RequestError"
    assert code(caught(asyncio.run, ask(silent))) == "RequestTimeoutError"


def test_pydantic_and_marshmallow():
    import marshmallow
    import pydantic

    class Order(pydantic.BaseModel):
        sku: str
        lines: list[int]

    found = recognize.classify(caught(Order, lines=["x"]))
    assert found.code == "ValidationError" and found.status == 400
    assert [entry["field"] for entry in found.info["errors"]] == ["sku", "lines.0"]

    class Schema(marshmallow.Schema):
        sku = marshmallow.fields.String(required=True)

    found = recognize.classify(caught(Schema().load, {}))
    assert found.info == {
        "errors": [{"field": "sku", "message": "Missing data for required field."}]
    }


def test_django_and_rest_framework():
    from django import db
    from django.conf import settings
    from django.core import exceptions
    from django.http import Http404

    if not settings.configured:
        settings.configure(USE_I18N=False)
    from rest_framework import exceptions as rest

    wrong = exceptions.ValidationError({"sku": ["needed"]})
    assert recognize.classify(wrong).info == {"errors": [{"field": "sku", "message": "needed"}]}
    for error, wanted in (
        (exceptions.PermissionDenied(), "ForbiddenError"),
        (Http404(), "NotFoundError"),
        (exceptions.ObjectDoesNotExist(), "AppError"),
        (db.IntegrityError("UNIQUE constraint failed: a.b"), "DatabaseUniqueError"),
        (db.IntegrityError("NOT NULL constraint failed"), "DatabaseError"),
        (db.OperationalError("server closed the connection"), "DatabaseConnectionError"),
        (db.ProgrammingError("no such table"), "DatabaseError"),
        (rest.ValidationError({"sku": ["needed"]}), "ValidationError"),
        (rest.ParseError(), "ValidationError"),
        (rest.NotAuthenticated(), "AuthError"),
        (rest.PermissionDenied(), "ForbiddenError"),
        (rest.NotFound(), "NotFoundError"),
        (rest.Throttled(), "RateLimitError"),
        (rest.APIException(), "AppError"),
    ):
        assert code(error) == wanted, error
    assert recognize.classify(rest.NotFound()).is_expected
    assert not recognize.classify(rest.APIException()).is_expected


def test_others():
    import fastapi
    import jwt
    import werkzeug.exceptions

    token = caught(jwt.decode, "a.b.c", "x" * 32, algorithms=["HS256"])
    assert code(token) == "AuthError"
    assert code(fastapi.HTTPException(429)) == "RateLimitError"
    assert code(werkzeug.exceptions.NotFound()) == "NotFoundError"
    assert code(werkzeug.exceptions.Conflict()) == "ConflictError"
