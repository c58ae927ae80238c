"""`log-center channels` and `log-center rules`, against the program they belong to."""

import http.server
import json
import subprocess
import threading

import pytest
from program import binary, environment


@pytest.fixture
def vendor():
    """A chat that takes everything; what it got."""
    got = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.got = got
    server.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(start):
    program = start("--notify-allow", "127.0.0.1")

    def run(*words, variables=None, code=0):
        done = subprocess.run(
            [binary(), *words], capture_output=True, text=True, timeout=60,
            env=environment() | {"COLUMNS": "160", "LOG_CENTER_URL": program.url}
            | (variables or {}),
        )
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout + done.stderr

    return run


def test_a_channel_is_made_tested_paused_and_removed(run, vendor):
    assert "nobody is told" in run("channels")
    made = run("channels", "create", "team", "--kind", "slack", "--address", "env:HOOK",
               variables={"HOOK": vendor.url})
    assert "team" in made and "works" in made and vendor.url not in made
    assert "It was sent. It said: ok" in run("channels", "test", "1")
    assert "TEST" in str(vendor.got[0])
    assert "paused" in run("channels", "pause", "1")
    assert "works" in run("channels", "resume", "1")
    listed = json.loads(run("channels", "--json"))["items"]
    assert [one["kind"] for one in listed] == ["slack"]
    assert run("channels", "remove", "1") == "Channel 1 is removed.\n"


def test_a_test_that_did_not_arrive_fails(run):
    run("channels", "create", "team", "--kind", "slack", "--address", "http://127.0.0.1:1/x")
    said = run("channels", "test", "1", code=1)
    assert "othing listens there" in said


def test_a_mail_channel_has_all_of_its_own(run):
    words = ["--kind", "email", "--address", "smtps://mail.example.org", "--login", "errors",
             "--token", "env:PASSWORD", "--from", "errors@example.org",
             "--to", "dev@example.org,ops@example.org"]
    run("channels", "create", "mail", *words, variables={"PASSWORD": "sesame"})
    [channel] = json.loads(run("channels", "--json"))["items"]
    assert channel["to"] == ["dev@example.org", "ops@example.org"]
    assert (channel["user"], channel["host"]) == ("errors", "mail.example.org")
    assert "PASSWORD is not set" in run("channels", "create", "b", *words, code=2)


def test_a_webhook_has_a_template_and_a_test_mentions_whom_a_rule_does(run, vendor, tmp_path):
    template = tmp_path / "body.json"
    template.write_text('{"text": "{{title}}", "level": "{{level}}"}')
    words = ["--kind", "webhook", "--address", vendor.url, "--template", str(template)]
    run("channels", "create", "chat", *words)
    run("channels", "test", "1")
    assert set(vendor.got[0]) == {"text", "level"} and vendor.got[0]["level"] == "INFO"
    template.write_text('{"text": "{{nothing}}"}')
    assert "is none of id, type" in run("channels", "create", "b", *words, code=2)
    template.write_text("{")
    assert "is not JSON" in run("channels", "create", "b", *words, code=2)
    run("channels", "create", "team", "--kind", "slack", "--address", vendor.url)
    run("rules", "create", "night", "--mention", "slack:U1")
    run("channels", "test", "2", "--rule", "1")
    assert "<@U1>" in str(vendor.got[1])


def test_a_rule_is_made_paused_and_removed(run):
    assert "No rule yet" in run("rules")
    made = run("rules", "create", "payments", "--project", "pay-*", "--level", "CRITICAL",
               "--trigger", "created,frequent", "--reports", "100", "--minutes", "5")
    assert "pay-*" in made and "CRITICAL" in made and "created frequent" in made
    assert "paused" in run("rules", "pause", "1")
    assert "holds" in run("rules", "resume", "1")
    [rule] = json.loads(run("rules", "--json"))["items"]
    assert (rule["reports"], rule["minutes"]) == (100, 5)
    assert "level" in run("rules", "create", "x", "--level", "LOUD", code=2)
    assert run("rules", "remove", "1") == "Rule 1 is removed.\n"


def test_a_rule_has_all_that_the_api_knows(run):
    run("rules", "create", "all", "--query", "code:DB* !user:probe", "--path", "apps/*,views.py",
        "--version", "1.*", "--trigger", "moved,digest,verdict", "--moved-to", "FIXED,DEPLOYED",
        "--hours", "6", "--digest", "week", "--digest-at", "09:30", "--digest-offset", "480",
        "--quiet-hours", "22:00-08:00", "--quiet-weekends", "--quiet-below", "ERROR",
        "--quiet-offset", "-300", "--mention", "slack:U1,wecom:all")
    [rule] = json.loads(run("rules", "--json"))["items"]
    assert (rule["query"], rule["paths"]) == ("code:DB* !user:probe", ["apps/*", "views.py"])
    assert (rule["versions"], rule["hours"]) == (["1.*"], 6)
    assert rule["moved_to"] == ["FIXED", "DEPLOYED"]
    assert rule["digest"] == {"every": "week", "at": "09:30", "tz_offset_minutes": 480}
    assert rule["quiet"] == {"from": "22:00", "to": "08:00", "weekends": True,
                             "tz_offset_minutes": -300, "below": "ERROR"}
    assert rule["mentions"] == ["slack:U1", "wecom:all"]
    assert "22:00-08:00" in run("rules", "create", "x", "--quiet-hours", "22:00", code=2)
    assert "quiet-hours" in run("rules", "create", "x", "--quiet-weekends", code=2)


@pytest.mark.parametrize("command", ["channels", "rules", "keys"])
def test_help_is_plain_and_fits_a_terminal(run, command):
    said = run(command, "--help", variables={"COLUMNS": "80"})
    assert said.isascii()
    examples = said[said.index("Examples:"):]
    assert max(map(len, examples.splitlines())) <= 80


def test_a_key_is_printed_once_replaced_and_ended(run):
    assert run("keys") == "No key yet.\n"
    first = run("keys", "create", "web", "--days", "30")
    second = run("keys", "rotate", "1")
    assert first.startswith("lcr_") and second.startswith("lcr_") and first != second
    listed = run("keys")
    assert "web" in listed and "all" in listed and second.strip() not in listed
    assert run("keys", "revoke", "1") == "Key 1 has ended.\n"
    [key] = json.loads(run("keys", "--json"))["items"]
    assert key["revoked_at"] and "secret" not in key
