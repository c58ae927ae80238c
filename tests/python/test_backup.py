"""Backups of a running server: whole, sound, and the way back; whatever happens meanwhile."""

import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import threading
import time
import uuid

import pytest
import requests

from ledger import Ledger, counted
from load import Load
from program import START_SECONDS, binary, environment, report

NAME = re.compile(r"log-center-\d{8}T\d{6}Z-(requested|scheduled)\.db(\.sha256)?$")
NEVER = "http://127.0.0.1:9"


def run(*words, url=NEVER, code=0):
    """A command of the program; what it printed on both outputs."""
    done = subprocess.run(
        [binary(), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment() | {"LOG_CENTER_URL": url},
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "panicked" not in done.stderr
    return done.stdout + done.stderr


def backup(program, *words, code=0):
    return run("backup", "--data", program.data, *words, url=program.url, code=code)


def held(path):
    """What `verify` finds in a sound file."""
    [found] = json.loads(run("verify", "--json", path))["files"]
    assert found["ok"] and found["faults"] == []
    return found


def until(condition):
    deadline = time.monotonic() + START_SECONDS
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.02)


def finished(program, name):
    """A backup by its name, once it is whole or failed."""
    def ended():
        item = program.ask(f"/api/v1/backups/{name}")
        return item if item["state"] in ("done", "failed") else None
    return until(ended)


def begun(program):
    return requests.post(program.url + "/api/v1/backups", timeout=10).json()["name"]


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def fill(program, issues=30):
    """Something of everything."""
    batch = [
        report(line=line % issues, event_id=str(uuid.uuid4()), version=f"1.{line % 5}.0",
               environment=("production", "staging")[line % 2],
               context={"user_id": f"u{line % 17}", "request_id": f"r{line % 23}",
                        "trace_id": f"t{line % 7}"})
        for line in range(300)
    ]
    requests.post(program.report_url + "/batch", json=batch, timeout=20).raise_for_status()
    change = {"status": "VERIFIED", "path": True, "note": "seen"}
    requests.patch(f"{program.url}/api/v1/issues/1", json=change, timeout=10)
    requests.post(f"{program.url}/api/v1/issues/2/comments", json={"text": "look"}, timeout=10)
    requests.patch(f"{program.url}/api/v1/issues/3", json={"assignee": "ann"}, timeout=10)
    deploy = {"version": "1.9.0"}
    requests.post(f"{program.url}/api/v1/projects/shop/deploys", json=deploy, timeout=10)
    person = {"name": "vera", "role": "viewer"}
    requests.post(f"{program.url}/api/v1/people", json=person, timeout=10).raise_for_status()
    channel = {"name": "team", "kind": "slack", "url": "https://hooks.example.org/sesame",
               "enabled": False}
    requests.post(f"{program.url}/api/v1/channels", json=channel, timeout=10).raise_for_status()
    rule = {"name": "all", "environments": ["*"]}
    requests.post(f"{program.url}/api/v1/rules", json=rule, timeout=10).raise_for_status()


def readable(program):
    """Every read route's answers, but for those about the running program itself."""
    document = program.ask("/openapi.json")
    apart = {"/api/v1/backups", "/api/v1/backups/{name}", "/api/v1/stream",
             "/api/v1/system", "/metrics", "/docs",
             # Of whoever is logged in: nobody is, here.
             "/api/v1/sessions", "/api/v1/session/totp", "/api/v1/session/passkeys",
             # It leads on to a page.
             "/login/oidc",
             # Of a folder beside the data.
             "/api/v1/projects/{project_id}/source",
             # The restore itself stands there.
             "/api/v1/audit", "/api/v1/audit/export"}
    issues = [one["id"] for one in program.walk("/api/v1/issues")]
    events = [one["event_id"] for one in program.walk("/api/v1/events", limit=200)]
    addresses = []
    for path, methods in document["paths"].items():
        if "get" not in methods or path in apart:
            continue
        if "{id}" in path:
            addresses += [path.format(id=one) for one in issues]
        elif "{event_id}" in path:
            addresses += [path.format(event_id=one) for one in events]
        else:
            addresses.append(path.format(project_id="shop", person="vera",
                                         channel_id=1, rule_id=1))
    words = ("sort=count", "q=literal", "environment=staging", "status=VERIFIED", "version=1.2.0",
             "since=2020-01-01", "q=is:mine", "limit=3")
    addresses += ["/api/v1/issues?" + one for one in words]
    addresses += ["/api/v1/events?" + one for one in ("request_id=r3", "user_id=u5", "trace_id=t1")]
    addresses += ["/api/v1/stats?interval=day&by=" + one for one in ("version", "status", "level")]
    return {path: answered(program, path) for path in addresses}


def answered(program, path):
    # `is:mine` asks who asks.
    headers = {"X-Log-Center-User": "ann"}
    answer = requests.get(program.url + path, headers=headers, timeout=10)
    text = answer.text
    if path == "/api/v1/export":
        # Each export has its own name, and its time stands in what is not in a run yet.
        text = "\n".join(line for line in text.splitlines() if '"kind":"header"' not in line)
        text = re.sub(r'("kind":"memory","at":)"[^"]*"', r"\1", text)
    return answer.status_code, text


def test_a_restored_copy_answers_exactly_as_the_original(start, tmp_path):
    program = start()
    fill(program)
    said = backup(program, tmp_path / "copy.db")
    assert "sound" in said
    run("restore", tmp_path / "copy.db", "--data", tmp_path / "restored")
    # The key lies beside the database, and is in no backup of it.
    shutil.copy(program.data / "log-center.key", tmp_path / "restored")
    other = start(data="restored")
    # Trends and periods go by the clock: both have to be asked within the same hour.
    for _ in range(3):
        before, there, after = readable(program), readable(other), readable(program)
        if before == after:
            break
    assert before == after
    assert len(there) > 300
    assert {status for status, _ in there.values()} == {200}
    different = [path for path in before if before[path] != there[path]]
    assert not different, (before[different[0]], there[different[0]])
    one, two = (one.report(line=77) for one in (program, other))
    assert one == two, "and both go on alike"


def test_a_restore_without_the_key_names_what_it_cannot_read(start, tmp_path):
    program = start()
    channel = {"name": "team", "kind": "webhook", "url": "https://hooks.example.org/x"}
    made = requests.post(f"{program.url}/api/v1/channels", json=channel, timeout=10)
    assert made.status_code == 201, made.text
    backup(program, tmp_path / "copy.db")
    away = run("restore", tmp_path / "copy.db", "--data", tmp_path / "away")
    said = " ".join(away.split())
    assert "log-center.key, the key that its secrets are sealed with, is not in this folder" in said
    assert "these channels send nothing: team; and these people's codes cannot" in said
    (tmp_path / "home").mkdir(mode=0o700)
    shutil.copy(program.data / "log-center.key", tmp_path / "home")
    home = run("restore", tmp_path / "copy.db", "--data", tmp_path / "home")
    assert "log-center.key" not in home


def test_a_backup_under_load_holds_all_that_was_answered_before_it(start, tmp_path):
    program = start()
    ledger = Ledger()
    load = Load(program, ledger)
    try:
        for nth in range(3):
            until(lambda: len(ledger.answered) > 500 * (nth + 1))
            before = dict(ledger.answered)
            backup(program, tmp_path / f"{nth}.db")
            after = len(ledger.answered)
            assert len(before) <= held(tmp_path / f"{nth}.db")["reports"] <= after + 200
    finally:
        load.stop()
    assert not ledger.refused and not ledger.doubtful and not ledger.wrong
    run("restore", tmp_path / "2.db", "--data", tmp_path / "restored")
    other = start(data="restored")
    for name in random.Random(1).sample(sorted(before), 200):
        again = other.report(event_id=name, line=10_000)
        assert (again["status"], again["id"]) == ("duplicate", before[name])
    assert counted(other) == held(tmp_path / "2.db")["reports"]
    assert counted(program) == len(ledger.answered)


def test_a_killed_backup_leaves_nothing_that_looks_like_one(start, tmp_path):
    chance = random.Random(3)
    run("demo", "--data", tmp_path / "demo")
    for _ in range(6):
        program = start(data="demo")
        begun(program)
        time.sleep(chance.uniform(0, 0.4))
        program.kill()
        program.close()
        folder = program.data / "backups"
        whole = [name for name in files(folder) if name.endswith(".db")]
        for name in whole:
            assert held(folder / name)["sha256_matches"]
        program = start(data="demo")
        assert all(NAME.match(name) for name in files(folder)), "the rest is swept"
        assert program.report(project_id="shop-api")["status"]
        assert program.stop()[0] == 0
        program.close()


def test_a_restored_backup_logs_everybody_out_and_names_whom_it_lets_in(start, tmp_path):
    program = start()
    fill(program, issues=3)
    secret = {"password": "correct horse staple battery"}
    path = program.url + "/api/v1/people/vera"
    requests.patch(path, json=secret, timeout=10).raise_for_status()
    key = {"name": "web", "project_id": "shop"}
    requests.post(program.url + "/api/v1/keys", json=key, timeout=10).raise_for_status()
    login = requests.post(program.url + "/api/v1/session", json=secret | {"name": "vera"},
                          headers={"Origin": program.url}, timeout=10)
    login.raise_for_status()
    with sqlite3.connect(program.data / "log-center.db") as db:
        for credential in (b"one", b"two"):
            db.execute("insert into passkey (person, credential, public_key, sign_count, name,"
                       " is_synced, created_at) select id, ?, x'', 0, 'phone', 0, 0 from person"
                       " where name = 'vera'", (credential,))
    backup(program, tmp_path / "copy.db")
    foretold = run("restore", "--dry-run", tmp_path / "copy.db", "--data", tmp_path / "none")
    assert "It would let in, as it did then: " in foretold
    assert "vera (viewer, 2 passkeys)" in foretold and "web (lcr_" in foretold

    def who(data, *words):
        said = run("restore", *words, tmp_path / "copy.db", "--data", tmp_path / data)
        assert "vera (viewer, 2 passkeys)" in said and "web (lcr_" in said
        other = start(data=data)
        answer = requests.get(other.url + "/api/v1/session", cookies=login.cookies, timeout=10)
        recorded = other.ask("/api/v1/audit?action=data.restore")["items"]
        assert [one["who"] for one in recorded] == ["command line"]
        return said, answer.json()["person"]

    said, person = who("restored")
    assert person is None and "have ended" in " ".join(said.split())
    said, person = who("kept", "--keep-sessions")
    assert person["name"] == "vera" and "go on" in said


def test_what_waited_in_a_backup_is_not_sent_again(start, tmp_path):
    program = start()
    channel = {"name": "team", "kind": "webhook", "url": "https://127.0.0.1:1/x"}
    requests.post(program.url + "/api/v1/channels", json=channel, timeout=10).raise_for_status()
    program.report()
    backup(program, tmp_path / "copy.db")

    def states(data, *words):
        said = run("restore", *words, tmp_path / "copy.db", "--data", tmp_path / data)
        items = start(data=data).ask("/api/v1/notices")["items"]
        return said, [one["state"] for one in items]

    said, found = states("restored")
    assert found == ["dead"] and "waited in it: 1. They are given up" in " ".join(said.split())
    said, found = states("kept", "--keep-notices")
    assert found == ["waiting"] and "given up" not in said


def test_restore_says_what_it_would_do_and_goes_back(start, tmp_path):
    program = start()
    fill(program)
    copy = tmp_path / "copy.db"
    backup(program, copy)
    program.report(line=9_999)
    for words in (["restore", copy], ["restore", "--dry-run", copy], ["restore", "--undo"]):
        said = run(*words, "--data", program.data, code=1)
        assert "A Log Center uses" in said and len(said.splitlines()) <= 2
    program.kill()
    program.close()
    before = held(program.data)
    assert (before["reports"], before["issues"]) == (301, 31)
    names = files(program.data)
    said = run("restore", "--dry-run", copy, "--data", program.data)
    assert "Would restore" in said and "300 reports" in said
    assert files(program.data) == names
    run("restore", copy, "--data", program.data)
    assert held(program.data)["reports"] == 300
    restored = start()
    assert counted(restored) == 300
    assert restored.stop()[0] == 0
    restored.close()
    run("restore", "--undo", "--data", program.data)
    assert held(program.data) == before, "with what was only in its log of writes"
    run("restore", "--undo", "--data", program.data)
    assert held(program.data)["reports"] == 300
    for path in (program.data / "log-center.db", program.data / "before-restore"):
        assert path.stat().st_mode & 0o077 == 0 or path.parent.stat().st_mode & 0o077 == 0


def test_a_damaged_copy_is_found_and_changes_nothing(start, tmp_path):
    program = start()
    fill(program)
    copy = tmp_path / "copy.db"
    backup(program, copy)
    whole = copy.read_bytes()
    assert hashlib.sha256(whole).hexdigest() in (tmp_path / "copy.db.sha256").read_text()
    target = tmp_path / "target"
    chance = random.Random(5)
    damaged = [whole[:-8_192], whole[:1_000], b"", whole + b"more", b"notes\n" * 4_000]
    for _ in range(10):
        at = chance.randrange(len(whole))
        damaged.append(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1:])
    for bytes_ in damaged:
        copy.write_bytes(bytes_)
        assert "not sound" in run("verify", copy, code=1)
        said = run("restore", copy, "--data", target, code=1)
        assert "Nothing was changed" in said and not target.exists()
    copy.write_bytes(whole)
    assert "Its SHA-256 matches" in run("verify", copy)
    (tmp_path / "copy.db.sha256").unlink()
    assert "SHA-256" not in run("verify", copy)
    said = run("verify", tmp_path / "none.db", code=1)
    assert "cannot be read" in said and len(said.splitlines()) <= 2


