"""From the running session to a directory."""

from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional

from . import codecs, files
from .around.shell import live_namespace
from .attempt import DEPTHS, Attempt, Job
from .deep import collector_held, with_room
from .errors import SnapshotError, Unwritable
from .manifest import Manifest
from .rate import write_rate

_MOST_ATTEMPTS = 20


def save(
    directory: files.Place,
    namespace: Optional[Dict[str, Any]] = None,
    *,
    names: Optional[Iterable[str]] = None,
    compress: Optional[str] = None,
    key: Optional[bytes] = None,
    durable: bool = True,
) -> Manifest:
    """Writes the session, or `names` of it with what their functions need, to `directory`.

    A snapshot that is there is replaced at the very end, by one rename; its buffers that did not
    change are used again. No object fails the whole: what cannot be saved is named in the manifest.
    Raises Unwritable, and then the earlier snapshot is still there. What is only on its way to
    another kernel need not be `durable`: then nothing waits for the disk.
    """
    folder = Path(directory)
    pack = codecs.wanted(compress)
    space = live_namespace() if namespace is None else namespace
    with files.writing(folder), collector_held():
        before = files.earlier(folder, key)
        job = Job(space, _listed(names), folder, pack, before, durable)
        try:
            manifest = _Attempts(job).run()
            files.commit(folder, manifest, key, durable)
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
    space = live_namespace() if namespace is None else namespace
    with collector_held():
        manifest = _Attempts(Job(space, _listed(names))).run()
    manifest.seconds += manifest.bytes / write_rate(directory, manifest.bytes)
    return manifest


def _listed(names: Optional[Iterable[str]]) -> Optional[List[str]]:
    return None if names is None else list(names)


class _Attempts:
    """Again from the beginning when the stream itself broke, without what broke it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._tried = ""

    def run(self) -> Manifest:
        for _ in range(_MOST_ATTEMPTS):
            one = Attempt(self.job)
            try:
                return with_room(one.run) if self.job.depth else one.run()
            except (OSError, MemoryError, KeyboardInterrupt, SnapshotError):
                raise
            except RecursionError as error:
                if self.job.depth == len(DEPTHS) - 1:
                    self._give_up(one, error)
                else:
                    self.job.depth += 1
            except BaseException as error:  # noqa: BLE001 - the user's objects may raise anything
                self._give_up(one, error)
            finally:
                one.discard()
        raise Unwritable("The session holds too many objects that break off while they are saved.")

    def _give_up(self, one: Attempt, error: BaseException) -> None:
        """First the object that was looked at last; if that did not help, the variable."""
        name = one.pickler.variable if one.pickler is not None else ""
        if not name or name in self.job.avoid_names:
            raise Unwritable(f"The session cannot be saved: {error}") from error
        if one.pickler is not None and self._tried != name:
            self.job.avoid.append(one.pickler.last)
            self._tried = name
        else:
            self.job.avoid_names.add(name)
