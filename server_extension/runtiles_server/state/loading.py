"""From a directory to the running session."""

import builtins
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Tuple

from . import around, files
from .around.process import undone_on_failure
from .around.shell import live_namespace
from .binding import Binding, decide
from .buffers import Mapped
from .checking import verify, verify_in_background
from .deep import collector_held
from .errors import SnapshotError
from .files import Place
from .manifest import Manifest, Report
from .reporting import report_of
from .session import Loading, loading
from .stream import opened
from .unpickler import FastUnpickler, TolerantUnpickler


def load(
    directory: Place,
    namespace: Optional[Dict[str, Any]] = None,
    *,
    names: Optional[Iterable[str]] = None,
    rename: Optional[Mapping[str, str]] = None,
    overwrite: bool = True,
    key: Optional[bytes] = None,
    verify_buffers: str = "later",
) -> Report:
    """Binds the variables of the snapshot, or `names` of them with what they need, all at once.

    `rename` maps a variable's name to the one it gets here. Code is not rewritten: a function goes on
    looking up the names it was written with, and a note tells where that matters. Without `overwrite`
    a name that is here keeps its value, and its variable is reported as `kept`. With `names` nothing
    but variables is restored, and one that is lost as a whole is `failed` and binds nothing. The report
    has the order of `names`, then what those need.

    With `key` a snapshot that was not signed with it is refused before a byte of it is unpickled;
    without one, everything is trusted. Objects are checked before they are made. Big buffers are
    mapped, and checked `now`, `later` in the background (a warning tells of damage) or `never`.
    Raises Unreadable, Refused, Altered or NamesClash, and then nothing was changed.
    """
    start = time.perf_counter()
    folder = Path(directory)
    manifest = files.read(folder, key)
    space = live_namespace() if namespace is None else namespace
    binding = decide(manifest, space, names, rename, overwrite)
    if verify_buffers == "now":
        verify(folder, key=key)
    load = Loading(space, manifest.local_modules)
    load.whole = names is None
    with loading(load), collector_held(), undone_on_failure():
        values, notes = _bound(folder, manifest, load, binding)
    if verify_buffers == "later" and manifest.buffers:
        verify_in_background(folder, manifest)
    report = report_of(manifest, load, values, binding)
    report.notes.extend(notes)
    report.seconds = time.perf_counter() - start
    return report


def _bound(
    folder: Path, manifest: Manifest, load: Loading, binding: Binding
) -> Tuple[Dict[str, Any], Any]:
    """The values, under their names; and what there is to tell about what is around them."""
    if sys.version_info < (3, 10):  # noqa: UP036 - a kernel may be older than the Hub
        # Functions look for them there when they are called.
        load.namespace.setdefault("__builtins__", builtins)
    try:
        values, rest = _read(folder, manifest, load, binding)
        lost = set() if load.whole else load.lost_whole(values)
        load.unbind([name for name in load.bound if name in lost or not binding.stays(name)])
        for name, here in binding.renamed().items():
            if name not in lost:
                load.bind(here, values[name])
        return values, around.restore(around.LATE, rest) if load.whole else []
    except BaseException:
        load.unbind(load.bound)
        raise


def _read(
    folder: Path, manifest: Manifest, load: Loading, binding: Binding
) -> Tuple[Dict[str, Any], Any]:
    kind: Any = FastUnpickler
    try:
        found = _frames(folder, manifest, load, binding, kind)
    except (KeyboardInterrupt, MemoryError, SnapshotError):
        raise
    except BaseException:  # noqa: BLE001 - then the slow way, which finds and names the culprit
        kind = TolerantUnpickler
        found = _frames(folder, manifest, load, binding, kind)
    if any("NameError" in vars(lost)["reason"] for _, lost, _ in load.lost):
        # Code of an object needed what came after it. It is here now.
        found = _frames(folder, manifest, load, binding, kind)
    return found


def _frames(
    folder: Path, manifest: Manifest, load: Loading, binding: Binding, kind: Callable[..., Any]
) -> Tuple[Dict[str, Any], Any]:
    load.lost.clear()
    load.notes.clear()
    load.silent = False
    buffers = Mapped(folder, manifest.files).read(manifest.buffers)
    values = {}
    with opened(folder, manifest) as file:
        unpickler = kind(file, buffers=buffers)
        unpickler.start(manifest.package)
        unpickler.load()
        early = unpickler.load()
        load.notes.extend(around.restore(around.EARLY, early) if load.whole else [])
        for variable in manifest.variables:
            name = load.variable = variable.name
            values[name] = unpickler.load()
            if name not in binding.kept or binding.called[name] != name:
                load.bind(name, values[name])
        load.variable = ""
        rest = unpickler.load()
    load.later.run()
    return values, rest
