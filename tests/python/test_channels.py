"""Every kind of channel against a vendor that is as strict as the real one (see strict.py), and
each failure that the vendors document. Mails are in test_mail.py."""

import pytest
import requests

from program import until
from strict import CHECKS, Vendor

EVIL = ("<!channel> <@U1> @everyone @bob <at id=all></at> <@all> [x](http://evil) "
        "![i](http://evil/i.png) **b** _i_ `c` ``` \u202eevil\x00 </code></pre> & \"q\" <font> \\")
TEXTS = ["boom", EVIL, "数" * 8_000, "😀<&>*\"\\" * 1_000]
# The seconds between two messages at least, by each vendor's limit; sources name the lowest.
PACE_SECONDS = {
    "slack": 1.0, "feishu": 0.6, "dingtalk": 3.0, "wecom": 3.0, "discord": 2.0, "telegram": 1.0,
    "teams": 0.25, "pagerduty": 0.5,
}


@pytest.fixture
def vendors():
    made = {kind: Vendor(kind) for kind in CHECKS}
    yield made
    for vendor in made.values():
        vendor.close()


@pytest.fixture
def center(start):
    return start("--notify-allow", "127.0.0.1", "--public-url", "http://localhost:8002")


def made(center, body):
    answer = requests.post(center.url + "/api/v1/channels", json=body, timeout=10)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_every_vendor_takes_what_strangers_write_at_the_first_attempt(center, vendors):
    for vendor in vendors.values():
        made(center, vendor.channel())
    for line, text in enumerate(TEXTS):
        context = {"request_id": f"req_{line}", "url": text, "method": "POST", "user_id": text}
        error = {"message": text, "type": text[:200], "file_path": f"apps/{text[:900]}"}
        frames = [f'  File "apps/{nth}.py", line {nth}, in {text[:200]}' for nth in range(40)]
        center.report(line=line, error=error | {"stack_trace": frames}, context=context)
    sent = len(TEXTS) * len(vendors)
    until(lambda: len(center.ask("/api/v1/deliveries", limit=200)["items"]) >= sent, 120)
    refused = {kind: vendor.why for kind, vendor in vendors.items() if vendor.why}
    assert refused == {}
    for kind, vendor in vendors.items():
        assert vendor.taken == len(TEXTS), kind
        fastest = min(vendor.gaps())
        assert fastest >= PACE_SECONDS.get(kind, 0.0), f"{kind}: {fastest}"
    items = center.ask("/api/v1/notices", limit=200)["items"]
    assert {(one["state"], one["attempts"]) for one in items} == {("sent", 1)}


# What a rule names, and whom each vendor then notifies.
MENTIONS = {
    "slack": (["U024BE7LH", "S0614TZR7", "here"], {"@U024BE7LH", "!subteam^S0614TZR7", "!here"}),
    "feishu": (["ou_84aad35d", "all"], {"ou_84aad35d", "all"}),
    "dingtalk": (["13912345678", "manager4220", "all"], {"13912345678", "manager4220", "all"}),
    "wecom": (["zhang.san", "13912345678", "all"], {"zhang.san", "13912345678", "@all"}),
    "discord": (["80351110224678912", "&165511591545143296", "here"],
                {"80351110224678912", "&165511591545143296", "@here"}),
    "telegram": (["@ann_lee", "123456789"], {"@ann_lee", "123456789"}),
    "teams": (["ann@example.org"], {"ann@example.org"}),
}


def test_whom_a_rule_names_is_mentioned_and_nobody_else(center, vendors):
    for kind, (_, people) in MENTIONS.items():
        vendors[kind].people = people
        made(center, vendors[kind].channel())
    named = [f"{kind}:{who}" for kind, (names, _) in MENTIONS.items() for who in names]
    rule = {"name": "people", "mentions": named}
    answer = requests.post(center.url + "/api/v1/rules", json=rule, timeout=10)
    assert answer.status_code == 201 and answer.json()["mentions"] == named
    for line, text in enumerate(TEXTS):
        center.report(line=line, error={"message": text, "type": text[:200]})
    sent = len(TEXTS) * len(MENTIONS)
    until(lambda: len(center.ask("/api/v1/deliveries", limit=200)["items"]) >= sent, 120)
    refused = {kind: vendor.why for kind, vendor in vendors.items() if vendor.why}
    assert refused == {}
    assert {kind: vendors[kind].taken for kind in MENTIONS} == dict.fromkeys(MENTIONS, len(TEXTS))


def test_wecom_mentions_one_person_in_its_markdown(center, vendors):
    vendors["wecom"].people = {"zhang.san"}
    number = made(center, vendors["wecom"].channel())
    rule = {"name": "one", "mentions": ["wecom:zhang.san"]}
    rule = requests.post(center.url + "/api/v1/rules", json=rule, timeout=10).json()
    path = f"{center.url}/api/v1/channels/{number}/test?rule_id={rule['id']}"
    assert requests.post(path, json={}, timeout=60).json()["outcome"] == "sent"


FEISHU = {0: "sent", 9499: "rejected", 19001: "misconfigured", 19021: "misconfigured",
          19022: "misconfigured", 19024: "misconfigured", 11232: "retry", 200621: "rejected",
          99999: "retry"}
