"""The OpenAPI document is true: the file in the tree is what the program answers, and a machine
that only knows the document meets nothing that it does not tell."""

import json
import os
import pathlib
import subprocess
import sys

import requests

from program import ROOT

LONG = bool(os.environ.get("LOG_CENTER_TEST_LONG"))
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
]


def test_the_document_in_the_tree_is_what_the_program_answers(server):
    kept = json.loads((ROOT / "docs" / "openapi.json").read_text())
    answered = server.ask("/openapi.json")
    assert kept == answered, "run `make openapi`"
    assert answered["openapi"].startswith("3.1.")


def test_every_answer_is_as_documented(server, tmp_path):
    fill(server)
    run(server, tmp_path, seconds=600 if LONG else 60)


def test_every_answer_about_things_that_exist_is_as_documented(server, tmp_path):
    number, event = fill(server)
    config = tmp_path / "schemathesis.toml"
    config.write_text(
        f'[parameters]\n"path.id" = {number}\n"path.event_id" = "{event}"\n'
        '"path.project_id" = "shop"\n'
    )
    flags = ["--exclude-method", "DELETE", "--include-path-regex", "{"]
    run(server, tmp_path, *flags, seconds=300 if LONG else 40, config=config)


def fill(server):
    """Something of everything, so that answers have something in them."""
    for line in range(5):
        for environment, version in (("production", "1.0.0"), ("staging", "1.1.0")):
            number = server.report(line=line, environment=environment, version=version,
                                   context={"user_id": f"u{line}", "request_id": "r"})["id"]
    issue = server.ask(f"/api/v1/issues/{number}")
    change = {"status": "VERIFIED", "path": True, "note": "as it should be"}
    requests.patch(f"{server.url}/api/v1/issues/{number}", json=change, timeout=10)
    return number, issue["latest_event"]["event_id"]


def run(server, folder, *flags, seconds, config=None):
    tool = str(pathlib.Path(sys.executable).parent / "schemathesis")
    before = ["--config-file", str(config)] if config else []
    words = [
        "run", f"{server.url}/openapi.json", "--checks", ",".join(CHECKS),
        "--max-time", str(seconds), "--max-failures", "10", "--seed", "1", "--no-color",
        "--request-timeout", "10", "--warnings", "off", "--suppress-health-check", "all",
        # An answer without an end: tests/http/streaming.rs reads it.
        "--exclude-path", "/api/v1/stream",
        # It leads a browser on: tests/http/providers.rs sees where to.
        "--exclude-path", "/login/oidc",
        # Lines that it cannot write: tests/http/transfer.rs sends them.
        "--exclude-operation-id", "import", *flags,
    ]
    done = subprocess.run(
        [tool, *before, *words], cwd=folder, capture_output=True, text=True, timeout=seconds + 120
    )
    # Some of its lines are a request's address of thousands of characters.
    said = "\n".join(line[:300] for line in (done.stdout + done.stderr).splitlines())
    assert done.returncode == 0, said[-12_000:]
