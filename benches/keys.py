"""What a key costs a report, in instructions: python3 benches/keys.py PROGRAM (needs valgrind).

The same reports go to an open server, and with a key to one that asks for a login. What each does
without reports (its start, a login) is taken off. Valgrind knows no SHA instructions.
"""

import http.client
import json
import os
import pathlib
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

REPORTS = 3_000
ISSUES = 1_000
CONNECTIONS = 16
# How many reports share a commit is chance, and moves a run by 2 %.
ROUNDS = 5
PASSWORD = "correct horse staple battery"
START_SECONDS = 120


def report(issue, number):
    frames = [f'File "app/{at}.py", line {at + issue}, in f{at}' for at in range(12)]
    return json.dumps({
        "project_id": "shop", "environment": "production", "level": "ERROR", "version": "1.2.3",
        "error": {"type": "ValueError", "message": f"invalid value {issue} in the form",
                  "file_path": "app/forms.py", "line_number": issue, "stack_trace": frames},
        "context": {"url": "/api/orders/1", "method": "POST", "user_id": f"u_{issue % 50}",
                    "request_id": f"req{number}"},
    })


def asked(connection, path, body, headers):
    connection.request("POST", path, body, {"Content-Type": "application/json"} | headers)
    answer = connection.getresponse()
    told = answer.read()
    assert answer.status in (200, 201), told
    return answer, json.loads(told)


def key(connection, port):
    """Logs in, makes the project, and a key for it."""
    page = {"Origin": f"http://127.0.0.1:{port}"}
    login = json.dumps({"name": "ann", "password": PASSWORD})
    answer, _ = asked(connection, "/api/v1/session", login, page)
    page["Cookie"] = answer.headers["Set-Cookie"].split(";")[0]
    asked(connection, "/api/v1/projects", json.dumps({"project_id": "shop"}), page)
    new = json.dumps({"name": "bench", "project_id": "shop"})
    return asked(connection, "/api/v1/keys", new, page)[1]["secret"]


def load(connections, count, headers):
    """Reports by Zipf's law, one on each connection at once."""
    chance = random.Random(1)
    weights = [1 / (rank + 1) for rank in range(ISSUES)]
    issues = chance.choices(range(1, ISSUES + 1), weights, k=count)
    path = "/api/v1/logs/report"
    for begin in range(0, count, len(connections)):
        group = list(zip(connections, issues[begin:begin + len(connections)]))
        for at, (connection, issue) in enumerate(group):
            connection.request("POST", path, report(issue, begin + at), headers)
        for connection, _ in group:
            answer = connection.getresponse()
            assert (answer.read(), answer.status)[1] == 200


def instructions(program, folder, is_closed, count):
    data, out = folder / "data", folder / "callgrind"
    environment = {"HOME": "/nonexistent", "PATH": os.environ["PATH"]}
    if is_closed:
        words = [program, "admin", "create", "ann", "--data", data]
        subprocess.run(words, input=PASSWORD, text=True, check=True, env=environment,
                       stdout=subprocess.DEVNULL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program, "serve",
             "--data", data, "--listen", f"127.0.0.1:{port}"]
    server = subprocess.Popen(words + ["--require-login"] * is_closed, env=environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert server.poll() is None and time.monotonic() < end, "it does not start"
            time.sleep(0.2)
    connections = [http.client.HTTPConnection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    headers = {"Content-Type": "application/json"}
    if is_closed:
        headers["X-Log-Center-Key"] = key(connections[0], port)
    load(connections, count, headers)
    server.terminate()
    server.wait()
    return int(re.search(r"^(?:summary|totals): *(\d+)", out.read_text(), re.M)[1])


def of_a_report(program, is_closed):
    taken = []
    for count in (0, REPORTS):
        with tempfile.TemporaryDirectory() as folder:
            taken.append(instructions(program, pathlib.Path(folder), is_closed, count))
    return (taken[1] - taken[0]) / REPORTS


def main():
    pairs = [[of_a_report(sys.argv[1], is_closed) for is_closed in (False, True)]
             for _ in range(ROUNDS)]
    without, with_key = (statistics.median(side) for side in zip(*pairs))
    more = 100 * (with_key / without - 1)
    for pair in pairs:
        print("open {:,.0f}, with a key {:,.0f}".format(*pair))
    print(f"medians: {without:,.0f} and {with_key:,.0f} instructions a report, {more:+.1f} %")


main()
