"""A script that reports by hand what JSON cannot hold, or ends by an error."""

import datetime
import json
import sys

from report_error import report_and_print, report_error


class Silent:
    def __str__(self):
        raise RuntimeError("no text")


def total(order):
    return json.loads(order)  # RAISED HERE


def odd_context():
    circle = {"when": datetime.date(2026, 1, 2), "nan": float("nan"), ("a", 1): b"bytes"}
    circle["self"] = circle
    return {"user_id": "u_7", "circle": circle, "silent": Silent()}


sys.excepthook = report_and_print
if sys.argv[1] == "odd":
    try:
        total("{")
    except ValueError as error:
        report_error(error, odd_context())
        report_error(error)
    print("went on")
else:
    total("{")
