# Save as log_center_drf.py beside report_error.py, and name it in settings.py:
#     REST_FRAMEWORK = {"EXCEPTION_HANDLER": "log_center_drf.exception_handler"}
import uuid

from rest_framework import views

from report_error import report_error


def exception_handler(error, context):
    """Answers as REST framework does; reports what is not an expected refusal such as 404."""
    response = views.exception_handler(error, context)
    if response is None or response.status_code >= 500:
        try:
            report_error(error, request_context(context))
        except Exception:
            pass
    return response


def request_context(context):
    request = context["request"]
    report = {
        "url": request.get_full_path(),
        "method": request.method,
        "params": context.get("kwargs"),
        "query": request.query_params.dict(),
        "view": type(context.get("view")).__name__,
        "request_id": request.headers.get("X-Request-Id") or uuid.uuid4().hex,
    }
    try:
        report["user_id"] = request.user.pk
    except Exception:
        pass  # no authentication here, or the database that knows the user is what failed
    return report
