"""Measures what a request costs that does not fail: `overhead.py`. Prints microseconds of
processor time, the least of many rounds, of the middleware alone."""

import asyncio
import io
import time

import django
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

import log_center
from log_center.asgi import LogCenterMiddleware as Asgi
from log_center.wsgi import LogCenterMiddleware as Wsgi

ROUNDS = 30
REQUESTS = 500

log_center.init(project="shop")


def least(work):
    """The quickest round's time for one request."""
    found = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(REQUESTS):
            work()
        found.append((time.thread_time() - began) / REQUESTS)
    return min(found)


def tell(name, with_client, without):
    print(f"{name}: {(with_client - without) * 1e6:.1f} µs")


def wsgi_app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"fine"]


def environ():
    return {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/orders/7", "CONTENT_LENGTH": "9",
        "CONTENT_TYPE": "application/json", "wsgi.input": io.BytesIO(b'{"n": 1}\n'),
        "HTTP_HOST": "shop", "SERVER_NAME": "shop",
    }


def start_response(status, headers, exc_info=None):
    return None


wrapped = Wsgi(wsgi_app)
tell("wsgi", least(lambda: wrapped(environ(), start_response)),
     least(lambda: wsgi_app(environ(), start_response)))


async def asgi_app(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"fine"})


SCOPE = {
    "type": "http", "method": "POST", "path": "/orders/7",
    "headers": [(b"host", b"shop"), (b"content-type", b"application/json"),
                (b"content-length", b"9"), (b"accept", b"*/*")],
}


async def receive():
    return {"type": "http.request", "body": b'{"n": 1}\n', "more_body": False}


async def send(message):
    return None


async def least_async(app):
    found = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(REQUESTS):
            await app(dict(SCOPE), receive, send)
        found.append((time.thread_time() - began) / REQUESTS)
    return min(found)


tell("asgi", asyncio.run(least_async(Asgi(asgi_app))), asyncio.run(least_async(asgi_app)))

settings.configure(SECRET_KEY="only for this", ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None)
django.setup()
from log_center.django import LogCenterMiddleware as Django  # noqa: E402

factory = RequestFactory()
asked = factory.get("/orders/7")


def view(request):
    return HttpResponse(b"fine")


around = Django(view)
tell("django", least(lambda: around(asked)), least(lambda: view(asked)))
