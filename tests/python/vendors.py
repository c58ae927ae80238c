"""Receivers of notifications that behave as receivers do: well, slowly, or with a lie."""

import collections
import http.server
import json
import socket
import threading
import time


class Receiver:
    """What one receiver got: how often by `webhook-id`, and the first body of each."""

    def __init__(self, port=0, answer=None, seconds=0.0):
        self.times = collections.Counter()
        self.bodies = {}
        self.differing = []
        # In order; appending is safe from every thread.
        self.arrived = collections.deque()
        self.answer, self.seconds = answer or (lambda name, times: (204, b"")), seconds
        self.lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                name = self.headers.get("webhook-id", "")
                times = receiver.note(name, json.loads(body))
                time.sleep(receiver.seconds)
                said = receiver.answer(name, times)
                if said is None:
                    # It has the message and never says so.
                    self.close_connection = True
                    return
                status, text = said
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """A program that was killed takes no answer."""

        self.server = Server(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def note(self, name, body):
        """Keeps what came; how often it has come by now."""
        at = time.perf_counter()
        body.pop("timestamp", None)
        with self.lock:
            self.times[name] += 1
            facts = body.get("data", {}).get("facts")
            first = self.bodies.setdefault(name, body)
            if name and first["data"]["facts"] != facts:
                self.differing.append(name)
            times = self.times[name]
        self.arrived.append((at, body))
        return times

    def told(self):
        """How many decisions the distinct messages tell or count."""
        with self.lock:
            return sum(decisions(body["data"]["facts"]) for body in self.bodies.values())

    def numbers(self):
        """The notifications that it has, by the number in their `webhook-id`."""
        with self.lock:
            return {int(name.rsplit("_", 1)[1], 16) for name in self.times}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


def decisions(facts):
    """How many decisions a message of these facts tells or counts."""
    folded = facts.get("folded")
    return folded["created"] if folded else 1


def nowhere():
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