DINGTALK = {0: "sent", 300001: "misconfigured", 300005: "misconfigured", 400101: "misconfigured",
            400013: "misconfigured", 400102: "misconfigured", 400106: "misconfigured",
            43002: "misconfigured", 43004: "misconfigured", 310000: "misconfigured",
            130101: "retry", 410100: "retry", 90030: "retry", -1: "retry", 40035: "rejected",
            400105: "rejected", 430101: "rejected", 430104: "rejected"}
WECOM = {0: "sent", 93000: "misconfigured", 45009: "retry", 40058: "rejected", 40008: "rejected",
         -1: "retry"}
STATUSES = {200: "sent", 204: "sent", 302: "misconfigured", 400: "rejected", 401: "misconfigured",
            403: "misconfigured", 404: "misconfigured", 408: "retry", 410: "misconfigured",
            413: "rejected", 422: "rejected", 425: "retry", 429: "retry", 500: "retry",
            502: "retry", 503: "retry", 504: "retry"}
SLACK = [(400, "invalid_payload", "rejected"), (400, "invalid_blocks", "rejected"),
         (400, "no_service", "misconfigured"), (403, "action_prohibited", "misconfigured"),
         (403, "invalid_token", "misconfigured"), (404, "channel_not_found", "misconfigured"),
         (404, "no_service", "misconfigured"), (410, "channel_is_archived", "misconfigured"),
         (429, "", "retry"), (500, "", "retry"), (200, "<html>", "retry"), (200, "ok", "sent")]


def telegram(code, text="", **parameters):
    return {"ok": False, "error_code": code, "description": text, "parameters": parameters}


TELEGRAM = [
    (429, telegram(429, retry_after=7), "retry"),
    (400, telegram(400, migrate_to_chat_id=-1001), "misconfigured"),
    (400, telegram(400, "Bad Request: can't parse entities"), "rejected"),
    (400, telegram(400, "Bad Request: chat not found"), "misconfigured"),
    (401, telegram(401, "Unauthorized"), "misconfigured"),
    (403, telegram(403, "Forbidden: bot was kicked"), "misconfigured"),
    (500, telegram(500), "retry"), (200, {"result": 1}, "retry"), (200, {"ok": True}, "sent"),
]
FAILURES = (
    [("feishu", 200, {"code": code}, what) for code, what in FEISHU.items()]
    + [("dingtalk", 200, {"errcode": code}, what) for code, what in DINGTALK.items()]
    + [("wecom", 200, {"errcode": code}, what) for code, what in WECOM.items()]
    + [("slack", *one) for one in SLACK]
    + [("telegram", *one) for one in TELEGRAM]
    + [("feishu", 200, "", "retry"), ("dingtalk", 200, "<html>", "retry"),
       ("wecom", 502, "bad gateway", "retry"), ("feishu", 429, "", "retry")]
    + [(kind, status, "", what) for kind in ("webhook", "discord", "teams", "pagerduty")
       for status, what in STATUSES.items()]
    + [("elasticsearch", 200, {"items": [{"create": {"status": status}}]}, what)
       for status, what in {201: "sent", 409: "sent", 429: "retry", 404: "misconfigured",
                            403: "misconfigured", 400: "rejected", 503: "retry"}.items()]
    + [("elasticsearch", 401, "", "misconfigured"), ("elasticsearch", 200, "<html>", "retry"),
       ("elasticsearch", 413, "", "rejected")]
)


def test_each_failure_that_a_vendor_documents_is_understood(center, vendors):
    numbers = {kind: made(center, vendor.channel()) for kind, vendor in vendors.items()}
    wrong = []
    for kind, status, body, expected in FAILURES:
        text = body if isinstance(body, str) else requests.compat.json.dumps(body)
        vendors[kind].replies.append((status, {}, text))
        path = f"{center.url}/api/v1/channels/{numbers[kind]}/test"
        said = requests.post(path, json={}, timeout=60).json()
        if said["outcome"] != expected or (said["reason"] == "") != (expected == "sent"):
            wrong.append((kind, status, text, expected, said))
    assert wrong == []
    print(f"{len(FAILURES)} answers of {len(vendors)} vendors understood")


@pytest.mark.parametrize("kind, status, headers, body, seconds", [
    ("slack", 429, {"Retry-After": "30"}, "", 30),
    ("discord", 429, {}, '{"retry_after": 2.5, "global": false}', 2.5),
    ("telegram", 429, {}, '{"ok":false,"error_code":429,"parameters":{"retry_after":7}}', 7),
    ("webhook", 503, {"Retry-After": "9"}, "", 9),
    ("webhook", 429, {"Retry-After": "11"}, "", 11),
    ("dingtalk", 200, {}, '{"errcode":130101}', 600),
])
def test_a_channel_rests_as_long_as_its_vendor_says(
    center, vendors, kind, status, headers, body, seconds
):
    vendors[kind].replies.append((status, headers, body))
    vendors[kind].slow = 1.0
    made(center, vendors[kind].channel())
    center.report()
    until(lambda: center.ask("/api/v1/deliveries")["items"])
    [said] = center.ask("/api/v1/deliveries")["items"][-1:]
    assert said["outcome"] == "retry"
    center.report(line=7)
    if seconds < 3:
        until(lambda: vendors[kind].taken == 2)
        assert vendors[kind].gaps()[0] >= seconds + 1.0, "it counts from the answer on"
    else:
        assert len(vendors[kind].at) == 1, "it rests"
