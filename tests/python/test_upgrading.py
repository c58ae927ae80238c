"""install.sh and the service: set up, brought to another version, and back with all its data."""

import functools
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
import requests

from installer import (
    SCRIPT,
    SPOILS,
    Systemd,
    as_nobody,
    free_port,
    good,
    hand_to_nobody,
    install,
    namespace,
    newer,
    path_with,
)
from program import binary, environment, report
from test_tls import make


class Home:
    """A plain user with a home folder, a systemd and a port of their own."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / ".local/share/log-center"
        self.program = folder / ".local/bin/log-center"
        self.unit = folder / ".config/systemd/user/log-center.service"
        self.url = f"http://127.0.0.1:{free_port()}"
        variables = folder / ".config/log-center.env"
        variables.parent.mkdir(parents=True)
        self.variables_file = variables
        variables.write_text(f"LOG_CENTER_LISTEN={self.url[7:]},127.0.0.1:0\n")
        self.systemd = Systemd(folder / "systemd", self.unit, variables)
        self.script = shutil.copy(SCRIPT, folder)
        self.given = shutil.copy(binary(), folder / "given")
        hand_to_nobody(folder)

    def variables(self):
        return {"HOME": self.folder, "PATH": self.systemd.path}

    def install(self, *words, **variables):
        return install(
            *words, before=as_nobody(), script=self.script, **self.variables() | variables
        )

    def report(self, **changes):
        answer = requests.post(
            self.url + "/api/v1/logs/report", json=report(**changes), timeout=10
        )
        assert answer.status_code == 200, answer.text

    def total(self):
        return requests.get(self.url + "/api/v1/issues", timeout=10).json()["total"]

    def version(self):
        words = [self.program, "--version"]
        return subprocess.run(words, capture_output=True, text=True).stdout.strip()

    def kept(self):
        return sorted(path.name for path in self.data.iterdir() if path.is_dir())


@pytest.fixture
def home():
    # Not pytest's own folder: another user has to see it.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        home = Home(pathlib.Path(folder))
        yield home
        if home.systemd.pid and pathlib.Path(f"/proc/{home.systemd.pid}").exists():
            os.kill(home.systemd.pid, signal.SIGKILL)


@pytest.fixture
def running(home):
    """With the service installed, and one issue in it."""
    done = home.install("--systemd", home.given)
    assert done.returncode == 0, done.stderr
    home.report()
    home.was = home.version()
    return home


def test_the_service_is_set_up_once(home):
    done = home.install("--systemd", "--dry-run", home.given)
    assert f"Would write {home.unit}" in done.stdout and not home.unit.exists(), done.stderr
    done = home.install("--systemd", home.given)
    assert done.returncode == 0, done.stderr
    assert f"It runs as a service at {home.url}" in done.stdout
    assert home.systemd.enabled and f'ExecStart="{home.program}" serve' in home.unit.read_text()
    home.report()
    pid = home.systemd.pid
    done = home.install("--systemd", home.given)
    assert done.returncode == 0 and home.systemd.pid == pid and home.total() == 1, done.stderr


def test_what_cannot_be_a_service_changes_nothing(home):
    without = home.install("--systemd", home.given, PATH=path_with(
        home.folder / "offline", systemctl="echo offline; exit 1"))
    assert without.returncode == 1 and "systemd does not run here" in without.stderr
    odd = home.install("--systemd", "--data", "/a\nb", home.given)
    assert odd.returncode == 1 and "whole path" in odd.stderr, odd.stderr
    old = home.install("--systemd", newer(home.folder / "old", "exit 2", "0.0.1"))
    assert old.returncode == 1 and "does not start" in old.stderr
    assert "The service was taken away again" in old.stderr
    assert not home.unit.exists() and not home.systemd.enabled


def test_an_upgrade_keeps_the_data(running):
    done = running.install(good(running.folder / "new"))
    assert done.returncode == 1 and "change it with --upgrade" in done.stderr
    done = running.install("--upgrade", "--dry-run", running.folder / "new")
    assert done.returncode == 0 and "Would stop the service" in done.stdout
    assert running.version() == running.was
    done = running.install("--upgrade", running.folder / "new")
    assert done.returncode == 0, done.stderr
    assert f"from {running.was} to log-center 9.9.9" in done.stdout
    assert running.version() == "log-center 9.9.9" and running.total() == 1
    assert running.kept() == [] and not (running.folder / ".local/lib/log-center").exists()
    done = running.install("--upgrade", running.folder / "new")
    assert done.returncode == 0 and "already" in done.stdout


def test_an_upgrade_works_where_a_login_is_asked_for_and_by_https(running):
    chain, key = make(running.folder, "own")
    with running.variables_file.open("a") as file:
        file.write(f"LOG_CENTER_REQUIRE_LOGIN=yes\nLOG_CENTER_TLS_CERT={chain}\n")
        file.write(f"LOG_CENTER_TLS_KEY={key}\n")
    systemctl = [*as_nobody(), running.folder / "systemd/bin/systemctl", "--user"]
    subprocess.run([*systemctl, "stop", "log-center"], check=True)
    words = [*as_nobody(), running.program, "admin", "create", "ann", "--data", running.data]
    subprocess.run(words, input=b"seven tired otters\n", check=True, capture_output=True)
    hand_to_nobody(running.folder)
    subprocess.run([*systemctl, "start", "log-center"], check=True)
    done = running.install("--upgrade", good(running.folder / "new"))
    assert done.returncode == 0, done.stderr
    assert running.version() == "log-center 9.9.9"
    url = running.url.replace("http:", "https:") + "/api/v1/issues"
    assert requests.get(url, timeout=10, verify=chain).status_code == 401


def test_a_program_that_does_not_start_is_taken_back(running):
    running.report(line=43)
    bad = newer(running.folder / "bad", SPOILS)
    unit = running.unit.read_text()
    done = running.install("--upgrade", bad)
    assert done.returncode == 1 and "9.9.9 does not start" in done.stderr
    assert f"Put back {running.was} with its data; it runs again." in done.stderr
    assert running.version() == running.was and running.unit.read_text() == unit
    assert running.total() == 2
    running.report(line=44)
    assert running.total() == 3
    # What the new one wrote is not thrown away: it may be reports that it accepted.
    assert running.kept() == ["newer"] and "newer; delete it" in done.stderr
    assert b"spoiled" in (running.data / "newer/log-center.db").read_bytes()[-10:]


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_upgrade_that_is_stopped_is_taken_back(running, signal_number):
    hangs = newer(running.folder / "hangs", "exec sleep 600")
    words = [*as_nobody(), "sh", running.script, "--upgrade", hangs]
    upgrade = subprocess.Popen(
        words,
        env=environment() | {name: str(value) for name, value in running.variables().items()},
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 20
    while running.version() == running.was and time.monotonic() < until:
        time.sleep(0.05)
    upgrade.send_signal(signal_number)
    said = upgrade.communicate(timeout=40)[1]
    assert upgrade.returncode == 128 + signal_number and "it runs again" in said, said
    assert running.version() == running.was and running.total() == 1 and running.kept() == []


def test_a_kept_copy_is_the_way_back(running):
    done = running.install("--upgrade", "--keep-copy", good(running.folder / "new"))
    assert done.returncode == 0 and running.kept() == ["before-upgrade"], done.stderr
    running.report(line=43)
    done = running.install("--rollback")
    assert done.returncode == 0 and f"Went back to {running.was}" in done.stdout, done.stderr
    assert running.version() == running.was and running.total() == 1
    assert running.kept() == ["newer"]
    done = running.install("--rollback")
    assert done.returncode == 1 and "nothing to go back to" in done.stderr


def test_an_upgrade_that_was_killed_is_told_and_undone(running):
    hangs = newer(running.folder / "hangs", "exec sleep 600")
    words = [*as_nobody(), "sh", running.script, "--upgrade", hangs]
    upgrade = subprocess.Popen(
        words,
        env=environment() | {name: str(value) for name, value in running.variables().items()},
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 20
    while running.version() == running.was and time.monotonic() < until:
        time.sleep(0.05)
    upgrade.kill()
    upgrade.wait()
    done = running.install("--upgrade", good(running.folder / "new"))
    assert done.returncode == 1 and "interrupted: go back with --rollback" in done.stderr
    done = running.install("--rollback")
    assert done.returncode == 0, done.stderr
    assert running.version() == running.was and running.total() == 1


def test_no_room_for_a_copy_stops_an_upgrade_before_it_begins(running):
    full = path_with(
        running.folder / "full",
        df="echo head; echo /dev/x 100 50 51200 50% /",
        systemctl=f'exec "{running.folder}/systemd/bin/systemctl" "$@"',
    )
    pid = running.systemd.pid
    done = running.install("--upgrade", good(running.folder / "new"), PATH=full)
    assert done.returncode == 1 and "50 are free; nothing was changed" in done.stderr
    assert running.systemd.pid == pid and running.version() == running.was


def test_a_copy_that_fails_leaves_the_old_one_running(running):
    broken = path_with(
        running.folder / "broken",
        cp='case "$*" in *upgrade*) echo no space >&2; exit 1 ;; esac; exec /bin/cp "$@"',
        systemctl=f'exec "{running.folder}/systemd/bin/systemctl" "$@"',
    )
    done = running.install("--upgrade", good(running.folder / "new"), PATH=broken)
    assert done.returncode == 1 and "cannot copy the data" in done.stderr
    assert "runs again; nothing was changed" in done.stderr
    assert running.version() == running.was and running.total() == 1 and running.kept() == []


def test_without_a_service_the_new_one_is_tried_on_a_copy(running):
    bad, new = newer(running.folder / "bad", SPOILS), good(running.folder / "new")
    running.install("--uninstall")
    assert running.install("--no-systemd", running.given).returncode == 0
    data = (running.data / "log-center.db").read_bytes()
    done = running.install("--upgrade", bad)
    assert done.returncode == 1 and "does not start with a copy of the data" in done.stderr
    assert "cannot read this" in done.stderr and running.version() == running.was
    assert running.kept() == []
    done = running.install("--upgrade", "--keep-copy", new)
    assert done.returncode == 0 and running.version() == "log-center 9.9.9", done.stderr
    assert (running.data / "log-center.db").read_bytes() == data
    assert running.kept() == ["before-upgrade"]
    assert running.install("--rollback").returncode == 0
    assert running.version() == running.was


def test_a_program_that_runs_by_hand_is_not_replaced(running):
    running.install("--uninstall")
    running.install("--no-systemd", running.given)
    words = [*as_nobody(), running.program, "--data", running.data, "--listen", running.url[7:]]
    program = subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert "is ready" in program.stdout.readline()
        for asked in (["--upgrade", good(running.folder / "new")], ["--uninstall", "--purge"]):
            done = running.install(*asked, "--data", running.data)
            assert done.returncode == 1 and "stop it first" in done.stderr, done.stderr
        assert running.total() == 1
    finally:
        program.terminate()
        program.wait(15)
        program.stdout.close()


def test_uninstalling_takes_the_service_and_leaves_the_data(running):
    done = running.install("--uninstall")
    assert done.returncode == 0 and f"The data is kept in {running.data}." in done.stdout
    assert not running.unit.exists() and not running.systemd.enabled and not running.systemd.pid
    assert running.install("--systemd", running.given).returncode == 0
    assert running.total() == 1
    done = running.install("--uninstall", "--purge", "--yes")
    assert done.returncode == 0 and not running.data.exists(), done.stderr


@pytest.fixture
def machine(tmp_path):
    """Runs install.sh as root on a machine whose system folders are the test's own."""
    places = {"/etc/systemd/system": "units", "/opt": "opt", "/var/lib": "lib"}
    mounts = {at: tmp_path / name for at, name in places.items()}
    for folder in mounts.values():
        folder.mkdir()
    before = namespace(mounts)
    if not before or pathlib.Path("/etc/log-center.env").exists():
        pytest.skip("no namespace of its own is allowed")
    unit = "/etc/systemd/system/log-center.service"
    systemd = Systemd(tmp_path / "systemd", unit, tmp_path / "none")
    # It would listen where others may listen already, so the health of it is taken for granted.
    healthy = 'for last; do :; done; case $last in http://*) printf 200 ;; *) exit 1 ;; esac'
    variables = {"PATH": path_with(tmp_path / "systemd/bin", curl=healthy), "HOME": tmp_path}
    machine = functools.partial(install, before=before, **variables)
    machine.before, machine.variables, machine.systemd = before, variables, systemd
    machine.unit, machine.opt = tmp_path / "units/log-center.service", tmp_path / "opt"
    machine.serves = newer(tmp_path / "opt/given", "exec sleep 600")
    yield machine
    done = machine("--prefix", "/opt/lc", "--uninstall")
    assert done.returncode == 0, done.stderr
    assert not machine.unit.exists() and not (machine.opt / "lc/bin/log-center").exists()


