"""One service that calls another, with requests and with httpx; both know the request by one id."""

import os

import httpx
import requests
from flask import Flask, jsonify, request

import log_center
import log_center.flask

log_center.init(project="shop")
application = app = Flask(__name__)
log_center.flask.install(app)


@app.get("/front")
def front():
    back = os.environ["BACK_URL"]
    by_requests = requests.get(back + "/back", timeout=3).json()
    by_httpx = httpx.get(back + "/back", timeout=3).json()
    log_center.report_error(RuntimeError("front"))
    return jsonify([by_requests, by_httpx])


@app.get("/back")
def back():
    return jsonify(request.headers.get("X-Request-Id"))
