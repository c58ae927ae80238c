"""The integration guide's own body and its ways of calling, from Python."""

import hashlib
import json
import pathlib
import traceback

import django
import requests
from django.conf import settings

from program import report

FIXTURE = pathlib.Path(__file__).parents[1] / "fixtures" / "guide" / "report.json"


def test_the_guides_body_gets_the_guides_answers(server):
    body = json.loads(FIXTURE.read_text())
    first = requests.post(server.report_url, json=body, timeout=3)
    again = requests.post(server.report_url, json=body, timeout=3)
    error = body["error"]
    identity = body["project_id"] + error["type"] + error["file_path"] + str(error["line_number"])
    fingerprint = hashlib.md5(identity.encode()).hexdigest()
    number = first.json()["id"]
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == {
        "status": "ok", "id": number, "fingerprint": fingerprint, "is_new": True,
    }
    assert again.json() == {
        "status": "duplicate", "id": number, "fingerprint": fingerprint, "is_new": False,
    }
    event = server.ask(f"/api/v1/issues/{number}")["latest_event"]
    for name in ("project_id", "environment", "level", "version", "commit_hash", "context"):
        assert event[name] == body[name]
    assert event["error"] == error | {"code": None}
    assert event["timestamp"] == "2026-01-30T10:30:00.000Z"
    assert (event["user_id"], event["request_id"]) == ("u_12345", "req_abc123")


def test_a_string_of_json_with_any_content_type_is_read(server):
    for kind in ("text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "", None):
        headers = {} if kind is None else {"Content-Type": kind}
        body = json.dumps(report(project_id="beacons"))
        answer = requests.post(server.report_url, data=body.encode(), headers=headers, timeout=3)
        assert answer.status_code == 200, (kind, answer.text)


def send(server, exception, request):
    """What the guide has teams paste into their exception handler."""
    last = traceback.extract_tb(exception.__traceback__)[-1]
    payload = {
        "project_id": "rest_backend",
        "environment": "production",
        "level": "ERROR",
        "version": "2.0.1",
        "error": {
            "type": type(exception).__name__,
            "message": str(exception),
            "file_path": last.filename,
            "line_number": last.lineno,
            "stack_trace": traceback.format_exception(exception),
        },
        "context": {
            "url": request.build_absolute_uri(),
            "method": request.method,
            "headers": dict(request.headers),
            "user_id": "u_9",
        },
    }
    try:
        requests.post(server.report_url, json=payload, timeout=3)
    except requests.RequestException:
        pass


def test_a_rest_framework_exception_handler_reports_what_a_view_raised(server):
    settings.configure(
        SECRET_KEY="only for this test",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="django_app",
        INSTALLED_APPS=["rest_framework"],
        REST_FRAMEWORK={
            "EXCEPTION_HANDLER": "django_app.exception_handler",
            "UNAUTHENTICATED_USER": None,
            "DEFAULT_AUTHENTICATION_CLASSES": [],
        },
    )
    django.setup()
    import django_app
    from django.test import Client

    django_app.report_error = lambda exception, request: send(server, exception, request)
    answer = Client(raise_request_exception=False).get(
        "/users/abc?token=s3cret-value", headers={"authorization": "Bearer s3cret-value"}
    )
    assert (answer.status_code, answer.json()["code"]) == (500, "AppError")
    [issue] = server.ask("/api/v1/issues", project_id="rest_backend")["items"]
    assert (issue["type"], issue["count"], issue["users"]) == ("ValueError", 1, 1)
    assert issue["file_path"].endswith("django_app.py")
    event = server.ask(f"/api/v1/issues/{issue['id']}")["latest_event"]
    assert event["context"]["method"] == "GET"
    assert "raise_for" in "".join(event["error"]["stack_trace"])
    assert "s3cret-value" not in json.dumps(event)
