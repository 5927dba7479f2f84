"""Blocking calls beside the event loop, in threads that hold up nobody's end."""

import asyncio
import threading
from contextlib import suppress
from typing import Any, Callable, TypeVar

_T = TypeVar("_T")


async def beside(call: Callable[..., _T], *arguments: Any) -> _T:
    """What `call` returns or raises. A process that ends does not wait for it, as it would for an
    executor's threads: a service that does not answer must not delay a stop."""
    loop = asyncio.get_running_loop()
    future: "asyncio.Future[_T]" = loop.create_future()

    def work() -> None:
        try:
            result, error = call(*arguments), None
        except Exception as problem:  # noqa: BLE001 # whoever waits is told
            result, error = None, problem
        with suppress(RuntimeError):  # The loop is closed.
            loop.call_soon_threadsafe(_settle, future, result, error)

    threading.Thread(target=work, name="runtiles", daemon=True).start()
    return await future


def _settle(future: "asyncio.Future[Any]", result: Any, error: Any) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
