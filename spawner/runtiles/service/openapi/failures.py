"""What may go wrong with an operation, and how the document says so. Pure."""

from collections import defaultdict
from typing import Any

from runtiles.contract.errors import (
    InvalidRequest,
    NotAllowed,
    NotFound,
    RuntilesError,
    ServiceUnavailable,
)
from runtiles.service.errors import (
    HubRefused,
    Internal,
    TooLarge,
    Unauthenticated,
    XsrfFailed,
    status_of_kind,
)

from .operation import JSON, USER
from .routes import Endpoint

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


def error_responses(endpoint: Endpoint, shape: Any) -> dict[str, Any]:
    """By status; `shape` is the schema of the one shape that errors have."""
    codes: dict[int, list[str]] = defaultdict(list)
    for kind in errors_of(endpoint):
        codes[status_of_kind(kind)].append(kind.code)
    return {
        str(status): {
            "description": f"{_SUMMARIES[status]} Codes: {', '.join(f'`{c}`' for c in found)}.",
            "content": {JSON: {"schema": shape}},
        }
        for status, found in sorted(codes.items())
    }


def errors_of(endpoint: Endpoint) -> tuple[type[RuntilesError], ...]:
    """What may go wrong: what the operation says, and what is the same everywhere."""
    operation = endpoint.described
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
