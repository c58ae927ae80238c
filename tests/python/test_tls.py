"""https by the program itself: what it speaks, what it refuses, a certificate that is renewed."""

import http.client
import socket
import ssl
import subprocess

import pytest
import requests
from program import Program, refused_start, report, until


def make(folder, name, days=2):
    """A certificate for localhost and its key."""
    key, chain = folder / f"{name}.key", folder / f"{name}.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    words += ["-nodes", "-days", str(days), "-subj", f"/CN={name}"]
    words += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    words += ["-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run([*words, "-keyout", key, "-out", chain], check=True, capture_output=True)
    key.chmod(0o600)
    return chain, key


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return make(tmp_path_factory.mktemp("tls"), "one")


def flags(pair):
    return ["--tls-cert", str(pair[0]), "--tls-key", str(pair[1])]


@pytest.fixture(scope="module")
def secured(tmp_path_factory, pair):
    program = Program(
        tmp_path_factory.mktemp("data"), *flags(pair), "--public-url", "https://localhost"
    )
    program.url = f"https://localhost:{program.port}"
    yield program
    program.close()


def shown(port, **how):
    """The name in the certificate that a port shows, and the protocol that was agreed upon."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for name, value in how.items():
        setattr(context, name, value)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as inside:
            der = inside.getpeercert(binary_form=True)
            return der, inside.selected_alpn_protocol(), inside.version()


def test_it_speaks_https_and_says_so(secured, pair):
    assert "Dashboard  https://localhost" in secured.said()
    session = requests.Session()
    session.verify, session.trust_env = str(pair[0]), False
    for line in range(3):
        sent = session.post(f"{secured.url}/api/v1/logs/report", json=report(line=line + 1))
        assert sent.status_code == 200, sent.text
    answer = session.get(f"{secured.url}/api/v1/issues")
    assert answer.json()["total"] == 3
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    _, protocol, version = shown(secured.port)
    assert (protocol, version) == ("http/1.1", "TLSv1.3")
    assert shown(secured.port, maximum_version=ssl.TLSVersion.TLSv1_2)[2] == "TLSv1.2"


def test_a_large_answer_and_a_large_body_go_through(secured, pair):
    body = report(line=9, context={"long": "x" * 200_000})
    sent = requests.post(f"{secured.url}/api/v1/logs/report", json=body, verify=str(pair[0]))
    assert sent.status_code == 200
    events = requests.get(
        f"{secured.url}/api/v1/issues/{sent.json()['id']}", verify=str(pair[0])
    ).json()
    assert len(events["latest_event"]["context"]["long"]) > 100_000


def test_plain_http_is_told_to_speak_https(secured):
    connection = http.client.HTTPConnection("127.0.0.1", secured.port, timeout=10)
    connection.request("GET", "/api/v1/issues")
    answer = connection.getresponse()
    assert answer.status == 400
    assert "this address speaks https" in answer.read().decode()


def test_what_is_no_tls_ends_and_others_go_on(secured, pair):
    with socket.create_connection(("127.0.0.1", secured.port), timeout=10) as broken:
        broken.sendall(b"\x16\x03\x01\x00\x05hello")
        while broken.recv(1024):
            pass
    assert requests.get(f"{secured.url}/healthz", verify=str(pair[0])).status_code == 200


def test_the_cookie_is_for_https_alone(start, pair):
    program = start(*flags(pair), "--setup-link", "--require-login")
    link = next(line for line in program.lines if "/join#" in line).strip()
    assert link.startswith("https://localhost:")
    secret = link.split("#")[1]
    url = f"https://localhost:{program.port}"
    came = requests.post(
        f"{url}/api/v1/invitations/accept",
        json={"secret": secret, "name": "ann", "password": "correct horse battery"},
        headers={"Origin": url},
        verify=str(pair[0]),
    )
    assert came.status_code == 201, came.text
    cookie = came.headers["set-cookie"]
    assert cookie.startswith("__Host-log-center=") and cookie.endswith("; Secure")
    assert "strict-transport-security" not in came.headers, "localhost is not this program's alone"


def test_a_renewed_certificate_counts_without_a_restart(start, tmp_path):
    chain, key = make(tmp_path, "first")
    program = start(*flags((chain, key)))
    before = shown(program.port)[0]
    (other, _) = make(tmp_path, "alone")
    chain.write_bytes(other.read_bytes())
    until(lambda: "the certificate of before goes on" in program.said())
    assert f"The key {key} does not belong to the certificate {chain}." in program.said()
    assert shown(program.port)[0] == before
    fresh = make(tmp_path, "second")
    key.write_bytes(fresh[1].read_bytes())
    chain.write_bytes(fresh[0].read_bytes())
    until(lambda: shown(program.port)[0] != before)
    assert requests.get(
        f"https://localhost:{program.port}/healthz", verify=str(fresh[0])
    ).status_code == 200


def test_a_key_that_others_can_read_is_told(start, tmp_path):
    chain, key = make(tmp_path, "open")
    key.chmod(0o644)
    assert "others than its owner can read the key" in start(*flags((chain, key))).said()


def test_what_cannot_be_used_is_one_sentence(tmp_path, pair):
    other = make(tmp_path, "other")
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    table = [
        ((tmp_path / "none.pem", pair[1]), "cannot be read: No such file or directory"),
        ((pair[0], tmp_path / "none.key"), "cannot be read: No such file or directory"),
        ((empty, pair[1]), "has none in it (it should be PEM)"),
        ((pair[0], empty), "has none in it (it should be PEM)"),
        ((pair[0], other[1]), f"The key {other[1]} does not belong to the certificate {pair[0]}."),
    ]
    for files, expected in table:
        code, said = refused_start(
            "--listen", "127.0.0.1:0", *flags(files), data=tmp_path / "data"
        )
        assert code == 1 and expected in said and said.count("\n") == 1, said
    code, said = refused_start("--tls-cert", str(pair[0]), data=tmp_path / "data")
    assert code == 2 and "--tls-key" in said


def test_it_stops_in_order_while_connections_are_open(start, pair):
    program = start(*flags(pair))
    session = requests.Session()
    session.verify, session.trust_env = str(pair[0]), False
    assert session.get(f"https://localhost:{program.port}/healthz").status_code == 200
    silent = socket.create_connection(("127.0.0.1", program.port))
    code, seconds = program.stop()
    silent.close()
    assert code == 0 and seconds < 5
