"""`log-center doctor`: what it says of set-ups that are well, and of those that are not."""

import datetime
import http.server
import json
import os
import socket
import sqlite3
import subprocess

import pytest
import requests

from program import binary, environment, report
from test_commands_acting import NOBODY, command, serve  # noqa: F401 (a fixture)


def states(done):
    """What each check found, by its name."""
    return {one["check"]: one["state"] for one in json.loads(done.stdout)["checks"]}


def examined(url, *words, **more):
    done = command(url, "doctor", "--json", *words, **more)
    return done.returncode, states(done), done.stdout.decode()


def test_a_set_up_that_is_well(server):
    code, found, text = examined(server.url, "--data", str(server.data))
    assert code == 0 and set(found.values()) == {"ok"}, text
    assert {"reach", "version", "storing", "clock", "CORS", "data", "disk", "in use"} <= set(found)
    done = command(server.url, "doctor", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    said = command(server.url, "doctor").stdout.decode()
    assert "Nothing is wrong." in said
    projects = [one["project_id"] for one in server.ask("/api/v1/projects")["items"]]
    assert "log-center-doctor" not in projects, "nothing is sent unasked"


def test_a_test_report_goes_the_whole_way(server):
    code, found, text = examined(server.url, "--send")
    assert code == 0 and found["test report"] == "ok", text
    [issue] = server.ask("/api/v1/issues", project_id="log-center-doctor")["items"]
    assert (issue["level"], issue["type"]) == ("INFO", "TestReport")


def test_refusals_are_told(start):
    program = start()
    requests.post(program.report_url, data=b"{", timeout=10)
    code, found, text = examined(program.url)
    assert code == 0 and found["refusals"] == "attention" and "ValidationError" in text


def test_what_a_limit_turned_away_is_told(start):
    program = start("--rate-per-address", "1")
    for _ in range(3):
        requests.post(program.report_url, data=b"{", timeout=10)
    code, found, text = examined(program.url)
    assert code == 0 and found["limits"] == "attention", text
    assert "address_rate" in text and "--rate-per-address" in text


def test_nothing_listens():
    code, found, text = examined(NOBODY)
    assert code == 3 and found["reach"] == "wrong" and "nothing listens" in text
    done = command(NOBODY, "doctor", "--quiet")
    assert done.returncode == 3 and b"nothing listens" in done.stdout
    code, found, text = examined("http://no-such-name.invalid:8002")
    assert code == 3 and "is not known" in text


def test_the_program_runs_but_listens_elsewhere(start):
    program = start()
    code, found, text = examined(NOBODY, "--data", str(program.data))
    assert code == 3 and found["in use"] == "wrong" and str(program.pid) in text


class Stranger(http.server.BaseHTTPRequestHandler):
    """Some other program; `status` and `headers` say how it answers."""

    def do_GET(self):
        self.send_response(self.server.status)
        for name, value in self.server.more.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(
    "status, more, said",
    [
        (200, {}, "is not Log Center"),
        (404, {}, "is not Log Center"),
        (302, {"Location": "https://login.example.org/"}, "sends on to https://login.example.org/"),
        (502, {}, "a proxy"),
    ],
)
def test_something_else_answers(serve, status, more, said):  # noqa: F811
    other = serve(Stranger, status=status, more=more)
    code, found, text = examined(other.url)
    assert code == 1 and found["answer"] == "wrong" and said in text, text


def test_what_listens_says_nothing():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        code, found, text = examined(url, "--wait", "1")
        assert code == 3 and found["answer"] == "wrong" and "in time" in text


def test_a_server_without_tls_is_asked_for_it(server):
    code, found, text = examined(server.url.replace("http:", "https:"))
    assert code == 3 and found["answer"] == "wrong" and "TLS" in text


class Between(http.server.BaseHTTPRequestHandler):
    """A proxy in front of Log Center; `add` and `take` change the answer, `ask` the request."""

    def relay(self):
        asked = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        asked["Host"] = self.server.ask.get("Host", self.headers["Host"])
        asked |= self.server.ask
        answer = requests.request(self.command, self.server.target + self.path, headers=asked,
                                  timeout=10)
        self.send_response_only(answer.status_code)
        skipped = {"content-length", "transfer-encoding", "content-encoding", *self.server.take}
        headers = {n: v for n, v in answer.headers.items() if n.lower() not in skipped}
        for name, value in (headers | self.server.add).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_OPTIONS = do_POST = relay

    def log_message(self, *_):
        pass


@pytest.fixture
def between(server, serve):  # noqa: F811
    def between(add=None, take=(), ask=None):
        return serve(Between, target=server.url, add=add or {}, take=take, ask=ask or {})

    return between


def test_a_foreign_host_name_is_explained(between):
    proxy = between(ask={"Host": "errors.example.org"})
    code, found, text = examined(proxy.url)
    assert code == 1 and found["host name"] == "wrong" and "--allow-host" in text, text


def test_a_proxys_header_is_explained(between):
    code, found, text = examined(between(ask={"X-Forwarded-For": "10.0.0.1"}).url)
    assert code == 1 and found["proxy"] == "wrong" and "--insecure-open" in text, text


@pytest.mark.parametrize("seconds, state, code", [(60, "attention", 0), (-900, "wrong", 1)])
def test_clocks_that_differ(between, seconds, state, code):
    then = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    date = then.strftime("%a, %d %b %Y %H:%M:%S GMT")
    got, found, text = examined(between(add={"Date": date}, take=["date"]).url)
    assert (got, found["clock"]) == (code, state), text


def test_doors_that_a_proxy_opens_or_shuts(between):
    shut = between(take=["access-control-allow-origin"])
    code, found, _ = examined(shut.url)
    assert code == 1 and found["CORS"] == "wrong"
    code, found, _ = examined(between(add={"Access-Control-Allow-Origin": "*"}).url)
    assert code == 1 and found["other origins"] == "wrong"


def test_an_open_server_is_worth_a_look(start):
    program = start("--insecure-open")
    code, found, _ = examined(program.url)
    assert code == 0 and found["proxies"] == "attention"


def test_a_disk_without_room(start, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(small)]
    if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("only root can make a small disk")
    try:
        program = start(data=small / "data")
        code, found, text = examined(program.url, "--data", str(program.data))
        assert code == 1 and found["storing"] == found["disk"] == found["room"] == "wrong", text
        program.close()
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)


