"""What the database is told of a pause. Blocking."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtiles.contract.errors import NotFound
from runtiles.store import LaunchRecord, PauseRecord, SnapshotRecord, Store

from .decide import size_of, summary


@dataclass(frozen=True)
class Records:
    store: Store

    def add(self, pause: PauseRecord, launch: LaunchRecord, result: Mapping[str, Any]) -> None:
        """The snapshot, whose manifest is `result`."""
        told = summary(result)
        self.store.snapshots.add(
            SnapshotRecord(
                id=pause.snapshot,
                user=pause.user,
                server=pause.server,
                created=time.time(),
                size=size_of(result),
                launch_id=launch.id,
                tile=launch.tile,
                machine=launch.machine,
                options={k: v for k, v in launch.options.items() if k not in ("name", "resume")},
                storage=launch.storage,
                summary=told,
            ),
            result,
        )
        # From here on the end of the runtime, whatever ends it, leaves it paused.
        self.store.launches.update(launch.id, snapshot=pause.snapshot)
        self.tell(pause, phase="stopping", message="")

    def has(self, pause: PauseRecord) -> bool:
        try:
            self.store.snapshots.get(pause.user, pause.snapshot)
        except NotFound:
            return False
        return True

    def tell(self, pause: PauseRecord, **changes: Any) -> None:
        self.store.pauses.tell(pause.user, pause.server, pause.launch_id, **changes)

    def parent(self, launch: LaunchRecord) -> str | None:
        """The newest snapshot of this runtime on the same storage: what has not changed is not written
        again."""
        mine = (
            one.id
            for one in self.store.snapshots.of_user(launch.user)
            if one.server == launch.server and one.trusted and one.storage == launch.storage
        )
        return next(mine, None)
