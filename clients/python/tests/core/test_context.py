"""What is known about the work in hand, and that it stays with it."""

import asyncio
import contextvars
import threading

import pytest

import log_center
from collector import raised
from log_center import scope


def test_user_tags_contexts_and_breadcrumbs_go_along(start, collector):
    start()
    log_center.set_user("u_7", plan="gold")
    log_center.set_tag("shop", "north")
    log_center.set_context("order", {"number": 7})
    log_center.add_breadcrumb("paid", category="cart", amount=3)
    log_center.report_error(raised(ValueError()), {"order": {"number": 8}, "extra": 1})
    found = collector.arrived(1)[0]["context"]
    assert found["user"] == {"id": "u_7", "plan": "gold"}
    assert found["tags"] == {"shop": "north"}
    assert (found["order"], found["extra"]) == ({"number": 8}, 1)
    [crumb] = found["breadcrumbs"]
    assert (crumb["message"], crumb["category"], crumb["data"]) == ("paid", "cart", {"amount": 3})


def test_a_user_that_was_set_goes_before_the_one_that_was_found(start, collector):
    start()
    token = scope.current.set(scope.Scope("r-1", lambda: {"user_id": "found", "url": "/x"}))
    log_center.report_error(raised(ValueError(1)))
    log_center.set_user("set")
    log_center.report_error(raised(KeyError(2)))
    scope.leave(token)
    first, second = (entry["context"] for entry in collector.arrived(2))
    assert (first["user_id"], first["url"]) == ("found", "/x")
    assert second["user"] == {"id": "set"} and "user_id" not in second


def test_an_inner_context_ends_with_its_block(start, collector):
    start()
    log_center.set_tag("everywhere", 1)
    with log_center.with_context(user="u_1", tags={"inner": 2}, request_id="r-1", job="x"):
        log_center.report_error(raised(ValueError("in")))
    log_center.report_error(raised(ValueError("out")))
    inner, outer = (entry["context"] for entry in collector.arrived(2))
    assert inner["user"] == {"id": "u_1"}
    assert inner["tags"] == {"everywhere": 1, "inner": 2}
    assert (inner["request_id"], inner["job"]) == ("r-1", "x")
    assert "user" not in outer and "job" not in outer
    assert outer["tags"] == {"everywhere": 1}
    assert outer["request_id"] not in ("", "r-1")


def test_what_was_known_in_a_block_is_known_to_who_reports_outside(
    start, collector, monkeypatch
):
    start()
    monkeypatch.setattr("log_center.client.SAME_ERROR_S", 0)
    shared = ValueError("shared")

    def fail(tag):
        with log_center.with_context(request_id=f"r-{tag}"):
            try:
                with log_center.with_context(tags={"outer": tag}):
                    with log_center.with_context(user=f"u-{tag}"):
                        raise shared
            except ValueError as error:
                return log_center.report_error(error, {"number": tag})

    assert fail(1)
    assert fail(2)
    first, second = (entry["context"] for entry in collector.arrived(2))
    for tag, found in ((1, first), (2, second)):
        assert found["request_id"] == f"r-{tag}"
        assert (found["tags"], found["user"]) == ({"outer": tag}, {"id": f"u-{tag}"})


def test_an_exception_that_leaves_its_block_late_is_reported_once(start, monkeypatch):
    start()
    monkeypatch.setattr("log_center.client.SAME_ERROR_S", 0)
    error = ValueError("once")
    with log_center.with_context(request_id="r-1"):
        try:
            with log_center.with_context(user="u_1"):
                try:
                    raise error
                except ValueError:
                    assert log_center.report_error(error)
                    raise
        except ValueError:
            assert not log_center.report_error(error)


def test_tasks_and_threads_do_not_see_each_other(start, collector, monkeypatch):
    monkeypatch.setattr("log_center.folding.BURST", 100)
    start()

    async def work(name):
        with log_center.with_context(user=name, request_id=name):
            await asyncio.sleep(0.001)
            log_center.report_error(raised(ValueError(name)))

    async def both():
        await asyncio.gather(*[work(f"u{number}") for number in range(8)])

    asyncio.run(both())
    threads = [threading.Thread(target=asyncio.run, args=[work(f"t{n}")]) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log_center.flush(10)
    for entry in collector.reports:
        name = entry["error"]["message"]
        assert entry["context"]["user"] == {"id": name}
        assert entry["context"]["request_id"] == name
    assert len(collector.reports) == 10


def test_an_object_is_reported_once_in_the_same_work(start, collector):
    start()
    error = raised(ValueError("once"))
    assert log_center.report_error(error)
    assert log_center.report_error(error) == ""
    assert log_center.flush(10)
    assert len(collector.reports) == 1


def test_an_object_that_is_raised_again_in_later_work_is_reported_again(start, monkeypatch):
    start()
    error = raised(ValueError("shared"))
    with log_center.with_context(request_id="r-1"):
        assert log_center.report_error(error)
        assert not log_center.report_error(error)
    monkeypatch.setattr("log_center.client.SAME_ERROR_S", 0)
    with log_center.with_context(request_id="r-2"):
        assert log_center.report_error(error)
    # Outside of any request the time alone decides.
    assert log_center.report_error(error)
    assert log_center.report_error(error)


@pytest.mark.parametrize("given, trace, request_id, trace_id", [
    ("req-1", None, "req-1", ""),
    ("a" * 128, None, "a" * 128, ""),
    ("bad id", "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "a" * 32, "a" * 32),
    ("req-2", "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "req-2", "a" * 32),
])
def test_the_callers_id_wins_when_it_is_well_formed(given, trace, request_id, trace_id):
    assert scope.choose_ids(given, trace) == (request_id, trace_id)


@pytest.mark.parametrize("given", [None, "", "a" * 129, "x\n", "é", "a b", "{}"])
def test_without_a_good_id_there_is_a_new_one(given):
    first, second = scope.choose_ids(given, None)[0], scope.choose_ids(given, "nonsense")[0]
    assert len(first) == 32 and first != second and first != given


def test_breadcrumbs_are_bounded(start, collector):
    start()
    for number in range(500):
        log_center.add_breadcrumb(str(number))
    log_center.report_error(raised(ValueError()))
    crumbs = collector.arrived(1)[0]["context"]["breadcrumbs"]
    assert [crumb["message"] for crumb in crumbs] == [str(n) for n in range(450, 500)]


def test_leaving_in_a_foreign_context_is_no_error():
    token = contextvars.copy_context().run(scope.current.set, scope.Scope())
    scope.leave(token)