def test_verify_looks_at_a_folder_in_use_without_holding_it(start):
    program = start()
    fill(program)
    said = run("verify", program.data, url=program.url)
    assert "a copy of it): sound" in said and "300 reports" in said
    assert files(program.data / "backups") == [], "the copy is removed"
    backup(program)
    backup(program)
    assert run("verify", program.data / "backups").count("sound") == 2
    program.stop()
    names = files(program.data)
    assert "sound" in run("verify", program.data) and "sound" in run("verify", "--quick",
                                                                    program.data)
    assert files(program.data) == names
    other = start(data="other")
    said = run("backup", "--data", other.data, code=1)
    assert "does not answer" in said, said


def test_without_a_server_the_command_makes_it_itself(start, tmp_path):
    program = start()
    fill(program)
    program.kill()
    program.close()
    before = {name: (program.data / name).read_bytes() for name in files(program.data)}
    run("backup", "--data", program.data, tmp_path)
    [copy] = tmp_path.glob("*.db")
    assert held(copy)["reports"] == 300
    after = {name: (program.data / name).read_bytes() for name in before}
    assert {n: b for n, b in after.items() if "shm" not in n} == {
        n: b for n, b in before.items() if "shm" not in n}
    said = run("backup", "--data", tmp_path / "nothing", code=3)
    assert "No answer" in said
    assert "--force" in run("backup", "--data", program.data, copy, code=2)


