"""From a started container to a server that answers: follow its output, watch its life, ask its port."""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress

from runtiles.contract.errors import LaunchFailed
from runtiles.contract.events import LaunchEvent

from .readiness import wait_ready

#: Takes a phase and a line of output, reports it, and answers what the line was.
TakeLine = Callable[[str, str], LaunchEvent]


class Boot:
    """One boot. `phase` and `failure` are what the launcher last said about itself."""

    def __init__(self, take_line: TakeLine, silence: float, limit: float = float("inf")) -> None:
        self.phase = "starting"
        self.failure: LaunchEvent | None = None
        self._take_line = take_line
        self._silence = silence
        self._limit = limit
        self._heard = time.monotonic()

    async def run(
        self,
        lines: AsyncGenerator[str, None],
        ended: Callable[[], Awaitable[LaunchFailed]],
        silent: Callable[[str], LaunchFailed],
        url: str,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Returns when `url` answers.

        Raises what `ended()` resolves to when the container ends first, and `silent(phase)` when
        nothing was heard from it for too long.
        """

        begin = time.monotonic()

        async def still_starting() -> None:
            now = time.monotonic()
            # A container that talks for ever is not starting either.
            if now - self._heard > self._silence or now - begin > self._limit:
                raise silent(self.phase)

        follower = asyncio.create_task(self._follow(lines))
        death = asyncio.ensure_future(ended())
        ready = asyncio.create_task(wait_ready(url, still_starting, ssl_context=ssl_context))
        try:
            await asyncio.wait({death, ready}, return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                # Its last words are still on the way: the end overtakes the output.
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(asyncio.shield(follower), 2.0)
                raise death.result()
            ready.result()
        finally:
            for task in (follower, death, ready):
                task.cancel()
            await asyncio.gather(follower, death, ready, return_exceptions=True)

    async def _follow(self, lines: AsyncGenerator[str, None]) -> None:
        async with aclosing(lines):
            async for line in lines:
                self._heard = time.monotonic()
                event = self._take_line(self.phase, line)
                self.phase = event.phase
                if event.kind == "failed":
                    self.failure = event
