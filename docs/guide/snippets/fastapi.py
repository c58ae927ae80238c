# Save as log_center_fastapi.py beside report_error.py, and add it where the application is made:
#     app.add_middleware(LogCenterMiddleware)
import uuid
from urllib.parse import parse_qs

from report_error import report_error


class LogCenterMiddleware:
    """Reports what no handler expected; HTTPException and invalid input never come here."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            report_error(error, request_context(scope))
            raise


def request_context(scope):
    headers = dict(scope.get("headers", []))
    return {
        "url": scope.get("path"),
        "method": scope.get("method"),
        "params": scope.get("path_params"),
        "query": parse_qs(scope.get("query_string", b"").decode("latin-1")),
        "view": getattr(scope.get("route"), "path", None),
        "user_id": scope.get("state", {}).get("user_id"),  # set request.state.user_id at your login
        "request_id": headers.get(b"x-request-id", b"").decode("latin-1") or uuid.uuid4().hex,
    }
