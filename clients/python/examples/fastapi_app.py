"""FastAPI."""

import httpx
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel

import log_center
import log_center.asgi

log_center.init(project="shop")
app = FastAPI()
log_center.asgi.install(app)


class Order(BaseModel):
    sku: str
    password: str = ""


@app.post("/orders/{number}")
async def order(number: int, order: Order, request: Request):
    request.state.user_id = "u_7"
    async with httpx.AsyncClient() as client:
        await client.post("http://127.0.0.1:9/stock?api_key=k-1", json={"n": 1})  # RAISED HERE


@app.post("/refused/{number}")
async def refused(number: int):
    raise log_center.ForbiddenError("not yours", info={"order": number})


@app.get("/missing")
async def missing():
    raise HTTPException(404)


@app.get("/healthy")
def healthy():
    return {"fine": True}
