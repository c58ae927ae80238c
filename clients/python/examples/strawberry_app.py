"""GraphQL with Strawberry, on Starlette."""

from typing import Optional

import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

import log_center
import log_center.asgi
import log_center.graphql

log_center.init(project="shop")


@strawberry.type
class Query:
    @strawberry.field
    def shop(self) -> str:
        return "Fine Goods"

    @strawberry.field
    def order(self, number: int) -> Optional[str]:
        log_center.set_user("u_7")
        raise KeyError(number)  # RAISED HERE


schema = strawberry.Schema(query=Query, extensions=[log_center.graphql.extension()])
app = Starlette(routes=[Route("/graphql", GraphQL(schema))])
log_center.asgi.install(app)
