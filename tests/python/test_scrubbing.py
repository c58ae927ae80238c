"""What our clients hide by its name, the server hides too: others report as well."""

import importlib.util
import itertools
import re

import requests

from program import ROOT, report

try:
    from re import _parser as parser
except ImportError:  # Python 3.10 and earlier
    import sre_parse as parser

CLIENTS = ROOT / "clients"
# A card of a page and a copy's address: the numbers of payment cards are known by their digits.
KEPT = re.compile("(card|cc)(_(value|key|hash|header))?|card_?n")


def spelled(pattern):
    """Every text that a pattern without repetitions stands for; `.` as a gap."""
    def of(items):
        return ["".join(one) for one in itertools.product(*map(choices, items))]

    def choices(item):
        kind, told = str(item[0]), item[1]
        if kind == "LITERAL":
            return [chr(told)]
        if kind == "AT":
            return [""]
        if kind == "ANY":
            return ["_"]
        if kind == "IN":
            return [chr(one) for _, one in told]
        if kind == "SUBPATTERN":
            return of(told[-1])
        if kind == "BRANCH":
            return [text for branch in told[1] for text in of(branch)]
        assert kind == "MAX_REPEAT" and told[:2] == (0, 1), item
        return ["", *of(told[2])]

    return {text.strip("_") for text in of(parser.parse(pattern))}


def of_python():
    place = CLIENTS / "python/src/log_center/scrub.py"
    spec = importlib.util.spec_from_file_location("scrub", place)
    scrub = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scrub)
    return scrub._SECRET_WORDS | {"_".join(words) for words in scrub._SECRET_PAIRS}


def of_javascript():
    text = (CLIENTS / "js/src/safe.ts").read_text()
    [parts] = re.findall(r"SECRET_WORDS = new RegExp\(\s*\[(.*?)\]\.join", text, re.S)
    names = spelled("|".join(re.findall(r"'([^']*)'", parts)))
    # A secret's number is no secret, except a session's.
    return {name for name in names if not name.endswith("_id") or name == "session_id"}


def of_the_script():
    text = (CLIENTS / "js/src/script/clean.ts").read_text()
    patterns = re.findall(r"^const (?:SECRET|MORE) =\s*/(.*?)/i;", text, re.M | re.S)
    assert len(patterns) == 2
    return set().union(*map(spelled, patterns))


def test_what_the_clients_hide_by_name_the_server_hides_too(server):
    lists = {"Python": of_python(), "JavaScript": of_javascript(), "script": of_the_script()}
    assert all(len(names) > 20 and "iban" in names for names in lists.values())
    for client, names in lists.items():
        told = {name: "plain words" for name in names}
        body = report(project_id="scrubbing", context={"names": told, "other": "plain words"})
        answer = requests.post(server.report_url, json=body, timeout=10).json()
        context = server.ask(f"/api/v1/issues/{answer['id']}")["latest_event"]["context"]
        assert context["other"] == "plain words"
        kept = {name for name, value in context["names"].items() if value != "[scrubbed]"}
        more = sorted(name for name in kept if not KEPT.fullmatch(name))
        assert not more, f"{client} hides more: {more}"
