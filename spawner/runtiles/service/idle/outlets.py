"""Warnings that leave the house: to a webhook, and to a command of the site's that writes mail."""

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

_log = logging.getLogger(__name__)
_TIMEOUT_S = 10.0
_COMMAND_S = 30.0
#: More than so many at a time are dropped, with a line in the log: nobody waits for a slow receiver.
_MOST = 50


@dataclass
class Outlets:
    """`url` gets a POST of JSON, with `Runtiles-Signature: t=SECONDS,v1=HEX`: the HMAC-SHA256 of
    `SECONDS.BODY` with `secret`. `command` gets the same JSON on its standard input, without a shell.

    Neither the address, which may be a secret by itself, nor the secret is ever in a log.
    """

    url: str = field(default="", repr=False)
    secret: bytes = field(default=b"", repr=False)
    command: Sequence[str] = ()
    _sending: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    async def send(self, message: Mapping[str, Any]) -> None:
        """Returns at once; what fails is a line in the log."""
        body = json.dumps({"version": 1, "at": round(time.time()), **message}).encode()
        for works in (self._post if self.url else None, self._run if self.command else None):
            if works is None:
                continue
            if len(self._sending) >= _MOST:
                _log.error("A message to the outside was dropped: %d wait already", _MOST)
                continue
            task = asyncio.create_task(works(body))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def settled(self) -> None:
        while self._sending:
            await asyncio.gather(*self._sending, return_exceptions=True)

    async def close(self) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _post(self, body: bytes) -> None:
        headers = {"Content-Type": "application/json", **self._signed(body)}
        request = HTTPRequest(
            self.url,
            method="POST",
            body=body,
            headers=headers,
            connect_timeout=_TIMEOUT_S,
            request_timeout=_TIMEOUT_S,
            follow_redirects=False,
        )
        client = SimpleAsyncHTTPClient(force_instance=True)
        try:
            await client.fetch(request)
        except HTTPClientError as error:
            _log.warning("The webhook answered %d", error.code)
        except (OSError, ValueError) as error:
            _log.warning("The webhook does not answer: %s", type(error).__name__)
        finally:
            client.close()

    def _signed(self, body: bytes) -> dict[str, str]:
        if not self.secret:
            return {}
        at = str(round(time.time()))
        found = hmac.new(self.secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {"Runtiles-Signature": f"t={at},v1={found}"}

    async def _run(self, body: bytes) -> None:
        pipe, devnull = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *self.command, stdin=pipe, stdout=devnull, stderr=devnull
            )
        except OSError as error:
            _log.error("The command for warnings cannot be run: %s", error.strerror)
            return
        try:
            await asyncio.wait_for(process.communicate(body), _COMMAND_S)
        except asyncio.TimeoutError:
            _log.error("The command for warnings took longer than %d s", _COMMAND_S)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            _log.error("The command for warnings ended with %d", process.returncode)


def read_secret(path: str) -> bytes:
    """Empty without a path. Raises OSError."""
    return Path(path).read_bytes().strip() if path else b""
