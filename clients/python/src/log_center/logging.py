"""A handler for Python's own logging: records of ERROR and above become reports."""

from __future__ import annotations

import logging
import os
from contextvars import ContextVar
from typing import Any, Dict

from . import client
from .frames import Place
from .plain import safe_text

_is_busy: ContextVar[bool] = ContextVar("log_center_logging", default=False)
#: What the client itself uses to send; and servers that log what was reported already.
IGNORED_LOGGERS = ("log_center", "urllib3")
_LEVELS = ((50, "CRITICAL"), (40, "ERROR"), (30, "WARNING"), (20, "INFO"), (0, "DEBUG"))


class LogCenterHandler(logging.Handler):
    """`logging.getLogger().addHandler(LogCenterHandler())`.

    A record with an exception is that exception; one without is an error at the line that logged.
    """

    def __init__(self, level: int = logging.ERROR) -> None:
        super().__init__(level)

    def emit(self, record: logging.LogRecord) -> None:
        """Reports a record; never raises."""
        if _is_busy.get() or str(record.name).split(".")[0] in IGNORED_LOGGERS:
            return
        token = _is_busy.set(True)
        try:
            _report(record)
        except Exception as fault:
            client.current().say(f"cannot report a log record: {safe_text(fault)}")
        finally:
            _is_busy.reset(token)


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
