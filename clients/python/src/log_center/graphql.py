"""For GraphQL: Strawberry and Graphene.

    strawberry.Schema(query=Query, extensions=[log_center.graphql.extension()])
    schema.execute(query, middleware=[log_center.graphql.GrapheneMiddleware()])

A resolver's failure is reported with its arguments and its operation. The caller gets the code and
the request id in `extensions`, and the fields that succeeded as ever.
"""

from __future__ import annotations

import inspect
from typing import Any, Dict, Iterator, Optional

from . import client, format


def format_graphql_error(error: Any) -> Dict[str, Any]:
    """A GraphQL error as the caller gets it."""
    formatted: Dict[str, Any] = dict(error.formatted)
    cause = getattr(error, "original_error", None)
    if cause is None:
        # A query that cannot be read: for the one who wrote it.
        return formatted
    told = format.format_error(cause)
    extensions = dict(formatted.get("extensions") or {})
    extensions.update({key: told[key] for key in ("code", "info", "requestId") if told.get(key)})
    if "originalError" in told:
        extensions["originalError"] = told["originalError"]
    return {**formatted, "message": told["message"], "extensions": extensions}


def report_graphql_error(
    error: Any, query: Optional[str] = None, variables: Any = None, operation: Optional[str] = None,
) -> None:
    """Reports what a resolver raised; wrong queries are their author's."""
    cause = getattr(error, "original_error", None)
    if cause is None:
        return
    given = {
        "graphql": {
            "operation": operation,
            "path": list(error.path or ()),
            "query": query,
            "variables": variables,
        },
    }
    client.current().capture(cause, given, by="request")


def extension() -> Any:
    """The extension for a Strawberry schema."""
    from strawberry.extensions import SchemaExtension

    class LogCenterExtension(SchemaExtension):  # type: ignore[misc]
        """Reports an operation's errors and gives them their code."""

        def on_operation(self) -> Iterator[None]:
            yield
            context = self.execution_context
            result = context.result
            for error in list(getattr(result, "errors", None) or []):
                report_graphql_error(
                    error, context.query, context.variables, context.operation_name
                )
                _shape(error)

    return LogCenterExtension


def _shape(error: Any) -> None:
    """Strawberry sends the errors as they are, so they are changed in place."""
    if getattr(error, "original_error", None) is None:
        return
    told = format_graphql_error(error)
    error.message = told["message"]
    error.extensions = told["extensions"]


class GrapheneMiddleware:
    """Reports what a resolver raises, with its arguments and its root."""

    def resolve(self, next: Any, root: Any, info: Any, **args: Any) -> Any:
        """Graphene calls this around each resolver."""
        try:
            found = next(root, info, **args)
        except Exception as error:
            self._report(error, root, info, args)
            raise
        if inspect.isawaitable(found):
            return self._later(found, root, info, args)
        return found

    async def _later(self, found: Any, root: Any, info: Any, args: Dict[str, Any]) -> Any:
        try:
            return await found
        except Exception as error:
            self._report(error, root, info, args)
            raise

    def _report(self, error: Exception, root: Any, info: Any, args: Dict[str, Any]) -> None:
        try:
            given = {
                "graphql": {
                    "operation": getattr(getattr(info.operation, "name", None), "value", None),
                    "path": info.path.as_list(),
                    "args": args,
                    "root": root,
                    "query": getattr(getattr(info.operation, "loc", None), "source", None)
                    and info.operation.loc.source.body,
                    "variables": info.variable_values,
                },
            }
        except Exception:
            given = {}
        client.current().capture(error, given, by="request")


__all__ = [
    "GrapheneMiddleware", "extension", "format_graphql_error", "report_graphql_error",
]
