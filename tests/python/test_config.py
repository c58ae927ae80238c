"""Channels and rules in a file of `--config`."""

import os
import signal

import pytest
import requests
from program import refused_start, until

FILE = """
[[channel]]
name = "team"
kind = "slack"
url = "env:SLACK_HOOK"

[[channel]]
name = "mail"
kind = "email"
url = "smtps://mail.example.org"
user = "errors"
token = "env:MAIL_PASSWORD"
from = "errors@example.org"
to = ["dev@example.org"]

[[rule]]
name = "payments"
channels = ["mail"]
projects = ["pay-*"]
level = "CRITICAL"
quiet = { from = "22:00", to = "08:00" }
"""
VARIABLES = {"SLACK_HOOK": "https://hooks.example.org/sesame", "MAIL_PASSWORD": "sesame"}


@pytest.fixture
def run(start, tmp_path):
    """Starts the program with a file of this text."""

    def run(text):
        path = tmp_path / "log-center.toml"
        path.write_text(text)
        return start("--config", str(path), variables=VARIABLES)

    return run


def names(program, what):
    return {one["name"]: one for one in program.ask(f"/api/v1/{what}")["items"]}


def test_a_file_makes_channels_and_rules(run):
    program = run(FILE)
    channels, rules = names(program, "channels"), names(program, "rules")
    assert set(channels) == {"team", "mail"}
    assert channels["team"]["host"] == "hooks.example.org"
    assert channels["mail"]["to"] == ["dev@example.org"]
    assert rules["payments"]["channels"] == [channels["mail"]["id"]]
    assert rules["payments"]["quiet"]["from"] == "22:00"
    assert "sesame" not in str(channels)


def test_a_second_start_changes_what_the_file_changes_and_nothing_else(run):
    program = run(FILE)
    own = {"name": "own", "kind": "slack", "url": "https://hooks.example.org/own"}
    requests.post(program.url + "/api/v1/channels", json=own, timeout=10).raise_for_status()
    before, rules = names(program, "channels"), names(program, "rules")
    program.stop()
    program = run(FILE)
    assert (names(program, "channels"), names(program, "rules")) == (before, rules)
    program.stop()
    without_mail = FILE[: FILE.index('[[channel]]\nname = "mail"')]
    program = run(without_mail.replace('kind = "slack"', 'kind = "slack"\nlanguage = "zh"'))
    after = names(program, "channels")
    assert set(after) == {"team", "own"} and names(program, "rules") == {}
    assert after["team"] == before["team"] | {"language": "zh"}
    assert after["own"] == before["own"]


def test_what_stands_in_the_file_is_changed_there(run, start):
    program = run(FILE)
    channel, rule = names(program, "channels")["team"], names(program, "rules")["payments"]
    assert channel["from_file"] is True and rule["from_file"] is True
    own = {"name": "own", "kind": "slack", "url": "https://hooks.example.org/own"}
    requests.post(program.url + "/api/v1/channels", json=own, timeout=10).raise_for_status()
    assert names(program, "channels")["own"]["from_file"] is False
    for path in (f"/api/v1/channels/{channel['id']}", f"/api/v1/rules/{rule['id']}"):
        for method in ("PATCH", "DELETE"):
            body = {"enabled": False} if method == "PATCH" else None
            answer = requests.request(method, program.url + path, json=body, timeout=10)
            assert answer.status_code == 409, answer.text
            assert "configuration file" in answer.json()["message"]
    program.stop()
    program = start()
    assert "from_file" not in names(program, "channels")["team"]
    path = f"/api/v1/channels/{channel['id']}"
    answer = requests.patch(program.url + path, json={"enabled": False}, timeout=10)
    assert answer.status_code == 200, "without the file it is everybody's"


