"""Room for structures that nest deeper than a thread's usual stack."""

import contextvars
import ctypes
import gc
import sys
import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator, List, TypeVar

T = TypeVar("T")
_usual: List[int] = []
_STACK = 512 << 20
_LIMIT = 250_000
_HEED_S = 2.0


def with_room(work: Callable[[], T]) -> T:
    """What `work` gives, run where 250,000 nested calls fit, in the caller's context."""
    outcome: List[Any] = []
    context = contextvars.copy_context()

    def run() -> None:
        try:
            outcome.append((context.run(work), None))
        except BaseException as error:  # noqa: BLE001 - handed to the calling thread
            outcome.append((None, error))

    limit, stack = sys.getrecursionlimit(), threading.stack_size(_STACK)
    _usual.append(limit)
    try:
        sys.setrecursionlimit(max(limit, _LIMIT))
        thread = threading.Thread(target=run, name="runtiles-deep")
        thread.start()
        _joined(thread)
    finally:
        threading.stack_size(stack)
        sys.setrecursionlimit(_usual.pop())
    value, error = outcome[0]
    if error is not None:
        raise error
    return value


def _joined(thread: threading.Thread) -> None:
    """An interrupt, which only the calling thread sees, ends both."""
    try:
        thread.join()
    except KeyboardInterrupt:
        raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
        raise_in(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(KeyboardInterrupt))
        thread.join(_HEED_S)
        raise


def usual_limit() -> int:
    """The limit on recursion outside of this module."""
    return _usual[0] if _usual else sys.getrecursionlimit()


@contextmanager
def collector_held() -> Iterator[None]:
    """Without the collector's passes: millions of new objects are all alive anyway."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            if hasattr(gc, "freeze") and not gc.get_freeze_count():
                # All that is new is old at once: the next pass does not look at each of the millions.
                gc.freeze()
                gc.unfreeze()
            gc.enable()
