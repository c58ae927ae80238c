"""Bodies as real encoders make them."""

import gzip
import json
import zlib

import brotli
import pytest
import requests
import zstandard

from program import report

MIB = 1024 * 1024


def raw_deflate(body):
    encoder = zlib.compressobj(wbits=-15)
    return encoder.compress(body) + encoder.flush()


def zstd_stream(body):
    """Without the length of the content in its head."""
    encoder = zstandard.ZstdCompressor().compressobj()
    return encoder.compress(body) + encoder.flush()


ENCODERS = {
    "identity": ("identity", bytes),
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate, zlib": ("deflate", zlib.compress),
    "deflate, raw": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.ZstdCompressor().compress),
    "zstd, streamed": ("zstd", zstd_stream),
}


def post(server, encoding, body, path="/api/v1/logs/report"):
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    return requests.post(server.url + path, data=body, headers=headers, timeout=10)


@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoding_is_understood(server, name):
    encoding, encode = ENCODERS[name]
    message = f"Ошибка 连接超时 by {name}"
    body = json.dumps(report(error={"message": message}), ensure_ascii=False).encode()
    answer = post(server, encoding, encode(body))
    assert answer.status_code == 200, answer.text
    issue = server.ask(f"/api/v1/issues/{answer.json()['id']}")
    assert issue["message"] == message


@pytest.mark.parametrize("name", ENCODERS)
def test_the_batch_route_takes_the_same_encodings(server, name):
    encoding, encode = ENCODERS[name]
    lines = "\n".join(json.dumps(report(line=line)) for line in (1, 2, 2)).encode()
    answer = post(server, encoding, encode(lines), "/api/v1/logs/report/batch")
    results = answer.json()["results"]
    assert len(results) == 3 and results[1]["id"] == results[2]["id"], answer.text


@pytest.mark.parametrize("name", [name for name in ENCODERS if name != "identity"])
def test_a_small_body_that_decodes_to_too_much_is_refused(server, name):
    encoding, encode = ENCODERS[name]
    body = encode(json.dumps(report(error={"message": "a" * 64 * MIB})).encode())
    answer = post(server, encoding, body)
    assert (answer.status_code, answer.json()["code"]) == (413, "TooLargeError")
    assert resident_bytes(server) < 64 * MIB


def test_a_body_of_the_limit_is_read_and_one_over_it_is_refused(server):
    empty = len(json.dumps(report(context={"a": ""})))
    for size, status in ((MIB, 200), (MIB + 1, 413)):
        body = json.dumps(report(context={"a": "x" * (size - empty)}))
        assert len(body) == size
        answer = post(server, "identity", body.encode())
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_broken_body_is_said_to_be_broken(server, encoding):
    whole = dict(ENCODERS.values())[encoding](json.dumps(report()).encode())
    for body in (b"\x00garbage" * 20, whole[: len(whole) // 2]):
        answer = post(server, encoding, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "ValidationError"), encoding


def test_an_unknown_encoding_is_refused_with_the_known_ones(server):
    answer = post(server, "lzma", b"{}")
    assert (answer.status_code, answer.json()["code"]) == (415, "EncodingError")
    assert "zstd" in answer.text


def resident_bytes(server):
    with open(f"/proc/{server.pid}/statm") as numbers:
        return int(numbers.read().split()[1]) * 4096
