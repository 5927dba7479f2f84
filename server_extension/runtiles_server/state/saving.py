"""From the running session to a directory."""

import contextlib
import datetime as dt
import platform
import sys
import time
import uuid
from pathlib import Path
from types import ModuleType
from typing import Any, Dict, Iterable, List, Optional, Sequence, Set, Tuple

from . import around, codecs, files, signing
from .around.shell import live_namespace, user_names
from .buffers import BufferSink, BufferWriter
from .deep import collector_held, with_room
from .direct import write_rate
from .errors import SnapshotError, Unwritable
from .manifest import Loss, Manifest, Variable
from .paths import paths
from .pickler import DeepPickler, FastPickler, Loose
from .placeholders import describe
from .reducers.modules import local_text
from .reducers.references import has, importable
from .stream import StreamSink, StreamWriter

_MOST_LOSSES = 1000
_MOST_ATTEMPTS = 20
#: The first as it is; the others where there is room for deep nesting.
_DEPTHS: Any = (FastPickler, FastPickler, DeepPickler)


def save(
    directory: files.Place,
    namespace: Optional[Dict[str, Any]] = None,
    *,
    names: Optional[Iterable[str]] = None,
    compress: Optional[str] = None,
    key: Optional[bytes] = None,
) -> Manifest:
    """Writes the session, or `names` of it with what their functions need, to `directory`.

    A snapshot that is there is replaced at the very end, by one rename; its buffers that did not
    change are used again. No object fails the whole: what cannot be saved is named in the manifest.
    Raises Unwritable, and then the earlier snapshot is still there.
    """
    folder = Path(directory)
    pack = codecs.wanted(compress)
    space = live_namespace() if namespace is None else namespace
    with files.writing(folder), collector_held():
        before = files.earlier(folder, key)
        attempt = _Attempts(space, names, folder, pack, before)
        try:
            manifest = attempt.run()
            files.commit(folder, manifest, key)
        except BaseException:
            files.clean(folder, {files.MANIFEST, *(before.files if before else ())})
            raise
    return manifest


def plan(
    namespace: Optional[Dict[str, Any]] = None,
    *,
    names: Optional[Iterable[str]] = None,
    directory: Optional[files.Place] = None,
) -> Manifest:
    """What `save` would write, how big, how long that takes, and what would be lost.

    Changes nothing. Of a big session and with `directory` the disk's rate is measured, with a file
    that nobody sees; otherwise it is assumed. What an earlier snapshot there has is not taken off.
    """
    with collector_held():
        manifest = _Attempts(live_namespace() if namespace is None else namespace, names).run()
    manifest.seconds += manifest.bytes / write_rate(directory, manifest.bytes)
    return manifest


class _Attempts:
    """Again from the beginning when the stream itself broke, without what broke it."""

    def __init__(
        self,
        namespace: Dict[str, Any],
        names: Optional[Iterable[str]],
        folder: Optional[Path] = None,
        pack: Optional[codecs.Codec] = None,
        before: Optional[Manifest] = None,
    ) -> None:
        self.namespace = namespace
        self.names = None if names is None else list(names)
        self.folder = folder
        self.pack = pack
        self.before = before
        self.avoid: List[Any] = []
        self.avoid_names: Set[str] = set()
        self.depth = 0

    def run(self) -> Manifest:
        for _ in range(_MOST_ATTEMPTS):
            one = _Attempt(self)
            try:
                return with_room(one.run) if self.depth else one.run()
            except (OSError, MemoryError, KeyboardInterrupt, SnapshotError):
                raise
            except RecursionError as error:
                if self.depth == len(_DEPTHS) - 1:
                    self._give_up(one, error)
                else:
                    self.depth += 1
            except BaseException as error:  # noqa: BLE001 - the user's objects may raise anything
                self._give_up(one, error)
            finally:
                one.discard()
        raise Unwritable("The session holds too many objects that break off while they are saved.")

    def _give_up(self, one: "_Attempt", error: BaseException) -> None:
        """First the object that was looked at last; if that did not help, the variable."""
        name = one.pickler.variable if one.pickler is not None else ""
        if not name or name in self.avoid_names:
            raise Unwritable(f"The session cannot be saved: {error}") from error
        if one.pickler is not None and not self._avoided_in(name):
            self.avoid.append(one.pickler.last)
            self._tried = name
        else:
            self.avoid_names.add(name)

    _tried = ""

    def _avoided_in(self, name: str) -> bool:
        return self._tried == name


