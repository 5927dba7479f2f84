"""What we ask of a kernel ourselves is nobody's work: it makes no kernel busy, and none active."""

import inspect
import json
import uuid
from typing import Any, Awaitable, Callable, List
from weakref import WeakKeyDictionary

from .requests import Requests

#: What the sessions of all our clients in this process begin with.
_OURS = f"runtiles-{uuid.uuid4().hex}-"
_DELIMITER = b"<IDS|MSG>"
#: After the delimiter: the signature, the header, the parent's header.
_PARENT = 3


def mark(client: Any) -> None:
    """From now on what this kernel client causes is known as ours."""
    # Each its own: the kernel knows clients apart by it, and leaves a second one of a name without answer.
    client.session.session = _OURS + uuid.uuid4().hex


def leave_out_ours(kernel_manager: Any) -> None:
    """Jupyter's record of a kernel (`execution_state`, `last_activity`) passes over what we cause, and what
    polls do; and the kernel is busy in it as long as it is at anything.

    A kernel manager that keeps no such record stays as it is.
    """
    watch = getattr(kernel_manager, "start_watching_activity", None)
    if watch is None:
        return
    counts = getattr(kernel_manager, "track_message_type", None) or bool
    watched: "WeakKeyDictionary[Any, Requests]" = WeakKeyDictionary()

    def start_watching_activity(kernel_id: str) -> None:
        watch(kernel_id)
        kernel = kernel_manager.get_kernel(kernel_id)
        if kernel not in watched:
            watched[kernel] = Requests(counts)
            _forget_at_restarts(kernel, watched[kernel])
        stream = getattr(kernel, "_activity_stream", None)
        record = getattr(stream, "_recv_callback", None)
        if stream is not None and record is not None:
            stream.on_recv(_news(record, watched[kernel]))

    kernel_manager.start_watching_activity = start_watching_activity


def _news(
    record: Callable[[List[bytes]], None], requests: Requests
) -> Callable[[List[bytes]], None]:
    def record_news(message: List[bytes]) -> None:
        if not is_ours(message) and requests.is_news(message):
            record(message)

    return record_news


def _forget_at_restarts(kernel: Any, requests: Requests) -> None:
    """A kernel that was busy when it ended says no more that it is idle. What its successor says first may
    be lost while the sockets connect again."""
    restart = getattr(kernel, "restart_kernel", None)
    if restart is None:
        return

    def begin_anew() -> None:
        requests.forget()
        if getattr(kernel, "execution_state", "") == "busy":
            kernel.execution_state = "starting"

    async def when_restarted(restarted: Awaitable[Any]) -> Any:
        try:
            return await restarted
        finally:
            begin_anew()

    def restart_kernel(*arguments: Any, **options: Any) -> Any:
        result = restart(*arguments, **options)
        if inspect.isawaitable(result):
            return when_restarted(result)
        begin_anew()
        return result

    kernel.restart_kernel = restart_kernel


def is_ours(message: List[bytes]) -> bool:
    """Did one of our clients cause this message of a kernel?"""
    try:
        parent = message[message.index(_DELIMITER) + _PARENT]
        # Most messages are somebody else's: those are not taken apart.
        return _OURS.encode() in parent and json.loads(parent)["session"].startswith(_OURS)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        return False
