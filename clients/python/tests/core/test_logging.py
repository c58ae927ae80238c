"""The handler for Python's logging."""

import logging
import os
import sys

import pytest

import log_center
from log_center.logging import LogCenterHandler


@pytest.fixture
def logger():
    made = logging.getLogger("shop.stock")
    handler = LogCenterHandler()
    made.addHandler(handler)
    made.propagate = False
    yield made
    made.removeHandler(handler)


def test_a_record_is_an_error_at_the_line_that_logged(start, collector, logger):
    start(root_dir=os.path.dirname(__file__))
    logger.error("only %d left", 3, extra={"sku": "A-1", "password": "x"})
    line = sys._getframe().f_lineno - 1
    logger.warning("not this one")
    [found] = collector.arrived(1)
    error = found["error"]
    assert (error["type"], error["message"]) == ("LogRecord", "only 3 left")
    assert (error["file_path"], error["line_number"]) == ("test_logging.py", line)
    log = found["context"]["log"]
    assert (log["template"], log["sku"], log["password"]) == ("only %d left", "A-1", "[scrubbed]")
    assert found["context"]["logger"] == "shop.stock"


def test_a_record_with_an_exception_is_that_exception_once(start, collector, logger):
    start()
    try:
        int("x")
    except ValueError as error:
        logger.exception("cannot count")
        assert log_center.report_error(error) == ""
    logger.critical("all is lost")
    first, second = collector.arrived(2)
    assert (first["error"]["type"], first["level"]) == ("ValueError", "ERROR")
    assert first["context"]["log"]["message"] == "cannot count"
    assert second["level"] == "CRITICAL"


def test_a_handler_does_not_report_what_reporting_logs(start, collector, logger):
    def before_send(report, hint):
        logger.error("inside")
        return report

    start(before_send=before_send)
    logger.error("outside")
    assert log_center.flush(10)
    assert [entry["error"]["message"] for entry in collector.reports] == ["outside"]


def test_a_record_whose_arguments_do_not_fit_is_reported_as_it_is(start, collector):
    start()
    LogCenterHandler().emit(logging.makeLogRecord({
        "msg": "%d left", "args": ("no number",), "levelno": 40, "pathname": "/x.py", "lineno": 3,
    }))
    assert collector.arrived(1)[0]["error"]["message"] == "%d left ('no number',)"


def test_the_loggers_of_what_sends_are_left_out(start, collector):
    start()
    LogCenterHandler().emit(logging.makeLogRecord({"name": "urllib3.connectionpool"}))
    assert log_center.flush(5)
    assert collector.reports == []
