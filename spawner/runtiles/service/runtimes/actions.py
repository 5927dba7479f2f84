"""What may be asked of a runtime by a verb: the one place that knows them all.

The API of one runtime, the panel's bulk actions and drains go through here, so a verb that is added here
works in all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtiles.contract.errors import NotFound
from runtiles.service.access import Caller
from runtiles.service.idle.reservations import Reservations

from .freezing import Freezer
from .kernels import Kernels
from .launcher import Launcher
from .manager import RuntimeManager
from .pausing.pauser import Pauser


@dataclass(frozen=True)
class Actions:
    runtimes: RuntimeManager
    launcher: Launcher
    freezer: Freezer
    pauser: Pauser
    kernels: Kernels
    reservations: Reservations

    async def act(
        self, caller: Caller, owner: str, name: str, action: str, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The runtime after the action has begun, as JSON; of a pause with `dry_run` what it would do.

        Raises NotFound for a verb that nobody knows, and what the action itself raises.
        """
        if action == "start":
            return await self.launcher.start(caller, owner, name, options)
        if action == "stop":
            return await self.runtimes.stop(caller, owner, name)
        if action == "freeze":
            return await self.freezer.freeze(caller, owner, name)
        if action == "thaw":
            return await self.freezer.thaw(caller, owner, name)
        if action == "pause":
            return await self.pauser.pause(caller, owner, name, options)
        if action == "resume":
            return await self.launcher.resume(caller, owner, name, options)
        if action in ("interrupt", "restart"):
            return await self.kernels.act(caller, owner, name, action, options)
        if action == "extend":
            return await self.reservations.extend(caller, owner, name, options)
        if action == "hold":
            return await self.reservations.hold(caller, owner, name, options)
        raise NotFound(f"There is no action {action!r}.")
