"""A Django application with views that fail, one of them asynchronous."""

import json
import os
import sys
import types
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.wsgi import get_wsgi_application
from django.urls import path


def known_user(get_response):
    def middleware(request):
        request.user = types.SimpleNamespace(pk="u_7")
        return get_response(request)

    return middleware


def order(request, number):
    return json.loads("{")  # RAISED HERE


async def later(request, number):
    raise LookupError(number)


def refused(request):
    raise PermissionDenied


urlpatterns = [
    path("orders/<int:number>", order),
    path("later/<int:number>", later),
    path("refused", refused),
]
sys.modules["django_shop"] = sys.modules[__name__]
settings.configure(
    SECRET_KEY="only for this test",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="django_shop",
    MIDDLEWARE=["django_shop.known_user"],
    LOGGING_CONFIG=None,
)
django.setup()
if "PLAIN" not in os.environ:
    import log_center_django  # noqa: F401
server = make_server("127.0.0.1", 0, get_wsgi_application())
print("listening", server.server_port, flush=True)
server.serve_forever()
