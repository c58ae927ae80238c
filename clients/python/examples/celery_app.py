"""Celery, with Redis between: `celery -A celery_app worker`."""

import os
import sqlite3

from celery import Celery

import log_center
import log_center.celery

log_center.init(project="shop")
log_center.celery.install()
app = Celery("shop", broker=os.environ.get("REDIS_URL", "redis://localhost:6379/0"))
app.conf.result_backend = app.conf.broker_url


@app.task
def bill(order, card=None):
    log_center.set_user("u_7")
    sqlite3.connect("/nonexistent/bills.db")  # RAISED HERE bill


@app.task(autoretry_for=[LookupError], max_retries=2, retry_backoff=False, default_retry_delay=0)
def retried(order):
    raise LookupError(order)  # RAISED HERE retried


@app.task
def fine(order):
    return order
