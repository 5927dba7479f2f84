"""One pass over the session: every object into the stream, every loss with its place."""

import contextlib
import datetime as dt
import platform
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Set

from . import around, signing
from .around.shell import user_names
from .buffers import BufferSink, BufferWriter
from .codecs import Codec
from .manifest import Loss, Manifest, Variable
from .paths import paths
from .pickler import DeepPickler, FastPickler, Loose
from .placeholders import describe
from .reducers.modules import local_text
from .reducers.references import is_reference
from .stream import StreamSink, StreamWriter

_MOST_LOSSES = 1000
#: The first as it is; the others where there is room for deep nesting.
DEPTHS: Any = (FastPickler, FastPickler, DeepPickler)


@dataclass
class Job:
    """What is to be saved, and what is known by now to break off. Without a folder nothing is written.

    `durable`: it shall be on the disk, not only on its way there.
    """

    namespace: Dict[str, Any]
    names: Optional[List[str]] = None
    folder: Optional[Path] = None
    pack: Optional[Codec] = None
    before: Optional[Manifest] = None
    durable: bool = True
    avoid: List[Any] = field(default_factory=list)
    avoid_names: Set[str] = field(default_factory=set)
    depth: int = 0


class Attempt:
    """One pass over the namespace."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.id = uuid.uuid4().hex
        self.pickler: Any = None
        self.stream = StreamSink()
        self.buffers = BufferSink()
        self.manifest = Manifest(id=self.id, hash=signing.fastest_hash())

    def run(self) -> Manifest:
        start = time.perf_counter()
        self._open()
        self.pickler = DEPTHS[self.job.depth](self.stream, 5, buffer_callback=self.buffers.take)
        self.pickler.prepare(self.job.namespace, self.job.avoid, self.job.folder is None)
        self._around(around.EARLY)
        self._variables()
        self._around(around.LATE)
        self._finish()
        self.manifest.seconds = time.perf_counter() - start
        return self.manifest

    def _open(self) -> None:
        folder, before = self.job.folder, self.job.before
        if folder is None:
            return
        if before is not None and before.hash in ("sha256", "blake2b"):
            # The same one, so that buffers can be recognized.
            self.manifest.hash = before.hash
            self.manifest.parent = before.id
        name, durable = self.manifest.hash, self.job.durable
        self.stream = StreamWriter(folder / f"objects-{self.id}.bin", name, self.job.pack, durable)
        earlier = before.buffers if before is not None else ()
        path = folder / f"buffers-{self.id}.bin"
        self.buffers = BufferWriter(path, name, self.job.pack, earlier, durable)

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            self.stream.close()
            self.buffers.close()

    def _variables(self) -> None:
        space, wanted = self.job.namespace, self.job.names
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
        if name in self.job.avoid_names:
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
        space = self.job.namespace
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
        whole = self.job.names is None
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
