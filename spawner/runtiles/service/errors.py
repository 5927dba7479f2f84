"""Our errors as HTTP: the one place that knows both. Every answer that is not a success has the shape
{"error": {"code", "message", "details"}}.
"""

import http
from typing import Any

from tornado.web import HTTPError, MissingArgumentError

from runtiles.contract.errors import (
    EngineUnavailable,
    InvalidRequest,
    LaunchFailed,
    NotAllowed,
    RuntilesError,
)
from runtiles.contract.statuses import CODES, STATUSES


class Unauthenticated(RuntilesError):
    """Nobody is known to be asking."""

    code = "unauthenticated"


class XsrfFailed(NotAllowed):
    """A browser's request without proof that one of our own pages sent it."""

    code = "xsrf"


class NotImplementedYet(RuntilesError):
    code = "not_implemented"


class TooLarge(RuntilesError):
    code = "too_large"


class Internal(RuntilesError):
    """What nobody foresaw. Its reason is for the log, not for the one who asked."""

    code = "internal"


class HubRefused(RuntilesError):
    """The Hub answered what we have no word for; the message is the Hub's own."""

    code = "hub"


_STATUS: tuple[tuple[type[RuntilesError], int], ...] = (
    *STATUSES.items(),
    (Unauthenticated, 401),
    (TooLarge, 413),
    (NotImplementedYet, 501),
    (HubRefused, 502),
    (EngineUnavailable, 503),
    (LaunchFailed, 502),
)

#: Codes of answers that tornado gives on its own.
_CODES = {**CODES, 503: "unavailable"}


def status_of(error: BaseException | None) -> int:
    """The HTTP status of an error; 500 for what nobody foresaw."""
    if isinstance(error, HTTPError):
        return error.status_code
    return status_of_kind(type(error)) if error else 500


def status_of_kind(kind: type[BaseException]) -> int:
    """The HTTP status of all errors of this class."""
    for known, status in _STATUS:
        if issubclass(kind, known):
            return status
    return 500


def body_of(error: BaseException | None, status: int) -> dict[str, Any]:
    """The answer's body. Of an unforeseen error it tells nothing: its text may hold anything."""
    if isinstance(error, RuntilesError):
        return {"error": error.to_dict()}
    if isinstance(error, MissingArgumentError):
        fields = {error.arg_name: "is missing"}
        return {"error": InvalidRequest(fields).to_dict()}
    if status in _CODES:
        message = http.HTTPStatus(status).phrase
        return {"error": {"code": _CODES[status], "message": f"{message}.", "details": {}}}
    message = "Something went wrong in the Runtiles service; its log has the reason."
    return {"error": Internal(message).to_dict()}
