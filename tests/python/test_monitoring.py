"""What docs/monitoring asks of Prometheus is what the program counts."""

import json
import pathlib
import re

import requests

MONITORING = pathlib.Path(__file__).resolve().parents[2] / "docs" / "monitoring"
NAME = re.compile(r"\b(?:log_center|process)_[a-z_]+\b")


def named(text):
    return set(NAME.findall(text))


def expressions():
    board = json.loads((MONITORING / "grafana.json").read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for line in (MONITORING / "alerts.yml").read_text().splitlines():
        if line.strip().startswith("expr:"):
            yield "alerts.yml", line


def test_every_metric_of_the_dashboard_and_the_alerts_is_there(server):
    requests.post(server.report_url, data="{", timeout=10)
    page = requests.get(server.url + "/metrics", timeout=10).text
    there = {re.split(r"[{ ]", line)[0] for line in page.splitlines() if not line.startswith("#")}
    asked = [(where, name) for where, text in expressions() for name in named(text)]
    assert len(asked) > 30
    missing = [(where, name) for where, name in asked if name not in there]
    assert not missing


def test_labels_that_are_asked_for_are_there(server):
    page = requests.get(server.url + "/metrics", timeout=10).text
    for _, text in expressions():
        for label, value in re.findall(r'\b([a-z]+)="([A-Za-z]+)"', text):
            assert label in ("job", "instance") or f'{label}="{value}"' in page, (label, value)
