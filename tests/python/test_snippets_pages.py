"""The guide's snippets for pages, bundled as their readers do, in a real browser."""

import json

import pytest

import snippets
from snippets import SHOPS, bring, events, expect, install, node_folder, run

BASE = "report-error.js"
TYPED = "report-error.ts"
PAGES = {
    "script_shop": [BASE],
    "fetch_shop": [BASE],
    "typed_shop": [TYPED],
    "react_shop": [TYPED, "react.tsx"],
    "vue_shop": [BASE, "vue.js"],
    "axios_shop": [BASE, "axios.js"],
}
FILES = {"typed_shop": "typed_shop.ts", "react_shop": "react_shop.tsx"}


def opened(folder, url, *pages, **more):
    """Opens pages in one browser; each reports to a project of its own name."""
    node_folder(folder)
    names = []
    for page in pages:
        below = folder / page
        below.mkdir()
        install(below, page, *PAGES[page], url=url)
        names.append(f"{page}/{FILES.get(page, page + '.js')}")
        bring(below, f"browser/{names[-1].split('/')[1]}")
    done, _ = run(
        SHOPS, "node", "browser/pages.mjs", str(SHOPS.parent), str(folder), *names, **more
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def seen(server, tmp_path_factory):
    """What each page showed, opened once for all tests of this file."""
    return opened(tmp_path_factory.mktemp("pages"), server.url, *PAGES)


def page_events(server, page, wanted):
    found = events(server, page, wanted)
    for event in found:
        assert event["environment"] == "development"
        assert event["context"].get("url", "").startswith(("http://localhost", "/")), event
    return {event["error"]["type"] + ":" + event["error"]["message"][:12]: event for event in found}


def test_typescript_accepts_what_is_typed(tmp_path):
    install(tmp_path, "typed", TYPED, "react.tsx")
    bring(tmp_path, "browser/typed_shop.ts", "browser/react_shop.tsx", "browser/tsconfig.json")
    node_folder(tmp_path)
    run(tmp_path, "npx", "tsc", "-p", ".", "--noUncheckedIndexedAccess")


def test_what_nobody_catches_in_a_page_is_reported(server, seen):
    found = page_events(server, "script_shop", 3)
    lines = seen["script_shop"]
    kinds = sorted(event["error"]["type"] for event in found.values())
    assert kinds == ["NonError", "RangeError", "SyntaxError"]
    for event in found.values():
        kind = event["error"]["type"]
        place = {
            "NonError": "unknown:0",
            "RangeError": f"/assets/script_shop.js:{lines['uncaught']}",
            "SyntaxError": f"/assets/script_shop.js:{lines['raised']}",
        }[kind]
        expect(event, kind, place, environment="development", version=None)
    assert found['NonError:{"reason":"a']
    assert len(lines["faults"]) == 3, "the console says it as before"


def test_a_browser_without_beacons_reports_by_fetch(server, seen):
    [event] = page_events(server, "fetch_shop", 1).values()
    place = f"/assets/fetch_shop.js:{seen['fetch_shop']['raised']}"
    expect(event, "TypeError", place, environment="development", version=None)
    assert seen["fetch_shop"]["faults"] == []


def test_a_page_in_typescript_reports_whatever_it_holds(server, seen):
    found = page_events(server, "typed_shop", 2)
    [event] = [event for name, event in found.items() if name.startswith("Syntax")]
    place = f"/assets/typed_shop.js:{seen['typed_shop']['raised']}"
    expect(event, "SyntaxError", place, "WARNING", environment="development", version=None)
    assert (event["user_id"], event["request_id"]) == ("u_7", "req-42")
    assert event["error"]["code"] == "OrderError"
    assert event["context"]["circle"] == {"big": "7", "self": "[seen above]"}
    # Too much for a beacon: it comes without its context.
    assert "text" not in found["NonError:\"only words\""]["context"]


def test_react_reports_what_fails_within_a_boundary_and_outside(server, seen):
    found = events(server, "react_shop", 3)
    page = seen["react_shop"]
    assert "no cart" in page["text"] and "Something went wrong." in page["text"]
    kinds = sorted(event["error"]["type"] for event in found)
    assert kinds == ["RangeError", "SyntaxError", "SyntaxError"]
    for event in found:
        kind = event["error"]["type"]
        line = page["raised"] if kind == "SyntaxError" else page["uncaught"]
        place = f"/assets/react_shop.js:{line}"
        expect(event, kind, place, environment="development", version=None)
        assert "at " in event["context"]["componentStack"]


def test_vue_reports_and_the_handler_from_before_is_called(server, seen):
    [event] = events(server, "vue_shop", 1)
    place = f"/assets/vue_shop.js:{seen['vue_shop']['raised']}"
    expect(event, "SyntaxError", place, environment="development", version=None)
    assert event["context"]["component"] == "ShopCart"
    assert seen["vue_shop"]["title"] == "done SyntaxError"
    assert seen["vue_shop"]["text"] == "page"


def test_axios_reports_what_the_server_is_to_blame_for(server, seen):
    found = events(server, "axios_shop", 5)
    outcomes = seen["axios_shop"]["title"].removeprefix("done ").split(",")
    assert outcomes == [
        "ERR_BAD_RESPONSE", "ERR_BAD_RESPONSE", "ERR_BAD_REQUEST", "ECONNABORTED",
        "ERR_CANCELED", "ERR_CANCELED", "ERR_NETWORK",
    ]
    places = [(event["error"]["file_path"], event["error"]["code"]) for event in found]
    assert sorted(places) == [
        ("GET /failing/orders/:id", "RequestError"),
        ("GET /failing/orders/:id", "RequestError"),
        ("GET /lost", "RequestError"),
        ("GET /silent/:id", "RequestTimeoutError"),
        ("GET /silent/:id", "RequestTimeoutError"),
    ]
    [event] = [event for event in found if event["context"].get("url") == "/failing/orders/7"]
    expect(event, "AxiosError", "GET /failing/orders/:id:0", environment="development",
           version=None)
    context = event["context"]
    assert (context["method"], context["status"]) == ("GET", 500)
    assert context["params"] == {"coupon": "spring"}
    assert event["request_id"] == "req-42"
    assert "not-for-anybody" not in json.dumps(found)


def test_a_dead_log_center_changes_no_page(tmp_path):
    silence = snippets.Silence()
    closed = snippets.closed_port()
    for name, url, stay_ms in (("closed", closed, "300"), ("silent", silence.url, "3500")):
        folder = tmp_path / name
        folder.mkdir()
        pages = opened(folder, url, "script_shop", "fetch_shop", STAY_MS=stay_ms)
        assert len(pages["script_shop"]["faults"]) == 3, "only the page's own errors"
        assert pages["fetch_shop"]["faults"] == []
        assert all(page["ms"] < 2500 for page in pages.values()), pages
    assert silence.was_called()
    silence.close()
