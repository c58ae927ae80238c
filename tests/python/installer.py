"""Runs install.sh with folders, a systemd and users of the test's own."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys

from program import ROOT, binary, environment

SCRIPT = ROOT / "install.sh"
NOBODY = 65534


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def install(*words, shell=("sh",), before=(), **variables):
    """install.sh to its end; `before` stands before the shell, as setpriv and unshare do."""
    words = [*before, *shell, str(variables.pop("script", SCRIPT)), *map(str, words)]
    variables = environment() | {name: str(value) for name, value in variables.items()}
    return subprocess.run(
        words, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=variables
    )


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def newer(path, then, version="9.9.9"):
    """A program that says that it is another version, and serves by the shell text `then`."""
    return executable(
        path,
        f"""#!/bin/sh
case $1 in
    --version) echo 'log-center {version}'; exit ;;
    systemd | man | completions) exec '{binary()}' "$@" ;;
esac
{then}
""",
    )


def good(path):
    return newer(path, f"""exec '{binary()}' "$@" """)


# It spoils the data before it fails, as half a migration does.
SPOILS = """
data=${LOG_CENTER_DATA:-$3}
echo spoiled >>"$data/log-center.db"
echo 'cannot read this' >&2
exit 1
"""


def path_without(folder, *names):
    """A PATH of everything that is on the real one, apart from these programs."""
    folder.mkdir()
    for place in os.environ["PATH"].split(":") + ["/usr/sbin", "/sbin"]:
        for name in os.listdir(place) if os.access(place, os.R_OK | os.X_OK) else ():
            if name not in names and not (folder / name).is_symlink():
                (folder / name).symlink_to(pathlib.Path(place, name))
    return folder


def path_with(folder, **programs):
    """A PATH with these programs, given as shell text, before the real ones."""
    for name, text in programs.items():
        executable(folder / name.replace("_", "-"), f"#!/bin/sh\n{text}\n")
    return f"{folder}:{os.environ['PATH']}"


def as_nobody():
    """Words before a command that make it a plain user's, when the tests are root's."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]


def hand_to_nobody(folder):
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", folder], check=True)


def namespace(mounts):
    """Words before a command that give it folders of the test's own; None if that is not allowed.

    `mounts` maps a folder of the machine to one of the test, or to the options of a small disk.
    """
    lines = [
        f"mount -t tmpfs -o {what} tmpfs '{at}'"
        if isinstance(what, str)
        else f"mount --bind '{what}' '{at}'"
        for at, what in mounts.items()
    ]
    root = [] if os.geteuid() == 0 else ["--map-root-user"]
    words = ["unshare", *root, "--mount", "sh", "-c"]
    allowed = shutil.which("unshare") and not subprocess.run(
        [*words, " && ".join(lines)], capture_output=True
    ).returncode
    return [*words, " && ".join([*lines, 'exec "$@"']), "sh"] if allowed else None


class Systemd:
    """A `systemctl` that really starts what the unit says, and keeps its state in a folder."""

    def __init__(self, folder, unit, environment_file):
        self.folder = folder
        folder.mkdir()
        fake = pathlib.Path(__file__).with_name("systemctl.py")
        # The machine's own Python where there is one: a plain user may not see the tests' own.
        python = shutil.which("python3", path="/usr/local/bin:/usr/bin") or sys.executable
        python = f"exec '{python}' '{folder / 'systemctl.py'}'"
        shutil.copy(fake, folder / "systemctl.py")
        self.path = path_with(
            folder / "bin",
            systemctl=f'{python} "{folder}" "{unit}" "{environment_file}" "$@"',
            journalctl="echo journal says why",
            systemd_sysusers=f'cat >>"{folder}/users"',
        )

    @property
    def pid(self):
        file = self.folder / "pid"
        return int(file.read_text()) if file.exists() else 0

    @property
    def enabled(self):
        return (self.folder / "enabled").exists()

    def calls(self):
        return (self.folder / "calls").read_text().split("\n")

    def command(self, *words):
        return subprocess.run(
            [self.folder / "bin" / "systemctl", *words], capture_output=True, text=True
        )
