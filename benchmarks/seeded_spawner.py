"""The spawner of the seeded Hub: its servers run as long as the database says so."""

from typing import Any

from jupyterhub.spawner import Spawner


class SeededSpawner(Spawner):
    async def start(self) -> Any:
        raise RuntimeError("the benchmark starts nothing")

    async def poll(self) -> int | None:
        return None if self.server else 0

    async def stop(self, now: bool = False) -> None:
        pass
