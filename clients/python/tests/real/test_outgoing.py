"""The request id on calls to other services, with requests and with httpx."""

import asyncio
import pathlib

import httpx
import pytest
import requests

import log_center
from apps import EXAMPLES, events, new_id, serving, variables
from log_center import outgoing

HERE = pathlib.Path(__file__).parent


def test_one_id_goes_through_both_services_and_the_calls_are_breadcrumbs(center):
    request_id = new_id()
    words = [HERE / "serve_wsgi.py", "services_app"]
    with serving(words, EXAMPLES, variables(center)) as back:
        with serving(words, EXAMPLES, variables(center, BACK_URL=back)) as front:
            answer = requests.get(
                f"{front}/front", headers={"X-Request-Id": request_id}, timeout=20
            )
            [event] = events(center, request_id=request_id)
    assert answer.json() == [request_id, request_id]
    crumbs = event["context"]["breadcrumbs"]
    assert [crumb["message"] for crumb in crumbs] == [f"GET {back}/back"] * 2
    assert [crumb["data"]["status"] for crumb in crumbs] == [200, 200]


class Heard(Exception):
    """Stops a call before it leaves; holds its headers."""


@pytest.fixture
def client(monkeypatch):
    for name in ("LOG_CENTER_URL", "LOG_CENTER_PROJECT"):
        monkeypatch.delenv(name, raising=False)

    def start(**options):
        log_center.init(hooks=False, **options)
        outgoing.install()

    yield start
    log_center.init(enabled=False, hooks=False)


def header_of_requests(url, **named):
    class Stop(requests.adapters.BaseAdapter):
        def send(self, request, **_):
            raise Heard(request.headers.get("X-Request-Id"))

        def close(self):
            pass

    with requests.Session() as session:
        session.mount("http://", Stop())
        with pytest.raises(Heard) as caught:
            session.get(url, **named)
    return caught.value.args[0]


def header_of_httpx(url):
    def stop(request):
        raise Heard(request.headers.get("X-Request-Id"))

    async def ask():
        async with httpx.AsyncClient(transport=httpx.MockTransport(stop)) as made:
            await made.get(url)

    with pytest.raises(Heard) as caught:
        asyncio.run(ask())
    return caught.value.args[0]


def test_an_own_header_stays_and_hosts_can_be_chosen(client):
    client(propagate=["*.shop.internal", "stock"])
    with log_center.with_context(request_id="r-1"):
        assert header_of_requests("http://stock/x") == "r-1"
        assert header_of_httpx("http://a.shop.internal/x") == "r-1"
        assert header_of_requests("http://elsewhere.com/x") is None
        assert header_of_requests("http://stock/x", headers={"x-request-id": "mine"}) == "mine"
        client(propagate=False)
        assert header_of_httpx("http://stock/x") is None