@pytest.mark.parametrize(
    "text, why",
    [
        ("[[channel", "line 1"),
        ("[[channels]]\n", "no channels"),
        ('[channel]\nname = "a"\n', "two brackets"),
        (FILE.replace("SLACK_HOOK", "NOWHERE"), "the variable NOWHERE is not set"),
        (FILE.replace('"slack"', '"smoke"'), 'channel "team": kind: expected one of'),
        (FILE.replace('["mail"]', '["male"]'), 'rule "payments": '),
        (FILE.replace('"CRITICAL"', '"LOUD"'), 'rule "payments": level: '),
        (FILE.replace('name = "mail"', 'name = "team"'), "it is there twice"),
        (FILE.replace("projects", "project"), "is not a member"),
    ],
)
def test_a_file_that_cannot_be_used_ends_the_start(tmp_path, text, why):
    path = tmp_path / "log-center.toml"
    path.write_text(text)
    listen = ["--listen", "127.0.0.1:0", "--config", str(path)]
    code, said = refused_start(*listen, data=tmp_path / "data", variables=VARIABLES)
    assert code == 1
    assert why in " ".join(said.split()), said
    assert "sesame" not in said


def test_a_hangup_reads_the_file_again_and_a_faulty_one_changes_nothing(run, tmp_path):
    program = run(FILE)
    path = tmp_path / "log-center.toml"

    def read_again(text, said):
        before = program.said().count(said)
        path.write_text(text)
        os.kill(program.pid, signal.SIGHUP)
        until(lambda: program.said().count(said) > before)

    read_again(FILE.replace('"CRITICAL"', '"WARNING"'), "was read again")
    assert names(program, "rules")["payments"]["level"] == "WARNING"
    before = names(program, "channels"), names(program, "rules")
    read_again(FILE.replace('"CRITICAL"', '"LOUD"'), 'rule "payments": level: ')
    read_again("[[channel", "What it said before goes on")
    assert (names(program, "channels"), names(program, "rules")) == before
    read_again(FILE[: FILE.index("[[rule]]")], "was read again")
    assert names(program, "rules") == {} and set(names(program, "channels")) == {"team", "mail"}
    assert program.stop()[0] == 0


def test_without_a_file_a_hangup_ends_the_program(start):
    program = start()
    os.kill(program.pid, signal.SIGHUP)
    assert program.process.wait(10) == -signal.SIGHUP


MORE = """
[[channel]]
name = "chat"
kind = "webhook"
url = "https://chat.example.org/hooks/sesame"

[channel.template]
text = "{{title}} {{url}}"
attachments = [{ color = "#c00", text = "{{text}}" }]

[[rule]]
name = "night"
channels = ["team"]
mentions = ["slack:U024BE7LH", "lark:all"]
"""


def test_a_file_has_mentions_and_templates(run):
    program = run(FILE + MORE)
    chat = names(program, "channels")["chat"]
    assert chat["template"] == {
        "text": "{{title}} {{url}}", "attachments": [{"color": "#c00", "text": "{{text}}"}],
    }
    assert names(program, "rules")["night"]["mentions"] == ["slack:U024BE7LH", "feishu:all"]
    program.stop()
    before = names(program := run(FILE + MORE), "channels")
    assert before["chat"] == chat, "the same again"


def test_a_file_with_too_much_changes_nothing(run, tmp_path):
    program = run(FILE)
    many = "".join(f'[[channel]]\nname = "n{n}"\nkind = "slack"\nurl = "https://a.example/{n}"\n'
                   for n in range(97))
    for n in range(4):
        own = {"name": f"own {n}", "kind": "slack", "url": "https://hooks.example.org/own"}
        requests.post(program.url + "/api/v1/channels", json=own, timeout=10).raise_for_status()
    before = names(program, "channels"), names(program, "rules")
    (tmp_path / "log-center.toml").write_text(
        many + FILE[FILE.index('[[channel]]\nname = "mail"'):].replace("CRITICAL", "WARNING"))
    os.kill(program.pid, signal.SIGHUP)
    until(lambda: "too many channels or rules" in program.said())
    assert (names(program, "channels"), names(program, "rules")) == before
