"""Serves an ASGI application: `serve_asgi.py module`. Prints the port once it listens."""

import importlib
import os
import socket
import sys

import uvicorn

sys.path.insert(0, os.getcwd())
app = importlib.import_module(sys.argv[1]).app
listener = socket.create_server(("127.0.0.1", 0))


class Server(uvicorn.Server):
    async def startup(self, *args, **named):
        await super().startup(*args, **named)
        print("listening", listener.getsockname()[1], flush=True)


Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