def test_a_service_of_the_system_has_a_user_of_its_own(machine):
    done = machine("--prefix", "/opt/lc", "--systemd", "/opt/given")
    assert done.returncode == 0, done.stderr
    assert "127.0.0.1:8002" in done.stdout and "/var/lib/log-center" in done.stdout
    assert (machine.systemd.folder / "users").read_text().startswith("u log-center - ")
    text = machine.unit.read_text()
    assert 'ExecStart="/opt/lc/bin/log-center" serve' in text and "User=log-center" in text
    assert "enable log-center" in machine.systemd.calls()
    hidden = machine("--prefix", "/opt/lc", "--systemd", "--data", "/tmp/hidden", "/opt/given")
    assert hidden.returncode == 1 and "does not see /tmp" in hidden.stderr
    assert machine.unit.read_text() == text


@pytest.mark.parametrize("typed, is_service", [("y", True), ("", False)])
def test_root_at_a_terminal_is_asked(machine, typed, is_service):
    ours, theirs = pty.openpty()
    os.write(ours, f"{typed}\n".encode())
    words = [*machine.before, "sh", SCRIPT, "--prefix", "/opt/lc", "/opt/given"]
    variables = {name: str(value) for name, value in machine.variables.items()}
    done = subprocess.run(
        words, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=environment() | variables
    )
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert "as a service, started at boot? [y/N]" in said
    assert machine.unit.exists() == is_service
