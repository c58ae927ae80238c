"""A Celery application, with files for a broker, whose tasks fail."""

import json
import os
import pathlib

from celery import Celery
from kombu.transport.filesystem import Channel

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

put = Channel._put


def put_whole(channel, queue, payload, **options):
    """The worker may read a message that is not written yet: so it gets its name afterwards."""
    unfinished = f"{queue}.{os.getpid()}"
    put(channel, unfinished, payload, **options)
    for file in (HERE / "queue").glob(f"*.{unfinished}.msg"):
        file.rename(str(file).replace(f".{unfinished}.", f".{queue}."))


Channel._put = put_whole


@app.task
def bill(order):
    return json.loads("{")  # RAISED HERE


@app.task(autoretry_for=[LookupError], max_retries=1, retry_backoff=False, default_retry_delay=0)
def retry(order):
    raise LookupError(order)