def test_old_backups_go_and_what_is_asked_for_stays(start):
    program = start()
    fill(program)
    backup(program)
    [asked] = [name for name in files(program.data / "backups") if name.endswith(".db")]
    assert program.stop()[0] == 0
    program.close()
    folder = program.data / "backups"
    old = [f"log-center-202601{day:02}T030000Z-scheduled.db" for day in range(1, 6)]
    for name in old:
        (folder / name).write_bytes((folder / asked).read_bytes())
        (folder / f"{name}.sha256").write_text("x")
    (folder / "notes.txt").write_text("somebody's")
    program = start("--backup-every", "24h", "--backup-keep", "2")
    until(lambda: len(list(folder.glob("*scheduled.db"))) == 2)
    until(lambda: program.ask("/api/v1/backups")["items"][0]["state"] == "done")
    assert old[-1] in files(folder) and old[0] not in files(folder)
    assert asked in files(folder) and "notes.txt" in files(folder)
    assert not list(folder.glob(f"{old[0]}*"))
    assert program.ask("/api/v1/backups")["schedule"]["every_hours"] == 24
    assert program.stop()[0] == 0
    program.close()
    program = start("--backup-every", "24h", "--backup-keep", "2")
    time_of_next = program.ask("/api/v1/backups")["schedule"]["next_at"]
    newest = program.ask("/api/v1/backups")["items"][0]
    assert time_of_next > newest["created_at"] and newest["kind"] == "scheduled"
    said = run("doctor", "--data", program.data, url=program.url)
    assert "backups: " in said


