"""Starlette; `LogCenterMiddleware(app)` does for any other ASGI application."""

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import log_center
import log_center.asgi

log_center.init(project="shop")


async def order(request):
    log_center.set_user("u_7")
    await request.json()
    return PlainTextResponse(["not", "text"])  # RAISED HERE


async def healthy(request):
    return PlainTextResponse("fine")


app = Starlette(
    routes=[
        Route("/orders/{number:int}", order, methods=["POST"]),
        Route("/healthy", healthy),
    ]
)
log_center.asgi.install(app)
