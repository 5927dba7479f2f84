"""What the handlers work with: this runtime's places, keys and kernels."""

import os
import tempfile
from pathlib import Path
from typing import Any, Dict, Optional

from . import runtime_state
from .activity.watch import Watch
from .failures import NoStorage, SnapshotRefused
from .kernels.asking import Kernels
from .kernels.current import Pauses
from .kernels.listing import BusyClock
from .kernels.places import Folders
from .kernels.telling import teller
from .keys import Keys
from .runtime_state import RuntimeState


class Runtime:
    """One per server.

    `resumed` is the report of what was restored before the server listened; `planned` has the bytes of
    each kernel that the last dry run counted.
    """

    def __init__(self, server: Any, state: Optional[RuntimeState] = None) -> None:
        self.server = server
        self.state = runtime_state.read() if state is None else state
        self.keys = Keys.read(self.state.keys_file)
        self._folder = tempfile.TemporaryDirectory(prefix="runtiles-server-", dir=_place())
        self.kernels = Kernels(server, Path(self._folder.name))
        self.clock = BusyClock(server)
        self.activity = Watch(server, self.keys)
        self.pauses = Pauses()
        self.tell_pages = teller(server)
        self.planned: Dict[str, int] = {}
        self.resumed: Optional[Dict[str, Any]] = None

    @property
    def private(self) -> Path:
        """A folder of this server alone, gone with it."""
        return Path(self._folder.name)

    @property
    def storage(self) -> Path:
        """What outlives the container. Raises NoStorage."""
        if not self.state.storage:
            raise NoStorage(
                "This runtime has no storage: nothing would outlive its container.",
                hint="An admin can give its tile a volume.",
            )
        return Path(self.state.storage)

    @property
    def folders(self) -> Folders:
        """The snapshots of this user. Raises NoStorage."""
        return Folders(self.storage)

    @property
    def signing_key(self) -> bytes:
        """Raises SnapshotRefused without one: nobody could tell such a snapshot from a foreign one."""
        if not self.keys.signing:
            raise SnapshotRefused(
                "This runtime was started without the key of its user's snapshots.",
                hint="Stop it and start it again.",
            )
        return self.keys.signing


def _place() -> Optional[str]:
    """The launcher's own folder: an image may have no /tmp that can be written."""
    told = os.environ.get(runtime_state.ENV_STATE_FILE)
    folder = str(Path(told).parent) if told else None
    return folder if folder and os.access(folder, os.W_OK) else None
