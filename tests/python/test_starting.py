"""How the program starts, and how it says that it cannot."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import textwrap

import pytest
import requests

from program import binary, environment, refused_start, report


def says_one_sentence(outcome, *words):
    code, said = outcome
    assert code == 1, said
    lines = said.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("log-center: "), said
    for word in words:
        assert word in said
    assert "panicked" not in said


def test_a_port_in_use_is_one_clear_sentence(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        outcome = refused_start("--listen", f"127.0.0.1:{port}", data=tmp_path / "data")
    says_one_sentence(outcome, str(port), "in use")


def test_a_folder_that_cannot_be_written_is_one_clear_sentence(tmp_path):
    # Root may write anywhere, so the places are ones that no folder can be.
    file = tmp_path / "file"
    file.write_text("not a folder")
    for place in (file, file / "below", "/proc/nowhere"):
        outcome = refused_start("--listen", "127.0.0.1:0", data=place)
        says_one_sentence(outcome, str(place))


def test_a_folder_in_use_by_another_is_one_clear_sentence(start):
    program = start()
    outcome = refused_start("--listen", "127.0.0.1:0", data=program.data)
    says_one_sentence(outcome, str(program.data))
    assert program.report()["is_new"]


def test_a_database_of_a_newer_version_is_left_alone(start):
    program = start()
    program.report()
    assert program.stop()[0] == 0
    [file] = program.data.glob("*.db")
    database = sqlite3.connect(file)
    database.execute("pragma user_version = 9999")
    before = contents(database)
    database.close()
    says_one_sentence(refused_start("--listen", "127.0.0.1:0", data=program.data), "newer")
    assert contents(sqlite3.connect(file)) == before


def contents(database):
    tables = database.execute("select name, sql from sqlite_schema where type = 'table'").fetchall()
    rows = {name: database.execute(f"select count(*) from {name}").fetchall()
            for name, sql in tables if not name.startswith("issue_words")}
    return tables, rows, database.execute("pragma user_version").fetchall()


def test_a_file_that_is_no_database_is_left_alone(tmp_path, start):
    program = start()
    assert program.stop()[0] == 0
    [file] = program.data.glob("*.db")
    file.write_bytes(b"these are somebody's notes\n" * 500)
    says_one_sentence(refused_start("--listen", "127.0.0.1:0", data=program.data))
    assert file.read_bytes().startswith(b"these are somebody's notes")


@pytest.mark.parametrize(
    "words",
    [
        ["--listen", "0.0.0.0:0"],
        ["--listen", "[::]:0"],
        ["--listen", "127.0.0.1:0", "--listen", "0.0.0.0:0"],
        ["--listen", "127.0.0.1:0", "--public-url", "https://errors.example.org"],
    ],
)
def test_it_does_not_open_itself_to_others_unasked(tmp_path, words):
    says_one_sentence(refused_start(*words, data=tmp_path / "data"), "--insecure-open")


def test_it_opens_itself_when_told_to(start):
    program = start("--listen", "0.0.0.0:0", "--insecure-open")
    assert program.report()["is_new"]


def test_a_wrong_flag_is_explained(tmp_path):
    code, said = refused_start("--listen", "nonsense", data=tmp_path / "data")
    assert code == 2 and "127.0.0.1:8002" in said


def test_every_flag_can_be_a_variable(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        variables = {
            "LOG_CENTER_LISTEN": f"127.0.0.1:{port}",
            "LOG_CENTER_DATA": str(tmp_path / "data"),
        }
        says_one_sentence(refused_start(variables=variables), str(port))
    text = subprocess.run([binary(), "serve", "--help"], capture_output=True, text=True).stdout
    flags = [line.split()[0] for line in text.splitlines() if line.strip().startswith("--")]
    assert len(flags) > 5
    for flag in flags:
        assert f"[env: LOG_CENTER_{flag.strip('-').replace('-', '_').upper()}=" in text, flag


def test_it_starts_again_with_everything_it_had(start):
    first = start()
    number = first.report(version="1.0.0")["id"]
    change = {"status": "VERIFYING", "assignee": "ana"}
    requests.patch(f"{first.url}/api/v1/issues/{number}", json=change, timeout=10)
    code, seconds = first.stop()
    assert code == 0 and seconds < 5
    second = start()
    issue = second.ask(f"/api/v1/issues/{number}")
    assert (issue["status"], issue["assignee"], issue["count"]) == ("VERIFYING", "ana", 1)
    assert second.report() | {"fingerprint": ""} == {
        "status": "duplicate", "id": number, "fingerprint": "", "is_new": False,
    }


def test_nobody_else_may_read_the_data(start):
    program = start()
    program.report()
    for path in [program.data, *program.data.iterdir()]:
        assert path.stat().st_mode & 0o077 == 0 or program.data.stat().st_mode & 0o077 == 0, path


# In a network of its own, so that the fixed ports are free, with no way out of it.
ALONE = """
    import fcntl, json, socket, struct, subprocess, sys, time, urllib.request
    with socket.socket() as any_socket:
        flags = struct.pack("16sh", b"lo", 0x1 | 0x40)
        fcntl.ioctl(any_socket, 0x8914, flags)
    program = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
    said = []
    for line in program.stdout:
        said.append(line)
        if "Ctrl-C" in line:
            break
    hosts = ["127.0.0.1"]
    try:
        socket.socket(socket.AF_INET6).bind(("::1", 0))
        hosts.append("[::1]")
    except OSError:
        pass
    for host in hosts:
        for port in (8002, 8003):
            for path in ("/healthz", "/api/v1/issues", "/", "/docs"):
                url = f"http://{host}:{port}{path}"
                assert urllib.request.urlopen(url, timeout=10).status == 200, url
    with open("/proc/net/tcp") as lines:
        listening = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    assert sorted(listening) == ["0100007F:1F42", "0100007F:1F43"], listening
    curl = next(line for line in said if "curl" in line)
    assert "http://localhost:8002/api/v1/logs/report" in curl, said
    body = curl.split("-d '")[1].rsplit("'", 1)[0].encode()
    answer = urllib.request.urlopen("http://127.0.0.1:8002/api/v1/logs/report", body, timeout=10)
    assert json.load(answer)["is_new"]
    program.terminate()
    assert program.wait(10) == 0
    print("alone and well", len(hosts))
