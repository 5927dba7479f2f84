"""What runs in a runtime, asked by the service: the one file that calls the runtime's own interface."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from runtiles.contract.errors import (
    Conflict,
    InvalidRequest,
    RuntilesError,
    ServiceUnavailable,
)
from runtiles.contract.state import CONTROL_SCHEME
from runtiles.contract.statuses import KINDS
from runtiles.service.crowd import Crowd
from runtiles.store import LaunchRecord, Store

from . import distrust

_CONNECT_S = 10.0
_API = "runtiles/api/"
_MOST_AT_ONCE = 16


class RuntimeUnreachable(ServiceUnavailable):
    """The runtime's own server does not answer."""

    code = "runtime_unreachable"


class RuntimeRefused(RuntilesError):
    """It answered with an error that we have no word for."""

    code = "runtime"


class Gateway:
    """Shows the launch's control key, which nobody but the service and this runtime has."""

    def __init__(self, store: Store, *, ssl_context: ssl.SSLContext | None = None) -> None:
        self._store = store
        self._ssl = ssl_context
        self._client = SimpleAsyncHTTPClient(
            force_instance=True, max_clients=1000, max_body_size=distrust.MOST_BYTES
        )
        # One that never answers keeps nobody from the others.
        self._open = Crowd(_MOST_AT_ONCE, "questions to this runtime")

    def close(self) -> None:
        self._client.close()

    async def call(
        self,
        owner: str,
        server: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        timeout: float = 30.0,
    ) -> Any:
        """The answer's JSON, None for an empty one. `path` is below the runtime's interface, `server` the
        Hub's name of it.

        Raises what the runtime refused with its code and message, Conflict when it does not run or is
        of a version without this call, RuntimeUnreachable when it does not answer, LimitReached when
        many questions to it are open.
        """
        launch = await asyncio.to_thread(self._store.launches.latest, owner, server)
        if launch is None or not launch.address or launch.ended_at is not None:
            raise Conflict("This runtime is not running.", hint="Start it first.")
        return await self.ask(launch, method, path, body, timeout=timeout)

    async def ask(
        self,
        launch: LaunchRecord,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        timeout: float = 30.0,
    ) -> Any:
        """The same of this very launch, whether it is the newest or not."""
        key = await asyncio.to_thread(self._store.state_keys.control_key, launch.user, launch.id)
        request = HTTPRequest(
            launch.address.rstrip("/") + "/" + _API + path,
            method=method,
            headers={
                "Authorization": f"{CONTROL_SCHEME} {key}",
                "Content-Type": "application/json",
            },
            body=None if body is None and method != "POST" else json.dumps(body or {}),
            allow_nonstandard_methods=True,
            connect_timeout=min(_CONNECT_S, timeout),
            request_timeout=timeout,
            follow_redirects=False,
            ssl_options=self._ssl,
        )
        try:
            with self._open.inside(launch.id):
                response = await self._client.fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:
            raise _unreachable() from error
        if response.code == 599:
            raise _unreachable() from response.error
        return answer_of(response.code, response.body or b"")


def answer_of(status: int, body: bytes) -> Any:
    """The JSON of an answer. Raises what an answer that is no success stands for."""
    if status >= 300:
        raise refusal(status, body)
    try:
        return distrust.parsed(body) if body else None
    except ValueError:
        raise RuntimeRefused("The runtime answered what nobody understands.") from None


_KINDS: Mapping[int, type[RuntilesError]] = {
    **KINDS,
    502: RuntimeUnreachable,
    503: RuntimeUnreachable,
}


def refusal(status: int, body: bytes) -> RuntilesError:
    """What the runtime says, with its own code, message, hint and details."""
    told = _told(body)
    if told is None:
        return _without_words(status)
    details = told.get("details")
    details = dict(details) if isinstance(details, Mapping) else {}
    hint = distrust.line(told.get("hint")) or distrust.line(details.pop("hint", ""))
    message = distrust.line(told.get("message")) or f"The runtime answered {status}."
    if status == 400:
        fields = details.get("fields")
        error: RuntilesError = InvalidRequest(
            {k: distrust.line(v) for k, v in fields.items()}
            if isinstance(fields, Mapping)
            else {"request": message}
        )
    else:
        error = _KINDS.get(status, RuntimeRefused)(message, hint=hint, details=details)
    error.code = distrust.code(told.get("code"), error.code)
    return error


def _without_words(status: int) -> RuntilesError:
    if status == 404:
        return Conflict(
            "This runtime was started by an older version of Runtiles, which cannot do this.",
            hint="Stop it and start it once.",
            details={"reason": "old_runtime"},
        )
    if status in (401, 403):
        return Conflict(
            "This runtime does not know the service.",
            hint="Stop it and start it once.",
            details={"reason": "unknown_key"},
        )
    return RuntimeUnreachable(f"The runtime answered {status}.")


def _told(body: bytes) -> dict[str, Any] | None:
    """The error of our own form, None for anybody else's."""
    try:
        found = distrust.parsed(body[: distrust.MOST_ERROR])["error"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, dict) and "code" in found else None


def _unreachable() -> RuntimeUnreachable:
    return RuntimeUnreachable(
        "The runtime does not answer.", hint="Try again in a moment, or stop and start it."
    )
