"""A certificate that the program gets by itself, from an authority that forgives nothing."""

import socket
import ssl
import stat

import pytest
import requests
from authority import Authority, openssl
from program import Program, refused_start, until

NAMES = ["errors.example.org", "logs.example.org"]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def authority(tmp_path):
    folder = tmp_path / "authority"
    folder.mkdir()
    one = Authority(folder)
    yield one
    one.close()


@pytest.fixture
def begin(authority, tmp_path):
    """Starts programs that get a certificate, all on one port and with one folder."""
    started, port = [], free_port()
    authority.port_of_names = port

    def begin(*flags, names=NAMES, path="/directory"):
        words = ["--listen", f"127.0.0.1:{port}", "--insecure-open"]
        words += ["--acme-directory", authority.url + path]
        words += ["--acme-ca-file", str(authority.folder / "root.pem")]
        words += ["--acme-email", "ops@example.org"]
        words += [word for name in names for word in ("--acme-domain", name)]
        started.append(Program(tmp_path / "data", *words, *flags))
        return started[-1]

    yield begin
    for program in started:
        program.close()


def shown(authority, name=NAMES[0], port=None):
    """The certificate that a name shows to who trusts the authority; `None` if there is none."""
    context = ssl.create_default_context(cafile=authority.folder / "root.pem")
    try:
        with socket.create_connection(("127.0.0.1", port or authority.port_of_names), 10) as plain:
            with context.wrap_socket(plain, server_hostname=name) as inside:
                return inside.getpeercert()
    except (ssl.SSLError, ConnectionError):
        return None


def system(authority, name=NAMES[0]):
    """What the program says of its certificate, asked by its name."""
    session = requests.Session()
    session.trust_env, session.verify = False, False
    url = f"https://127.0.0.1:{authority.port_of_names}/api/v1/system"
    return session.get(url, headers={"Host": name}, timeout=10).json()["certificate"]


def names_of(certificate):
    return sorted(name for _, name in certificate["subjectAltName"])


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_it_gets_a_certificate_keeps_it_and_shows_how_long_it_is_good(authority, begin, tmp_path):
    program = begin()
    assert f"Dashboard  https://{NAMES[0]}" in program.said()
    until(lambda: shown(authority))
    assert names_of(shown(authority)) == NAMES and names_of(shown(authority, NAMES[1])) == NAMES
    assert authority.seen == NAMES and authority.contact == ["mailto:ops@example.org"]
    until(lambda: "there is a new certificate" in program.said())
    told = system(authority)
    assert told["trouble"] is None and told["renews_at"] < told["expires_at"], told
    assert system(authority, NAMES[1]) == told, "each name may be asked for"
    folder = tmp_path / "data/acme"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == ["account.key", "certificate.pem"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    before, asked = shown(authority)["serialNumber"], len(authority.asked)
    assert program.stop()[0] == 0
    begin()
    until(lambda: shown(authority))
    assert shown(authority)["serialNumber"] == before and len(authority.asked) == asked, "kept"


def test_a_challenge_is_shown_to_the_authority_alone_and_as_long_as_it_is_asked(authority, begin):
    begin()
    until(lambda: shown(authority))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["acme-tls/1"])
    with socket.create_connection(("127.0.0.1", authority.port_of_names), 10) as plain:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(plain, server_hostname=NAMES[0])


def test_a_nonce_that_is_not_taken_and_a_limit_are_waited_out(authority, begin):
    authority.bad_nonces, authority.limited = 1, 1
    program = begin()
    until(lambda: shown(authority))
    assert "rateLimited: too many new orders" in program.said()
    assert "no new certificate; what is there stays" in program.said()
    assert authority.asked.count("/new-order") == 2, "the nonce was not taken before it was asked"


def test_what_is_due_is_renewed_and_other_names_are_asked_for(authority, begin):
    first = begin(names=NAMES[:1])
    until(lambda: shown(authority))
    before = shown(authority)
    assert names_of(before) == NAMES[:1]
    assert first.stop()[0] == 0
    authority.limited = 1
    second = begin()
    assert shown(authority)["serialNumber"] == before["serialNumber"], "until there is another"
    until(lambda: shown(authority)["serialNumber"] != before["serialNumber"])
    assert names_of(shown(authority)) == NAMES
    assert second.stop()[0] == 0
    assert len(authority.accounts) == 1, "the account is the same"
    # One that is good for no time any more.
    authority.days = 0
    path = second.data / "acme/certificate.pem"
    path.write_text(path.read_text().replace(NAMES[1], "other.example.org", 1))
    third = begin()
    until(lambda: "there is a new certificate" in third.said())


def test_a_name_that_is_not_this_servers_is_said(authority, begin):
    authority.port_of_names = free_port()
    program = begin()
    until(lambda: "no new certificate" in program.said())
    assert f"{NAMES[0]} was not seen to be this server's: incorrectResponse" in program.said()
    assert "pause_s=" in program.said()


def test_what_does_not_fit_is_one_sentence(tmp_path):
    table = [
        (["--acme-domain", "*.example.org"], 2, "use --tls-cert"),
        (["--acme-domain", "a.example", "--tls-cert", "x", "--tls-key", "y"], 2,
         "cannot be used with"),
        (["--acme-domain", "a.example", "--acme-directory", "http://ca.example"], 2,
         "expected an address that begins with https://"),
        (["--acme-domain", "a.example", "--insecure-open", "--acme-ca-file", "/nowhere"], 1,
         "The certificates in /nowhere cannot be read"),
        (["--acme-domain", "a.example", "--listen", "127.0.0.1:0"], 1,
         "there is no administrator yet"),
    ]
    for words, expected, sentence in table:
        code, said = refused_start(*words, data=tmp_path / "data")
        assert (code, sentence in said) == (expected, True), said


def test_the_kept_file_is_a_pair_that_other_programs_read(authority, begin, tmp_path):
    begin()
    until(lambda: shown(authority))
    path = tmp_path / "data/acme/certificate.pem"
    until(path.exists)
    assert path.read_text().startswith(f"{' '.join(NAMES)} by {authority.url}/directory\n")
    of_key = openssl("pkey", "-in", path, "-pubout")
    assert openssl("x509", "-in", path, "-noout", "-pubkey") == of_key
