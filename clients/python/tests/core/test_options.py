"""Options: arguments, then variables, then what is found."""

import re

import pytest

import log_center
from collector import raised
from log_center.options import VARIABLES, read_options


def test_every_option_has_a_variable():
    for name, variables in VARIABLES.items():
        assert variables[0] == f"LOG_CENTER_{name.upper()}"


def test_an_argument_goes_before_a_variable(monkeypatch):
    monkeypatch.setenv("LOG_CENTER_URL", "http://one:1/")
    monkeypatch.setenv("LOG_CENTER_PROJECT", "variable")
    found = read_options({"project": "argument"})
    assert (found.url, found.project) == ("http://one:1", "argument")


def test_variables_are_read_by_their_kind(monkeypatch):
    for name, value in {
        "ENVIRONMENT": "staging", "LOG_CENTER_CODE_LEVEL_MAP": "RequestError=fatal, AppError=info",
        "LOG_CENTER_IGNORE": "KeyError, shop.*", "LOG_CENTER_SAMPLE_RATE": "0.5",
        "LOG_CENTER_SCRUB": "iban", "LOG_CENTER_PROPAGATE": "off", "LOG_CENTER_DEBUG": "yes",
        "LOG_CENTER_BEFORE_SEND": "json:dumps", "LOG_CENTER_TIMEOUT": "1.5",
        "LOG_CENTER_IN_APP": "acme,lib", "LOG_CENTER_MAX_QUEUE": "7", "APP_VERSION": "2.0",
        "GIT_COMMIT": "c0ffee", "LOG_CENTER_LEVEL": "warn", "LOG_CENTER_BODIES": "never",
    }.items():
        monkeypatch.setenv(name, value)
    found = read_options({})
    assert found.environment == "staging" and not found.is_development
    assert found.code_level_map == {"RequestError": "CRITICAL", "AppError": "INFO"}
    assert found.ignore == ("KeyError", "shop.*")
    assert (found.sample_rate, found.timeout, found.max_queue) == (0.5, 1.5, 7)
    assert (found.scrub, found.propagate, found.in_app) == (("iban",), (), ("acme", "lib"))
    assert found.debug and callable(found.before_send)
    assert (found.version, found.commit_hash) == ("2.0", "c0ffee")
    assert (found.level, found.bodies) == ("WARNING", "never")
    assert found.faults == []


@pytest.mark.parametrize("option, value", [
    ("sample_rate", "2"), ("timeout", "-1"), ("max_queue", "no"), ("debug", "maybe"),
    ("bodies", "all"), ("code_level_map", "AppError"), ("before_send", "no.such:thing"),
    ("level", "loud"),
])
def test_what_cannot_be_read_is_told_and_left_out(option, value):
    found = read_options({option: value})
    assert [fault.split(":")[0] for fault in found.faults] == [f"option {option}"]
    assert getattr(found, option) == getattr(read_options({}), option)


def test_a_missing_environment_counts_as_production():
    found = read_options({})
    assert found.environment == "production" and not found.is_development


def test_version_and_commit_are_found_in_the_project(tmp_path):
    project = '[tool.x]\nversion = "9"\n[project]\nversion = "1.4"\n'
    (tmp_path / "pyproject.toml").write_text(project + 'name = "my-shop"\n')
    (tmp_path / ".git" / "refs" / "heads").mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / ".git" / "packed-refs").write_text(f"{'a' * 40} refs/heads/main\n")
    found = read_options({"root_dir": str(tmp_path)})
    assert (found.version, found.commit_hash) == ("1.4", "a" * 40)
    assert found.project == "my-shop"
    assert read_options({"root_dir": str(tmp_path), "project": "shop"}).project == "shop"
    (tmp_path / "pyproject.toml").write_text(project + 'name = "my-shop"\n')
    (tmp_path / ".git" / "refs" / "heads" / "main").write_text("b" * 40 + "\n")
    assert read_options({"root_dir": str(tmp_path)}).commit_hash == "b" * 40


def test_without_an_address_or_a_project_it_is_off_and_says_so_once(capsys):
    log_center.init(debug=True, hooks=False)
    assert log_center.report_error(raised(ValueError())) == ""
    assert log_center.capture_message("x") == ""
    assert log_center.flush(1)
    said = capsys.readouterr().err
    assert said == "log-center: off: no url (option url or LOG_CENTER_URL)\n"
    log_center.init("http://127.0.0.1:1", debug=True, hooks=False, root_dir="/nonexistent")
    assert "no project" in capsys.readouterr().err


def test_without_debug_it_is_silent(capsys):
    log_center.init(sample_rate=9, hooks=False)
    log_center.report_error(raised(ValueError()))
    found = capsys.readouterr()
    assert found.err == found.out == ""


def test_before_send_changes_and_drops(start, collector):
    def before_send(report, hint):
        if isinstance(hint["error"], KeyError):
            return None
        report["context"]["seen"] = True
        return report

    start(before_send=before_send)
    assert log_center.report_error(raised(KeyError())) == ""
    log_center.report_error(raised(ValueError()))
    [found] = collector.arrived(1)
    assert found["context"]["seen"]


@pytest.mark.parametrize("before_send", [
    lambda report, hint: 1 / 0, lambda report, hint: "none", lambda report: report,
])
def test_when_before_send_fails_the_report_goes_as_it_was(start, collector, before_send):
    start(before_send=before_send)
    log_center.report_error(raised(ValueError("kept")))
    assert collector.arrived(1)[0]["error"]["message"] == "kept"


@pytest.mark.parametrize("rule", [
    LookupError, "KeyError", "Key*", "Error: 'secret", "builtins.LookupError",
    re.compile("KeyError: 'secret"),
])
def test_ignored_errors_are_not_reported(start, rule):
    start(ignore=[rule])
    assert log_center.report_error(raised(KeyError("secret thing"))) == ""
    assert log_center.report_error(raised(ValueError("other")))


def test_should_report_decides_about_what_nobody_asked_to_report(start):
    def should_report(error, hint):
        return {"NotFoundError": True, "AppError": False}.get(hint["code"])

    client = start(should_report=should_report)
    assert client.capture(raised(log_center.NotFoundError()), by="request")
    assert not client.capture(raised(ValueError()), by="hook")
    assert not client.capture(raised(log_center.ForbiddenError()), by="request")
    assert client.capture(raised(log_center.ForbiddenError()), by="hook")
    assert log_center.report_error(raised(ValueError()))


def test_sampling_and_levels_drop(start):
    start(sample_rate=0.0)
    assert log_center.report_error(raised(ValueError())) == ""
    start(level="CRITICAL")
    assert log_center.report_error(raised(ValueError())) == ""
    assert log_center.report_error(raised(ValueError()), level="fatal")


def test_a_level_can_be_chosen_for_a_code(start, collector):
    start(code_level_map={"ForbiddenError": "critical"})
    log_center.report_error(raised(log_center.ForbiddenError()))
    log_center.report_error(raised(log_center.DatabaseConnectionError()))
    log_center.report_error(raised(log_center.ValidationError()))
    assert [entry["level"] for entry in collector.arrived(3)] == ["CRITICAL", "CRITICAL", "WARNING"]
