"""A Celery application, with files for a broker, whose tasks fail."""

import json
import pathlib

from celery import Celery

import log_center_celery  # noqa: F401

HERE = pathlib.Path(__file__).parent
for folder in ("queue", "results"):
    (HERE / folder).mkdir(exist_ok=True)
app = Celery("shop", broker="filesystem://", backend=f"file://{HERE}/results")
app.conf.broker_transport_options = {
    "data_folder_in": str(HERE / "queue"),
    "data_folder_out": str(HERE / "queue"),
    "polling_interval": 0.1,
}


@app.task
def bill(order):
    return json.loads("{")  # RAISED HERE


@app.task(autoretry_for=[LookupError], max_retries=1, retry_backoff=False, default_retry_delay=0)
def retry(order):
    raise LookupError(order)
