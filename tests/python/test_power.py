"""Power cuts: everything that was written is recorded, and played up to each moment at which the
disk confirmed something. From each state that could be left then the program has to start, with
all that was answered by then, once.

150 states; all of them with LOG_CENTER_TEST_LONG; LOG_CENTER_TEST_STATES says another number
(`make test-power`)."""

import copy
import json
import os
import random
import shutil
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ledger import Ledger
from load import Load, fresh
from program import Program, binary, environment
from recording import Disk, Recording, strace

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
LONG = bool(os.environ.get("LOG_CENTER_TEST_LONG"))
SEED = int(os.environ.get("LOG_CENTER_TEST_SEED") or 7)
STATES = int(os.environ.get("LOG_CENTER_TEST_STATES") or (4_000 if LONG else 150))
WAYS = ("none", "all", "first", "some", "some")


class Marked(Load):
    """Remembers each request by an id that its answer repeats."""

    def __init__(self, *words, **named):
        self.sent = {}
        super().__init__(*words, **named)

    def batch(self, chance):
        """Small ones: a state costs as much as it has reports."""
        while True:
            lines = [chance.randrange(10) for _ in range(chance.choice((2, 15)))]
            yield lambda caller, lines=lines: self.report(caller, [fresh(line) for line in lines])

    def headers(self, method, path, body):
        mark = str(uuid.uuid4())
        self.sent[mark] = (method, path, body)
        return {"X-Request-Id": mark}


def known(load, answered):
    """What clients knew when these requests were answered."""
    then = Ledger()
    for mark, (method, path, body) in load.sent.items():
        if path.startswith("/api/v1/logs/report"):
            for one in body if isinstance(body, list) else [body]:
                name = one.get("event_id")
                if name and mark in answered:
                    then.answered[name] = load.ledger.answered[name]
                elif name:
                    then.doubtful[name] = one
        elif method == "DELETE" and mark in answered:
            then.erased.add(int(path.rpartition("/")[2]))
    marks = {body.get("note") or body.get("text"): mark
             for mark, (_, _, body) in load.sent.items() if isinstance(body, dict)}
    there = set(then.answered.values())
    then.changes = [replace(change, answered=marks[change.text] in answered)
                    for change in load.ledger.changes if change.issue in there]
    return then


def write_files(folder, files, chance):
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    # The wal-index is mapped memory: it may hold anything.
    if chance.random() < 0.5 and "log-center.db-wal" in files:
        (folder / "log-center.db-shm").write_bytes(chance.randbytes(32_768))


def look(folder, files, then, seed):
    """Opens one state as an operator would, and compares everything."""
    write_files(folder, files, random.Random(seed))
    if then.answered:
        words = [binary(), "verify", "--data", str(folder)]
        found = subprocess.run(words, capture_output=True, text=True, env=environment())
        assert found.returncode == 0, found.stdout + found.stderr
    program = Program(folder)
    try:
        then.settle(program)
        then.check(program)
    finally:
        program.close()
    shutil.rmtree(folder)


def test_after_a_power_cut_everything_that_was_answered_is_there_once(start, tmp_path):
    trace = tmp_path / "trace"
    (tmp_path / "data").mkdir()
    disk = Disk(tmp_path / "data")
    load = recorded(start, trace)
    moments = sum(1 for _ in Recording(trace, copy.deepcopy(disk)).play())
    chance = random.Random(SEED)
    every = [(moment, way) for moment in range(moments) for way in WAYS]
    chosen = sorted(chance.sample(every, min(STATES, len(every))))
    recording, seen = Recording(trace, disk), set()
    with ThreadPoolExecutor(2) as pool:
        looks = []
        for moment, _ in enumerate(recording.play()):
            while chosen and chosen[0][0] == moment:
                _, way = chosen.pop(0)
                files = disk.left(way, chance)
                then = known(load, recording.answered)
                state = hash((json.dumps(len(then.answered)), *sorted(files.items())))
                if state in seen:
                    continue
                seen.add(state)
                folder = tmp_path / f"state {len(seen)}"
                looks.append((moment, way, pool.submit(look, folder, files, then, moment)))
        for moment, way, one in looks:
            assert one.exception() is None, f"moment {moment}, {way}: {one.exception()}"
    print(f"{moments} moments, {len(seen)} states, {len(load.ledger.answered)} reports: lost 0, "
          "counted twice 0")


def recorded(start, trace):
    """A first start, load of every kind, a log that is begun anew, and an orderly end."""
    program = start("--events-per-issue", "50", before=strace(trace))
    load = Marked(program, Ledger(), ("few", "different", "batch", "moves", "erasures"), seed=SEED)
    load.wait_for_answers(300)
    load.stop()
    assert program.stop()[0] == 0
    assert not load.ledger.wrong and not load.ledger.doubtful
    return load


def contents(program):
    return sorted(issue["line_number"] for issue in program.walk("/api/v1/issues", limit=200))


def data_of(start, tmp_path, name, lines):
    """A data folder of a stopped server with issues of so many lines."""
    program = start(data=name)
    for line in lines:
        program.report(line=line)
    assert program.stop()[0] == 0
    return tmp_path / name


def test_a_power_cut_in_a_restore_leaves_the_old_data_or_the_new(start, tmp_path):
    old, new = [1, 2, 3], [4, 5]
    other = data_of(start, tmp_path, "other", new)
    folder = data_of(start, tmp_path, "data", old)
    disk, trace = Disk(folder), tmp_path / "trace"
    restore = [binary(), "restore", "--quiet", "--data", str(folder), str(other / "log-center.db")]
    subprocess.run([*strace(trace), *restore], check=True, env=environment())
    chance, recording, found = random.Random(SEED), Recording(trace, disk), []
    for moment, when in enumerate(recording.play()):
        for way in WAYS:
            state = tmp_path / f"state {moment} {len(found)}"
            write_files(state, disk.left(way, chance), chance)
            program = Program(state)
            found.append(contents(program))
            program.close()
            shutil.rmtree(state)
            assert found[-1] in (old, new), f"moment {moment}, {when}, {way}"
    assert found[0] == old and found[-1] == new, "the command ends when the disk has all of it"
    print(f"{moment + 1} moments, {len(found)} states of a restore: {found.count(old)} old, "
          f"{found.count(new)} new")
