"""A FastAPI application with a route that fails."""

import json
import os
import socket

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

app = FastAPI()


@app.get("/orders/{number}")
async def order(number: int, request: Request):
    request.state.user_id = "u_7"
    return json.loads("{")  # RAISED HERE


@app.exception_handler(Exception)
async def failed(request, error):
    return JSONResponse({"failed": type(error).__name__}, 500)


@app.get("/refused")
async def refused():
    raise HTTPException(403)


if "PLAIN" not in os.environ:
    from log_center_fastapi import LogCenterMiddleware

    app.add_middleware(LogCenterMiddleware)
listener = socket.create_server(("127.0.0.1", 0))
print("listening", listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listener])
