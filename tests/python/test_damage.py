"""A database that is damaged, belongs to somebody else, is locked, or whose disk goes away: one
sentence and nothing made worse, or an honest refusal of each report."""

import fcntl
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import tempfile

import pytest
import requests

from program import Program, binary, environment, refused_start, report, until
from test_starting import says_one_sentence

NOBODY = 65_534
LISTEN = ["--listen", "127.0.0.1:0"]


def verified(data):
    done = subprocess.run([binary(), "verify", "--data", str(data)], capture_output=True,
                          text=True, env=environment())
    return done.returncode, done.stdout + done.stderr


def filled(start):
    """The database's file of a stopped server with 300 issues."""
    program = start()
    for first in range(0, 300, 100):
        batch = [report(line=line, context={"text": "x" * 500})
                 for line in range(first, first + 100)]
        requests.post(program.report_url + "/batch", json=batch, timeout=30).raise_for_status()
    assert program.stop()[0] == 0
    program.close()
    return program.data / "log-center.db"


def cut(content, _chance):
    return content[: len(content) // 2]


def headless(content, _chance):
    return bytes(4096) + content[4096:]


def foreign(content, chance):
    return chance.randbytes(len(content))


def spoilt(content, chance):
    """Sectors of other pages than the first are overwritten."""
    pages = bytearray(content)
    for _ in range(40):
        at = chance.randrange(8192, len(pages) - 512)
        pages[at : at + 512] = chance.randbytes(512)
    return bytes(pages)


@pytest.mark.parametrize("spoil", [cut, headless, foreign, spoilt])
def test_a_damaged_database_is_told_and_stops_without_a_panic(start, spoil):
    file = filled(start)
    file.write_bytes(spoil(file.read_bytes(), random.Random(spoil.__name__)))
    code, said = verified(file.parent)
    assert code == 1 and "not sound" in said, said
    try:
        program = Program(file.parent)
    except RuntimeError as refused:
        assert str(refused).count("log-center: ") == 1, refused
        assert "panicked" not in str(refused)
        return
    # A page that nobody has looked at yet: what can be stored is, and the rest is refused.
    for line in range(300):
        answer = requests.post(program.report_url, json=report(line=line), timeout=10)
        assert answer.status_code in (200, 500, 503), answer.text
    assert requests.get(program.url + "/healthz", timeout=10).status_code == 200
    assert "panicked" not in program.said()
    assert program.stop()[0] in (0, 1)
    program.close()


@pytest.fixture
def folder():
    """One that other users may reach, which pytest's own they may not; needs root."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root can be somebody else")
    place = pathlib.Path(tempfile.mkdtemp(prefix="log-center-"))
    place.chmod(0o755)
    program = place / "log-center"
    shutil.copy(binary(), program)
    program.chmod(0o755)
    yield place
    shutil.rmtree(place)


def start_as_nobody(folder, data):
    user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    words = [*user, str(folder / "log-center"), "serve", "--data", str(data), *LISTEN]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, env=environment())
    return done.returncode, done.stderr


def give(data, *but):
    for path in [data, *data.iterdir()]:
        if path.name not in but:
            os.chown(path, NOBODY, NOBODY)


@pytest.mark.parametrize("name", ["log-center.db", "log-center.lock"])
def test_a_file_of_somebody_else_is_one_clear_sentence(start, folder, name):
    data = folder / "data"
    shutil.copytree(filled(start).parent, data)
    (data / name).chmod(0o600)
    before = (data / name).read_bytes()
    give(data, name)
    says_one_sentence(start_as_nobody(folder, data), str(data))
    assert (data / name).read_bytes() == before


@pytest.mark.parametrize("mode", [0o400, 0o000])
def test_a_file_that_cannot_be_written_is_one_clear_sentence(start, folder, mode):
    data = folder / "data"
    shutil.copytree(filled(start).parent, data)
    give(data)
    (data / "log-center.db").chmod(mode)
    says_one_sentence(start_as_nobody(folder, data), str(data))


def test_a_start_beside_a_lock_says_whose_it_is(start):
    file = filled(start)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("begin immediate")
    says_one_sentence(refused_start(*LISTEN, data=file.parent), "locked by another program")
    other.execute("rollback")
    other.close()
    assert Program(file.parent).stop()[0] == 0


@pytest.fixture
def dying_disk(tmp_path):
    """A file system that can be shut down while it is used, as by a disk that was pulled out."""
    image, place = tmp_path / "image", tmp_path / "disk"
    place.mkdir()
    with open(image, "wb") as file:
        file.truncate(400 << 20)
    made = os.geteuid() == 0 and shutil.which("mkfs.ext4") and not (
        subprocess.run(["mkfs.ext4", "-q", image]).returncode
        or subprocess.run(["mount", "-o", "loop", image, place]).returncode)
    if not made:
        pytest.skip("only root can mount a disk")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def shut_down(place):
    """EXT4_IOC_SHUTDOWN, without writing what waits."""
    with open(place / "data" / "log-center.lock") as file:
        fcntl.ioctl(file, 0x8004587D, struct.pack("I", 2))


def test_a_disk_that_goes_away_is_said_on_every_report_and_to_monitors(start, dying_disk):
    program = start(data=dying_disk / "data")
    for line in range(50):
        program.report(line=line)
    shut_down(dying_disk)
    for line in range(8):
        try:
            answer = requests.post(program.report_url, json=report(line=line), timeout=10)
            ready = requests.get(program.url + "/readyz", timeout=10)
        except requests.ConnectionError:
            break  # A sync failed, so it has ended, which is as honest.
        assert (answer.status_code, answer.json()["code"]) == (503, "OverloadError"), answer.text
        assert ready.status_code == 503, ready.text
    else:
        program.kill()
    until(lambda: program.process.poll() is not None)
    assert program.process.returncode in (1, -signal.SIGKILL), program.said()
