"""Warnings that leave the house: to a webhook, and to a command of the site's that writes mail."""

import asyncio
import hashlib
import hmac
import json
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

_log = logging.getLogger(__name__)
_TIMEOUT_S = 10.0
_COMMAND_S = 30.0
#: For each outlet: so many are sent at a time, and so many wait. What comes beyond is dropped, with a line
#: in the log: nobody waits for a slow receiver.
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
class _Line:
    """Messages that wait for one outlet, in order."""

    works: Callable[[bytes], Awaitable[None]]
    workers: int
    waiting: asyncio.Queue[bytes]
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def put(self, body: bytes) -> None:
        """Raises QueueFull."""
        self.waiting.put_nowait(body)
        if len(self._tasks) < self.workers:
            self._tasks.append(asyncio.get_running_loop().create_task(self._work()))

    async def _work(self) -> None:
        while True:
            body = await self.waiting.get()
            try:
                await self.works(body)
            except Exception:  # noqa: BLE001, RUF100 - any: the next one may get through
                _log.exception("A message to the outside was lost")
            finally:
                self.waiting.task_done()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


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
    _lines: list[_Line] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        works = (self._post if self.url else None, self._run if self.command else None)
        # One that is slow does not hold up the other.
        self._lines = [_Line(one, self.workers, asyncio.Queue(self.most)) for one in works if one]

    async def send(self, message: Mapping[str, Any]) -> None:
        """Returns at once; what fails is a line in the log."""
        body = json.dumps({"version": 1, "at": round(time.time()), **message}).encode()
        for line in self._lines:
            try:
                line.put(body)
            except asyncio.QueueFull:
                _log.error("A message to the outside was dropped: %d wait already", self.most)

    async def settled(self) -> None:
        for line in self._lines:
            await line.waiting.join()

    async def close(self) -> None:
        for line in self._lines:
            await line.close()
            if lost := line.waiting.qsize():
                _log.warning("%d messages to the outside were not sent: the service ends", lost)

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
                *self.command, stdin=pipe, stdout=devnull, stderr=devnull, env=_environment()
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


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _GIVEN if name in os.environ}


def read_secret(path: str) -> bytes:
    """Empty without a path. Raises OSError."""
    return Path(path).read_bytes().strip() if path else b""