def test_a_copy_that_is_moved_away_takes_the_place_of_none(start, tmp_path):
    program = start("--backup-keep", "1")
    fill(program)
    backup(program)
    [kept] = program.data.glob("backups/*.db")
    run("verify", "--data", program.data, url=program.url)
    backup(program, tmp_path / "away.db")
    assert list(program.data.glob("backups/*.db")) == [kept]


def test_a_locked_database_is_copied_all_the_same(start, tmp_path):
    program = start()
    fill(program)
    other = sqlite3.connect(program.data / "log-center.db", isolation_level=None)
    other.execute("begin immediate")
    assert "sound" in backup(program, tmp_path / "locked.db")
    other.execute("rollback")
    other.close()
    assert held(tmp_path / "locked.db")["reports"] == counted(program)


def test_no_backup_is_put_where_it_cannot_be(start, tmp_path):
    program = start()
    fill(program)
    assert "no folder" in backup(program, tmp_path / "missing" / "one.db", code=2)
    data = program.data / "log-center.db"
    assert "take another name" in backup(program, "--force", data, code=2)
    assert not program.ask("/api/v1/backups")["items"], "nothing was made in vain"


def test_a_backup_stays_when_the_clock_was_ahead_once(start):
    program = start("--backup-keep", "1")
    fill(program)
    folder = program.data / "backups"
    folder.mkdir()
    (folder / "log-center-20990101T000000Z-requested.db").write_bytes(b"x")
    backup(program)
    assert len([name for name in files(folder) if name.endswith("-requested.db")]) == 2


