"""What a server's request looks like in a report, the same for every framework; read only when
there is something to report."""

from __future__ import annotations

import json
import logging
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple
from urllib.parse import parse_qsl

from . import client, format, scope
from .outgoing import HEADER
from .recognize import classify

BODY_BYTES_MAX = 10_000


def description(
    method: str,
    url: str,
    headers: Iterable[Tuple[str, str]],
    query: str = "",
    body: Any = None,
) -> Dict[str, Any]:
    """The members of a report's context that say how a request looked."""
    found: Dict[str, Any] = {
        "method": method,
        "url": url,
        "headers": {name.lower(): value for name, value in headers},
        "query": pairs(query),
    }
    if body not in (None, b"", ""):
        found["body"] = body
    return found


def pairs(text: str) -> Dict[str, Any]:
    """A query string or a form as members; a name that comes twice has a list."""
    found: Dict[str, Any] = {}
    try:
        for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=100):
            if name in found:
                before = found[name]
                found[name] = [*(before if isinstance(before, list) else [before]), value]
            else:
                found[name] = value
    except ValueError:
        return {"…": "too many"}
    return found


def keeps_body(content_type: str, content_length: Optional[str]) -> bool:
    """Whether a body is text, small, and wanted; uploads never are."""
    if client.current().options.bodies == "never":
        return False
    kind = content_type.split(";")[0].strip().lower()
    is_text = kind.startswith("text/") or kind.endswith(("json", "xml", "x-www-form-urlencoded"))
    if not is_text:
        return False
    try:
        return int(content_length or 0) <= BODY_BYTES_MAX
    except ValueError:
        return False


def read_body(raw: bytes, content_type: str) -> Any:
    """A body as a value, so that its secrets are found by their keys."""
    if not raw:
        return None
    if len(raw) > BODY_BYTES_MAX:
        return f"<more than {BODY_BYTES_MAX} bytes>"
    kind = content_type.split(";")[0].strip().lower()
    text = raw.decode("utf-8", "replace")
    if kind.endswith("json"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    if kind.endswith("x-www-form-urlencoded"):
        return pairs(text)
    return text


def wants_answer(accept: str) -> bool:
    """Whether the caller gets the structured error in place of the framework's own page."""
    answers = client.current().options.answers
    if answers == "auto":
        return "json" in accept.lower()
    return answers == "always"


def answer(error: BaseException) -> Tuple[int, Dict[str, Any]]:
    """Status and body of a structured answer."""
    found = classify(error)
    return found.status, format.format_error(error)


def log_failure(error: BaseException) -> None:
    """Keeps the trace in the program's own log, where the framework takes an error of 500 that
    was answered for handled."""
    if classify(error).status >= 500:
        logging.getLogger("log_center").error("%s", type(error).__name__, exc_info=error)


def encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace")


def given_id(headers: List[Tuple[bytes, bytes]]) -> Tuple[str, str]:
    """Request id and trace id out of raw headers, as ASGI has them."""
    request_id = trace_parent = None
    for name, value in headers:
        if name == b"x-request-id":
            request_id = value.decode("latin-1")
        elif name == b"traceparent":
            trace_parent = value.decode("latin-1")
    return scope.choose_ids(request_id, trace_parent)


__all__ = [
    "BODY_BYTES_MAX", "HEADER", "answer", "description", "encoded", "given_id", "keeps_body",
    "log_failure", "pairs", "read_body", "wants_answer",
]
