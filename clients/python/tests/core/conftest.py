"""What the tests share: a collector, and a client that is gone after each test."""

import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src"
sys.path[:0] = [str(SOURCE), str(HERE)]

from collector import Collector  # noqa: E402

import log_center  # noqa: E402
from log_center import client, scope  # noqa: E402


def clean_environment():
    """No variable that would choose for the client."""
    found = {name: value for name, value in os.environ.items() if "LOG_CENTER" not in name}
    for name in ("ENVIRONMENT", "APP_VERSION", "GIT_COMMIT", "COMMIT_SHA", "CI_COMMIT_SHA",
                 "GITHUB_SHA"):
        found.pop(name, None)
    return found


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Each test starts without variables, and leaves nothing known to the next."""
    for name in set(os.environ) - set(clean_environment()):
        monkeypatch.delenv(name)
    yield
    log_center.init(enabled=False, hooks=False)
    scope.current.set(None)
    for name in ("user", "tags", "contexts", "breadcrumbs", "describe"):
        setattr(scope.everywhere, name, None)


@pytest.fixture
def collector():
    server = Collector()
    yield server
    server.close()


@pytest.fixture
def start(collector):
    """Starts a client that reports to the collector."""

    def start(**options):
        chosen = {"url": collector.url, "project": "shop", "hooks": False, **options}
        log_center.init(**chosen)
        return client.current()

    return start


@pytest.fixture
def script(tmp_path, collector):
    """Runs a program that starts with `init`; what it said, once it has ended."""

    def script(text, *words, before="", **variables):
        file = tmp_path / "job.py"
        file.write_text(before + "import log_center\nlog_center.init()\n" + text)
        return subprocess.run(
            [sys.executable, str(file), *words],
            cwd=tmp_path, capture_output=True, text=True, timeout=60,
            env={
                **clean_environment(), "PYTHONPATH": str(SOURCE), "LOG_CENTER_PROJECT": "shop",
                "LOG_CENTER_URL": collector.url, **variables,
            },
        )

    return script
