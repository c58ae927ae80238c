"""Another program at the same database: nothing is lost, and everybody is told soon."""

import os
import sqlite3
import threading

import requests

from program import report, until

# What the documentation tells clients to wait.
CLIENT_SECONDS = 3


def is_ready(program):
    return requests.get(program.url + "/readyz", timeout=10)


def test_a_locked_database_refuses_soon_and_comes_back_by_itself(server):
    server.report(line=1)
    other = sqlite3.connect(server.data / "log-center.db", isolation_level=None)
    other.execute("begin immediate")
    refused = requests.post(server.report_url, json=report(line=2), timeout=CLIENT_SECONDS)
    assert (refused.status_code, refused.json()["code"]) == (503, "OverloadError")
    assert int(refused.headers["Retry-After"]) >= 1
    assert "another program" in refused.json()["message"]
    moved = requests.patch(
        server.url + "/api/v1/issues/1", json={"status": "VERIFYING"}, timeout=CLIENT_SECONDS
    )
    assert (moved.status_code, moved.json()["code"]) == (503, "OverloadError")
    assert server.ask("/api/v1/issues/1")["status"] == "NEW", "reading goes on"
    until(lambda: is_ready(server).status_code == 503)
    other.execute("rollback")
    until(lambda: is_ready(server).status_code == 200)
    assert server.report(line=2)["is_new"], "what was refused was not stored"
    other.close()


def test_reports_wait_for_a_lock_that_is_short(server):
    other = sqlite3.connect(server.data / "log-center.db", isolation_level=None,
                            check_same_thread=False)
    other.execute("begin immediate")
    release = threading.Timer(0.3, other.execute, ["rollback"])
    release.start()
    assert server.report(project_id="short")["is_new"]
    release.join()
    other.close()


def test_a_long_look_from_outside_stops_no_report(server):
    other = sqlite3.connect(server.data / "log-center.db", isolation_level=None)
    server.report(project_id="long")
    other.execute("begin")
    before = other.execute("select count(*) from event").fetchone()
    batches = 0
    while (server.data / "log-center.db-wal").stat().st_size < 80 << 20:
        lines = [
            report(project_id="long", error={"message": f"{batches} {at} {os.urandom(400).hex()}"})
            for at in range(800)
        ]
        answer = requests.post(server.report_url + "/batch", json=lines, timeout=30)
        assert answer.status_code == 200
        batches += 1
    told = server.said().count("another program reads the database")
    assert 1 <= told < batches, "the writer does not wait for it each time"
    assert other.execute("select count(*) from event").fetchone() == before
    other.execute("rollback")
    other.close()
    assert server.report(project_id="long", line=2)["is_new"]
