"""The structured error that callers get: `{code, message, info, data, requestId}`."""

from __future__ import annotations

from typing import Any, Dict, Optional

from . import client, scope
from .errors import MESSAGES
from .plain import Plain, member, safe_text
from .recognize import CHAIN_MAX, Verdict, causes, classify

#: What a caller reads of a fault of ours: the real message may name hosts, paths and SQL.
GENERIC = "Internal server error"


def status_of(error: BaseException) -> int:
    """The HTTP status that fits an exception."""
    return classify(error).status


def format_error(
    error: BaseException, data: Any = None, request_id: str = ""
) -> Dict[str, Any]:
    """The answer to a caller. The original error is in it in development and test only; in
    production nothing of an error of 500 and above but its code and the request id."""
    found = classify(error)
    options = client.current().options
    plain = Plain(client.current().scrubber, budget=50_000)
    tells_all = options.is_development or found.code in options.expose_codes
    kept = data if data is not None else member(error, "data")
    answer: Dict[str, Any] = {
        "code": found.code,
        "message": plain.text(_message(error, found, tells_all)),
        "info": plain.value(found.info) if _may_tell(found, tells_all) else None,
        "data": plain.value(kept),
        "requestId": request_id or scope.request_id() or None,
    }
    if options.is_development:
        answer["originalError"] = original(error, plain)
    return answer


def _may_tell(found: Verdict, tells_all: bool) -> bool:
    """Whether a caller may read the details. Of what was not raised for callers only which fields
    were wrong: a database names values and constraints."""
    if tells_all:
        return True
    return found.status < 500 and (found.is_answer or found.code == "ValidationError")


def _message(error: BaseException, found: Verdict, tells_all: bool) -> str:
    if not tells_all:
        if found.status >= 500:
            return GENERIC
        if not found.is_answer:
            return MESSAGES.get(found.code, GENERIC)
    detail = member(error, "detail")
    if found.is_answer and isinstance(detail, str):
        return detail
    description = member(error, "description")
    if found.is_answer and isinstance(description, str):
        return description
    return safe_text(error) or found.code


def original(
    error: BaseException, plain: Plain, message: Optional[str] = None, depth: int = CHAIN_MAX
) -> Optional[Dict[str, Any]]:
    """An exception with its causes, in short; `message` is its text where that is known."""
    from .frames import compact

    found: Dict[str, Any] = {
        "type": type(error).__name__,
        "module": type(error).__module__,
        "message": plain.text(safe_text(error) if message is None else message, 2_000),
        "code": classify(error).code,
    }
    stack = [plain.text(line) for line in compact(error, client.current().roots)]
    if stack:
        found["stack"] = stack
    below = causes(error)
    if below and depth > 1:
        found["cause"] = original(below[0], plain, depth=depth - 1)
    return found
