"""When does a starting server answer? Asked every few milliseconds, because the Hub's own back-off
sleeps up to seconds past the moment (0.7 s median, 2.6 s p95 for a server that boots in 1.3 s).
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

#: Short enough to be invisible, long enough that 20 starting servers cost the Hub little.
_INTERVAL_S = 0.025
_REQUEST_TIMEOUT_S = 5.0


async def wait_ready(
    url: str,
    still_starting: Callable[[], Awaitable[None]],
    *,
    ssl_context: ssl.SSLContext | None = None,
    interval: float = _INTERVAL_S,
) -> None:
    """Return as soon as `url` answers with a status below 500.

    `still_starting` is called before each attempt and raises when there is nothing left to wait for
    (the container ended, the deadline passed); what it raises goes to the caller.
    """
    client = _new_client()
    request = HTTPRequest(
        url,
        connect_timeout=_REQUEST_TIMEOUT_S,
        request_timeout=_REQUEST_TIMEOUT_S,
        ssl_options=ssl_context,
        follow_redirects=False,
    )
    try:
        while not await _answers(client, request):
            await still_starting()
            await asyncio.sleep(interval)
    finally:
        client.close()


def _new_client() -> AsyncHTTPClient:
    # Its own client: the shared one queues behind 10 slow requests, and is the Hub's.
    return SimpleAsyncHTTPClient(force_instance=True, max_clients=1)


async def _answers(client: AsyncHTTPClient, request: HTTPRequest) -> bool:
    try:
        response = await client.fetch(request, raise_error=False)
    except (OSError, HTTPClientError):
        # Nobody listens yet, or the engine's port proxy took the connection for nobody.
        return False
    return bool(response.code < 500)
