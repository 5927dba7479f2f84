"""What is alive only in this process: named, or made anew where that makes sense."""

import _thread
import io
import mmap
import os
import stat
import sys
import threading
import types
from typing import TYPE_CHECKING, Any, Dict, Optional

from ..placeholders import describe
from ..session import current, lost_by
from .builtin_kinds import Handler

if TYPE_CHECKING:
    from ..pickler import Reducing

_STREAMS = ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")
#: By name, so that asking does not import anything. Subclasses count as well.
LIVE = {
    "threading.Thread": "a running thread cannot be carried",
    "concurrent.futures._base.Executor": "a pool of workers cannot be carried",
    "concurrent.futures._base.Future": "the work behind it is not carried",
    "_asyncio.Future": "the work behind it is not carried",
    "_asyncio.TaskStepMethWrapper": "a running task cannot be carried",
    "_asyncio.Task": "a running task cannot be carried",
    "asyncio.events.AbstractEventLoop": "an event loop cannot be carried",
    "_socket.socket": "a connection cannot be carried",
    "ssl.SSLContext": "it holds keys of this process",
    "subprocess.Popen": "another process cannot be carried",
    "multiprocessing.process.BaseProcess": "another process cannot be carried",
    "multiprocessing.pool.Pool": "a pool of workers cannot be carried",
    "logging.Handler": "it writes to a place of this process",
    "selectors.BaseSelector": "it watches files of this process",
    "tempfile._TemporaryFileCloser": "the temporary file is deleted when it is closed",
    "tempfile.TemporaryDirectory": "the temporary folder is deleted with this process",
    "sqlite3.Connection": "a database connection cannot be carried",
    "sqlite3.Cursor": "a database connection cannot be carried",
    "sqlalchemy.engine.base.Engine": "a database connection cannot be carried",
    "zmq.sugar.socket.Socket": "a connection cannot be carried",
    "zmq.sugar.context.Context": "a connection cannot be carried",
    "tkinter.Misc": "a window cannot be carried",
}
REASONS: Dict[type, str] = {
    types.GeneratorType: "a generator that has begun cannot be carried",
    types.CoroutineType: "a coroutine cannot be carried",
    types.AsyncGeneratorType: "an asynchronous generator cannot be carried",
    types.FrameType: "a frame belongs to code that is running",
    types.TracebackType: "a traceback belongs to code that ran in this process",
}


def reason_against(kind: type) -> Optional[str]:
    """Why instances of that type are never looked into; None for those that are."""
    for each in type.__dict__["__mro__"].__get__(kind):
        reason = LIVE.get(describe(each))
        if reason is not None:
            return reason
    return REASONS.get(kind)


def reduce_lock(pickler: "Reducing", lock: Any) -> Any:
    pickler.note("a lock is carried unlocked")
    return (_thread.RLock if type(lock) is _thread.RLock else _thread.allocate_lock), ()


def reduce_shell(_: "Reducing", __: Any) -> Any:
    return shell, ()


def shell() -> Any:
    """The running kernel's own."""
    ipython = sys.modules.get("IPython")
    found = ipython.get_ipython() if ipython is not None else None
    return found if found is not None else current().lose("InteractiveShell", "there is none here")


def reduce_file(pickler: "Reducing", file: Any) -> Any:
    """A regular file at its position, or its standard stream; everything else is refused."""
    for name in _STREAMS:
        if getattr(sys, name, None) is file:
            return standard_stream, (name,)
    if file.closed:
        raise ValueError("the file is closed")
    path = _path(file)
    text = isinstance(file, io.TextIOBase)
    writes = file.writable()
    if writes and not pickler.only_looks:
        file.flush()
    mode = ("r+" if writes and file.readable() else "a" if writes else "r") + ("" if text else "b")
    more = (file.encoding, file.errors) if text else (None, None)
    pickler.note(f"{path} is opened again where it was")
    return reopen, (path, mode, _position(file), *more)


def _path(file: Any) -> str:
    path = file.name
    if not isinstance(path, (str, bytes)) or not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - may be bytes
        raise ValueError("only a regular file with a path can be opened again")
    if not os.path.samestat(os.stat(path), os.fstat(file.fileno())):  # noqa: PTH116 - may be bytes
        raise ValueError("the file was replaced or deleted since it was opened")
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - symbolic links stay as they are


def _position(file: Any) -> int:
    try:
        return int(file.tell())
    except OSError:
        # In the middle of a `for` over its lines: the buffer knows where it is, roughly.
        return int(file.buffer.tell())


def reopen(path: str, mode: str, position: int, encoding: Any, errors: Any) -> Any:
    try:
        file = open(path, mode, encoding=encoding, errors=errors)  # noqa: SIM115, PTH123 - stays open
        if not mode.startswith("a"):
            file.seek(position)
        current().notes.append(f"{path} was opened again at position {position}.")
        return file
    except OSError as error:
        return lost_by(error, io.IOBase)


def reduce_kernel_stream(_: "Reducing", stream: Any) -> Any:
    """What a kernel has in the place of a standard stream sends to those who listen to that kernel."""
    for name in _STREAMS:
        if getattr(sys, name, None) is stream:
            return standard_stream, (name,)
    raise ValueError("it writes to those who listen to this kernel")


def standard_stream(name: str) -> Any:
    return getattr(sys, name)


def reduce_map(pickler: "Reducing", area: Any) -> Any:
    pickler.note("a memory map is carried by its content, without its file")
    return anonymous_map, (bytes(memoryview(area)), area.tell())


def anonymous_map(content: bytes, position: int) -> mmap.mmap:
    area = mmap.mmap(-1, len(content))
    area[:] = content
    area.seek(position)
    return area


def reduce_memoryview(pickler: "Reducing", view: Any) -> Any:
    whole = view.obj
    if isinstance(whole, (bytes, bytearray)) and view.nbytes == len(whole):
        return view_on, (whole, view.format, view.shape, view.readonly)
    pickler.note("this memoryview is carried as a copy")
    return view_on, (bytearray(view.tobytes()), view.format, view.shape, view.readonly)


def view_on(whole: Any, form: str, shape: Any, readonly: bool) -> memoryview:
    view = memoryview(whole)
    if form != "B" or len(shape) != 1:
        view = view.cast("B").cast(form, shape)  # type: ignore[call-overload]
    return view.toreadonly() if readonly else view


EXACT: Dict[type, Handler] = {
    _thread.LockType: reduce_lock,
    _thread.RLock: reduce_lock,
    type(threading.Lock()): reduce_lock,
    io.TextIOWrapper: reduce_file,
    io.BufferedReader: reduce_file,
    io.BufferedWriter: reduce_file,
    io.BufferedRandom: reduce_file,
    io.FileIO: reduce_file,
    mmap.mmap: reduce_map,
    memoryview: reduce_memoryview,
}
