"""One error from its first report to its deploy and back, through every address of the API."""

import requests

from program import report


def call(server, method, path, body=None, who="ana", **query):
    headers = {"X-Log-Center-User": who}
    url = server.url + "/api/v1" + path
    return requests.request(method, url, json=body, params=query, headers=headers, timeout=10)


def test_an_error_is_reported_fixed_deployed_and_seen_again(server):
    context = {"request_id": "req-1", "user": {"id": "u1"}, "password": "hunter2"}
    number = server.report(version="1.0.0", context=context)["id"]
    server.report(version="1.0.0", environment="staging", level="CRITICAL")

    issue = server.ask(f"/api/v1/issues/{number}")
    assert (issue["status"], issue["level"], issue["count"]) == ("NEW", "CRITICAL", 2)
    assert issue["allowed_moves"] == ["VERIFYING"]
    [event] = server.ask("/api/v1/events", request_id="req-1")["items"]
    assert event["issue_id"] == number and "context" not in event
    whole = server.ask(f"/api/v1/events/{event['event_id']}")
    assert whole["context"]["password"] == "[scrubbed]"

    wrong = call(server, "PATCH", f"/issues/{number}", {"status": "FIXED", "from": "NEW"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "ConflictError")
    assert wrong.json()["info"] == {"from": "NEW", "to": "FIXED", "allowed": ["VERIFYING"]}
    walked = call(server, "PATCH", f"/issues/{number}",
                  {"status": "VERIFIED", "from": "NEW", "path": True, "note": "found it"})
    assert walked.json()["status"] == "VERIFIED", walked.text
    said = call(server, "POST", f"/issues/{number}/comments", {"text": "shipping today"}, who="bo")
    assert said.status_code == 201 and said.json()["who"] == "bo"

    deploy = call(server, "POST", "/projects/shop/deploys", {"version": "1.1.0"})
    assert (deploy.status_code, deploy.json()["moved"]) == (201, 1)
    assert server.ask(f"/api/v1/issues/{number}")["status"] == "DEPLOYED"
    server.report(version="1.0.0")
    server.report(version="1.1.0", environment="staging")
    assert server.ask(f"/api/v1/issues/{number}")["status"] == "DEPLOYED"
    server.report(version="1.1.0")
    again = server.ask(f"/api/v1/issues/{number}")
    assert (again["status"], again["regressed"], again["count"]) == ("NEW", True, 5)

    kinds = [entry["kind"] for entry in server.walk(f"/api/v1/issues/{number}/history", limit=2)]
    assert kinds[0] == "regression" and kinds.count("move") >= 5 and "comment" in kinds
    events = list(server.walk(f"/api/v1/issues/{number}/events", limit=2))
    assert len(events) == 5


def test_many_issues_are_changed_at_once_and_each_answers_for_itself(server):
    ids = [server.report(project_id="bulk", line=line)["id"] for line in range(3)]
    call(server, "PATCH", f"/issues/{ids[1]}", {"status": "VERIFYING"})
    body = {"ids": [*ids, 999_999], "status": "VERIFYING", "from": "NEW"}
    results = call(server, "POST", "/issues/bulk", body).json()["results"]
    assert [one["id"] for one in results] == [*ids, 999_999]
    assert [one.get("code") for one in results] == [None, "ConflictError", None, "NotFoundError"]
    assert results[0]["issue"]["status"] == "VERIFYING"


def test_projects_and_numbers_can_be_read(server):
    for line in range(4):
        server.report(project_id="numbers", line=line, environment="staging")
    project = server.ask("/api/v1/projects/numbers")
    assert (project["issues"], project["counts"]["NEW"]) == (4, 4)
    assert "numbers" in [one["project_id"] for one in server.walk("/api/v1/projects", limit=1)]
    settings = {"settings": {"live_environments": ["staging"]}}
    changed = call(server, "PATCH", "/projects/numbers", settings)
    assert changed.json()["settings"]["live_environments"] == ["staging"], changed.text
    stats = server.ask("/api/v1/stats", project_id="numbers", by="environment", interval="hour")
    [series] = stats["series"]
    assert (series["key"], sum(series["counts"])) == ("staging", 4)
    for path in ("/healthz", "/readyz"):
        assert server.ask(path)["status"] == "ok"
    metrics = requests.get(server.url + "/metrics", timeout=10).text
    assert "log_center_reports_accepted_total" in metrics


def test_what_is_erased_is_gone_down_to_the_bytes_of_the_file(start):
    server = start()
    for project in ("gone", "kept"):
        for user in ("u1", "u2"):
            text = f"{project}-{user}-mark"
            error = {"message": text, "stack_trace": [text], "file_path": f"{project}-{user}.py"}
            server.report(project_id=project, error=error,
                          context={"user_id": user, "text": text})
    refused = call(server, "DELETE", "/projects/gone", confirm="other")
    assert refused.status_code == 400
    done = [
        call(server, "DELETE", "/events", project_id="kept", user_id="u1"),
        call(server, "DELETE", "/projects/gone", confirm="gone"),
    ]
    assert [answer.status_code for answer in done] == [200, 200]
    [number] = [one["id"] for one in server.ask("/api/v1/issues", file="x" and None)["items"]
                if one["file_path"] == "kept-u2.py"]
    assert call(server, "DELETE", f"/issues/{number}").status_code == 200
    assert call(server, "GET", f"/issues/{number}").status_code == 404
    [left] = server.ask("/api/v1/issues")["items"]
    assert (left["file_path"], left["count"]) == ("kept-u1.py", 1)
    assert server.stop()[0] == 0
    bytes_left = b"".join(file.read_bytes() for file in server.data.iterdir())
    for gone in (b"gone-u1", b"gone-u2", b"kept-u1-mark", b"kept-u2"):
        assert gone not in bytes_left, gone


def test_every_refusal_has_the_same_shape(server):
    bad = report(level="LOUD", environment="", error={"line_number": "abc", "type": None})
    answer = requests.post(server.report_url, json=bad, headers={"X-Request-Id": "mine.1"},
                           timeout=10)
    body = answer.json()
    assert set(body) == {"code", "message", "info", "data", "request_id"}
    assert (answer.status_code, body["code"]) == (400, "ValidationError")
    assert body["request_id"] == answer.headers["X-Request-Id"] == "mine.1"
    fields = [fault["field"] for fault in body["info"]["errors"]]
    assert sorted(fields) == ["environment", "error.line_number", "error.type", "level"]
    for method, path, status, code in [
        ("GET", "/issues/999999", 404, "NotFoundError"),
        ("GET", "/nothing", 404, "NotFoundError"),
        ("PUT", "/issues", 405, "MethodError"),
        ("GET", "/issues?limit=0", 400, "ValidationError"),
        ("GET", "/issues?colour=red", 400, "ValidationError"),
        ("GET", "/issues?q=count%3A%3Emany", 400, "ValidationError"),
    ]:
        answer = call(server, method, path)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
        assert answer.headers["X-Request-Id"] == answer.json()["request_id"]
