"""Secrets, huge and circular values, values that fail: what leaves is bounded and scrubbed."""

import datetime
import decimal
import json
import math
import time
import uuid

import pytest

from log_center.plain import BUDGET_CHARACTERS, Plain
from log_center.scrub import SCRUBBED, Scrubber


def plain(value, *extra):
    return Plain(Scrubber(extra)).value(value)


@pytest.mark.parametrize("key", [
    "password", "userPassword", "db_passwd", "PWD", "client-secret", "accessToken", "token2",
    "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "session", "sessionid",
    "X-CSRF-Token", "csrfmiddlewaretoken", "api_key", "X-Api-Key", "apiKey", "APIKEY",
    "private key", "credentials", "card_number", "cvv", "密码", "пароль", "X-Log-Center-Key",
    "sig", "X-Amz-Signature", "iban", "debtorIban",
])
def test_values_of_secret_keys_are_gone(key):
    assert plain({"a": [{key: {"b": 1}}]}) == {"a": [{key: SCRUBBED}]}


@pytest.mark.parametrize("key", [
    "author", "max_tokens", "token_count", "password_policy", "keyboard", "monkey", "pinned",
    "authority", "cookie_policy", "sessions_count", "key", "name", "cardinal", "secretary",
    "hash", "commitHash", "salt", "design", "signal",
])
def test_values_of_other_keys_stay(key):
    assert plain({key: "x"}) == {key: "x"}


@pytest.mark.parametrize("secret", [
    "Bearer abcdefghijklmnop", "Basic dXNlcjpwYXNz",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\nMIIabc", "ghp_abcdefghijklmnopqrst", "4242 4242 4242 4242",
    "4111111111111111", "5500-0000-0000-0004",
])
def test_secrets_are_gone_wherever_they_stand(secret):
    said = plain(f"before {secret} after")
    assert SCRUBBED in said and secret not in said and said.startswith("before ")


def test_secrets_in_addresses_and_pairs_are_gone():
    assert plain("postgres://bob:hunter2@db/shop") == f"postgres://{SCRUBBED}@db/shop"
    assert plain("/x?page=2&api_key=k-1&token=t") == (
        f"/x?page=2&api_key={SCRUBBED}&token={SCRUBBED}"
    )
    assert plain("{'password': 'hunter2', 'n': 'x'}") == f"{{'password': '{SCRUBBED}', 'n': 'x'}}"


def test_secrets_in_source_lines_are_gone_and_the_code_stays():
    line = '    login(user="bob", password="hunter2", token = \'t-1\')'
    assert plain(line) == (
        f'    login(user="bob", password="{SCRUBBED}", token = \'{SCRUBBED}\')'
    )
    for kept in ("session = requests.Session()", "if token == other:", "x=1", "token = read()"):
        assert plain(kept) == kept


def test_numbers_that_are_no_cards_stay():
    for number in ("4242424242424241", "1700000000000", "9999999999999995", "123"):
        assert plain(f"order {number} late") == f"order {number} late"


def test_further_keys_can_be_named():
    assert plain({"customerTax": "x", "tax": "y", "taxi": "z"}, "tax") == {
        "customerTax": SCRUBBED, "tax": SCRUBBED, "taxi": "z",
    }


def test_circles_and_depth_are_cut():
    circle = {"name": "x"}
    circle["self"] = circle
    assert plain(circle) == {"name": "x", "self": "<circle>"}
    deep = value = {}
    for _ in range(2_000):
        value["in"] = {}
        value = value["in"]
    assert len(json.dumps(plain(deep))) < 200
    twice = [1]
    assert plain([twice, twice]) == [[1], [1]]


class Broken:
    def __str__(self):
        raise RuntimeError("no")


class BrokenMapping(dict):
    def keys(self):
        raise RuntimeError("no")


def test_values_that_fail_are_named():
    assert plain(Broken()) == "<Broken that cannot be shown>"
    assert plain({Broken(): 1}) == {"<Broken that cannot be shown>": 1}
    assert plain([BrokenMapping(a=1)]) == ["<BrokenMapping that cannot be shown>"]


def test_every_kind_of_value_becomes_json():
    moment = datetime.datetime(2026, 1, 2)
    found = plain({
        "n": math.nan, "i": math.inf, "big": 2**80, "bytes": b"abc", "set": {1}, "at": moment,
        "d": decimal.Decimal("1.5"), "u": uuid.UUID(int=0), "lone": "\ud800", "no": None, "t": (1,),
        "true": True, "kind": int, "f": 1.5, 3: 4,
    })
    json.dumps(found).encode()
    assert (found["bytes"], found["set"], found["t"]) == ("<3 bytes>", [1], [1])
    assert (found["no"], found["true"], found["3"]) == (None, True, 4)
    assert "\ud800" not in found["lone"]


def test_a_huge_value_is_cut_quickly():
    began = time.process_time()
    huge = {f"k{n}": ["x" * 100_000] * 1_000 for n in range(1_000)}
    text = json.dumps(plain(huge))
    assert len(text) < BUDGET_CHARACTERS * 1.2
    assert '"\\u2026": "9' in text or "more" in text
    assert time.process_time() - began < 5


@pytest.mark.parametrize("text", [
    "a" * 500_000, "-" * 200_000, "eyJ" * 100_000, "4 " * 200_000, "a=" * 200_000,
    "-----BEGIN PRIVATE KEY-----" * 10_000, "'a':" * 100_000, "http://" * 50_000,
])
def test_no_text_makes_scrubbing_slow(text):
    began = time.process_time()
    Plain(Scrubber()).text(text)
    assert time.process_time() - began < 2
