"""A certificate authority that speaks ACME (RFC 8555) and forgives nothing: every signature, nonce
and address is checked, names are looked at by TLS (RFC 8737), requests by OpenSSL."""

import base64
import hashlib
import json
import re
import secrets
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROBLEM = "urn:ietf:params:acme:error:"
# A critical extension 1.3.6.1.5.5.7.1.31 with an octet string of 32 bytes in it, without these.
IDENTIFIER = bytes.fromhex("3031" "06082b0601050507011f" "0101ff" "0422" "0420")
# A public key on P-256 as X.509 has it, without its point.
P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


def openssl(*words, said=None):
    done = subprocess.run(["openssl", *map(str, words)], input=said, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def to_bytes(text):
    assert "=" not in text, "no padding"
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_text(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Refusal(Exception):
    def __init__(self, status, kind, detail, wait=None):
        super().__init__(detail)
        self.status, self.kind, self.detail, self.wait = status, kind, detail, wait


def refuse_unless(is_so, kind, detail):
    if not is_so:
        raise Refusal(400, kind, detail)


class Authority:
    """Runs until `close`. `folder` is its own."""

    def __init__(self, folder):
        self.folder = folder
        self.days = 90
        self.port_of_names = None
        self.nonces, self.accounts, self.orders, self.tokens = set(), {}, {}, {}
        self.bad_nonces, self.limited = 0, 0
        self.asked, self.seen = [], []
        self.lock = threading.Lock()
        self.make_root()
        handler = type("Handler", (Handler,), {"authority": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "own.pem", folder / "own.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def make_root(self):
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *key, "-days", 9, "-subj", "/CN=A root for tests",
                "-keyout", self.folder / "root.key", "-out", self.folder / "root.pem")
        openssl("req", *key, "-subj", "/CN=localhost", "-keyout", self.folder / "own.key",
                "-out", self.folder / "own.csr")
        self.sign("own", "subjectAltName=DNS:localhost\nbasicConstraints=critical,CA:FALSE", 9)

    def sign(self, name, extensions, days):
        (self.folder / f"{name}.ext").write_text(extensions)
        openssl("x509", "-req", "-in", self.folder / f"{name}.csr", "-CA", self.folder / "root.pem",
                "-CAkey", self.folder / "root.key", "-set_serial", secrets.randbits(64),
                "-days", days, "-extfile", self.folder / f"{name}.ext",
                "-out", self.folder / f"{name}.pem")
        return (self.folder / f"{name}.pem").read_text()

    def nonce(self):
        with self.lock:
            self.nonces.add(fresh := secrets.token_urlsafe(16))
        return fresh

    # What is asked, by the path's first part.

    def answer(self, path, body):
        """Status, further headers and the body of an answer."""
        jws = json.loads(body)
        assert sorted(jws) == ["payload", "protected", "signature"], jws
        head, account = self.signer(jws, path)
        self.asked.append(path)
        payload = to_bytes(jws["payload"])
        what = json.loads(payload) if payload else None
        kind, _, name = path.strip("/").partition("/")
        if kind == "account":
            return self.new_account(head, what)
        answers = {"new-order": self.new_order, "order": self.order, "authz": self.authz,
                   "challenge": self.challenge, "finalize": self.finalize, "cert": self.cert}
        return answers[kind](name, what, account)

    def signer(self, jws, path):
        head = json.loads(to_bytes(jws["protected"]))
        refuse_unless(head["alg"] == "ES256", "badSignatureAlgorithm", str(head))
        refuse_unless(head["url"] == self.url + path, "unauthorized", f"{head['url']} {path}")
        with self.lock:
            is_known = head["nonce"] in self.nonces
            self.nonces.discard(head["nonce"])
            spoilt = is_known and path == "/new-order" and self.bad_nonces > 0
            self.bad_nonces -= spoilt
        refuse_unless(is_known and not spoilt, "badNonce", "this nonce is not good")
        is_new = path == "/account"
        refuse_unless(("jwk" in head) == is_new and ("kid" in head) != is_new, "malformed", "key")
        jwk = head["jwk"] if is_new else self.accounts.get(head["kid"])
        refuse_unless(jwk, "accountDoesNotExist", "nobody")
        self.check(jwk, f"{jws['protected']}.{jws['payload']}", to_bytes(jws["signature"]))
        return head, jwk

    def check(self, jwk, text, signature):
        refuse_unless(len(signature) == 64, "malformed", "the signature has 64 bytes")
        point = b"\x04" + to_bytes(jwk["x"]) + to_bytes(jwk["y"])
        name = self.folder / secrets.token_hex(8)
        name.with_suffix(".der").write_bytes(P256 + point)
        numbers = b"".join(der_integer(half) for half in (signature[:32], signature[32:]))
        name.with_suffix(".sig").write_bytes(bytes([0x30, len(numbers)]) + numbers)
        openssl("dgst", "-sha256", "-verify", name.with_suffix(".der"), "-keyform", "DER",
                "-signature", name.with_suffix(".sig"), said=text.encode())

    def new_account(self, head, what):
        assert what["termsOfServiceAgreed"] is True and set(what) <= {"termsOfServiceAgreed",
                                                                      "contact"}
        self.contact = what.get("contact")
        print_of = json.dumps(dict(sorted(head["jwk"].items())), separators=(",", ":"))
        kid = f"{self.url}/account/{hashlib.sha256(print_of.encode()).hexdigest()[:16]}"
        status = 200 if kid in self.accounts else 201
        self.accounts[kid] = head["jwk"]
        return status, {"Location": kid}, {"status": "valid"}

    def new_order(self, _name, what, _account):
        with self.lock:
            is_limited = self.limited > 0
            self.limited -= is_limited
        if is_limited:
            raise Refusal(429, "rateLimited", "too many new orders", wait=1)
        names = [one["value"] for one in what["identifiers"]]
        assert all(one["type"] == "dns" for one in what["identifiers"])
        number = secrets.token_hex(4)
        self.orders[number] = {"names": names, "valid": set(), "status": "pending", "looks": 0}
        return 201, {"Location": f"{self.url}/order/{number}"}, self.shown(number)

    def shown(self, number):
        order = self.orders[number]
        shown = {
            "status": order["status"],
            "identifiers": [{"type": "dns", "value": name} for name in order["names"]],
            "authorizations": [f"{self.url}/authz/{number}/{name}" for name in order["names"]],
            "finalize": f"{self.url}/finalize/{number}",
        }
        if order["status"] == "valid":
            shown["certificate"] = f"{self.url}/cert/{number}"
        return shown

    def order(self, number, what, _account):
        assert what is None, "an order is only read"
        order = self.orders[number]
        if order["status"] == "processing":
            order["looks"] += 1
            order["status"] = "valid" if order["looks"] > 1 else "processing"
        return 200, {}, self.shown(number)

    def authz(self, path, what, _account):
        assert what is None, "an authorization is only read"
        number, _, name = path.partition("/")
        order = self.orders[number]
        token = self.tokens.setdefault(path, secrets.token_urlsafe(24))
        status = "valid" if name in order["valid"] else order.get("fault") and "invalid"
        challenges = [{"type": "http-01", "url": f"{self.url}/no", "token": "x"},
                      {"type": "tls-alpn-01", "url": f"{self.url}/challenge/{path}",
                       "token": token}]
        if order.get("fault"):
            challenges[1]["error"] = {"type": PROBLEM + "incorrectResponse",
                                      "detail": order["fault"]}
        return 200, {}, {"status": status or "pending", "challenges": challenges,
                         "identifier": {"type": "dns", "value": name}}

    def challenge(self, path, what, account):
        assert what == {}, "a challenge is answered by nothing"
        number, _, name = path.partition("/")
        try:
            self.look(name, self.tokens[path], account)
            self.orders[number]["valid"].add(name)
        except (AssertionError, OSError) as error:
            self.orders[number]["fault"] = str(error) or "wrong"
        if self.orders[number]["valid"] == set(self.orders[number]["names"]):
            self.orders[number]["status"] = "ready"
        return 200, {}, {"status": "processing", "url": f"{self.url}/challenge/{path}",
                         "type": "tls-alpn-01", "token": self.tokens[path]}

    def look(self, name, token, account):
        """Looks at the name as RFC 8737 has it."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["acme-tls/1"])
        with socket.create_connection(("127.0.0.1", self.port_of_names), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname=name) as inside:
                assert inside.selected_alpn_protocol() == "acme-tls/1"
                der = inside.getpeercert(binary_form=True)
        print_of = json.dumps(dict(sorted(account.items())), separators=(",", ":"))
        print_of = to_text(hashlib.sha256(print_of.encode()).digest())
        digest = hashlib.sha256(f"{token}.{print_of}".encode()).digest()
        assert IDENTIFIER + digest in der, "no proof of this challenge"
        text = openssl("x509", "-inform", "DER", "-noout", "-text", said=der).decode()
        assert re.findall(r"DNS:\S+", text) == [f"DNS:{name}"], text
        assert text.count("1.3.6.1.5.5.7.1.31: critical") == 1, text
        self.seen.append(name)

    def finalize(self, number, what, _account):
        order = self.orders[number]
        if order["status"] != "ready":
            raise Refusal(403, "orderNotReady", order["status"])
        csr = self.folder / f"{number}.csr"
        openssl("req", "-inform", "DER", "-out", csr, said=to_bytes(what["csr"]))
        said = openssl("req", "-in", csr, "-noout", "-text", "-verify").decode()
        assert sorted(re.findall(r"DNS:([^\s,]+)", said)) == sorted(order["names"]), said
        names = ",".join(f"DNS:{name}" for name in order["names"])
        extensions = f"subjectAltName={names}\nbasicConstraints=critical,CA:FALSE"
        order["chain"] = self.sign(number, extensions, self.days)
        order["chain"] += (self.folder / "root.pem").read_text()
        order["status"] = "processing"
        return 200, {"Retry-After": "1"}, self.shown(number)

    def cert(self, number, what, _account):
        assert what is None, "a certificate is only read"
        return 200, {"Content-Type": "application/pem-certificate-chain"}, \
            self.orders[number]["chain"]


def der_integer(number):
    number = number.lstrip(b"\0") or b"\0"
    number = b"\0" + number if number[0] >= 0x80 else number
    return bytes([2, len(number)]) + number


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    authority = None

    def log_message(self, *_):
        pass

    def say(self, status, headers, body):
        text = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | headers).items():
            self.send_header(name, value)
        self.send_header("Replay-Nonce", self.authority.nonce())
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    def do_HEAD(self):
        self.say(200 if self.path == "/new-nonce" else 404, {}, "")

    def do_GET(self):
        url = self.authority.url
        assert self.path == "/directory", "everything else is asked for by POST"
        self.say(200, {}, {"newNonce": f"{url}/new-nonce", "newAccount": f"{url}/account",
                           "newOrder": f"{url}/new-order", "meta": {"website": "x"}})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            refuse_unless(self.headers["Content-Type"] == "application/jose+json",
                          "malformed", "the type of the body")
            self.say(*self.authority.answer(self.path, body))
        except Refusal as why:
            headers = {"Content-Type": "application/problem+json"}
            headers |= {"Retry-After": str(why.wait)} if why.wait else {}
            self.say(why.status, headers, {"type": PROBLEM + why.kind, "detail": why.detail})
        except (AssertionError, KeyError, ValueError) as error:
            self.say(400, {}, {"type": PROBLEM + "malformed", "detail": repr(error)[:250]})
