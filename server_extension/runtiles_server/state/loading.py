"""From a directory to the running session."""

import builtins
import importlib.util
import os
import platform
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union

from . import around, files
from .buffers import Mapped
from .deep import collector_held
from .errors import Altered, SnapshotError
from .manifest import Loss, Manifest, Report, Variable
from .paths import paths
from .placeholders import Lost
from .saving import _default
from .session import Loading, loading
from .stream import opened
from .unpickler import FastUnpickler, TolerantUnpickler

Place = Union[str, "os.PathLike[str]"]


def load(
    directory: Place,
    namespace: Optional[Dict[str, Any]] = None,
    *,
    names: Optional[Iterable[str]] = None,
    key: Optional[bytes] = None,
    verify_buffers: str = "later",
) -> Report:
    """Binds the variables of the snapshot, or `names` of them with what they need, all at once.

    With `key` a snapshot that was not signed with it is refused before a byte of it is unpickled;
    without one, everything is trusted. Objects are checked before they are made. Big buffers are
    mapped, and checked `now`, `later` in the background (a warning tells of damage) or `never`.
    Raises Unreadable, Refused or Altered, and then nothing was changed.
    """
    start = time.perf_counter()
    folder = Path(directory)
    manifest = files.read(folder, key)
    if verify_buffers == "now":
        verify(folder, key=key)
    space = _default(namespace)
    if sys.version_info < (3, 10):  # noqa: UP036 - a kernel may be older than the Hub
        # Functions look for them there when they are called.
        space.setdefault("__builtins__", builtins)
    load = Loading(space, manifest.local_modules)
    load.whole = names is None
    with loading(load), collector_held():
        values, rest = _read(folder, manifest, load)
        chosen = _chosen(manifest, names)
        load.unbind(name for name in values if name not in chosen)
        notes = around.restore(around.LATE, rest) if load.whole else []
    if verify_buffers == "later" and manifest.buffers:
        _verify_in_background(folder, manifest)
    report = _report(manifest, load, values, chosen)
    report.notes.extend(notes)
    report.seconds = time.perf_counter() - start
    return report


def _read(folder: Path, manifest: Manifest, load: Loading) -> Tuple[Dict[str, Any], Any]:
    kind: Any = FastUnpickler
    path, place = list(sys.path), Path.cwd()
    try:
        try:
            found = _frames(folder, manifest, load, kind)
        except (KeyboardInterrupt, MemoryError, SnapshotError):
            raise
        except BaseException:  # noqa: BLE001 - then the slow way, which finds and names the culprit
            kind = TolerantUnpickler
            found = _frames(folder, manifest, load, kind)
        if any("NameError" in vars(lost)["reason"] for _, lost, _ in load.lost):
            # Code of an object needed what came after it. It is here now.
            found = _frames(folder, manifest, load, kind)
    except BaseException:
        load.unbind(load.bound)
        sys.path[:] = path
        os.chdir(place)
        raise
    return found


def _frames(
    folder: Path, manifest: Manifest, load: Loading, kind: Callable[..., Any]
) -> Tuple[Dict[str, Any], Any]:
    load.lost.clear()
    load.notes.clear()
    buffers = Mapped(folder, manifest.files).read(manifest.buffers)
    values = {}
    with opened(folder, manifest) as file:
        unpickler = kind(file, buffers=buffers)
        unpickler.start(manifest.package)
        unpickler.load()
        early = unpickler.load()
        load.notes.extend(around.restore(around.EARLY, early) if load.whole else [])
        for variable in manifest.variables:
            load.variable = variable.name
            values[variable.name] = unpickler.load()
            load.bind(variable.name, values[variable.name])
        load.variable = ""
        rest = unpickler.load()
    load.later.run()
    return values, rest


