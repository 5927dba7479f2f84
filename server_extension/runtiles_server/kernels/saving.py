"""One kernel of a pause: its save, and then its hold."""

import asyncio
from pathlib import Path
from typing import Any, Dict, Optional

from runtiles.contract.state import KERNELS_DIR
from runtiles_server.kernels.asking import Errand, Kernels
from runtiles_server.kernels.listing import is_stuck
from runtiles_server.kernels.looking import LEFT_OUT, OTHER_LANGUAGE

#: A kernel that its server has forgotten goes on after so many seconds.
HOLD_S = 60.0
_MOST_VARIABLES = 10_000
_SHOWN = ("name", "type", "bytes", "status", "reason")


class Saving:
    """Ends with `close`, whatever happened. `kernel` is its entry of the list."""

    def __init__(self, kernel: Dict[str, Any], manager: Any, errand: Errand) -> None:
        self.kernel = kernel
        self.manager = manager
        self.errand = errand
        self.stuck = False
        self.found: Dict[str, Any] = {}
        self._answer: "Optional[asyncio.Future[None]]" = None
        self._look: "Optional[asyncio.Future[None]]" = None

    @classmethod
    def of(
        cls, kernels: Kernels, kernel: Dict[str, Any], part: Path, key: bytes, *, hold: bool
    ) -> "Saving":
        folder = part / KERNELS_DIR / kernel["id"]
        call = f"save({str(folder)!r}, key=bytes.fromhex({key.hex()!r}))"
        errand = kernels.errand(kernel["id"], call, HOLD_S if hold else 0)
        return cls(kernel, kernels.manager(kernel["id"]), errand)

    async def begin(self) -> "asyncio.Future[None]":
        """Of the result: it is done when the kernel has saved, or raises what Errand.answer raises."""
        await self.errand.send()
        self._answer = asyncio.ensure_future(self._save())
        return self._answer

    async def _save(self) -> None:
        self.found = await self.errand.answer()

    @property
    def waits(self) -> bool:
        return not (self.found or self.errand.started)

    def waited_for(self, seconds: float) -> Dict[str, Any]:
        """Why the pause waits, `seconds` after its beginning."""
        busy = round(float(self.kernel["busy_seconds"]) + round(seconds, 1), 1)
        told = {"kernel": self.kernel["id"], "path": self.kernel["path"], "stuck": self.stuck}
        return {**told, "busy_seconds": busy}

    def look(self) -> None:
        """Finds out, beside everything else, whether a kernel that does not begin is stuck."""
        if self.waits and (self._look is None or self._look.done()):
            self._look = asyncio.ensure_future(self._find_out())

    async def _find_out(self) -> None:
        self.stuck = await is_stuck(self.manager) and self.waits
        await asyncio.sleep(1)

    async def close(self) -> None:
        """The kernel goes on; a save that runs is waited for, one that has not begun never will."""
        self.errand.withdraw()
        self.errand.let_go()
        for task in (self._look, self._answer):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        try:
            if self.errand.started:
                await self.errand.over()
        finally:
            self.errand.close()

    def entry(self) -> Dict[str, Any]:
        """As it stands in the snapshot."""
        manifest = self.found["result"]
        variables = [{key: each[key] for key in _SHOWN} for each in manifest["variables"]]
        entry = {
            **described(self.kernel),
            "execution_count": self.found["execution_count"],
            "status": "saved",
            "reason": "",
            "state": manifest["id"],
            "variables": variables[:_MOST_VARIABLES],
            **{key: manifest[key] for key in ("bytes", "losses", "notes")},
        }
        more = len(variables) - _MOST_VARIABLES
        return {**entry, "more": more} if more > 0 else entry


def described(kernel: Dict[str, Any]) -> Dict[str, Any]:
    return {key: kernel[key] for key in ("id", "name", "language", "path", "sessions")}


def not_carried(kernel: Dict[str, Any]) -> Dict[str, Any]:
    """The entry of a kernel whose variables stay behind."""
    empty: Dict[str, Any] = {"bytes": 0, "losses": [], "notes": [], "variables": []}
    told = {"execution_count": 0, "status": "not_carried"}
    reason = LEFT_OUT if kernel["carried"] else OTHER_LANGUAGE
    return {**described(kernel), **told, "reason": reason, **empty}
