# Save as log_center_django.py beside report_error.py, and import it at the top of urls.py:
#     import log_center_django
import sys
import uuid

from django.core.signals import got_request_exception
from django.dispatch import receiver

from report_error import report_error


@receiver(got_request_exception)
def report_exception(request=None, **_):
    """Django sends this for what becomes a 500, not for 404, 403 or 400."""
    # An exception raised in a receiver would replace the application's own error page.
    try:
        report_error(sys.exc_info()[1], request_context(request))
    except Exception:
        pass


def request_context(request):
    context = {
        "url": request.get_full_path(),
        "method": request.method,
        "params": request.resolver_match.kwargs if request.resolver_match else {},
        "query": request.GET.dict(),
        "request_id": request.headers.get("X-Request-Id") or uuid.uuid4().hex,
    }
    try:
        context["user_id"] = request.user.pk
    except Exception:
        pass  # no authentication here, or the database that knows the user is what failed
    return context