def _chosen(manifest: Manifest, names: Optional[Iterable[str]]) -> Dict[str, Variable]:
    every = {each.name: each for each in manifest.variables}
    if names is None:
        return every
    chosen: Dict[str, Variable] = {}
    queue = [name for name in names if name in every]
    for name in queue:
        if name not in chosen:
            chosen[name] = every[name]
            queue.extend(each for each in every[name].needs if each in every)
    return chosen


def _report(
    manifest: Manifest, load: Loading, values: Dict[str, Any], chosen: Dict[str, Variable]
) -> Report:
    report = Report(manifest.id, notes=[*manifest.notes, *load.notes])
    report.missing = _missing(manifest)
    report.losses.extend(each for each in manifest.losses if each.variable in chosen)
    lost: Dict[str, List[Tuple[Lost, Any]]] = {}
    for name, each, at in load.lost:
        lost.setdefault(name, []).append((each, at))
    for name, saved in chosen.items():
        value = values[name]
        variable = Variable(name, saved.type, saved.bytes, "restored", saved.reason)
        if saved.status == "skipped" or any(at is value for _, at in lost.get(name, ())):
            variable.status = "failed"
        if name in lost:
            report.losses.extend(_losses(name, value, lost[name]))
            variable.reason = str(vars(lost[name][0][0])["reason"])
        report.variables.append(variable)
    return report


def _losses(name: str, value: Any, lost: List[Tuple[Lost, Any]]) -> List[Loss]:
    found = paths(name, value, {id(at) for _, at in lost})
    return [
        Loss(
            name,
            found.get(id(at), f"{name}, deep inside"),
            vars(each)["kind"],
            vars(each)["reason"],
        )
        for each, at in lost
    ]


def check(directory: Place, *, key: Optional[bytes] = None) -> Report:
    """What a load here would meet: versions that differ, modules that are missing. Loads nothing."""
    manifest = files.read(Path(directory), key)
    report = Report(manifest.id, notes=list(manifest.notes), losses=list(manifest.losses))
    report.variables = manifest.variables
    report.missing = _missing(manifest)
    here = platform.python_version()
    if manifest.python.rpartition(".")[0] != here.rpartition(".")[0]:
        report.notes.append(
            f"Python {manifest.python} there, {here} here: functions are compiled again from source."
        )
    for name, version in manifest.versions.items():
        found = getattr(sys.modules.get(name), "__version__", version)
        if found != version:
            report.notes.append(f"{name} {version} there, {found} here.")
    return report


def _missing(manifest: Manifest) -> Dict[str, str]:
    tops = {
        name.partition(".")[0] for name in manifest.modules if name not in manifest.local_modules
    }
    return {
        name: f"pip install {_DISTRIBUTIONS.get(name, name)}"
        for name in sorted(tops)
        if not _is_here(name)
    }


#: Distributions that are not called what they are imported as.
_DISTRIBUTIONS = {
    "sklearn": "scikit-learn", "PIL": "pillow", "cv2": "opencv-python", "skimage": "scikit-image",
    "yaml": "pyyaml", "bs4": "beautifulsoup4", "dateutil": "python-dateutil", "umap": "umap-learn",
}  # fmt: skip


def _is_here(name: str) -> bool:
    if name in sys.modules:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def verify(directory: Place, *, key: Optional[bytes] = None) -> Manifest:
    """Reads every byte back. Raises Refused, Altered or Unreadable."""
    folder = Path(directory)
    manifest = files.read(folder, key)
    opened(folder, manifest).close()
    Mapped(folder, manifest.files).verify(manifest.buffers, manifest.hash)
    return manifest


def _verify_in_background(folder: Path, manifest: Manifest) -> None:
    descriptors = Mapped(folder, manifest.files)

    def run() -> None:
        try:
            descriptors.verify(manifest.buffers, manifest.hash)
        except FileNotFoundError:
            # A newer snapshot took its place; the maps are still good.
            return
        except (Altered, OSError) as error:
            warnings.warn(
                f"The snapshot's arrays are damaged: {error}", RuntimeWarning, stacklevel=2
            )

    threading.Thread(target=run, name="runtiles-verify", daemon=True).start()
