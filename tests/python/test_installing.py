"""install.sh: puts the program in place, refuses a wrong one, takes it away again."""

import functools
import hashlib
import http.server
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import pytest
import requests

from installer import (
    SCRIPT,
    as_nobody,
    executable,
    free_port,
    hand_to_nobody,
    install,
    namespace,
    path_without,
)
from program import binary, environment

SHELLS = [("sh",), ("dash",), ("bash", "--posix"), ("busybox", "sh")]
PARTS = ["bin/log-center"]


@pytest.fixture
def given(tmp_path):
    file = tmp_path / "given" / "log-center"
    file.parent.mkdir()
    shutil.copy(binary(), file)
    return file


@pytest.fixture
def served(given):
    """The folder of `given` as a web site."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(quiet, directory=given.parent)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/log-center"
    server.shutdown()
    server.server_close()


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def files(folder):
    found = (path for path in folder.rglob("*") if not path.is_dir())
    return sorted(str(path.relative_to(folder)) for path in found)


def programs(folder):
    """What is there of the program itself; pages and completions depend on its version."""
    return [name for name in files(folder) if not name.startswith("share/")]


def refused(done, words):
    assert done.returncode == 1, done.stdout
    assert re.search(words, done.stderr), done.stderr
    # A tool that failed may have said why before.
    assert done.stderr.splitlines()[-1].startswith("install.sh: "), done.stderr


def test_it_installs_and_removes_the_program(tmp_path, given):
    given.with_suffix(".sha256").write_text(f"{digest(given)}  log-center\n")
    prefix = tmp_path / "prefix"
    for _ in range(2):
        done = install("--prefix", prefix, given)
        assert done.returncode == 0, done.stderr
    installed = prefix / "bin" / "log-center"
    version = subprocess.run([installed, "--version"], capture_output=True, text=True).stdout
    assert version.startswith("log-center ") and version.strip() in done.stdout
    assert f"Start it with: {installed}" in done.stdout
    assert programs(prefix) == PARTS
    assert install("--prefix", prefix, "--uninstall").returncode == 0
    assert files(prefix) == []
    refused(install("--prefix", prefix, "--uninstall"), "there is no .*/bin/log-center")


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_every_shell_runs_it_and_odd_paths_do_no_harm(tmp_path, given, shell):
    if not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not installed")
    prefix = tmp_path / "a 'place' with 100% $odd \"names\""
    done = install("--prefix", prefix, "--dry-run", given, shell=shell)
    assert done.returncode == 0 and done.stdout.startswith("Would install"), done.stderr
    assert not prefix.exists()
    done = install("--prefix", prefix, given, shell=shell)
    assert done.returncode == 0 and programs(prefix) == PARTS, done.stderr
    done = install("--prefix", prefix, "--uninstall", "--dry-run", shell=shell)
    assert done.returncode == 0 and programs(prefix) == PARTS, done.stderr
    done = install("--prefix", prefix, "--uninstall", shell=shell)
    assert done.returncode == 0 and files(prefix) == [], done.stderr


def test_a_relative_prefix_and_no_file_take_what_is_beside_the_script(tmp_path, given):
    script = shutil.copy(SCRIPT, given.parent)
    words = ["sh", script, "--prefix", "here"]
    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, env=environment()
    )
    assert done.returncode == 0, done.stderr
    assert programs(tmp_path / "here") == PARTS


def test_a_damaged_file_is_not_installed(tmp_path, given):
    given.with_suffix(".sha256").write_text("0" * 64 + "  log-center\n")
    refused(install("--prefix", tmp_path / "prefix", given), "damaged: its SHA-256 is")
    given.with_suffix(".sha256").write_text("no sum\n")
    refused(install("--prefix", tmp_path / "prefix", given), "holds no SHA-256")
    given.with_suffix(".sha256").unlink()
    wrong = digest(given)[:-1] + ("0" if digest(given)[-1] != "0" else "1")
    for said, words in [(wrong, "damaged"), ("abc", "64 hexadecimal digits")]:
        refused(install("--prefix", tmp_path / "prefix", "--sha256", said, given), words)
    assert files(tmp_path / "prefix") == []
    done = install("--prefix", tmp_path / "prefix", "--sha256", digest(given).upper(), given)
    assert done.returncode == 0, done.stderr


def test_what_does_not_run_here_is_not_installed(tmp_path, given):
    given.write_text("not a program\n")
    refused(install("--prefix", tmp_path / "prefix", given), "does not run on this machine")
    executable(given, "#!/bin/sh\necho another 1.0\n")
    refused(install("--prefix", tmp_path / "prefix", given), "is not Log Center")
    refused(install("--prefix", tmp_path / "prefix", tmp_path / "none"), "there is no file")
    assert files(tmp_path / "prefix") == []


@pytest.mark.parametrize(
    "words, why",
    [
        (["--nonsense"], "there is no option --nonsense"),
        (["--prefix"], "--prefix needs a value"),
        (["a", "b"], "one file at a time"),
        (["--from", "https://example.org/x", "file"], "not both"),
        (["--from", "ftp://example.org/x"], "begins with https"),
        (["--from", "http://example.org/x"], "give --sha256"),
        (["--purge"], "goes with --uninstall"),
        (["--keep-copy"], "goes with --upgrade"),
        (["--upgrade", "--uninstall"], "one of"),
        (["--upgrade"], "there is no .*; install it without --upgrade"),
        (["--rollback"], "nothing to go back to"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(tmp_path, words, why):
    done = install("--prefix", tmp_path / "prefix", *words, HOME=tmp_path)
    refused(done, why)
    assert done.stderr.count("\n") == 1 and files(tmp_path) == []


@pytest.mark.parametrize("client", ["curl", "wget"])
def test_it_fetches_only_what_matches_its_sum(tmp_path, given, served, client):
    if not shutil.which(client):
        pytest.skip(f"{client} is not installed")
    path = path_without(tmp_path / "path", *{"curl", "wget"} - {client})
    fetch = functools.partial(install, "--prefix", tmp_path / "prefix", "--from", served, PATH=path)
    refused(fetch(), "there is no .*log-center.sha256; or give --sha256")
    given.with_suffix(".sha256").write_text("0" * 64)
    refused(fetch(), "damaged")
    refused(fetch("--sha256", "1" * 64), "damaged")
    assert files(tmp_path / "prefix") == []
    given.with_suffix(".sha256").write_text(f"SHA256 (log-center) = {digest(given)}\n")
    done = fetch()
    assert done.returncode == 0 and programs(tmp_path / "prefix") == PARTS, done.stderr
    given.unlink()
    refused(fetch("--sha256", "1" * 64), "cannot fetch")
    assert programs(tmp_path / "prefix") == PARTS


def test_a_full_disk_leaves_nothing(tmp_path, given):
    small = tmp_path / "small"
    small.mkdir()
    before = namespace({small: "size=1m"})
    if not before:
        pytest.skip("no namespace of its own is allowed")
    # In one run, since the disk goes with it; what is on it then is said at the end.
    look = executable(
        tmp_path / "look",
        f'#!/bin/sh\nsh "{SCRIPT}" --prefix "{small}" "{given}"\n'
        f'outcome=$?\nfind "{small}" -type f\nexit $outcome\n',
    )
    done = subprocess.run([*before, look], capture_output=True, text=True, env=environment())
    assert done.returncode == 1 and done.stdout == "", done.stdout
    assert done.stderr.endswith("choose another place with --prefix\n"), done.stderr


def test_a_plain_user_installs_for_themselves(given):
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        home = pathlib.Path(home)
        script, file = shutil.copy(SCRIPT, home), shutil.copy(given, home / "given")
        hand_to_nobody(home)
        own = functools.partial(install, before=as_nobody(), script=script, HOME=home)
        done = own(file)
        assert done.returncode == 0, done.stderr
        assert (home / ".local/bin/log-center").exists()
        refused(own("--prefix", "/usr/lib", file), "cannot write to /usr/lib/bin")
        done = own("--uninstall")
        assert done.returncode == 0 and f"{home}/.local/share/log-center" in done.stdout
        assert files(home / ".local") == []


def test_a_packager_gets_a_tree_and_nothing_starts(tmp_path, given):
    tree = tmp_path / "tree"
    done = install("--prefix", "/usr", "--systemd", given, DESTDIR=tree)
    assert done.returncode == 0, done.stderr
    assert programs(tree / "usr") == ["bin/log-center", "lib/systemd/system/log-center.service"]
    unit = (tree / "usr/lib/systemd/system/log-center.service").read_text()
    assert 'ExecStart="/usr/bin/log-center" serve\n' in unit and str(tree) not in unit
    refused(install("--upgrade", given, DESTDIR=tree), "DESTDIR is for packages")


def test_pages_and_completions_come_and_go_with_the_program(tmp_path, given):
    executable(given, """#!/bin/sh