"""


def test_without_flags_and_without_a_network_it_serves_this_machine_on_two_ports(tmp_path):
    alone = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*alone, "true"]).returncode:
        pytest.skip("this machine gives no network of one's own")
    words = [sys.executable, "-c", textwrap.dedent(ALONE), binary()]
    done = subprocess.run(
        [*alone, *words],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment() | {"HOME": str(tmp_path)},
    )
    assert done.stdout.startswith("alone and well"), done.stdout + done.stderr
    assert os.path.isdir(tmp_path / ".local/share/log-center")


@pytest.fixture
def small_disk(tmp_path):
    """A file system with little room above the 128 MiB that have to stay free; needs root."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=136m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("only root can make a small disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_is_said_and_loses_nothing_that_was_answered(start, small_disk):
    program = start(data=small_disk / "data")
    answers = []
    for line in range(2000):
        one = report(line=line, context={"text": os.urandom(8000).hex()})
        answers.append(requests.post(program.report_url, json=one, timeout=10))
        if answers[-1].status_code != 200:
            break
    refused = answers.pop()
    assert (refused.status_code, refused.json()["code"]) == (503, "OverloadError"), refused.text
    assert int(refused.headers["Retry-After"]) > 0
    assert requests.get(program.url + "/readyz", timeout=10).status_code == 503
    assert {answer.status_code for answer in answers} == {200}
    # Reading goes on, and so does everything after a restart.
    numbers = {answer.json()["id"] for answer in answers}
    for _ in range(2):
        assert {issue["id"] for issue in program.walk("/api/v1/issues", limit=200)} == numbers
        program.close()
        program = start(data=small_disk / "data")
