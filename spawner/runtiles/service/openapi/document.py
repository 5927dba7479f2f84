"""The document: a route table in, OpenAPI 3.1 out. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from runtiles import __version__
from runtiles.service.access import ADMIN_SCOPE

from .failures import error_responses
from .models.errors import ErrorAnswer
from .operation import JSON, Operation
from .routes import Endpoint, Route, endpoints
from .schemas import Wanted, schema, schemas

_INFO = {
    "title": "Runtiles",
    "version": __version__,
    "description": "Runtimes on a JupyterHub: tiles, machines, launches, logs and secrets. A newer"
    " service may add keys to its answers: let those pass that you do not know.",
    "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
}
_SECURITY_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of the Hub with the scope `access:services!service=runtiles` and those"
        " that the operation names, on the things of the user it is about. `Authorization: token ...`"
        " means the same.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "service-runtiles",
        "description": "Of a browser that is logged in; the service sets it.",
    },
    "xsrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-XSRFToken",
        "description": "Proof that one of the service's own pages sent a browser's request. Where no"
        " header can be set (EventSource): `?_xsrf=`.",
    },
}


def document(routes: Iterable[Route], server: str) -> dict[str, Any]:
    """What the routes answer, below the address `server`. Methods without `@operation` are left out."""
    found = [endpoint for endpoint in endpoints(routes) if endpoint.operation]
    wanted = {key: kind for endpoint in found for key, kind in _wanted(endpoint).items()}
    inline, components = schemas({**wanted, "error": (ErrorAnswer, "serialization")})
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for endpoint in found:
        paths[endpoint.path][endpoint.method] = _operation(endpoint, inline)
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": server}],
        "paths": dict(paths),
        "components": {"schemas": components, "securitySchemes": _SECURITY_SCHEMES},
    }


def _wanted(endpoint: Endpoint) -> dict[str, Wanted]:
    """The types that this operation shows, by keys that are its own."""
    operation = endpoint.described
    wanted: dict[str, Wanted] = {}
    if operation.answer is not None:
        wanted[f"{endpoint.name} answer"] = (operation.answer, "serialization")
    if operation.body is not None:
        wanted[f"{endpoint.name} body"] = (operation.body, "validation")
    return wanted


def _operation(endpoint: Endpoint, inline: Mapping[str, Any]) -> dict[str, Any]:
    operation = endpoint.described
    made: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": operation.summary,
        "tags": [endpoint.path.split("/")[1] or "service"],
        "responses": _responses(endpoint, inline),
        "security": _security(operation),
    }
    if parameters := _parameters(endpoint):
        made["parameters"] = parameters
    if operation.body is not None:
        content = {operation.body_type: {"schema": inline[f"{endpoint.name} body"]}}
        made["requestBody"] = {"content": content, "required": operation.body_required}
    return made


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    operation = endpoint.described
    path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": schema(operation.path.get(name, str)),
        }
        for name in endpoint.parameters
    ]
    places = {"query": operation.query, "header": operation.headers}
    return path + [
        {
            "name": item.name,
            "in": place,
            "required": item.required,
            "description": item.description,
            "schema": schema(item.kind),
        }
        for place, items in places.items()
        for item in items
    ]


def _responses(endpoint: Endpoint, inline: Mapping[str, Any]) -> dict[str, Any]:
    operation = endpoint.described
    content = {kind: {"schema": schema(what)} for kind, what in operation.content.items()}
    if operation.answer is not None:
        content[JSON] = {"schema": inline[f"{endpoint.name} answer"]}
    success: dict[str, Any] = {"description": operation.summary}
    made = {str(operation.status): {**success, "content": content} if content else success}
    made |= {str(status): {"description": text} for status, text in operation.also.items()}
    return {**made, **error_responses(endpoint, inline["error"])}


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    """Scopes are the roles that 3.1 allows to name. An empty list: anybody."""
    if operation.access == "public":
        return []
    # What makes an admin: see `Caller.is_admin`.
    scopes = [ADMIN_SCOPE] if operation.access == "admin" else list(operation.scopes)
    token: dict[str, list[str]] = {"token": scopes}
    if operation.access == "runtime":
        return [token]
    return [token, {"cookie": scopes, "xsrf": []}]
