"""How long the Hub leaves a runtime to the service, after the end of its reservation."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from runtiles.contract.errors import RuntilesError, ServiceUnavailable
from runtiles.spawners import reserved
from runtiles.spawners.reserved import ReservedSpawner
from runtiles.store.facts import Fact


class Spawner(SimpleNamespace):
    """What the watch over the end needs of a spawner, with a database that says what the test wants."""

    def __init__(self, launches: list[Any], watched: Callable[[], Fact | None]) -> None:
        def get(_: str) -> Any:
            found = launches.pop(0) if len(launches) > 1 else launches[0]
            if isinstance(found, RuntilesError):
                raise found
            return found

        facts = SimpleNamespace(read=lambda _: watched())
        store = SimpleNamespace(launches=SimpleNamespace(get=get), facts=facts)
        super().__init__(
            overtime=0.2,
            longest_overtime=1.5,
            launch_id="l1",
            expires_at=time.time() - 3600,
            site=SimpleNamespace(store=store, policy=SimpleNamespace(max_age=None)),
            engine=SimpleNamespace(wait=lambda _: asyncio.sleep(3600)),
        )
        one: Any = self
        self._read_end = partial(ReservedSpawner._read_end, one)
        self._left = partial(ReservedSpawner._left, one)

    def waits(self, at_most: float) -> float:
        """Seconds until its time is over; as many as it is given when it is not."""

        async def whole() -> float:
            began = time.monotonic()
            try:
                await asyncio.wait_for(self._over(), at_most)
            except asyncio.TimeoutError:
                return at_most
            return time.monotonic() - began

        return asyncio.run(whole())

    async def _over(self) -> None:
        try:
            await ReservedSpawner._wait(self, "c")  # type: ignore[arg-type]
        except asyncio.TimeoutError:
            return


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reserved, "_LOOK_AGAIN_S", 0.05)


def launch(ends: float) -> Any:
    return SimpleNamespace(ends_at=time.time() + ends, started_at=time.time() - 9000)


def test_it_stops_soon_what_nobody_watches() -> None:
    assert Spawner([launch(-10)], lambda: None).waits(20) < 20
    long_ago = Fact({}, time.time() - 3600)
    assert Spawner([launch(-10)], lambda: long_ago).waits(20) < 20


def test_it_gives_the_service_its_time_and_not_for_ever() -> None:
    assert 1.4 < Spawner([launch(-10)], lambda: Fact({}, time.time())).waits(20) < 20


def test_a_database_that_does_not_answer_ends_nothing() -> None:
    away: list[Any] = [ServiceUnavailable("The database does not answer.")]
    assert Spawner([*away], lambda: None).waits(2) == 2
    # When it is back, it turns out that somebody extended it.
    assert Spawner([*away * 10, launch(3600)], lambda: None).waits(3) == 3