def test_a_database_that_another_program_locked(start):
    program = start()
    other = sqlite3.connect(program.data / "log-center.db", isolation_level=None)
    other.execute("begin immediate")
    requests.post(program.report_url, json=report(), timeout=10)
    code, found, text = examined(program.url)
    other.execute("rollback")
    other.close()
    assert code == 1 and found["storing"] == "wrong", text
    assert "End that program" in text and "free some space" not in text


def test_a_folder_that_others_may_enter(server, tmp_path):
    tmp_path.chmod(0o755)
    code, found, text = examined(server.url, "--data", str(tmp_path))
    assert (found["data"], found["in use"]) == ("attention", "attention") and "chmod 700" in text
    code, found, _ = examined(server.url, "--data", str(tmp_path / "nowhere"))
    assert code == 1 and found["data"] == "wrong"


def test_proxy_variables_that_lead_others_astray(server):
    variables = {"http_proxy": "http://proxy.example.org:3128"}
    code, found, text = examined(server.url, variables=variables)
    assert code == 0 and found["proxy variables"] == "attention" and "no_proxy" in text
    variables["no_proxy"] = "localhost,127.0.0.1"
    assert examined(server.url, variables=variables)[1]["proxy variables"] == "ok"


def test_a_server_that_asks_for_a_login(start, tmp_path):
    password = "correct horse staple battery"
    words = [binary(), "admin", "create", "ann", "--data", tmp_path / "data"]
    subprocess.run(words, input=password.encode(), env=environment(), check=True,
                   stdout=subprocess.DEVNULL)
    program = start("--require-login")
    session = requests.Session()
    session.headers["Origin"] = program.url

    def made(path, body):
        answer = session.post(f"{program.url}/api/v1/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def key(**more):
        return made("keys", {"name": "k"} | more)["secret"]

    made("session", {"name": "ann", "password": password})
    made("projects", {"project_id": "log-center-doctor"})
    code, found, text = examined(program.url)
    assert (code, found["login"]) == (0, "unchecked") and "no key was given" in text
    assert "storing" not in found and found["health"] == found["host names"] == "ok", text
    said = command(program.url, "doctor").stdout.decode()
    assert "Nothing is wrong. Not everything could be looked at." in said
    assert command(program.url, "doctor", "--quiet").stdout == b"", "for a container's health"
    code, found, text = examined(program.url, "--key", "lca_" + "0" * 32)
    assert (code, found["login"]) == (1, "wrong") and "the key is refused" in text
    code, found, text = examined(program.url, "--send", "--key", key())
    assert (code, found["login"], found["test report"]) == (0, "unchecked", "ok"), text
    scopes = ["report", "read", "manage"]
    code, found, text = examined(program.url, "--send", "--key", key(kind="api", scopes=scopes))
    assert code == 0 and set(found.values()) == {"ok"}, text
    code, found, text = examined(program.url, "--send", "--key", key(kind="api"))
    assert (code, found["backups"], found["test report"]) == (1, "unchecked", "wrong"), text
    assert found["proxies"] == found["storing"] == "ok" and "login" not in found, text