def test_a_database_with_its_log_is_no_backup(start, tmp_path):
    program = start()
    fill(program)
    program.kill()
    program.close()
    assert (program.data / "log-center.db-wal").stat().st_size > 0
    said = run("restore", "--data", tmp_path / "new", program.data / "log-center.db", code=1)
    assert "log-center.db-wal" in said
    assert not (tmp_path / "new").exists()


def test_a_restore_that_was_cut_short_is_only_finished(start, tmp_path):
    program = start()
    fill(program)
    backup(program, tmp_path / "one.db")
    program.report(project_id="later")
    assert program.stop()[0] == 0
    program.close()
    ready = program.data / "restore-ready"
    ready.mkdir()
    (ready / "log-center.db").write_bytes((tmp_path / "one.db").read_bytes())
    (tmp_path / "other.db").write_bytes(b"no backup")
    said = run("restore", "--data", program.data, tmp_path / "other.db")
    assert "finished" in said
    program = start()
    assert "later" not in [one["project_id"] for one in program.walk("/api/v1/issues")]
    assert program.stop()[0] == 0
    program.close()
    run("restore", "--data", program.data, "--undo")
    program = start()
    assert "later" in [one["project_id"] for one in program.walk("/api/v1/issues")]


def test_a_schema_that_somebody_changed_is_not_sound(start, tmp_path):
    program = start()
    fill(program)
    whole, copy = tmp_path / "whole.db", tmp_path / "copy.db"
    backup(program, whole)
    for change, said in [
        ("drop index issue_seen", "index issue_seen is missing"),
        ("create trigger t after insert on event begin delete from issue; end",
         "trigger t is another program's"),
        ("pragma user_version = -5", "no database of Log Center"),
    ]:
        copy.write_bytes(whole.read_bytes())
        database = sqlite3.connect(copy)
        database.execute(change)
        database.commit()
        database.close()
        assert said in run("verify", copy, code=1)
        assert "Nothing was changed" in run("restore", "--data", tmp_path / "new", copy, code=1)
    assert "sound" in run("verify", whole)


