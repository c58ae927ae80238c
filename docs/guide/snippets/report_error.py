# Save as report_error.py beside your code (pip install requests). In a script:
#     sys.excepthook = report_and_print
import json
import math
import os
import sys
import sysconfig
import threading
import traceback

import requests

LOG_CENTER_URL = os.environ.get("LOG_CENTER_URL", "http://localhost:8002")
PROJECT = "my_project"
LIBRARIES = (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), "<")

_slots = threading.BoundedSemaphore(20)  # more than this many at once are dropped


def report_error(error, context=None, level="ERROR", wait=False):
    """Reports an exception in the background; never raises one, never reports one twice."""
    try:
        if getattr(error, "_reported", False):
            return
        error._reported = True
        file_path, line_number = _place(error)
        body = json.dumps({
            "project_id": PROJECT,
            "environment": os.environ.get("ENVIRONMENT", "development"),
            "version": os.environ.get("APP_VERSION"),
            "level": level,
            "error": {
                "type": type(error).__name__,
                "message": _text(error),
                "file_path": file_path,
                "line_number": line_number,
                "stack_trace": traceback.format_exception(error),
            },
            "context": _plain(context or {}),
        })
        if _slots.acquire(blocking=False):
            thread = threading.Thread(target=_send, args=[body], name="log-center")
            try:
                thread.start()  # not a daemon: the end of the program waits for it
                if wait:
                    thread.join()
            except RuntimeError:  # no more threads, as while Python ends
                _send(body)
    except Exception:
        pass  # the application comes first


def report_and_print(kind, error, trace):
    """For sys.excepthook: reports what ends the program, then prints it as always."""
    if isinstance(error, Exception):
        report_error(error, level="CRITICAL")
    sys.__excepthook__(kind, error, trace)


def _send(body):
    try:
        requests.post(LOG_CENTER_URL + "/api/v1/logs/report", data=body, timeout=3)
    except Exception:
        pass
    finally:
        _slots.release()


def _place(error):
    """The innermost frame of your own code; its path is the same on every machine."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_library(frame.filename)]
    if not frames:
        return "unknown", 0
    last = (own or frames)[-1]
    roots = [path + os.sep for path in sys.path if last.filename.startswith(path + os.sep)]
    return last.filename[len(max(roots, key=len, default="")):], last.lineno or 0


def _is_library(path):
    return path.startswith(LIBRARIES) or os.path.basename(path).startswith("log_center_")


def _plain(value, depth=5):
    """The value as JSON can hold it: foreign types as text, circles cut by the depth."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if depth and isinstance(value, dict):
        return {_text(key): _plain(inner, depth - 1) for key, inner in list(value.items())[:100]}
    if depth and isinstance(value, (list, tuple, set)):
        return [_plain(inner, depth - 1) for inner in list(value)[:100]]
    return _text(value)


def _text(value):
    try:
        return str(value)[:8000]
    except Exception:
        return f"<{type(value).__name__}>"
