"""Bare WSGI: the middleware around an application."""

import sqlite3

import log_center
from log_center.wsgi import LogCenterMiddleware

log_center.init(project="shop")


def order(environ, start_response):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    environ["wsgi.input"].read(length)
    log_center.set_user("u_7")
    if environ["PATH_INFO"] == "/healthy":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"fine"]
    sqlite3.connect("/nonexistent/orders.db")  # RAISED HERE


application = LogCenterMiddleware(order)
