# pip install ./clients/python of Log Center's repository, and these lines beside your program:
from fastapi import FastAPI

import log_center
import log_center.asgi

log_center.init(url="http://localhost:8002", project="my_project", environment="production")
app = FastAPI()
log_center.asgi.install(app)
