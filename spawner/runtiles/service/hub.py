"""The Hub's REST API: the one file that calls it, always with a token that the caller handed in."""

import json
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from runtiles.contract.errors import (
    Conflict,
    InvalidRequest,
    LaunchFailed,
    LimitReached,
    NotAllowed,
    NotFound,
    RuntilesError,
    ServiceUnavailable,
)

from .errors import HubRefused

#: A start is answered after the Hub's slow_spawn_timeout (10 s unless configured) at the latest.
_TIMEOUT_S = 60.0
_PAGE = 200


@dataclass(frozen=True)
class HubUser:
    """`servers`: the Hub's server models by name ("" is the unnamed one), stopped ones included. Not those
    that nobody ever started: the Hub makes one of every name whose spawn page somebody looks at.

    None when the token may not read them. `groups` likewise.
    """

    name: str
    servers: Mapping[str, Mapping[str, Any]] | None
    groups: tuple[str, ...] | None = None


class Hub:
    """Raises contract errors only: NotAllowed, NotFound, Conflict, LimitReached, InvalidRequest,
    LaunchFailed, ServiceUnavailable when the Hub does not answer, HubRefused for anything else."""

    def __init__(self, api_url: str, *, ssl_context: ssl.SSLContext | None = None) -> None:
        self._api_url = api_url.rstrip("/")
        self.ssl_context = ssl_context
        # Its own client with room: the shared one has ten places, and a start holds one for seconds.
        self._client = SimpleAsyncHTTPClient(force_instance=True, max_clients=1000)

    def close(self) -> None:
        self._client.close()

    async def user(self, token: str, name: str) -> HubUser:
        model = await self._call(token, "GET", f"/users/{_q(name)}?include_stopped_servers=1")
        return user_of(model)

    async def users(self, token: str) -> list[HubUser]:
        """Everybody whom the token may list."""
        found: list[HubUser] = []
        while True:
            query = f"?include_stopped_servers=1&limit={_PAGE}&offset={len(found)}"
            page = await self._call(token, "GET", f"/users{query}")
            found += [user_of(model) for model in page]
            if len(page) < _PAGE:
                return found

    async def inactive_users(self, token: str) -> list[Mapping[str, Any]]:
        """The Hub's models of those who have no server that runs."""
        found: list[Mapping[str, Any]] = []
        while True:
            query = f"?state=inactive&limit={_PAGE}&offset={len(found)}"
            page = await self._call(token, "GET", f"/users{query}")
            found += page
            if len(page) < _PAGE:
                return found

    async def model_of(self, token: str, name: str) -> Mapping[str, Any]:
        """The Hub's own model of one user, with the servers that run."""
        model: Mapping[str, Any] = await self._call(token, "GET", f"/users/{_q(name)}")
        return model

    async def delete_user(self, token: str, name: str) -> None:
        await self._call(token, "DELETE", f"/users/{_q(name)}")

    async def check_group(self, token: str, name: str) -> None:
        """Raises NotFound for a group that is not there, NotAllowed."""
        await self._call(token, "GET", f"/groups/{_q(name)}")

    async def version(self) -> str:
        """JupyterHub's."""
        return str((await self._call("", "GET", "/"))["version"])

    async def start(
        self, token: str, user: str, server: str, *, options: Mapping[str, Any]
    ) -> None:
        """Returns when the server is ready or the Hub got tired of waiting; see `_TIMEOUT_S`."""
        body = {"user_options": dict(options)}
        try:
            await self._call(token, "POST", _server_path(user, server), body)
        except HubRefused as error:
            raise LaunchFailed(error.message) from error

    async def stop(self, token: str, user: str, server: str) -> None:
        """Also fine when it does not run."""
        await self._call(token, "DELETE", _server_path(user, server))

    async def remove(self, token: str, user: str, server: str) -> None:
        """Stops a named server and removes it from the Hub, which may finish after the answer."""
        await self._call(token, "DELETE", _server_path(user, server), {"remove": True})

    async def make_token(
        self, token: str, user: str, *, scopes: Sequence[str], life: int, note: str
    ) -> Mapping[str, Any]:
        """The Hub's model of a new token of the user, `token` and `id` in it; `life` in seconds."""
        body = {"scopes": list(scopes), "expires_in": life, "note": note}
        made: Mapping[str, Any] = await self._call(token, "POST", f"/users/{_q(user)}/tokens", body)
        return made

    async def token(self, token: str, user: str, token_id: str) -> Mapping[str, Any]:
        path = f"/users/{_q(user)}/tokens/{_q(token_id)}"
        model: Mapping[str, Any] = await self._call(token, "GET", path)
        return model

    async def revoke_token(self, token: str, user: str, token_id: str) -> None:
        await self._call(token, "DELETE", f"/users/{_q(user)}/tokens/{_q(token_id)}")

    async def _call(
        self, token: str, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Any:
        request = HTTPRequest(
            self._api_url + path,
            method=method,
            headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
            body=None if body is None and method != "POST" else json.dumps(body or {}),
            allow_nonstandard_methods=True,
            connect_timeout=10.0,
            request_timeout=_TIMEOUT_S,
            follow_redirects=False,
            ssl_options=self.ssl_context,
        )
        try:
            response = await self._client.fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:
            raise _unreachable() from error
        if response.code == 599:
            raise _unreachable() from response.error
        if response.code >= 300:
            raise _refused(response)
        return json.loads(response.body) if response.body else None


def user_of(model: Mapping[str, Any]) -> HubUser:
    """Of the Hub's model of a user."""
    groups = model.get("groups")
    servers = model.get("servers")
    if servers is not None:
        servers = {name: server for name, server in servers.items() if not _only_looked_at(server)}
    return HubUser(model["name"], servers, None if groups is None else tuple(groups))


def _only_looked_at(server: Mapping[str, Any]) -> bool:
    """A start leaves options or activity behind, also one that failed."""
    traces = ("user_options", "last_activity", "started", "pending")
    return bool(server.get("stopped")) and not any(server.get(trace) for trace in traces)


def _server_path(user: str, server: str) -> str:
    tail = f"servers/{_q(server)}" if server else "server"
    return f"/users/{_q(user)}/{tail}"


def _q(name: str) -> str:
    return quote(name, safe="")


def _unreachable() -> ServiceUnavailable:
    return ServiceUnavailable("The Hub does not answer.", hint="Try again in a moment.")


#: The Hub (6.1) answers all of these with 400; its text is the only difference.
_BUSY = re.compile(r"is already running|is pending|pending (spawn|stop)|is active")
_LIMIT = re.compile(r"already has the maximum of \d+ named servers")
_NAME = re.compile(r"^Invalid server_name|^Starting invalid server_name")
_KINDS: Mapping[int, type[RuntilesError]] = {
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    502: ServiceUnavailable,
    503: ServiceUnavailable,
    504: ServiceUnavailable,
}


def _refused(response: HTTPResponse) -> RuntilesError:
    status, message = response.code, _message(response)
    if status == 400:
        return _bad_request(message)
    if status == 429:
        retry = response.headers.get("Retry-After")
        return LimitReached(message, details={"retry_after": int(retry)} if retry else None)
    if status in _KINDS:
        return _KINDS[status](message)
    return HubRefused(message)


def _bad_request(message: str) -> RuntilesError:
    if _BUSY.search(message):
        return Conflict(message)
    if _LIMIT.search(message):
        return LimitReached(message, hint="Delete a runtime you no longer need.")
    if _NAME.search(message):
        return InvalidRequest({"name": message})
    return InvalidRequest({"request": message})


def _message(response: HTTPResponse) -> str:
    try:
        message = json.loads(response.body)["message"]
    except (ValueError, KeyError, TypeError):
        message = None
    # The Hub's own 404 for a user has null there.
    return str(message or f"The Hub answered {response.code}.")
