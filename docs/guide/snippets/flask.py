# Save as log_center_flask.py beside report_error.py, and call it where the application is made:
#     init_log_center(app)
import uuid

from flask import got_request_exception, request, session

from report_error import report_error


def init_log_center(app):
    got_request_exception.connect(report_exception, app)


def report_exception(sender, exception, **_):
    """Flask sends this for what becomes a 500, not for abort(404); its answer stays as it is."""
    try:
        report_error(exception, {
            "url": request.full_path.rstrip("?"),
            "method": request.method,
            "params": request.view_args,
            "query": request.args.to_dict(),
            "view": request.endpoint,
            "user_id": session.get("user_id"),
            "request_id": request.headers.get("X-Request-Id") or uuid.uuid4().hex,
        })
    except Exception:
        pass
