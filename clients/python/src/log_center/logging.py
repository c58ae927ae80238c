"""A handler for Python's own logging: records of ERROR and above become reports."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any, Dict

from . import client
from .frames import Place
from .plain import safe_text

# No ContextVar: a destructor that logs while one is being set ends Python 3.11 itself.
_here = threading.local()
#: What the client itself uses to send; and servers that log what was reported already.
IGNORED_LOGGERS = ("log_center", "urllib3")
_LEVELS = ((50, "CRITICAL"), (40, "ERROR"), (30, "WARNING"), (20, "INFO"), (0, "DEBUG"))


class LogCenterHandler(logging.Handler):
    """`logging.getLogger().addHandler(LogCenterHandler())`.

    A record with an exception is that exception; one without is an error at the line that logged.
    """

    def __init__(self, level: int = logging.ERROR) -> None:
        super().__init__(level)

    # Handlers have a lock; this one has nothing to guard. With it, a thread that logs would hold it
    # and want the queue's, while a destructor that logs in the sender's thread, which holds the
    # queue's, wants it.

    def createLock(self) -> None:
        """None is needed."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Lets the filters choose and reports what they leave."""
        chosen = self.filter(record)
        if chosen:
            # Since Python 3.12 a filter may answer with another record.
            self.emit(chosen if isinstance(chosen, logging.LogRecord) else record)
        return bool(chosen)

    def emit(self, record: logging.LogRecord) -> None:
        """Reports a record; never raises."""
        if getattr(_here, "is_busy", False) or str(record.name).split(".")[0] in IGNORED_LOGGERS:
            return
        _here.is_busy = True
        try:
            _report(record)
        except Exception as fault:
            client.current().say(f"cannot report a log record: {safe_text(fault)}")
        finally:
            _here.is_busy = False


def _report(record: logging.LogRecord) -> None:
    try:
        text = record.getMessage()
    except Exception:
        # Arguments that do not fit the template.
        text = f"{safe_text(record.msg)} {safe_text(record.args)}"
    given: Dict[str, Any] = {
        "logger": record.name,
        "log": {"message": text, "template": safe_text(record.msg), **_extra(record)},
    }
    level = next(name for least, name in _LEVELS if record.levelno >= least)
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        client.current().capture(error, given, level if record.levelno > 40 else None)
        return
    place = Place(os.path.abspath(record.pathname), record.lineno, record.funcName)
    client.current().message(text, level, given, kind="LogRecord", place=place)


_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _extra(record: logging.LogRecord) -> Dict[str, Any]:
    """What the program passed as `extra`."""
    return {key: value for key, value in vars(record).items() if key not in _OWN}
