"""The document: a route table in, OpenAPI 3.1 out. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from runtiles import __version__
from runtiles.contract.errors import (
    InvalidRequest,
    NotAllowed,
    NotFound,
    RuntilesError,
    ServiceUnavailable,
)
from runtiles.service.access import ADMIN_SCOPE
from runtiles.service.errors import (
    HubRefused,
    Internal,
    TooLarge,
    Unauthenticated,
    XsrfFailed,
    status_of_kind,
)

from .models.errors import ErrorAnswer
from .operation import USER, Operation
from .routes import Endpoint, Route, endpoints
from .schemas import Wanted, schema, schemas

_JSON = "application/json"
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
_SUMMARIES = {
    400: "Something in the request is wrong; `details.fields` says what.",
    401: "Nobody is logged in, or the token is not valid.",
    403: "This caller may not do that.",
    404: "There is no such thing, or it is none of this caller's business.",
    409: "The state of things does not allow it (any more).",
    413: "The body is too large.",
    429: "A limit is reached.",
    500: "A defect of the service; its log tells more.",
    501: "Named, and not there yet.",
    502: "The Hub refused, or the launch failed.",
    503: "Hub, engine or service cannot do it just now.",
}
_CHANGING = ("post", "put", "patch", "delete")


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


def errors_of(endpoint: Endpoint) -> tuple[type[RuntilesError], ...]:
    """What may go wrong: what the operation says, and what is the same everywhere."""
    operation = _described(endpoint)
    common: list[type[RuntilesError]] = [Internal]
    if operation.access != "public":
        common += [Unauthenticated, NotAllowed, XsrfFailed, InvalidRequest, ServiceUnavailable]
    if endpoint.parameters:
        common += [NotFound, InvalidRequest]
    if USER in operation.query:
        common += [NotFound]
    if operation.scopes:
        # The Hub is asked with the caller's token, and has the last word.
        common += [HubRefused]
    if endpoint.method in _CHANGING:
        common += [TooLarge]
    return tuple(dict.fromkeys([*common, *operation.errors]))


def _wanted(endpoint: Endpoint) -> dict[str, Wanted]:
    """The types that this operation shows, by keys that are its own."""
    operation = _described(endpoint)
    wanted: dict[str, Wanted] = {}
    if operation.answer is not None:
        wanted[f"{endpoint.name} answer"] = (operation.answer, "serialization")
    if operation.body is not None:
        wanted[f"{endpoint.name} body"] = (operation.body, "validation")
    return wanted


def _operation(endpoint: Endpoint, inline: Mapping[str, Any]) -> dict[str, Any]:
    operation = _described(endpoint)
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
    operation = _described(endpoint)
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
    operation = _described(endpoint)
    content = {kind: {"schema": schema(what)} for kind, what in operation.content.items()}
    if operation.answer is not None:
        content[_JSON] = {"schema": inline[f"{endpoint.name} answer"]}
    success: dict[str, Any] = {"description": operation.summary}
    made = {str(operation.status): {**success, "content": content} if content else success}
    made |= {str(status): {"description": text} for status, text in operation.also.items()}
    return {**made, **_error_responses(errors_of(endpoint), inline["error"])}


def _error_responses(kinds: Iterable[type[RuntilesError]], shape: Any) -> dict[str, Any]:
    codes: dict[int, list[str]] = defaultdict(list)
    for kind in kinds:
        codes[status_of_kind(kind)].append(kind.code)
    return {
        str(status): {
            "description": f"{_SUMMARIES[status]} Codes: {', '.join(f'`{c}`' for c in found)}.",
            "content": {_JSON: {"schema": shape}},
        }
        for status, found in sorted(codes.items())
    }


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


def _described(endpoint: Endpoint) -> Operation:
    found = endpoint.operation
    if found is None:
        raise LookupError(f"{endpoint.method} {endpoint.path} has no @operation")
    return found
