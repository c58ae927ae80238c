"""A Flask application with a view that fails."""

import json
import os

from flask import Flask, abort, session
from werkzeug.serving import make_server

app = Flask(__name__)
app.secret_key = "only for this test"


@app.get("/orders/<number>")
def order(number):
    session["user_id"] = "u_7"
    return json.loads("{")  # RAISED HERE


@app.get("/refused")
def refused():
    abort(403)


if "PLAIN" not in os.environ:
    from log_center_flask import init_log_center

    init_log_center(app)
server = make_server("127.0.0.1", 0, app, threaded=True)
print("listening", server.server_port, flush=True)
server.serve_forever()
