"""Commands speak to a server behind TLS, and believe nobody else."""

import json
import socket
import ssl
import subprocess
import threading

import pytest
from program import binary, environment


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key, chain = folder / "key.pem", folder / "chain.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    words += ["-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run([*words, "-keyout", key, "-out", chain], check=True, capture_output=True)
    return key, chain


@pytest.fixture
def tls_port(server, certificate):
    """A port that speaks TLS, and passes everything on to the program."""
    key, chain = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source, target):
        try:
            while piece := source.recv(65536):
                target.sendall(piece)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                inside = context.wrap_socket(client, server_side=True)
            except OSError:
                continue
            behind = socket.create_connection(("127.0.0.1", server.port))
            for pair in ((inside, behind), (behind, inside)):
                threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def run(*words):
    return subprocess.run(
        [binary(), *words], capture_output=True, text=True, timeout=30, env=environment()
    )


def test_a_command_reads_over_tls(tls_port, certificate):
    url = f"https://localhost:{tls_port}"
    done = run("projects", "--json", "--url", url, "--ca-file", str(certificate[1]))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["items"] == []


def test_an_unknown_authority_is_refused(tls_port):
    done = run("projects", "--url", f"https://localhost:{tls_port}")
    assert done.returncode == 3
    assert "TLS failed" in done.stderr and "UnknownIssuer" in done.stderr


def test_a_certificate_of_another_name_is_refused(tls_port, certificate):
    url = f"https://127.0.0.1:{tls_port}"
    done = run("projects", "--url", url, "--ca-file", str(certificate[1]))
    assert done.returncode == 3
    assert "TLS failed" in done.stderr


def test_a_file_without_certificates_is_a_wrong_use(tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    done = run("projects", "--url", "https://localhost:1", "--ca-file", str(empty))
    assert done.returncode == 2
    assert "there is none" in done.stderr
