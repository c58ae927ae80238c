"""A REST framework application whose one view fails."""

from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler as answer_known


def report_error(exception, request):
    """The test puts the sender here."""
    raise NotImplementedError


def exception_handler(exception, context):
    """As the guide has it: known refusals pass, everything else is reported and answered 500."""
    known = answer_known(exception, context)
    if known is not None:
        return known
    report_error(exception, context["request"])
    return Response({"code": "AppError", "message": "Something went wrong"}, status=500)


def raise_for(name):
    return int(name)


class User(APIView):
    def get(self, request, name):
        return Response({"id": raise_for(name)})


urlpatterns = [path("users/<str:name>", User.as_view())]
