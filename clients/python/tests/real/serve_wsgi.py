"""Serves a WSGI application: `serve_wsgi.py module`. Prints the port once it listens."""

import importlib
import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

sys.path.insert(0, os.getcwd())


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


application = importlib.import_module(sys.argv[1]).application
server = make_server("127.0.0.1", 0, application, Server)
print("listening", server.server_port, flush=True)
server.serve_forever()
