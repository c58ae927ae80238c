"""A REST framework application with a view that fails; plain Django's snippet is there too."""

import json
import os
import sys
import types
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

PLAIN = "PLAIN" in os.environ
sys.modules["drf_shop"] = sys.modules[__name__]
handler = {} if PLAIN else {"EXCEPTION_HANDLER": "log_center_drf.exception_handler"}
settings.configure(
    SECRET_KEY="only for this test",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="drf_shop",
    INSTALLED_APPS=["rest_framework"],
    LOGGING_CONFIG=None,
    REST_FRAMEWORK=handler | {
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)
django.setup()

# REST framework reads the settings when it is imported.
from django.urls import path  # noqa: E402
from rest_framework.authentication import BaseAuthentication  # noqa: E402
from rest_framework.exceptions import APIException, PermissionDenied  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class KnownUser(BaseAuthentication):
    def authenticate(self, request):
        return types.SimpleNamespace(pk="u_7"), None


class Order(APIView):
    authentication_classes = [KnownUser]

    def get(self, request, number):
        return json.loads("{")  # RAISED HERE


class Later(APIView):
    def get(self, request, number):
        raise APIException("the warehouse is away")


class Refused(APIView):
    def get(self, request):
        raise PermissionDenied


urlpatterns = [
    path("orders/<int:number>", Order.as_view()),
    path("later/<int:number>", Later.as_view()),
    path("refused", Refused.as_view()),
]
if not PLAIN:
    import log_center_django  # noqa: E402, F401
server = make_server("127.0.0.1", 0, get_wsgi_application())
print("listening", server.server_port, flush=True)
server.serve_forever()
