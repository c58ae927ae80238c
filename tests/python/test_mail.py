"""Mails to a real mail server, aiosmtpd: TLS both ways, logins, and everything that it refuses."""

import email
import email.policy
import queue
import socket
import ssl
import subprocess

import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

NAME, PASSWORD = "errors", "sesame-数"
HTTPS = "https://errors.example.org"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key, and a certificate for localhost that nobody signed but itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, chain = folder / "key.pem", folder / "chain.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    end = ["-addext", "basicConstraints=critical,CA:FALSE"]
    files = ["-keyout", str(key), "-out", str(chain)]
    subprocess.run([*words, *names, *end, *files], check=True, capture_output=True)
    return key, chain


class Box:
    """What a mail server does with what it gets; answers of its own by command."""

    def __init__(self, **answers):
        self.mails = queue.Queue()
        self.answers = answers
        self.asked = []

    def answer(self, command, detail=None):
        self.asked.append(command)
        said = self.answers.get(command)
        return said(detail) if callable(said) else said

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.answer("MAIL") or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        said = self.answer("RCPT", address)
        if not said:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        said = self.answer("DATA")
        if not said:
            secret = session.ssl is not None
            self.mails.put((envelope, secret, session.authenticated))
        return said or "250 OK: queued"

    def next(self):
        envelope, secret, known = self.mails.get(timeout=30)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        return mail, envelope, secret, known


