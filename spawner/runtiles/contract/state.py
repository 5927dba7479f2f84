"""Where snapshots lie, and how the service shows a runtime that it is the service."""

from typing import Final

#: Below the user's storage. Whatever is there belongs to the user who runs in the containers.
SNAPSHOTS_DIR: Final = ".runtiles/snapshots"
"""One folder per snapshot, called by its id: `snapshot.json` and `kernels/ID/` for each kernel."""
TRANSFERS_DIR: Final = ".runtiles/transfers"
"""Variables on their way between two runtimes: one folder per transfer, gone when it is over."""
SNAPSHOT_FILE: Final = "snapshot.json"
KERNELS_DIR: Final = "kernels"

#: `Authorization: Runtiles KEY` with the launch's control key, on the runtime's own interface.
CONTROL_SCHEME: Final = "Runtiles"

#: What a kernel became in a snapshot.
KERNEL_STATUS = ("saved", "not_carried")
#: Codes of a resume's notices: something of the snapshot is in no kernel.
NOT_RESTORED = frozenset({"kernel_failed", "kernel_running", "restored_in_part"})
#: The states of a pause in the runtime, in order; the last two end one that did not come to a stop.
PAUSE_STATES = ("none", "waiting", "saving", "verifying", "saved", "failed", "released")