def test_a_checksum_that_cannot_be_read_is_a_fault_and_a_folder_is_no_backup(start, tmp_path):
    program = start()
    fill(program)
    kept = tmp_path / "kept"
    kept.mkdir()
    backup(program, kept / "today.db")
    assert "today.db: sound" in run("verify", kept), "whatever its name is"
    (kept / "today.db.sha256").write_text("")
    assert "SHA-256 beside it cannot be read" in run("verify", kept, code=1)
    assert "it is a folder" in run("restore", "--data", tmp_path / "new", kept, code=1)


def test_two_backups_of_one_second_are_two(start):
    program = start()
    fill(program)
    assert program.stop()[0] == 0
    program.close()
    for _ in range(3):
        run("backup", "--data", program.data)
    assert len([name for name in files(program.data / "backups") if name.endswith(".db")]) == 3


def test_what_a_killed_restore_had_copied_goes_at_the_next_start(start):
    program = start()
    program.report()
    assert program.stop()[0] == 0
    program.close()
    left = program.data / "restore-fresh"
    left.mkdir()
    (left / "log-center.db").write_bytes(b"half of a copy")
    program = start()
    assert not left.exists()
    assert program.ask("/api/v1/issues")["total"] == 1


@pytest.fixture
def small_disk(tmp_path):
    """Mounts disks of a few bytes."""
    folder = tmp_path / "small"
    folder.mkdir()

    def mount(size):
        words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        if os.geteuid() != 0 or subprocess.run(words, stderr=subprocess.DEVNULL).returncode:
            pytest.skip("needs root, to mount a small disk")
        return folder

    yield mount
    subprocess.run(["umount", "--lazy", str(folder)], stderr=subprocess.DEVNULL, check=False)


def test_a_backup_without_room_is_not_begun(start, small_disk):
    folder = small_disk("64k")
    program = start("--backup-dir", folder / "backups")
    fill(program)
    item = finished(program, begun(program))
    assert item["state"] == "failed" and "there is no room for it" in item["failure"]
    assert "no room" in backup(program, code=1)


def test_a_disk_that_becomes_full_costs_the_backup_and_no_report(start, small_disk, tmp_path):
    run("demo", "--data", tmp_path / "data")
    size = (tmp_path / "data" / "log-center.db").stat().st_size
    folder = small_disk(size + 65_536)
    program = start("--backup-dir", folder / "backups")
    stop, answers = threading.Event(), []

    def send():
        with requests.Session() as session:
            while not stop.is_set():
                one = report(line=len(answers), error={"message": os.urandom(3_000).hex()})
                answers.append(session.post(program.report_url, json=one, timeout=20).status_code)

    sender = threading.Thread(target=send)
    name = begun(program)
    sender.start()
    try:
        # The database grows beyond the disk, or what goes beside it does.
        item = finished(program, name)
        while item["state"] == "done":
            (folder / "backups" / name).unlink()
            item = finished(program, name := begun(program))
    finally:
        stop.set()
        sender.join()
    assert "disk is full" in item["failure"] or "no room" in item["failure"]
    assert files(folder / "backups") == []
    assert answers and set(answers) == {200}
    page = requests.get(program.url + "/metrics", timeout=10).text
    assert 'log_center_backups_total{result="failed"} 1' in page
    assert program.ask("/readyz")["status"] == "ok"
    said = run("doctor", "--data", program.data, url=program.url, code=1)
    assert f"the last backup failed: {item['failure']}" in " ".join(said.split())
