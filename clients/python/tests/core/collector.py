"""A small server in the place of Log Center, which answers as a test tells it to."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WAIT_S = 30


def until(found, seconds=WAIT_S):
    """Waits until it is true, and gives it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.01)
    raise AssertionError("it did not happen")


class Collector:
    """Keeps what it was sent. `answers` are used up one a request, then all is well."""

    def __init__(self):
        self.requests = []
        self.reports = []
        self.answers = []
        #: While it is not set, callers get no answer.
        self.open = threading.Event()
        self.open.set()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                collector.take(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        reports = json.loads(body)
        is_batch = isinstance(reports, list)
        self.requests.append((handler.path, dict(handler.headers), reports))
        self.open.wait(WAIT_S)
        status, headers, given = self.answers.pop(0) if self.answers else (200, {}, None)
        if status == 200:
            self.reports += reports if is_batch else [reports]
        done = {"status": "ok", "id": 1, "fingerprint": "0", "is_new": True}
        answer = given or ({"results": [done] * len(reports)} if is_batch else done)
        text = json.dumps(answer).encode()
        try:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(text)))
            handler.end_headers()
            handler.wfile.write(text)
        except OSError:
            return

    def arrived(self, wanted):
        """The reports, once there are that many."""
        until(lambda: len(self.reports) >= wanted)
        return self.reports

    def close(self):
        self.open.set()
        self.server.shutdown()
        self.server.server_close()


def raised(error):
    """The exception, after it was raised and caught."""
    try:
        raise error
    except BaseException as caught:
        return caught