class _Attempt:
    """One pass over the namespace."""

    def __init__(self, attempts: _Attempts) -> None:
        self.all = attempts
        self.id = uuid.uuid4().hex
        self.pickler: Any = None
        self.stream = StreamSink()
        self.buffers = BufferSink()
        self.manifest = Manifest(id=self.id, hash=signing.fastest_hash())

    def run(self) -> Manifest:
        start = time.perf_counter()
        self._open()
        self.pickler = _DEPTHS[self.all.depth](self.stream, 5, buffer_callback=self.buffers.take)
        self.pickler.prepare(self.all.namespace, self.all.avoid, self.all.folder is None)
        self._around(around.EARLY)
        self._variables()
        self._around(around.LATE)
        self._finish()
        self.manifest.seconds = time.perf_counter() - start
        return self.manifest

    def _open(self) -> None:
        folder, before = self.all.folder, self.all.before
        if folder is None:
            return
        if before is not None and before.hash in ("sha256", "blake2b"):
            # The same one, so that buffers can be recognized.
            self.manifest.hash = before.hash
            self.manifest.parent = before.id
        name = self.manifest.hash
        self.stream = StreamWriter(folder / f"objects-{self.id}.bin", name, self.all.pack)
        earlier = before.buffers if before is not None else ()
        path = folder / f"buffers-{self.id}.bin"
        self.buffers = BufferWriter(path, name, self.all.pack, earlier)

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            self.stream.close()
            self.buffers.close()

    def _variables(self) -> None:
        space, wanted = self.all.namespace, self.all.names
        queue = user_names(space) if wanted is None else [name for name in wanted if name in space]
        queued = set(queue)
        for name in wanted or ():
            if name not in queued:
                self.manifest.notes.append(f"There is no variable {name}.")
        for name in queue:
            variable = self._variable(name, space[name])
            if wanted is not None:
                more = [each for each in variable.needs if each not in queued and each in space]
                queue.extend(more)
                queued.update(more)

    def _variable(self, name: str, value: Any) -> Variable:
        pickler = self.pickler
        pickler.variable = name
        before = self.stream.size + self.buffers.total
        lost = len(pickler.losses)
        if name in self.all.avoid_names:
            pickler.losses.append(
                Loose(name, value, describe(type(value)), "it breaks off while it is saved")
            )
            pickler.dump(None)
        else:
            pickler.dump(value)
        gone = pickler.gone.get(id(value))
        if gone is not None and gone not in pickler.losses[lost:]:
            # The same object under another name.
            pickler.losses.append(gone._replace(variable=name))
        variable = Variable(name, describe(type(value)))
        variable.bytes = self.stream.size + self.buffers.total - before
        space = self.all.namespace
        variable.needs = sorted(each for each in pickler.needed.pop(name, ()) if each in space)
        self._judge(variable, value, pickler.losses[lost:])
        self.manifest.variables.append(variable)
        return variable

    def _judge(self, variable: Variable, value: Any, losses: List[Loose]) -> None:
        whole = next((each for each in losses if each.object is value), None)
        if whole is not None:
            variable.status, variable.reason = "skipped", whole.reason
        elif losses:
            variable.reason = f"{len(losses)} of its parts cannot be carried"
        elif is_reference(value):
            variable.status = "by_reference"
        else:
            variable.reason = "; ".join(sorted(self.pickler.notes.get(variable.name, ())))
        self._name_losses(variable.name, value, losses)

    def _name_losses(self, name: str, value: Any, losses: List[Loose]) -> None:
        if not losses:
            return
        found = paths(name, value, {id(each.object) for each in losses})
        for each in losses[: max(0, _MOST_LOSSES - len(self.manifest.losses))]:
            path = found.get(id(each.object), f"{name}, deep inside")
            self.manifest.losses.append(Loss(name, path, each.type, each.reason))

    def _around(self, parts: Sequence[around.Part]) -> None:
        self.pickler.variable = ""
        lost = len(self.pickler.losses)
        whole = self.all.names is None
        self.pickler.dump(around.capture(parts, self.manifest.notes) if whole else {})
        for each in self.pickler.losses[lost:]:
            self.manifest.losses.append(Loss("", "the session", each.type, each.reason))

    def _finish(self) -> None:
        manifest = self.manifest
        manifest.created = dt.datetime.now(dt.timezone.utc).isoformat()
        manifest.python = platform.python_version()
        manifest.implementation = sys.implementation.name
        manifest.platform = f"{sys.platform}-{platform.machine()}"
        manifest.package = __package__ or ""
        self._modules()
        manifest.stream_hash = self.stream.finish()
        manifest.buffers = self.buffers.finish()
        manifest.bytes = self.stream.size + self.buffers.total
        manifest.written = self.stream.written + self.buffers.written
        self._files()

    def _files(self) -> None:
        if not isinstance(self.stream, StreamWriter):
            return
        folder = self.stream.path.parent
        self.manifest.stream, self.manifest.stream_codec = self.stream.path.name, self.stream.codec
        names = {self.manifest.stream, *(each.file for each in self.manifest.buffers)}
        self.manifest.files = {name: (folder / name).stat().st_size for name in sorted(names)}

    def _modules(self) -> None:
        """What a restore needs to find: libraries with their versions, the user's own files as text."""
        for name in sorted(self.pickler.modules):
            top = name.partition(".")[0]
            version = getattr(sys.modules.get(top), "__version__", "")
            self.manifest.modules[name] = version if isinstance(version, str) else ""
            if self.manifest.modules[name]:
                self.manifest.versions[top] = self.manifest.modules[name]
            text = local_text(name)
            if text is not None:
                self.manifest.local_modules[name] = text


def is_reference(value: Any) -> bool:
    """Whether the value is not in the snapshot at all, only its name."""
    if isinstance(value, ModuleType):
        return importable(value.__name__)
    if isinstance(value, type):
        return has(value.__module__, value.__qualname__, value)
    names: Tuple[Any, Any] = (
        getattr(value, "__module__", None),
        getattr(value, "__qualname__", None),
    )
    return callable(value) and all(isinstance(each, str) for each in names) and has(*names, value)
