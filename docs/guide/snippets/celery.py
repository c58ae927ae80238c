# Save as log_center_celery.py beside report_error.py, and import it where your Celery app is made:
#     import log_center_celery
from celery.signals import task_failure

from report_error import report_error


@task_failure.connect
def report_failure(sender=None, task_id=None, exception=None, args=None, kwargs=None, **_):
    """Celery sends this once, after the last retry, when the result is already stored."""
    report_error(
        exception,
        {
            "method": "TASK",
            "url": getattr(sender, "name", None),
            "params": {"args": args, "kwargs": kwargs},
            "request_id": task_id,
        },
        wait=True,  # on purpose: nobody waits for the answer, and the worker may end right here
    )
