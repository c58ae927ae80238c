"""A client that costs little of the processor it shares with the program."""

import http.client


class Caller:
    """One connection that is kept."""

    def __init__(self, program, timeout=30):
        self.connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def call(self, method, path, body=None, headers=None):
        """Status, headers and body of the answer. Raises OSError or HTTPException without one."""
        self.connection.request(
            method, path, body, {"Content-Type": "application/json"} | (headers or {})
        )
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()
