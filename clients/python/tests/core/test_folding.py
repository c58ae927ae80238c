"""Storms: ten thousand errors in a second are counted, and few of them leave."""

import log_center
from collector import raised
from log_center.folding import BURST, Choice, Folding


def boom(number):
    return raised(ValueError(number))


def test_ten_thousand_errors_become_a_few_reports_that_tell_the_number(start, collector):
    client = start()
    for number in range(10_000):
        log_center.report_error(boom(number))
    assert log_center.flush(10)
    found = collector.reports
    repeated = sum(entry["context"].get("folded", 0) + 1 for entry in found)
    assert repeated == 10_000
    assert len(found) <= BURST + 30
    assert client.sender.lost == 0
    # It stands for the newest of them, not for the first.
    assert int(found[-1]["error"]["message"]) > BURST


def test_different_errors_are_not_folded(start, collector):
    start()
    for number in range(BURST):
        log_center.report_error(raised(ValueError(number)))
        log_center.report_error(raised(KeyError(number)))
    assert log_center.flush(10)
    assert len(collector.reports) == BURST * 2
    assert not [entry for entry in collector.reports if "folded" in entry["context"]]


def test_the_folded_ones_are_told_without_a_flush(start, collector):
    start()
    for number in range(BURST + 5):
        log_center.report_error(boom(number))
    found = collector.arrived(BURST + 1)
    assert found[-1]["context"]["folded"] == 4


def test_the_memory_of_errors_is_bounded():
    folding = Folding()
    for number in range(5_000):
        assert folding.choose(number) is Choice.SEND
    assert len(folding._runs) <= 1_000


def test_a_storm_that_goes_on_sends_one_report_a_second(monkeypatch):
    from log_center import folding as module

    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    folding = Folding()
    sent = []
    for step in range(50):
        now[0] = step / 10
        sent += folding.due()
        for _ in range(100):
            choice = folding.choose("x")
            if choice is Choice.SEND:
                sent.append({"context": {}})
            elif choice is Choice.KEEP:
                folding.keep("x", {"context": {}})
    sent += folding.due(at_once=True)
    assert len(sent) == BURST + 5
    assert sum(entry["context"].get("folded", 0) + 1 for entry in sent) == 5_000
