"""For Celery: `log_center.celery.install()` where the application is made, beside `init`.

A task that failed for good is reported once, after its last retry; the request id of who queued it
goes with it.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from celery.signals import (
    before_task_publish,
    task_failure,
    task_postrun,
    task_prerun,
    task_retry,
    worker_process_shutdown,
)

from . import client, outgoing, scope

HEADER = "log_center_request_id"
_tokens: Dict[str, List[Any]] = {}


def install() -> None:
    """Listens to Celery; the second time does nothing."""
    before_task_publish.connect(_carry, weak=False, dispatch_uid="log_center")
    task_prerun.connect(_enter, weak=False, dispatch_uid="log_center")
    task_postrun.connect(_leave, weak=False, dispatch_uid="log_center")
    task_failure.connect(_report, weak=False, dispatch_uid="log_center")
    task_retry.connect(_note_retry, weak=False, dispatch_uid="log_center")
    worker_process_shutdown.connect(_flush, weak=False, dispatch_uid="log_center")


def _carry(headers: Optional[Dict[str, Any]] = None, **_: Any) -> None:
    found = scope.request_id()
    if found and headers is not None:
        headers.setdefault(HEADER, found)


def _enter(
    task_id: str = "", task: Any = None, args: Any = None, kwargs: Any = None, **_: Any
) -> None:
    outgoing.install()
    carried = _carried(task)
    here = scope.Scope(
        carried or task_id, lambda: _described(task, task_id, args, kwargs),
        parent=scope.current.get(),
    )
    _tokens.setdefault(task_id, []).append(scope.current.set(here))


def _carried(task: Any) -> str:
    request = getattr(task, "request", None)
    headers = getattr(request, "headers", None) or {}
    return str(getattr(request, HEADER, None) or headers.get(HEADER) or "")


def _described(task: Any, task_id: str, args: Any, kwargs: Any) -> Dict[str, Any]:
    request = getattr(task, "request", None)
    delivery = getattr(request, "delivery_info", None) or {}
    return {
        "method": "TASK",
        "url": getattr(task, "name", None),
        "params": {"args": args, "kwargs": kwargs},
        "task": {
            "id": task_id,
            "retries": getattr(request, "retries", None),
            "queue": delivery.get("routing_key"),
        },
    }


def _leave(task_id: str = "", **_: Any) -> None:
    tokens = _tokens.get(task_id)
    if tokens:
        scope.leave(tokens.pop())
        if not tokens:
            _tokens.pop(task_id, None)


def _report(
    sender: Any = None, task_id: str = "", exception: Any = None, args: Any = None,
    kwargs: Any = None, **_: Any,
) -> None:
    if task_id in _tokens:
        client.current().capture(exception, by="hook")
        return
    # The worker's main process, about a child that was lost or killed.
    given = {**_described(sender, task_id, args, kwargs), "request_id": task_id}
    client.current().capture(exception, given, by="hook")


def _note_retry(reason: Any = None, **_: Any) -> None:
    scope.add_breadcrumb(f"retry: {reason!r}", category="celery", level="warning")


def _flush(**_: Any) -> None:
    """The worker's children end without atexit."""
    client.flush_at_exit()
