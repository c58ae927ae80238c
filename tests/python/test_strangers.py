"""Foreign hosts, foreign origins and proxies."""

import pytest
import requests

from program import report

READS = ["/", "/docs", "/openapi.json", "/api/v1/issues", "/api/v1/stats", "/metrics", "/readyz"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example"])
def test_a_name_that_anybody_can_point_here_is_refused(server, host):
    for path in READS:
        answer = requests.get(server.url + path, headers={"Host": host}, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (403, "ForbiddenError"), path
    answer = requests.post(server.report_url, json=report(), headers={"Host": host}, timeout=10)
    assert answer.status_code == 403
    alive = requests.get(server.url + "/healthz", headers={"Host": host}, timeout=10)
    assert alive.status_code == 200


def test_a_name_that_the_operator_allows_is_served(start):
    program = start("--allow-host", "logs.lan", "--public-url", "http://localhost:9999")
    for host in ("logs.lan", "LOGS.LAN:8002", "localhost", "[::1]:8002", "192.168.0.7"):
        answer = requests.get(program.url + "/api/v1/issues", headers={"Host": host}, timeout=10)
        assert answer.status_code == 200, host


@pytest.mark.parametrize(
    "header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via"]
)
def test_a_proxy_does_not_open_an_open_server(server, start, header):
    headers = {header: "for=203.0.113.7"}
    for path in READS:
        answer = requests.get(server.url + path, headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (403, "ForbiddenError"), path
        assert "proxy" in answer.json()["message"]
    answer = requests.post(server.report_url, json=report(), headers=headers, timeout=10)
    assert answer.status_code == 403
    meant = start("--insecure-open")
    answer = requests.get(meant.url + "/api/v1/issues", headers=headers, timeout=10)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_page_cannot_change_anything(server, headers):
    number = server.report(project_id="guarded")["id"]
    url = server.url + "/api/v1"
    changes = [
        requests.patch(f"{url}/issues/{number}", json={"assignee": "eve"}, headers=headers),
        requests.delete(f"{url}/issues/{number}", headers=headers),
        requests.post(f"{url}/issues/bulk", json={"ids": [number]}, headers=headers),
        requests.post(f"{url}/issues/{number}/comments", json={"text": "x"}, headers=headers),
        requests.post(f"{url}/projects/guarded/deploys", json={"version": "1"}, headers=headers),
        requests.patch(f"{url}/projects/guarded", json={"settings": {}}, headers=headers),
        requests.delete(f"{url}/projects/guarded?confirm=guarded", headers=headers),
        requests.delete(f"{url}/events?project_id=guarded&user_id=u", headers=headers),
    ]
    assert [answer.status_code for answer in changes] == [403] * len(changes)
    issue = server.ask(f"/api/v1/issues/{number}")
    assert (issue["assignee"], issue["history"]) == (None, [])


def test_any_page_may_report_and_may_read_the_answer(server):
    headers = {"Origin": "https://shop.example", "Sec-Fetch-Site": "cross-site"}
    asked = headers | {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-request-id",
    }
    for path in ("/api/v1/logs/report", "/api/v1/logs/report/batch"):
        preflight = requests.options(server.url + path, headers=asked, timeout=10)
        assert preflight.status_code in (200, 204)
        assert preflight.headers["Access-Control-Allow-Origin"] == "*"
        assert preflight.headers["Access-Control-Max-Age"] == "86400"
        allowed = preflight.headers["Access-Control-Allow-Headers"].replace(" ", "").split(",")
        assert {"content-type", "content-encoding", "authorization"} <= set(allowed)
        assert {"x-log-center-key", "x-request-id"} <= set(allowed)
    answer = requests.post(server.report_url, json=report(), headers=headers, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_no_other_page_may_read(server):
    headers = {"Origin": "https://evil.example"}
    for path in READS + ["/healthz"]:
        answer = requests.get(server.url + path, headers=headers, timeout=10)
        assert "Access-Control-Allow-Origin" not in answer.headers, path
