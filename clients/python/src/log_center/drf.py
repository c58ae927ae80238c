"""For Django REST framework, beside the middleware:

    REST_FRAMEWORK = {"EXCEPTION_HANDLER": "log_center.drf.exception_handler"}

Expected refusals are answered as REST framework does; everything else is reported, and answered
with the structured error.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

from rest_framework import views
from rest_framework.response import Response

from . import client, scope
from .django import describe, log_answer
from .incoming import answer, keeps_body


def exception_handler(error: Exception, context: Dict[str, Any]) -> Optional[Any]:
    """REST framework calls this for every exception of a view."""
    response = views.exception_handler(error, context)
    if response is None or response.status_code >= 500:
        client.current().capture(error, _described(context), by="request")
    if response is not None or client.current().options.answers == "never":
        return response
    views.set_rollback()
    status, body = answer(error)
    answered = Response(body, status=status)
    request = context.get("request")
    if request is not None:
        log_answer(getattr(request, "_request", request), answered, error)
    return answered


def _described(context: Dict[str, Any]) -> Dict[str, Any]:
    """What REST framework knows beyond Django: the user of its own authentication, the parsed
    body, the view's class."""
    request = context.get("request")
    found: Dict[str, Any] = {"view": type(context.get("view")).__name__}
    if context.get("kwargs"):
        found["params"] = context["kwargs"]
    try:
        key = getattr(getattr(request, "user", None), "pk", None)
        if key is not None:
            found["user_id"] = str(key)
    except Exception:
        found["user_id"] = None
    if not scope.request_id() and request is not None:
        found.update(_without_middleware(request))
    if "body" not in found:
        data = _data(request)
        if data is not None:
            found["body"] = data
    return found


def _without_middleware(request: Any) -> Dict[str, Any]:
    request_id, trace_id = scope.choose_ids(
        request.META.get("HTTP_X_REQUEST_ID"), request.META.get("HTTP_TRACEPARENT")
    )
    described = describe(request._request)
    described.pop("params", None)
    described.pop("view", None)
    return {**described, "request_id": request_id, "trace_id": trace_id or None}


def _data(request: Any) -> Any:
    """The body as REST framework parsed it, when the view asked for it."""
    if request is None:
        return None
    kind = request.META.get("CONTENT_TYPE") or ""
    if not keeps_body(kind, request.META.get("CONTENT_LENGTH")):
        return None
    data = getattr(request, "_full_data", None)
    return data if isinstance(data, (dict, list)) else None
