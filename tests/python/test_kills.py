"""SIGKILL at any moment: nothing that was answered is lost, nothing counts twice.

20 kills; 60 with LOG_CENTER_TEST_LONG; LOG_CENTER_TEST_KILLS says another number
(`make test-kills`)."""

import os
import random
import time

from ledger import Ledger
from load import Load
from program import killed_start

SEED = int(os.environ.get("LOG_CENTER_TEST_SEED") or 7)
LONG = bool(os.environ.get("LOG_CENTER_TEST_LONG"))
KILLS = int(os.environ.get("LOG_CENTER_TEST_KILLS") or (60 if LONG else 20))
# Loads that differ, so that kills meet every kind of work.
LOADS = [
    ("few", "few", "different", "batch", "moves", "erasures"),
    ("batch", "batch", "batch", "moves"),
    ("different", "different", "different", "moves", "few"),
    ("few",) * 8,
]
# With few events an issue, retention is at work all the time.
FLAGS = [(), ("--events-per-issue", "50"), ("--events-per-issue", "2")]


def test_nothing_answered_is_lost_and_no_retry_counts_twice(start, tmp_path):
    chance = random.Random(SEED)
    ledger = Ledger()
    for kill in range(KILLS):
        program = start(*chance.choice(FLAGS))
        ledger.settle(program)
        load = Load(program, ledger, chance.choice(LOADS), seed=SEED + kill)
        load.wait_for_answers(1)
        time.sleep(chance.uniform(0.0, 0.5))
        if chance.random() < 0.2:
            # In the middle of an orderly end, which writes what waits and empties the log.
            program.terminate()
            time.sleep(chance.uniform(0.0, 0.05))
        program.kill()
        load.join()
        program.close()
        if chance.random() < 0.2:
            # While it reads what the killed one left.
            killed_start(program.data, chance.uniform(0.0, 0.03))
    program = start()
    ledger.settle(program)
    ledger.check(program)
    assert "panic" not in program.said()
    print(f"{KILLS} kills: {len(ledger.answered)} reports, {len(ledger.changes)} changes and "
          f"{len(ledger.erased)} erasures answered; lost 0, counted twice 0")
