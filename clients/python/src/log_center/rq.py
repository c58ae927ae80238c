"""For RQ: `rq worker --worker-class log_center.rq.Worker`, with `init` in the module of the jobs.

A job that failed is reported before its process ends. Queue with
`meta=log_center.rq.carried()` so that the job keeps the request id of who queued it.
"""

from __future__ import annotations

from typing import Any, Dict

import rq
from rq.worker import SimpleWorker as _SimpleWorker

from . import client, outgoing, scope

KEY = "log_center_request_id"


def carried() -> Dict[str, str]:
    """What a job has to carry."""
    found = scope.request_id()
    return {KEY: found} if found else {}


class _Watching:
    """What our workers do beyond RQ's."""

    def perform_job(self, job: Any, *args: Any, **named: Any) -> Any:
        """Runs a job with a context of its own, and sends before the process ends."""
        outgoing.install()
        here = scope.Scope(str(job.meta.get(KEY) or job.id), lambda: _described(job))
        token = scope.current.set(here)
        try:
            return super().perform_job(job, *args, **named)  # type: ignore[misc]
        finally:
            scope.leave(token)
            # A work horse ends by os._exit.
            client.flush_at_exit()

    def handle_job_failure(self, job: Any, *args: Any, **named: Any) -> Any:
        """Notes whether a retry is still to come; afterwards it is counted off already."""
        job.is_retried_later = bool(getattr(job, "retries_left", None))
        return super().handle_job_failure(job, *args, **named)  # type: ignore[misc]

    def handle_exception(self, job: Any, *exc_info: Any) -> Any:
        """Reports, and goes on as RQ does; only once there is no retry to come."""
        if not getattr(job, "is_retried_later", False):
            report(job, *exc_info)
        return super().handle_exception(job, *exc_info)  # type: ignore[misc]


class Worker(_Watching, rq.Worker):  # type: ignore[misc]
    """RQ's worker."""


class SimpleWorker(_Watching, _SimpleWorker):  # type: ignore[misc]
    """RQ's worker without a process for each job."""


def report(job: Any, *exc_info: Any) -> bool:
    """Also an exception handler by itself: `rq worker --exception-handler log_center.rq.report`."""
    error = exc_info[1] if len(exc_info) > 1 else None
    if scope.current.get() is not None:
        client.current().capture(error, by="hook")
        return True
    given = {**_described(job), "request_id": str(job.meta.get(KEY) or job.id)}
    client.current().capture(error, given, by="hook")
    client.flush_at_exit()
    return True


def _described(job: Any) -> Dict[str, Any]:
    return {
        "method": "TASK",
        "url": job.func_name,
        "params": {"args": list(job.args), "kwargs": dict(job.kwargs)},
        "task": {"id": job.id, "queue": job.origin},
    }
