"""The lines that the guide and the dashboard give to paste, as they stand there."""

import os
import subprocess
import sys

import pytest
from apps import SOURCE, events

GUIDE = SOURCE.parents[2] / "docs" / "guide" / "snippets"

#: What an application adds to the lines before it fails.
FASTAPI = """

@app.get("/orders/{number}")
def order(number: int):
    return {}["lines"]


from fastapi.testclient import TestClient
TestClient(app, raise_server_exceptions=False).get("/orders/17")
"""
DJANGO_BEFORE = 'SECRET_KEY = "x"\nROOT_URLCONF = "urls"\nALLOWED_HOSTS = ["*"]\nMIDDLEWARE = []\n'
DJANGO_URLS = """
from django.urls import path


def order(request):
    return {}["lines"]


urlpatterns = [path("orders/17", order)]
"""
DJANGO_CALL = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import django
django.setup()
from django.test import Client
Client(raise_request_exception=False).get("/orders/17")
"""


def written(center, name, project):
    """A snippet with the reader's own address and project in it."""
    text = (GUIDE / name).read_text()
    return text.replace("http://localhost:8002", center.url).replace("my_project", project)


def run(folder, name):
    """Runs a program with the client where it can import it."""
    known = {name: value for name, value in os.environ.items() if "LOG_CENTER" not in name}
    path = os.pathsep.join([str(SOURCE), str(folder)])
    done = subprocess.run(
        [sys.executable, name], cwd=folder, env={**known, "PYTHONPATH": path},
        capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_a_program_reports(center, tmp_path):
    (tmp_path / "main.py").write_text(written(center, "client-python.py", "pasted_python"))
    run(tmp_path, "main.py")
    [event] = events(center, 1, project_id="pasted_python")
    error = event["error"]
    assert (error["type"], error["file_path"]) == ("ZeroDivisionError", "main.py")
    assert (event["environment"], event["context"]["order"]) == ("production", 17)


def test_django_reports(center, tmp_path):
    pytest.importorskip("django")
    settings = DJANGO_BEFORE + written(center, "client-django.py", "pasted_django")
    (tmp_path / "settings.py").write_text(settings)
    (tmp_path / "urls.py").write_text(DJANGO_URLS)
    (tmp_path / "main.py").write_text(DJANGO_CALL)
    run(tmp_path, "main.py")
    [event] = events(center, 1, project_id="pasted_django")
    assert (event["error"]["type"], event["error"]["file_path"]) == ("KeyError", "urls.py")
    assert event["context"]["url"].endswith("/orders/17")


def test_fastapi_reports(center, tmp_path):
    text = written(center, "client-fastapi.py", "pasted_fastapi") + FASTAPI
    (tmp_path / "main.py").write_text(text)
    run(tmp_path, "main.py")
    [event] = events(center, 1, project_id="pasted_fastapi")
    assert (event["error"]["type"], event["error"]["file_path"]) == ("KeyError", "main.py")
    assert event["context"]["params"] == {"number": "17"}
