"""Saving in one kernel, loading in another, each between two cells."""

import errno
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

from runtiles.contract.errors import RuntilesError
from runtiles_server.failures import KernelBusy, KernelFailed, NoSpace, SnapshotRefused
from runtiles_server.runtime import Runtime

from . import outcome, places
from .wanted import Wanted

_FULL = (errno.ENOSPC, errno.EDQUOT)


class Copying:
    """The two halves of a transfer, and both together where both kernels are of this runtime.

    The kernel that is copied from keeps its names, its history and its execution count. Raises
    KernelBusy, KernelFailed, KernelGone, NotFound, NotCarried, NoSpace, SnapshotRefused, InvalidRequest.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def within(self, source: str, target: str, wanted: Wanted) -> Dict[str, Any]:
        begin = time.monotonic()
        # A target that is not there shall be told before a long save.
        self._runtime.kernels.errand(target, "")
        if wanted.dry_run:
            plan = await self.plan(source, wanted)
            return {**await self.preview(target, plan, wanted), "way": "kernel"}
        folder = places.new_folder(self._runtime, places.new_id())
        try:
            saved = await self.save(source, folder, wanted)
            # Written a moment ago, by this user and for this user's eyes alone.
            result = await self.load(target, folder, saved, wanted, verify="never")
        finally:
            places.remove(folder)
        return {**result, "way": "kernel", "seconds": round(time.monotonic() - begin, 3)}

    async def plan(self, source: str, wanted: Wanted) -> Dict[str, Any]:
        names = await self._names(source, wanted)
        return await self._ask("source", source, f"plan(names={names!r})", wanted)

    async def save(self, source: str, folder: Path, wanted: Wanted) -> Dict[str, Any]:
        """The manifest, without its big parts. The folder is there afterwards, or nothing is."""
        names = await self._names(source, wanted)
        # It is gone in a moment: nothing waits for the disk.
        call = f"save({str(folder)!r}, names={names!r}, key={self._key!r}, durable=False)"
        try:
            return await self._ask("source", source, call, wanted)
        except BaseException:
            places.remove(folder)
            raise

    async def preview(self, target: str, plan: Dict[str, Any], wanted: Wanted) -> Dict[str, Any]:
        names = outcome.called_there(plan, wanted)
        taken = await self._ask("target", target, f"around.shell.taken({names!r})", wanted)
        return outcome.planned(plan, taken, wanted)

    async def load(
        self, target: str, folder: Path, saved: Dict[str, Any], wanted: Wanted, verify: str
    ) -> Dict[str, Any]:
        call = (
            f"load({str(folder)!r}, names={outcome.to_load(saved)!r}, rename={wanted.rename!r},"
            f" overwrite={wanted.overwrite!r}, key={self._key!r}, verify_buffers={verify!r})"
        )
        report = await self._ask("target", target, call, wanted)
        return outcome.copied(saved, report, wanted)

    @property
    def _key(self) -> Optional[bytes]:
        return self._runtime.keys.signing or None

    async def _names(self, source: str, wanted: Wanted) -> List[str]:
        """Never "everything": that would be the session with its history."""
        if wanted.names is not None:
            return wanted.names
        names: List[str] = await self._ask("source", source, "around.shell.own_names()", wanted)
        return names

    async def _ask(self, side: str, kernel: str, call: str, wanted: Wanted) -> Any:
        try:
            return await self._runtime.kernels.ask(kernel, call, patience=wanted.patience)
        except KernelBusy as error:
            raise KernelBusy(
                f"The kernel to copy {'from' if side == 'source' else 'to'} is busy: {error.message}",
                hint=error.hint,
                details={**error.details, "side": side},
            ) from None
        except KernelFailed as error:
            raise _clearer(error) from None


def _clearer(error: KernelFailed) -> RuntilesError:
    if error.details.get("errno") in _FULL:
        return NoSpace(
            "There is not enough room for the variables on their way.",
            hint="Free some space in your storage, or copy fewer variables.",
        )
    kind = error.details.get("kind")
    if kind == "NamesClash":
        return outcome.clash(error.message)
    if kind in ("Altered", "Refused", "Unreadable"):
        return SnapshotRefused(error.message, hint=error.hint)
    return error
