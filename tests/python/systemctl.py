"""Stands in for systemctl: `systemctl.py STATE UNIT ENVIRONMENT [--user] VERB …`.

It starts the unit's command with its variables in the background, and knows by its process id
whether it still runs. It restarts nothing, so what fails stays failed.
"""

import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time

state, unit, environment_file = map(pathlib.Path, sys.argv[1:4])
words = [word for word in sys.argv[4:] if word not in ("--user", "--system")]
verb = words[0]
pid_file, enabled = state / "pid", state / "enabled"


def alive():
    if not pid_file.exists():
        return False
    status = pathlib.Path("/proc", pid_file.read_text(), "stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def start():
    if alive():
        return
    variables = {"PATH": "/usr/bin:/bin"}
    for line in unit.read_text().splitlines():
        key, _, value = line.partition("=")
        if key == "ExecStart":
            command = shlex.split(value.replace("%%", "%"))
        if key == "Environment":
            name, _, value = shlex.split(value.replace("%%", "%"))[0].partition("=")
            variables[name] = value
    if environment_file.exists():
        lines = environment_file.read_text().splitlines()
        variables |= dict(line.split("=", 1) for line in lines if "=" in line)
    os.makedirs(variables["LOG_CENTER_DATA"], exist_ok=True)
    with open(state / "said", "a") as said:
        process = subprocess.Popen(
            command, env=variables, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            start_new_session=True,
        )
    pid_file.write_text(str(process.pid))


def stop():
    if alive():
        os.kill(int(pid_file.read_text()), signal.SIGTERM)
        while alive():
            time.sleep(0.02)
    pid_file.unlink(missing_ok=True)


(state / "calls").open("a").write(" ".join(words) + "\n")
match verb:
    case "is-system-running":
        print("running")
    case "start":
        start()
    case "stop":
        stop()
    case "enable":
        enabled.touch()
    case "disable":
        enabled.unlink(missing_ok=True)
        stop()
    case "is-active":
        answer = "active" if alive() else "failed" if pid_file.exists() else "inactive"
        print(answer)
        sys.exit(0 if answer == "active" else 3)
    case "show":
        print(pid_file.read_text() if alive() else 0)
    case "daemon-reload" | "reset-failed":
        pass
    case _:
        sys.exit(f"this systemctl does not know {verb}")
