"""Gives the exceptions of well-known libraries a code, an HTTP status and details.

Nothing is imported: a library's exceptions are known by the module and the name of their classes,
so the client needs none of them and meets any of their versions.
"""

from __future__ import annotations

import json
import socket
from typing import (
    Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple,
    Union,
)

from .errors import STATUSES, CodedError, code_of_status
from .plain import member, safe_text

CHAIN_MAX = 5


class Verdict(NamedTuple):
    """What an exception is, in the terms of the structured errors."""

    code: str
    status: int
    info: Optional[Dict[str, Any]] = None
    #: Raised in order to be answered with: a message that the caller may read.
    is_answer: bool = False

    @property
    def is_expected(self) -> bool:
        """A refusal that the caller has to put right; a database that refuses is never one."""
        return self.is_answer and self.status < 500 and not self.code.startswith("Database")


Rule = Callable[[BaseException, "Kind"], Optional[Verdict]]


class Kind:
    """The classes of an exception, by module and name."""

    def __init__(self, error: BaseException) -> None:
        self.pairs = [
            (base.__module__.split(".")[0], base.__name__) for base in type(error).__mro__[:-3]
        ]
        self.modules = [base.__module__ for base in type(error).__mro__]

    def of(self, module: str, *names: str) -> bool:
        """Whether it is one of these classes of a library, or derives from one."""
        return any(found == module and (not names or name in names) for found, name in self.pairs)


def classify(error: BaseException) -> Verdict:
    """The verdict on an exception, or on the first of its causes that is known."""
    for link in chain(error):
        found = _one(link)
        if found is not None:
            return found
    return Verdict("AppError", 500)


def chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, what it groups or wraps, and its causes: 5 at most, each once."""
    waiting: List[BaseException] = [error]
    seen: List[int] = []
    while waiting and len(seen) < CHAIN_MAX:
        link = waiting.pop(0)
        if id(link) in seen:
            continue
        seen.append(id(link))
        yield link
        waiting.extend(causes(link))


def causes(error: BaseException) -> List[BaseException]:
    """What led to an exception, as Python itself would print it."""
    found: List[BaseException] = []
    wrapped = member(error, "orig") or member(error, "original_error")
    if isinstance(wrapped, BaseException):
        found.append(wrapped)
    cause, context = member(error, "__cause__"), member(error, "__context__")
    if isinstance(cause, BaseException):
        found.append(cause)
    elif isinstance(context, BaseException) and not member(error, "__suppress_context__"):
        found.append(context)
    grouped = member(error, "exceptions")
    if isinstance(grouped, (tuple, list)):
        found.extend(inner for inner in grouped if isinstance(inner, BaseException))
    return found


def _one(error: BaseException) -> Optional[Verdict]:
    try:
        if isinstance(error, CodedError):
            return Verdict(error.code, error.status, error.info, is_answer=True)
        kind = Kind(error)
        for rule in _RULES:
            found = rule(error, kind)
            if found is not None:
                return found
    except (Exception, SystemExit, GeneratorExit):
        return None
    return None


def _verdict(
    code: str, info: Optional[Mapping[str, Any]] = None, is_answer: bool = False
) -> Verdict:
    return Verdict(code, STATUSES[code], dict(info) if info else None, is_answer)


# Databases.

def _sql_state(state: Any) -> str:
    text = str(state)
    if text == "23505":
        return "DatabaseUniqueError"
    if text.startswith(("08", "57P")) or text == "53300":
        return "DatabaseConnectionError"
    return "DatabaseError"


def _postgres(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if not (kind.of("psycopg") or kind.of("psycopg2") or kind.of("psycopg_pool")):
        return None
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    info = _diagnosis(error)
    if kind.of("psycopg", "UniqueViolation") or kind.of("psycopg2", "UniqueViolation"):
        return _verdict("DatabaseUniqueError", info)
    if state:
        return _verdict(_sql_state(state), {"sqlstate": str(state), **info})
    is_connection = any(name in ("OperationalError", "PoolTimeout") for _, name in kind.pairs)
    return _verdict("DatabaseConnectionError" if is_connection else "DatabaseError", info)


def _diagnosis(error: BaseException) -> Dict[str, Any]:
    """Where in the database; never the values of the row."""
    found: Dict[str, Any] = {}
    diagnosis = getattr(error, "diag", None)
    for name in ("table_name", "column_name", "constraint_name"):
        value = getattr(diagnosis, name, None)
        if value:
            found[name.replace("_name", "")] = str(value)
    return found


_MYSQL_CONNECTION = (1040, 1042, 1043, 1044, 1045, 2002, 2003, 2005, 2006, 2013, 2055)


def _mysql(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if not (kind.of("pymysql") or kind.of("MySQLdb") or kind.of("mysql") or kind.of("aiomysql")):
        return None
    number = getattr(error, "errno", None) or (error.args[0] if error.args else None)
    if number == 1062:
        return _verdict("DatabaseUniqueError", {"number": 1062})
    is_connection = number in _MYSQL_CONNECTION
    code = "DatabaseConnectionError" if is_connection else "DatabaseError"
    return _verdict(code, {"number": number} if isinstance(number, int) else None)


def _sqlite(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if not kind.of("sqlite3"):
        return None
    text = safe_text(error)
    if text.startswith(("UNIQUE constraint", "PRIMARY KEY constraint")):
        return _verdict("DatabaseUniqueError", {"columns": text.partition(": ")[2]})
    # SQLite says OperationalError of wrong SQL too, so the class alone is no broken connection.
    is_connection = "unable to open database" in text
    return _verdict("DatabaseConnectionError" if is_connection else "DatabaseError")


def _asyncpg(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if not kind.of("asyncpg"):
        return None
    state = getattr(error, "sqlstate", None)
    return _verdict(_sql_state(state) if state else "DatabaseError")


def _driver(error: BaseException) -> Optional[Verdict]:
    """What the driver said below SQLAlchemy's or Django's own exception."""
    for below in (getattr(error, "orig", None), error.__cause__):
        if isinstance(below, BaseException):
            kind = Kind(below)
            for rule in (_postgres, _mysql, _sqlite, _asyncpg):
                found = rule(below, kind)
                if found is not None:
                    return found
    return None


def _sqlalchemy(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if not kind.of("sqlalchemy"):
        return None
    if kind.of("sqlalchemy", "NoResultFound"):
        return _verdict("NotFoundError")
    found = _driver(error)
    if found is not None:
        return found
    is_connection = kind.of("sqlalchemy", "TimeoutError", "DisconnectionError") or bool(
        getattr(error, "connection_invalidated", False)
    )
    return _verdict("DatabaseConnectionError" if is_connection else "DatabaseError")


def _django_db(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if not (kind.of("django") and any(name.startswith("django.db") for name in kind.modules)):
        return None
    if kind.of("django", "ObjectDoesNotExist"):
        return None
    found = _driver(error)
    if found is not None:
        return found
    if kind.of("django", "IntegrityError"):
        return _verdict("DatabaseUniqueError" if _is_unique(error) else "DatabaseError")
    if kind.of("django", "OperationalError", "InterfaceError"):
        return _verdict("DatabaseConnectionError")
    is_database = kind.of("django", "DatabaseError", "Error")
    return _verdict("DatabaseError") if is_database else None


def _is_unique(error: BaseException) -> bool:
    text = safe_text(error).lower()
    return "unique" in text or "duplicate" in text


def _mongo(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if not kind.of("pymongo"):
        return None
    if kind.of("pymongo", "DuplicateKeyError"):
        details = getattr(error, "details", None) or {}
        pattern = details.get("keyPattern") if isinstance(details, dict) else None
        return _verdict("DatabaseUniqueError", {"keys": list(pattern)} if pattern else None)
    is_connection = kind.of("pymongo", "ConnectionFailure", "WaitQueueTimeoutError")
    return _verdict("DatabaseConnectionError" if is_connection else "DatabaseError")


def _redis(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if not (kind.of("redis") or kind.of("valkey")):
        return None
    is_connection = any(
        name in ("ConnectionError", "TimeoutError", "BusyLoadingError") for _, name in kind.pairs
    )
    return _verdict("DatabaseConnectionError" if is_connection else "DatabaseError")


# Other services.

def failed_request(error: BaseException) -> Dict[str, Any]:
    """How the request to another service looked. Headers and body are scrubbed later, with all
    the rest of the report."""
    found: Dict[str, Any] = {}
    response = member(error, "response")
    # httpx raises when an exception was made without a request.
    request = member(error, "request")
    if request is None:
        request = member(response, "request") or member(error, "request_info")
    if request is not None:
        found["method"] = str(member(request, "method") or "")
        found["url"] = str(member(request, "url") or "")
        headers = member(request, "headers")
        if headers:
            found["headers"] = {str(key): str(value) for key, value in dict(headers).items()}
        body = member(request, "body") or member(request, "content")
        if isinstance(body, (str, bytes)) and 0 < len(body) <= 2_000:
            found["body"] = _parsed(body)
    status = member(response, "status_code") or member(error, "status")
    if status is None:
        status = member(error, "code")
    if isinstance(status, int):
        found["status"] = status
    url = member(error, "url") or member(error, "filename")
    if not found.get("url") and isinstance(url, str):
        found["url"] = url
    return {key: value for key, value in found.items() if value not in ("", None)}


def _parsed(body: Union[str, bytes]) -> Any:
    """JSON as a value, so that secrets in it are found by their keys."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        return json.loads(text) if text[:1] in "{[" else text
    except ValueError:
        return text


def _requests(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if kind.of("requests", "Timeout") or kind.of("httpx", "TimeoutException"):
        return _verdict("RequestTimeoutError", failed_request(error))
    if kind.of("aiohttp") and isinstance(error, (TimeoutError, _asyncio_timeout())):
        return _verdict("RequestTimeoutError", failed_request(error))
    if kind.of("requests", "RequestException") or kind.of("aiohttp", "ClientError"):
        return _verdict("RequestError", failed_request(error))
    if kind.of("httpx", "HTTPError", "InvalidURL", "StreamError"):
        return _verdict("RequestError", failed_request(error))
    if kind.of("urllib3", "TimeoutError"):
        return _verdict("RequestTimeoutError", failed_request(error))
    if kind.of("urllib3", "HTTPError") or kind.of("grpc", "RpcError"):
        return _verdict("RequestError", failed_request(error))
    return None


def _asyncio_timeout() -> type:
    # Its own class before Python 3.11; looked up late, since not every program uses asyncio.
    import asyncio

    return asyncio.TimeoutError


def _urllib(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if not kind.of("urllib", "URLError"):
        return None
    reason = getattr(error, "reason", None)
    is_late = isinstance(reason, (TimeoutError, socket.timeout))
    return _verdict("RequestTimeoutError" if is_late else "RequestError", failed_request(error))


_DATABASE_PORTS = (1433, 3306, 5432, 6379, 27017)


def _socket(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if isinstance(error, (TimeoutError, socket.timeout)) or kind.of("asyncio", "TimeoutError"):
        return _verdict("RequestTimeoutError")
    if isinstance(error, ConnectionError) and not isinstance(error, BrokenPipeError):
        text = safe_text(error)
        is_database = any(f", {port})" in text or f":{port}" in text for port in _DATABASE_PORTS)
        return _verdict("DatabaseConnectionError" if is_database else "RequestError")
    if isinstance(error, socket.gaierror):
        return _verdict("RequestError")
    return None


# Input.

def _input(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if kind.of("pydantic_core", "ValidationError") or kind.of("pydantic", "ValidationError"):
        return _verdict("ValidationError", _pydantic(error))
    if kind.of("fastapi", "RequestValidationError", "WebSocketRequestValidationError"):
        return _verdict("ValidationError", _pydantic(error), is_answer=True)
    if kind.of("marshmallow", "ValidationError"):
        return _verdict("ValidationError", {"errors": _by_field(getattr(error, "messages", {}))})
    if kind.of("jsonschema", "ValidationError"):
        path = ".".join(str(part) for part in getattr(error, "absolute_path", ()))
        return _verdict(
            "ValidationError",
            {"errors": [{"field": path, "message": str(getattr(error, "message", ""))}]},
        )
    if kind.of("django", "ValidationError"):
        messages = getattr(error, "message_dict", None) if hasattr(error, "error_dict") else None
        found = _by_field(messages or {"": getattr(error, "messages", [])})
        return _verdict("ValidationError", {"errors": found})
    if kind.of("attrs", "ValidationError") or kind.of("cattrs", "BaseValidationError"):
        return _verdict("ValidationError")
    return None


def _pydantic(error: BaseException) -> Dict[str, Any]:
    listed: Sequence[Mapping[str, Any]] = error.errors()  # type: ignore[attr-defined]
    return {
        "errors": [
            {
                "field": ".".join(str(part) for part in entry.get("loc", ())),
                "message": str(entry.get("msg", "")),
            }
            for entry in list(listed)[:50]
        ]
    }


def _by_field(messages: Any, prefix: str = "") -> List[Dict[str, str]]:
    """The nested messages of marshmallow, Django and REST framework as one list."""
    if isinstance(messages, Mapping):
        found: List[Dict[str, str]] = []
        for key, inner in list(messages.items())[:50]:
            name = str(key)
            found += _by_field(inner, f"{prefix}.{name}" if prefix and name else prefix or name)
        return found
    if isinstance(messages, (list, tuple)):
        return [entry for inner in messages[:50] for entry in _by_field(inner, prefix)]
    return [{"field": prefix, "message": safe_text(messages)}]


# What frameworks raise in order to answer with it.

def _answers(error: BaseException, kind: Kind) -> Optional[Verdict]:
    if kind.of("rest_framework", "APIException"):
        status = int(getattr(error, "status_code", 500))
        detail = getattr(error, "detail", None)
        is_input = kind.of("rest_framework", "ValidationError")
        info = {"errors": _by_field(detail)} if is_input else None
        return Verdict(code_of_status(status), status, info, is_answer=True)
    if kind.of("django", "Http404"):
        return _verdict("NotFoundError", is_answer=True)
    if kind.of("django", "PermissionDenied"):
        return _verdict("ForbiddenError", is_answer=True)
    if kind.of("django", "SuspiciousOperation"):
        return Verdict("ValidationError", 400, is_answer=True)
    if kind.of("starlette", "HTTPException") or kind.of("werkzeug", "HTTPException"):
        status = getattr(error, "status_code", None) or getattr(error, "code", None) or 500
        return Verdict(code_of_status(int(status)), int(status), is_answer=True)
    if kind.of("jwt", "InvalidTokenError", "PyJWTError") or kind.of("jose", "JWTError"):
        return _verdict("AuthError")
    return None


_RULES: Tuple[Rule, ...] = (
    _answers, _input, _postgres, _mysql, _sqlite, _asyncpg, _sqlalchemy, _django_db, _mongo,
    _redis, _requests, _urllib, _socket,
)
