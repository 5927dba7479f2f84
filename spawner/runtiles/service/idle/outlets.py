"""Warnings that leave the house: to a webhook, and to a command of the site's that writes mail."""

import asyncio
import hashlib
import hmac
import json
import logging
import os
import time
import uuid
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPTimeoutError, SimpleAsyncHTTPClient

from .deliveries import PAUSES, Down, Line, Message

_log = logging.getLogger(__name__)
_TIMEOUT_S = 10.0
_COMMAND_S = 30.0
#: With these a receiver asks to be told later.
_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
#: For each outlet: so many are sent at a time, and so many wait.
_WORKERS, _MOST = 8, 10_000
#: What the command has of the service's environment: the rest holds the service's own credentials.
_GIVEN = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
)


@dataclass
class Outlets:
    """`url` gets a POST of JSON, with `Runtiles-Signature: t=SECONDS,v1=HEX`: the HMAC-SHA256 of
    `SECONDS.BODY` with `secret`. `command` gets the same JSON on its standard input, without a shell, and
    little of the service's environment.

    Neither the address, which may be a secret by itself, nor the secret is ever in a log.
    """

    url: str = field(default="", repr=False)
    secret: bytes = field(default=b"", repr=False)
    command: Sequence[str] = ()
    workers: int = _WORKERS
    most: int = _MOST
    pauses: Sequence[float] = PAUSES
    _lines: list[Line] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        works = (self._post if self.url else None, self._run if self.command else None)
        # One that is slow does not hold up the other.
        self._lines = [Line(one, self.workers, self.most, self.pauses) for one in works if one]

    async def send(self, message: Mapping[str, Any], about: Hashable | None = None) -> None:
        """Returns at once; what fails is tried again, unless something newer is sent about the same."""
        id_ = uuid.uuid4().hex
        told = {"version": 1, "id": id_, "at": round(time.time()), **message}
        body = json.dumps(told).encode()
        for line in self._lines:
            line.put(Message(id_, body, about))

    def moot(self, about: Hashable) -> None:
        """What was not sent yet about this is not true any more."""
        for line in self._lines:
            line.moot(about)

    async def settled(self) -> None:
        for line in self._lines:
            await line.waiting.join()

    async def close(self) -> None:
        for line in self._lines:
            await line.close()

    async def _post(self, message: Message) -> None:
        headers = {
            "Content-Type": "application/json",
            "Runtiles-Id": message.id,
            **self._signed(message.body),
        }
        request = HTTPRequest(
            self.url,
            method="POST",
            body=message.body,
            headers=headers,
            connect_timeout=_TIMEOUT_S,
            request_timeout=_TIMEOUT_S,
            follow_redirects=False,
        )
        client = SimpleAsyncHTTPClient(force_instance=True)
        try:
            await client.fetch(request)
        except HTTPTimeoutError:
            raise Down("The webhook does not answer in time") from None
        except HTTPClientError as error:
            if error.code in _LATER or error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise Down(f"The webhook answered {error.code}") from None
            _log.warning("The webhook answered %d", error.code)
        except OSError as error:
            raise Down(f"The webhook does not answer: {type(error).__name__}") from None
        except ValueError as error:
            _log.warning("The webhook does not answer: %s", type(error).__name__)
        finally:
            client.close()

    def _signed(self, body: bytes) -> dict[str, str]:
        if not self.secret:
            return {}
        at = str(round(time.time()))
        found = hmac.new(self.secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {"Runtiles-Signature": f"t={at},v1={found}"}

    async def _run(self, message: Message) -> None:
        pipe, devnull = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *self.command, stdin=pipe, stdout=devnull, stderr=devnull, env=_environment()
            )
        except OSError as error:
            _log.error("The command for warnings cannot be run: %s", error.strerror)
            return
        try:
            await asyncio.wait_for(process.communicate(message.body), _COMMAND_S)
        except asyncio.TimeoutError:
            raise Down(f"The command for warnings took longer than {_COMMAND_S:.0f} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise Down(f"The command for warnings ended with {process.returncode}")


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _GIVEN if name in os.environ}


def read_secret(path: str) -> bytes:
    """Empty without a path. Raises OSError."""
    return Path(path).read_bytes().strip() if path else b""
