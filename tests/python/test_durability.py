"""What was answered is on the disk: before the answer, and after an orderly end."""

import contextlib
import re
import shutil
import sqlite3
import threading
import time

import pytest
import requests

from ledger import Ledger, counted
from load import Load
from program import report, until


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_the_disk_has_a_report_before_it_is_answered(start, tmp_path):
    trace = tmp_path / "trace"
    calls = "trace=read,recvfrom,write,writev,sendto,sendmsg,fsync,fdatasync"
    program = start(before=["strace", "-f", "-y", "-s", "60", "-e", calls, "-o", str(trace)])
    with requests.Session() as session:
        for line in range(12):
            answer = session.post(program.report_url, json=report(line=line % 3), timeout=20)
            assert answer.status_code == 200
            time.sleep(0.05)
    assert program.stop()[0] == 0
    assert answers_after_sync(trace.read_text().splitlines()) == 12


def answers_after_sync(lines):
    """How many answers follow their request with a finished sync of the log between the two."""
    synced, reports, syncing = False, 0, {}
    for line in lines:
        thread, _, call = line.partition(" ")
        call = call.strip()
        if "POST /api/v1/logs/report" in call:
            synced = False
        begins = re.match(r"f(?:data)?sync\(\d+<([^>]*)>", call)
        if begins:
            syncing[thread] = begins[1]
        ends = begins or re.match(r"<\.\.\. f(?:data)?sync resumed>", call)
        if ends and call.endswith("= 0") and syncing.get(thread, "").endswith("-wal"):
            synced = True
        if "HTTP/1.1 200" in call:
            assert synced, f"answered before the disk had it: {line}"
            reports, synced = reports + 1, False
    return reports


def test_a_stop_under_load_answers_what_was_accepted(start):
    program, ledger = start(), Ledger()
    load = Load(program, ledger, ["few"] * 4 + ["batch", "moves"])
    load.wait_for_answers(200)
    code, seconds = program.stop()
    load.join()
    assert code == 0, program.said()
    assert seconds < 10
    assert set(ledger.refused) <= {"the program is shutting down"}
    program = start()
    # No answer means that nothing was stored, so that the retry is what counts.
    assert counted(program) == len(ledger.answered)
    ledger.settle(program)
    ledger.check(program)


def test_an_erasure_that_a_kill_cut_short_leaves_no_text(start):
    program = start()
    secret = "not-to-be-found-" + "x" * 200
    for first in range(0, 3_000, 500):
        batch = [report(project_id="gone", line=line, error={"message": f"{secret} {line}"})
                 for line in range(first, first + 500)]
        requests.post(program.report_url + "/batch", json=batch, timeout=30).raise_for_status()
    program.report(project_id="kept")
    erasing = threading.Thread(target=erase, args=[program.url])
    erasing.start()
    path = program.data / "log-center.db"
    sql = "select count(*) from issue"
    until(lambda: 0 < rows(path, sql) < 2_900)
    program.kill()
    program.close()
    erasing.join()
    assert 1 < rows(path, sql), "it was cut short"
    program = start()
    until(lambda: rows(path, sql) == 1)
    code, _ = program.stop()
    assert code == 0
    assert not [file.name for file in program.data.glob("log-center.db*")
                if secret.encode() in file.read_bytes()]


def erase(url):
    try:
        requests.delete(f"{url}/api/v1/projects/gone", params={"confirm": "gone"}, timeout=60)
    except requests.ConnectionError:
        pass  # it was killed


def rows(path, sql):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchone()[0]
