"""GraphQL with Graphene, on Flask."""

import graphene
from flask import Flask, request

import log_center
import log_center.flask
from log_center.graphql import GrapheneMiddleware, format_graphql_error

log_center.init(project="shop")
application = app = Flask(__name__)
log_center.flask.install(app)


class Query(graphene.ObjectType):
    shop = graphene.String()
    order = graphene.String(number=graphene.Int())

    def resolve_shop(root, info):
        return "Fine Goods"

    def resolve_order(root, info, number):
        log_center.set_user("u_7")
        raise KeyError(number)  # RAISED HERE


schema = graphene.Schema(query=Query)


@app.post("/graphql")
def graphql():
    asked = request.get_json()
    result = schema.execute(
        asked["query"], variables=asked.get("variables"), middleware=[GrapheneMiddleware()]
    )
    errors = [format_graphql_error(error) for error in result.errors or []]
    return {"data": result.data, "errors": errors}
