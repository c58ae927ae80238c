"""Django's settings: `init`, the middleware, and REST framework's exception handler."""

import log_center

log_center.init(project="shop")

SECRET_KEY = "only for this example"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["shop", "rest_framework"]
MIDDLEWARE = ["log_center.django.LogCenterMiddleware", "shop.users.known_user"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "log_center.drf.exception_handler",
    "DEFAULT_AUTHENTICATION_CLASSES": ["shop.users.Known"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
