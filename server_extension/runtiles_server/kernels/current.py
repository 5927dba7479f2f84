"""The one pause of a runtime at a time."""

from typing import Any, Callable, Dict, Optional

from runtiles_server.failures import PauseRunning
from runtiles_server.kernels.pausing import Pause


class Pauses:
    """The one pause of a runtime at a time."""

    def __init__(self) -> None:
        self._last: Optional[Pause] = None
        self._by_service = False

    def begin(self, make: Callable[[], Pause], *, by_service: bool) -> Pause:
        """Raises PauseRunning."""
        if self._last is not None and self._last.active:
            raise PauseRunning("A pause is under way.", details={"snapshot": self._last.snapshot})
        self._last, self._by_service = make(), by_service
        return self._last

    def status(self) -> Dict[str, Any]:
        if self._last is not None:
            return self._last.status()
        empty: Dict[str, Any] = {"waiting_for": [], "done": 0, "total": 0}
        return {"state": "none", "snapshot": None, **empty, "error": None, "result": None}

    async def release(self, *, keep: bool, by_service: bool) -> None:
        """Of a pause that the service leads only the service knows whether its snapshot is relied on."""
        if self._last is not None:
            stranger = self._by_service and not by_service
            await self._last.release(keep=None if stranger else keep)