case "$*" in
    --version) echo log-center 1.0 ;;
    man) echo a page ;;
    completions\\ bash | completions\\ fish) echo "words for $2" ;;
    *) exit 2 ;;
esac
""")
    prefix = tmp_path / "prefix"
    done = install("--prefix", prefix, given)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    # What it cannot print is not there.
    assert files(prefix / "share") == [
        "bash-completion/completions/log-center",
        "fish/vendor_completions.d/log-center.fish",
        "man/man1/log-center.1",
    ]
    assert (prefix / "share/man/man1/log-center.1").read_text() == "a page\n"
    assert install("--prefix", prefix, "--uninstall").returncode == 0
    assert files(prefix) == []


def test_data_goes_only_when_somebody_says_so(tmp_path, given):
    prefix, data = tmp_path / "prefix", tmp_path / "data"
    install("--prefix", prefix, given)
    data.mkdir()
    for name in ("log-center.db", "log-center.lock", "another's"):
        (data / name).touch()
    here = ["--prefix", prefix, "--data", data, "--uninstall"]
    refused(install(*here, "--purge"), "add --yes")
    assert programs(prefix) == PARTS
    words = ["sh", str(SCRIPT), *map(str, here), "--purge"]
    for typed, left in [("yes\n", 3), ("delete\n", 1)]:
        ours, theirs = pty.openpty()
        os.write(ours, typed.encode())
        done = subprocess.run(words, stdin=theirs, capture_output=True, env=environment())
        os.close(ours)
        os.close(theirs)
        assert (done.returncode == 0) == (left == 1), done.stderr
        assert len(files(data)) == left and programs(prefix) == (PARTS if left == 3 else [])
    assert f"Other files are left in {data}." in done.stdout.decode()
    install("--prefix", prefix, given)
    assert "is kept in" in install(*here).stdout
    assert install(*here, "--purge", "--yes").returncode == 0


def test_from_nothing_to_the_first_error_on_screen(tmp_path, given, record_property):
    began = time.monotonic()
    done = install("--prefix", tmp_path / "prefix", given)
    command = re.search(r"Start it with: (.*)", done.stdout)[1]
    program = subprocess.Popen(
        [command, "--data", tmp_path / "data", "--listen", f"127.0.0.1:{free_port()}"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        curl = next(line for line in program.stdout if line.startswith("  curl "))
        answer = subprocess.run(curl, shell=True, capture_output=True, text=True, check=True)
        assert '"is_new":true' in answer.stdout
        url = re.search(r"http://[^/]+", curl)[0]
        issues = requests.get(url + "/api/v1/issues", timeout=10).json()["items"]
        assert [issue["message"] for issue in issues] == ["hello"]
        assert "<script" in requests.get(url, timeout=10).text
        seconds = time.monotonic() - began
        record_property("seconds", round(seconds, 2))
        print(f"from install.sh to the first error: {seconds:.2f} s")
    finally:
        program.send_signal(signal.SIGTERM)
        assert program.wait(15) == 0
        program.stdout.close()
