"""From a snapshot to running kernels: the same ids, sessions and variables."""

import asyncio
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

from jupyter_server.utils import ensure_async

from runtiles.contract.errors import RuntilesError
from runtiles.contract.state import KERNELS_DIR
from runtiles_server.failures import KernelFailed, SnapshotRefused
from runtiles_server.kernels.asking import Kernels
from runtiles_server.kernels.places import Folders, checked_id
from runtiles_server.state import SnapshotError, files

#: A restore that takes longer goes on beside the server.
_PATIENCE_S = 600.0
#: Of the engine: what it means by them is that nothing of the snapshot may be used.
_REFUSALS = ("Refused", "Altered", "Unreadable")

Told = Callable[[int, int], None]


@dataclass
class Resume:
    """One snapshot, read and checked. Raises NotFound or SnapshotRefused before any kernel is started."""

    server: Any
    kernels: Kernels
    folder: Path
    content: Dict[str, Any]
    key: bytes
    fork: bool

    @classmethod
    def of(
        cls,
        server: Any,
        kernels: Kernels,
        folders: Folders,
        key: bytes,
        snapshot: str,
        runtime: str,
    ) -> "Resume":
        """`runtime` is this one's name: of another one's snapshot kernels and sessions get new ids."""
        content = folders.read(snapshot, key)
        for each in _saved(content):
            _check(folders.kernel(snapshot, each["id"]), each, key)
        fork = content["runtime"] != runtime
        return cls(server, kernels, folders.of(snapshot), content, key, fork)

    async def run(self, told: Told, patience: float = _PATIENCE_S) -> Dict[str, Any]:
        """The report. All kernels at once; `told` hears how many of how many are done.

        Raises SnapshotRefused when a kernel found that the snapshot is not what was written.
        """
        entries = [_entry(each) for each in self.content["kernels"]]
        report = {"snapshot": self.content["id"], "kernels": entries}
        work = [
            asyncio.ensure_future(self._restore(kernel, entries[place]))
            for place, kernel in enumerate(self.content["kernels"])
            if kernel["status"] == "saved"
        ]
        pending = set(work)
        while pending and patience > 0:
            done, pending = await asyncio.wait(
                pending, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            patience = patience if done else 0
            told(len(work) - len(pending), len(work))
            for each in done:
                each.result()
        return report

    async def _restore(self, kernel: Dict[str, Any], entry: Dict[str, Any]) -> None:
        try:
            entry["id"] = kernel_id = await self._start(kernel)
            folder = str(self.folder / KERNELS_DIR / checked_id(kernel["id"], "kernel"))
            call = f"load({folder!r}, key=bytes.fromhex({self.key.hex()!r}))"
            entry.update(status="running", reason="Its variables are still being restored.")
            found = await self.kernels.ask(kernel_id, call, _PATIENCE_S)
        except KernelFailed as error:
            if error.details.get("kind") in _REFUSALS:
                raise SnapshotRefused(error.message, hint=error.hint) from None
            entry.update(status="failed", reason=error.message)
        except RuntilesError as error:
            entry.update(status="failed", reason=error.message)
        except Exception as error:  # noqa: BLE001 # a kernel that cannot start raises anything
            entry.update(status="failed", reason=f"The kernel does not start: {error}")
        else:
            entry.update(restored(found))

    async def _start(self, kernel: Dict[str, Any]) -> str:
        """The kernel and its sessions; new ids where the old ones are somebody else's."""
        manager, sessions = self.server.kernel_manager, self.server.session_manager
        new = self.fork or kernel["id"] in manager
        first = (kernel["sessions"] or [None])[0]
        options: Dict[str, Any] = {"kernel_id": str(uuid.uuid4()) if new else kernel["id"]}
        if first is not None:
            path = await ensure_async(
                self.server.contents_manager.get_kernel_path(path=first["path"])
            )
            options.update(path=path, env=sessions.get_kernel_env(first["path"], first["name"]))
        kernel_id = await ensure_async(manager.start_kernel(kernel_name=kernel["name"], **options))
        for each in kernel["sessions"]:
            session_id = str(uuid.uuid4()) if new else each["id"]
            rest = {name: each[name] for name in ("path", "name", "type")}
            await ensure_async(sessions.save_session(session_id, kernel_id=kernel_id, **rest))
        return str(kernel_id)


def restored(report: Dict[str, Any]) -> Dict[str, Any]:
    """What a kernel's own report adds to its entry."""
    states: Tuple[str, ...] = tuple(each["status"] for each in report["variables"])
    return {
        "status": "restored",
        "reason": "",
        "restored": states.count("restored"),
        "failed": states.count("failed"),
        **{key: report[key] for key in ("losses", "notes", "missing")},
    }


def _entry(kernel: Dict[str, Any]) -> Dict[str, Any]:
    counted: Dict[str, Any] = {"restored": 0, "failed": 0, "losses": [], "notes": [], "missing": {}}
    told = {"status": "not_carried", "reason": kernel["reason"]}
    return {"id": kernel["id"], "path": kernel["path"], **told, **counted}


def _saved(content: Dict[str, Any]) -> List[Dict[str, Any]]:
    return [each for each in content["kernels"] if each["status"] == "saved"]


def _check(folder: Path, kernel: Dict[str, Any], key: bytes) -> None:
    """Signed, of the right sizes, and this snapshot's own, not that of another pause."""
    try:
        manifest = files.read(folder, key)
    except SnapshotError as error:
        raise SnapshotRefused(error.message, hint=error.hint) from None
    if manifest.id != kernel["state"]:
        raise SnapshotRefused("A kernel of the snapshot was changed since it was written.")
