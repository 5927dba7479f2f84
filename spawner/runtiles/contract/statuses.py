"""Which HTTP status stands for which error: the same in answers of the service and of a runtime, and for
whoever reads them."""

from types import MappingProxyType
from typing import Mapping, Type

from .errors import (
    Conflict,
    InvalidRequest,
    LimitReached,
    NotAllowed,
    NotFound,
    RuntilesError,
    ServiceUnavailable,
)

#: None of these is a kind of another: their order means nothing.
STATUSES: Mapping[Type[RuntilesError], int] = MappingProxyType(
    {
        InvalidRequest: 400,
        NotAllowed: 403,
        NotFound: 404,
        Conflict: 409,
        LimitReached: 429,
        ServiceUnavailable: 503,
    }
)
#: The way back, for those that a message makes; an InvalidRequest is made of its fields.
KINDS: Mapping[int, Type[RuntilesError]] = MappingProxyType(
    {status: kind for kind, status in STATUSES.items() if kind is not InvalidRequest}
)
#: Codes of answers that a server gives on its own.
CODES: Mapping[int, str] = MappingProxyType(
    {
        400: "invalid_request",
        401: "unauthenticated",
        403: "not_allowed",
        404: "not_found",
        405: "method_not_allowed",
        413: "too_large",
    }
)
