"""The service's own interface, asked by this runtime's server with its own token."""

import asyncio
import json
import os
import urllib.error
import urllib.request
from typing import Any, Dict, Mapping, Optional
from urllib.parse import quote, urlsplit, urlunsplit

from runtiles.contract.errors import (
    Conflict,
    InvalidRequest,
    NotAllowed,
    RuntilesError,
    ServiceUnavailable,
)
from runtiles.contract.protocol import ENV_LAUNCH_URL
from runtiles.contract.statuses import KINDS

from .hub_client import opener_for

_MARK = "/api/launch-spec/"


class Service:
    """Knows where it is by what the launcher was told."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ

    async def call(
        self, method: str, path: str, body: Optional[Dict[str, Any]] = None, timeout: float = 60.0
    ) -> Any:
        """The answer's JSON. `path` is below the service's interface.

        Raises what the service refused, with its code, message and hint; NotAllowed where the site lets
        no program in a runtime act; ServiceUnavailable.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._call, method, path, body, timeout)

    def _call(self, method: str, path: str, body: Any, timeout: float) -> Any:
        url = f"{self._base()}/{quote(path)}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {self._token()}", "Content-Type": "application/json"}
        request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310
        try:
            with opener_for(url, self._environ).open(request, timeout=timeout) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            with error:
                raise refusal(error.code, error.read(1 << 20)) from None
        except Exception as error:  # http.client raises a dozen kinds
            raise _silent() from error
        return json.loads(text) if text else {}

    def _base(self) -> str:
        parts = urlsplit(self._environ.get(ENV_LAUNCH_URL, ""))
        before, mark, _ = parts.path.partition(_MARK)
        if not mark:
            raise ServiceUnavailable("This server was not started by Runtiles.")
        return urlunsplit((parts.scheme, parts.netloc, f"{before}/api", "", ""))

    def _token(self) -> str:
        return self._environ.get("JUPYTERHUB_API_TOKEN", "")


def refusal(status: int, body: bytes) -> RuntilesError:
    """What the service says, in our own words where they are clearer here."""
    try:
        told = json.loads(body)["error"]
        code, message, details = str(told["code"]), str(told["message"]), dict(told["details"])
    except (ValueError, KeyError, TypeError):
        return ServiceUnavailable(f"The Runtiles service answered {status}.")
    hint = str(details.pop("hint", "")) or str(told.get("hint") or "")
    if status in (401, 403) and "scope" in str(details) + message:
        return NotAllowed(
            "This site does not let a runtime act on its user's runtimes.",
            hint="Do it on the page of your runtimes.",
            details={"reason": message},
        )
    if status == 400 and isinstance(details.get("fields"), dict):
        return InvalidRequest(details["fields"])
    kind = KINDS.get(status, ServiceUnavailable if status >= 500 else Conflict)
    error: RuntilesError = kind(message, hint=hint, details=details)
    error.code = code
    return error


def _silent() -> ServiceUnavailable:
    return ServiceUnavailable(
        "The Runtiles service does not answer.", hint="Try again in a moment."
    )
