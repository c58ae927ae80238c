"""A script for cron: nothing more than `init`, for what nobody catches."""

import sys
import threading

import log_center

log_center.init(project="shop")


def tidy():
    raise LookupError("no such folder")  # RAISED HERE in a thread


def clean():
    log_center.set_tag("job", "nightly")
    return {}["orders"]  # RAISED HERE


thread = threading.Thread(target=tidy)
if "thread" in sys.argv:
    thread.start()
    thread.join()
else:
    clean()