class Implicit(Controller):
    """TLS from the first byte on. Its own look whether it started wants a trusted certificate."""

    def _trigger_server(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((self.hostname, self.port), 5) as plain:
            with context.wrap_socket(plain) as one:
                one.recv(1024)


@pytest.fixture
def serve(certificate):
    """Starts mail servers; their handler."""
    key, chain = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    started = []

    def check(server, session, envelope, mechanism, data):
        assert isinstance(data, LoginPassword)
        right = (data.login, data.password) == (NAME.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    def serve(box, tls="start", **how):
        known = {"authenticator": check, "auth_require_tls": True} | how
        if tls == "implicit":
            controller = Implicit(
                box, hostname="127.0.0.1", port=free_port(), ssl_context=context,
                **known | {"auth_require_tls": False},
            )
        else:
            offered = context if tls == "start" else None
            controller = Controller(
                box, hostname="127.0.0.1", port=free_port(), tls_context=offered, **known,
            )
        controller.start()
        started.append(controller)
        scheme = "smtps" if tls == "implicit" else "smtp"
        return f"{scheme}://localhost:{controller.port}"

    yield serve
    for controller in started:
        controller.stop()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def center(start, certificate):
    """A Log Center that may write to this machine."""
    flags = ["--notify-allow", "127.0.0.1", "--notify-ca-file", str(certificate[1])]
    return start(*flags, "--public-url", "http://localhost:8002")


def made(center, url, **more):
    body = {
        "name": "mail", "kind": "email", "url": url, "from": "errors@example.org",
        "to": ["dev@example.org", "ops@example.org"],
    } | more
    answer = requests.post(center.url + "/api/v1/channels", json=body, timeout=10)
    assert answer.status_code == 201, answer.text
    return answer.json()


def tried(center, channel):
    path = f"{center.url}/api/v1/channels/{channel['id']}/test"
    answer = requests.post(path, json={}, timeout=90)
    assert answer.status_code == 200, answer.text
    return answer.json()


LOGIN = {"user": NAME, "token": PASSWORD}


@pytest.mark.parametrize("tls", ["start", "implicit"])
@pytest.mark.parametrize("ways", [["PLAIN", "LOGIN"], ["LOGIN"]])
def test_a_new_error_arrives_over_tls_after_a_login(center, serve, tls, ways):
    box = Box()
    without = [way for way in ("PLAIN", "LOGIN") if way not in ways]
    channel = made(center, serve(box, tls, auth_exclude_mechanism=without), **LOGIN)
    assert PASSWORD not in str(channel) and channel["user"] == NAME
    center.report(error={"message": "invalid literal\r\nBcc: evil@example.org <b>数"})
    mail, envelope, secret, known = box.next()
    assert known and secret == (tls == "start"), "aiosmtpd notes STARTTLS alone"
    assert envelope.mail_from == "errors@example.org"
    assert envelope.rcpt_tos == ["dev@example.org", "ops@example.org"]
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("[ERROR] shop · production · NEW · ValueError: invalid")
    assert mail["Auto-Submitted"] == "auto-generated"
    issue = center.ask("/api/v1/issues")["items"][0]["id"]
    event = center.ask("/api/v1/events")["items"][0]["event_id"]
    page = f"http://localhost:8002/issues/{issue}?event={event}"
    assert mail["References"] == f"<issue-{issue}@localhost-8002>"
    text = mail.get_body(["plain"]).get_content()
    html = mail.get_body(["html"]).get_content()
    assert page in text
    assert f'href="{page}"' in html
    assert "&lt;b&gt;数" in html and "<b>" not in html
    sent = wait(center, "sent")
    assert sent[0]["attempts"] == 1
    said = center.ask("/api/v1/deliveries")["items"][0]
    assert (said["outcome"], said["code"]) == ("sent", "250")


def wait(center, state):
    while True:
        items = center.ask("/api/v1/notices", state=state)["items"]
        if items:
            return items


@pytest.mark.parametrize(
    "answers, more, outcome, code",
    [
        ({}, {"user": NAME, "token": "wrong"}, "misconfigured", "535"),
        ({"MAIL": "530 5.7.0 log in"}, {}, "misconfigured", "530"),
        ({"MAIL": "550 not you"}, {}, "misconfigured", "550"),
        ({"MAIL": "421 busy"}, {}, "retry", "421"),
        ({"RCPT": "550 5.1.1 nobody"}, {}, "misconfigured", "550"),
        ({"RCPT": "450 4.7.1 greylisted"}, {}, "retry", "450"),
        ({"DATA": "554 5.7.1 spam"}, {}, "rejected", "554"),
        ({"DATA": "452 4.3.1 full"}, {}, "retry", "452"),
    ],
)
def test_what_a_mail_server_refuses_is_told(center, serve, answers, more, outcome, code):
    box = Box(**answers)
    said = tried(center, made(center, serve(box), **more))
    assert (said["outcome"], said["code"]) == (outcome, code), said
    assert said["reason"] and "wrong" not in said["answer"], said
    assert box.mails.empty()


def test_one_addressee_who_is_refused_does_not_keep_the_others_from_it(center, serve):
    box = Box(RCPT=lambda to: "550 5.1.1 nobody" if to.startswith("dev") else None)
    said = tried(center, made(center, serve(box)))
    assert said["outcome"] == "sent"
    assert "dev@example.org: 550 5.1.1 nobody" in said["answer"]
    assert box.next()[1].rcpt_tos == ["ops@example.org"]


def test_a_mail_that_is_refused_goes_once_more_without_html(center, serve):
    seen = []

    def data(_):
        seen.append(1)
        return "554 spam" if len(seen) == 1 else None

    box = Box(DATA=data)
    made(center, serve(box))
    center.report()
    mail = box.next()[0]
    assert mail.get_content_type() == "text/plain"
    assert wait(center, "sent")[0]["attempts"] == 2


def test_no_password_goes_out_without_tls(center, serve):
    box = Box()
    said = tried(center, made(center, serve(box, "none", auth_require_tls=False), **LOGIN))
    assert said["outcome"] == "misconfigured", said
    assert "TLS" in said["reason"]
    assert box.asked == []


def test_without_a_login_a_server_that_is_allowed_may_do_without_tls(center, serve):
    box = Box()
    said = tried(center, made(center, serve(box, "none")))
    assert said["outcome"] == "sent", said
    assert box.next()[2] is False


def test_a_server_of_another_name_or_an_unknown_authority_gets_nothing(start, serve, center):
    box = Box()
    url = serve(box, "implicit")
    said = tried(center, made(center, url.replace("localhost", "127.0.0.1"), **LOGIN))
    assert (said["outcome"], said["code"]) == ("retry", "")
    assert "TLS failed" in said["reason"]
    stranger = start("--notify-allow", "127.0.0.1", data="other")
    said = tried(stranger, made(stranger, url, **LOGIN))
    assert "--notify-ca-file" in said["reason"], said
    assert box.asked == []


def test_nothing_goes_to_this_machine_unless_it_is_allowed(start, serve):
    box = Box()
    center = start()
    said = tried(center, made(center, serve(box)))
    assert said["outcome"] == "misconfigured" and "--notify-allow" in said["reason"], said
    assert box.asked == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "a@b\r\nBcc: x@y"},
        {"from": None},
        {"to": []},
        {"to": ["dev@example.org>"]},
        {"to": ["dev@example.org", "dev@example.org"]},
        {"url": "https://mail.example.org"},
        {"url": "smtp://a:b@mail.example.org"},
        {"index": "errors"},
    ],
)
def test_what_would_not_be_a_mail_is_refused(server, wrong):
    body = {
        "name": "x", "kind": "email", "url": "smtps://mail.example.org",
        "from": "errors@example.org", "to": ["dev@example.org"],
    } | wrong
    answer = requests.post(server.url + "/api/v1/channels", json=body, timeout=10)
    assert answer.status_code == 400, answer.text
    assert [one["field"] for one in answer.json()["info"]["errors"]] == [next(iter(wrong))]
