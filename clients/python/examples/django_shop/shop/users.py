"""A user that is always logged in, in place of Django's own authentication."""

from types import SimpleNamespace

from rest_framework.authentication import BaseAuthentication


class Known(BaseAuthentication):
    def authenticate(self, request):
        return SimpleNamespace(pk="u_7", is_active=True), None


def known_user(get_response):
    def middleware(request):
        request.user = SimpleNamespace(pk="u_7", is_active=True)
        return get_response(request)

    return middleware
