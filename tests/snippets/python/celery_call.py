"""Calls the tasks and prints how each ended, and after how many seconds."""

import time

from celery_shop import bill, retry

for task in (bill, retry):
    result = task.delay(7)
    began = time.monotonic()
    try:
        result.get(timeout=30, interval=0.05)
    except Exception as error:
        print(type(error).__name__, round(time.monotonic() - began, 2), flush=True)
