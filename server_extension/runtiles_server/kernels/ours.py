"""What we ask of a kernel ourselves is nobody's work: it makes no kernel busy, and none active."""

import json
import uuid
from typing import Any, Callable, List

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
    """Jupyter's record of a kernel (`execution_state`, `last_activity`) passes over what we cause.

    A kernel manager that keeps no such record stays as it is.
    """
    watch = getattr(kernel_manager, "start_watching_activity", None)
    if watch is None:
        return

    def start_watching_activity(kernel_id: str) -> None:
        watch(kernel_id)
        stream = getattr(kernel_manager.get_kernel(kernel_id), "_activity_stream", None)
        record = getattr(stream, "_recv_callback", None)
        if stream is not None and record is not None:
            stream.on_recv(_others(record))

    kernel_manager.start_watching_activity = start_watching_activity


def _others(record: Callable[[List[bytes]], None]) -> Callable[[List[bytes]], None]:
    def record_others(message: List[bytes]) -> None:
        if not is_ours(message):
            record(message)

    return record_others


def is_ours(message: List[bytes]) -> bool:
    """Did one of our clients cause this message of a kernel?"""
    try:
        parent = message[message.index(_DELIMITER) + _PARENT]
        # Most messages are somebody else's: those are not taken apart.
        return _OURS.encode() in parent and json.loads(parent)["session"].startswith(_OURS)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        return False
