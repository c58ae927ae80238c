"""The line to blame, and its path."""

import os
import sys
import types

import pytest

import log_center
from collector import raised
from log_center import frames
from log_center.frames import Roots


def compiled(path, text, **names):
    """A function `run` out of a file that needs not exist."""
    module = types.ModuleType("made")
    vars(module).update(names)
    exec(compile(text, path, "exec"), vars(module))
    return module.run


def place(run, root="/srv/shop", **options):
    try:
        run()
    except Exception as error:
        return frames.of_exception(error, Roots(root, **options))


FAILS = "def run():\n    return 1 / 0\n"
CALLS = "def run():\n\n    return inner()\n"


def test_the_innermost_own_line_is_blamed_with_its_path_in_the_project():
    library = compiled("/srv/shop/.venv/lib/python3.11/site-packages/lib/x.py", FAILS)
    own = compiled("/srv/shop/orders/views.py", CALLS, inner=library)
    outer = compiled("/srv/shop/manage.py", CALLS, inner=own)
    assert place(outer) == ("orders/views.py", 3)


def test_pythons_own_library_is_not_to_blame():
    def run():
        import json

        json.loads("{")

    assert place(run, root=os.path.dirname(__file__))[0] == "test_frames.py"


def test_without_an_own_line_it_is_the_innermost():
    library = compiled("/usr/lib/python3/dist-packages/lib/x.py", FAILS)
    trace = place(library, root="/srv/shop", in_app=())
    assert trace[1] in (2, place(library)[1])


@pytest.mark.parametrize("name", ["lib", "lib.x", "/opt/site-packages/lib"])
def test_a_library_can_be_named_as_own(name):
    library = compiled("/opt/site-packages/lib/x.py", FAILS)
    own = compiled("/srv/shop/views.py", CALLS, inner=library)
    assert place(own) == ("views.py", 3)
    assert place(own, in_app=[name])[1] == 2


def test_what_pip_put_beside_the_program_is_not_its_own(tmp_path, monkeypatch):
    (tmp_path / "lib-1.0.dist-info").mkdir()
    (tmp_path / "lib-1.0.dist-info" / "RECORD").write_text("lib/x.py,,\nlib/y.py,,\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    library = compiled(str(tmp_path / "lib" / "x.py"), FAILS)
    own = compiled(str(tmp_path / "handler.py"), CALLS, inner=library)
    assert place(own, root=str(tmp_path)) == ("handler.py", 3)


def test_outside_of_the_project_the_path_is_below_where_python_imports_from(monkeypatch):
    monkeypatch.setattr(sys, "path", ["/opt", "/opt/jobs", ""])
    assert Roots("/srv/shop").relative("/opt/jobs/nightly/run.py") == "nightly/run.py"
    assert Roots("/").relative("/opt/jobs/run.py") == "run.py"
    assert Roots("/srv/shop").relative("/other/run.py") == "/other/run.py"


def test_a_broken_file_is_blamed_itself_and_not_who_imports_it(tmp_path, monkeypatch):
    (tmp_path / "broken_module.py").write_text("x = 1\ny = = 2\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SyntaxError) as caught:
        __import__("broken_module")
    assert frames.of_exception(caught.value, Roots(str(tmp_path))) == ("broken_module.py", 2)


def test_what_was_never_raised_is_blamed_on_the_line_that_reports_it(start, collector):
    start(root_dir=os.path.dirname(__file__))
    log_center.report_error(ValueError("made"))
    log_center.capture_message("said")
    log_center.report_error("just text")
    line = sys._getframe().f_lineno - 3
    found = [entry["error"] for entry in collector.arrived(3)]
    assert [entry["file_path"] for entry in found] == ["test_frames.py"] * 3
    assert [entry["line_number"] for entry in found] == [line, line + 1, line + 2]
    assert [entry["type"] for entry in found] == ["ValueError", "Message", "NonError"]
    assert all(entry["stack_trace"] for entry in found)


def test_causes_are_in_the_stack_and_in_the_context(start, collector):
    start()
    try:
        try:
            int("x")
        except ValueError as cause:
            raise LookupError("outer") from cause
    except LookupError as error:
        log_center.report_error(error)
    found = collector.arrived(1)[0]
    assert "ValueError: invalid literal" in "".join(found["error"]["stack_trace"])
    original = found["context"]["originalError"]
    assert (original["type"], original["cause"]["type"]) == ("LookupError", "ValueError")


def test_a_circle_of_causes_ends(start, collector):
    start()
    first, second = ValueError(1), KeyError(2)
    first.__cause__, second.__cause__ = second, first
    assert log_center.report_error(raised(first))
    assert collector.arrived(1)


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def test_an_exception_that_cannot_be_shown_is_reported(start, collector):
    start()
    log_center.report_error(raised(Mute()))
    error = collector.arrived(1)[0]["error"]
    assert (error["type"], error["message"]) == ("Mute", "<Mute that cannot be shown>")


def test_endless_recursion_is_reported_in_short(start, collector):
    start()

    def deeper():
        return deeper()

    with pytest.raises(RecursionError) as caught:
        deeper()
    log_center.report_error(caught.value)
    error = collector.arrived(1)[0]["error"]
    assert error["type"] == "RecursionError"
    assert len(error["stack_trace"]) <= 201


@pytest.mark.skipif(sys.version_info < (3, 11), reason="groups came with Python 3.11")
def test_a_group_of_one_is_its_member_and_a_group_of_two_is_a_group(start, collector):
    start()
    group = ExceptionGroup  # noqa: F821
    log_center.report_error(raised(group("tasks", [raised(KeyError("only"))])))
    log_center.report_error(raised(group("tasks", [raised(KeyError(1)), raised(OSError(2))])))
    first, second = (entry["error"] for entry in collector.arrived(2))
    assert (first["type"], first["message"]) == ("KeyError", "'only'")
    assert second["type"] == "ExceptionGroup"
    assert "OSError: 2" in "".join(second["stack_trace"])


def test_secrets_in_message_and_stack_are_gone(start, collector):
    start()
    log_center.report_error(raised(ValueError("cannot reach postgres://bob:hunter2@db/shop")))
    error = collector.arrived(1)[0]["error"]
    assert "hunter2" not in error["message"] + "".join(error["stack_trace"][-1:])
