"""Views that fail: Django's own, an asynchronous one, and one of REST framework's."""

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse
from django.urls import path
from rest_framework.exceptions import NotFound
from rest_framework.views import APIView

import log_center


def order(request, number):
    wanted = request.POST or request.body
    with connection.cursor() as cursor:
        cursor.execute("SELECT broken WHERE %s", [len(wanted)])  # RAISED HERE order


async def later(request, number):
    raise LookupError(number)  # RAISED HERE later


def unread(request, number):
    raise LookupError(number)  # RAISED HERE unread


class Api(APIView):
    def post(self, request, number):
        request.data["sku"]
        raise KeyError("stock")  # RAISED HERE api

    def get(self, request, number):
        raise NotFound("no such order")


def refused(request, number):
    raise log_center.ForbiddenError("not yours", info={"order": number})


def denied(request):
    raise PermissionDenied


urlpatterns = [
    path("orders/<int:number>", order),
    path("later/<int:number>", later),
    path("unread/<int:number>", unread),
    path("api/<int:number>", Api.as_view()),
    path("refused/<int:number>", refused),
    path("denied", denied),
    path("healthy", lambda request: HttpResponse("fine")),
]
for view in (order, later, unread, refused):
    view.csrf_exempt = True
