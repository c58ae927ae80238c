"""GraphQL: Strawberry and Graphene."""

import pathlib

import pytest
import requests

from apps import EXAMPLES, events, marked, new_id, older, serving, variables

HERE = pathlib.Path(__file__).parent
QUERY = "query Seven($n: Int!) { shop order(number: $n) }"


@pytest.mark.parametrize("name, server", [
    ("strawberry", "serve_asgi.py"), ("graphene", "serve_wsgi.py"),
])
def test_a_resolver_that_fails_is_reported_and_the_other_fields_are_answered(center, name, server):
    environment = variables(center)
    if name == "graphene":
        environment = older(environment)
    request_id = new_id()
    asked = {"query": QUERY, "variables": {"n": 7}, "operationName": "Seven"}
    with serving([HERE / server, f"{name}_app"], EXAMPLES, environment) as url:
        answer = requests.post(
            f"{url}/graphql", json=asked, headers={"X-Request-Id": request_id}, timeout=20
        )
        wrong = requests.post(f"{url}/graphql", json={"query": "{ nothing }"}, timeout=20)
        [event] = events(center, request_id=request_id)
    assert answer.status_code == 200
    told = answer.json()
    assert told["data"] == {"shop": "Fine Goods", "order": None}
    [error] = told["errors"]
    assert error["path"] == ["order"]
    assert error["extensions"] == {"code": "AppError", "requestId": request_id}
    assert error["message"] == "Internal server error"
    assert "errors" in wrong.json()

    found, context = event["error"], event["context"]
    file = f"{name}_app.py"
    assert (found["type"], found["code"], event["level"]) == ("KeyError", "AppError", "ERROR")
    assert (found["file_path"], found["line_number"]) == (file, marked(file))
    assert context["graphql"]["path"] == ["order"]
    assert context["graphql"]["variables"] == {"n": 7}
    assert context["graphql"]["query"] == QUERY
    if name == "graphene":
        assert context["graphql"]["args"] == {"number": 7}
    assert (context["method"], context["url"]) == ("POST", f"{url}/graphql")
    assert context["body"]["variables"] == {"n": 7}
    assert event["user_id"] == "u_7"
    assert answer.headers["X-Request-Id"] == request_id
