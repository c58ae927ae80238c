"""Flask."""

import sqlite3

from flask import Flask, abort, request, session

import log_center
import log_center.flask

log_center.init(project="shop")
application = app = Flask(__name__)
app.secret_key = "only for this example"
log_center.flask.install(app)


@app.post("/orders/<int:number>")
def order(number):
    session["user_id"] = "u_7"
    request.get_json()
    sqlite3.connect("/nonexistent/orders.db")  # RAISED HERE


@app.post("/refused/<int:number>")
def refused(number):
    raise log_center.ForbiddenError("not yours", info={"order": number})


@app.get("/missing")
def missing():
    abort(404)


@app.get("/healthy")
def healthy():
    return {"fine": True}
