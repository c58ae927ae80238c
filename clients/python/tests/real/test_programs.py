"""Programs without callers: cron scripts, asyncio, logging, management commands."""

from apps import EXAMPLES, events, marked, new_id, older, run, variables

import pytest


def program(center, words, folder=".", **more):
    """Runs an example; what it said, and the events that it left."""
    tag = new_id()
    found = variables(center, LOG_CENTER_SERVER_NAME=tag, **more)
    done = run(words, older(found) if more.get("OLDER") else found, EXAMPLES / folder)
    return done, tag


def of(center, tag, wanted):
    """The events of one run."""
    items = events(center, wanted, q=f"context.server_name:{tag}")
    return sorted(items, key=lambda event: event["timestamp"])


def test_a_cron_script_reports_how_it_ended(center):
    done, tag = program(center, ["cron_job.py", "nightly"])
    assert done.returncode == 1 and done.stderr.endswith("KeyError: 'orders'\n")
    [event] = of(center, tag, 1)
    error, context = event["error"], event["context"]
    assert (error["type"], error["code"], event["level"]) == ("KeyError", "AppError", "CRITICAL")
    assert (error["file_path"], error["line_number"]) == ("cron_job.py", marked("cron_job.py"))
    assert (context["method"], context["url"]) == ("COMMAND", "cron_job.py nightly")
    assert context["tags"] == {"job": "nightly"}
    assert event["request_id"]


def test_a_thread_that_fails_is_reported_and_the_program_goes_on(center):
    done, tag = program(center, ["cron_job.py", "thread"])
    assert done.returncode == 0
    [event] = of(center, tag, 1)
    assert (event["error"]["type"], event["level"]) == ("LookupError", "ERROR")
    assert event["error"]["line_number"] == marked("cron_job.py", "in a thread")


def test_asyncio_reports_forgotten_tasks_and_the_end(center):
    done, tag = program(center, ["asyncio_job.py"])
    assert done.returncode == 1
    forgotten, main = of(center, tag, 2)
    assert (forgotten["error"]["type"], forgotten["level"]) == ("LookupError", "ERROR")
    assert forgotten["error"]["line_number"] == marked("asyncio_job.py", "forgotten")
    assert (main["error"]["type"], main["error"]["code"]) == ("TimeoutError", "RequestTimeoutError")
    assert (main["error"]["line_number"], main["level"]) == (
        marked("asyncio_job.py", "main"), "CRITICAL",
    )


def test_log_records_of_error_and_above_are_reports(center):
    done, tag = program(center, ["logging_job.py"])
    assert done.returncode == 0
    record, exception = of(center, tag, 2)
    assert (record["error"]["type"], record["error"]["message"]) == ("LogRecord", "only 3 left")
    assert record["error"]["line_number"] == marked("logging_job.py", "record")
    assert record["context"]["log"]["sku"] == "A-1"
    assert (exception["error"]["type"], exception["level"]) == ("ValueError", "ERROR")
    assert exception["error"]["line_number"] == marked("logging_job.py", "exception")


@pytest.mark.parametrize("version", ["", "4"])
def test_a_management_command_is_reported_and_ends_as_ever(center, version):
    words = ["manage.py", "import_orders", "orders.csv"]
    done, tag = program(center, words, "django_shop", OLDER=version)
    assert done.returncode == 1 and "ValueError: invalid literal" in done.stderr
    [event] = of(center, tag, 1)
    error = event["error"]
    file = "shop/management/commands/import_orders.py"
    assert (error["type"], error["code"], event["level"]) == ("ValueError", "AppError", "CRITICAL")
    assert (error["file_path"], error["line_number"]) == (file, marked(f"django_shop/{file}"))
    assert event["context"]["url"] == "manage.py import_orders"
    assert event["context"]["params"] == {"argv": words}


def test_a_command_that_refuses_is_not_reported(center):
    done, tag = program(center, ["manage.py", "import_orders", "none"], "django_shop")
    assert done.returncode == 1 and "CommandError: name a file" in done.stderr
    found = center.ask("/api/v1/events", q=f"context.server_name:{tag}")
    assert found["items"] == []
