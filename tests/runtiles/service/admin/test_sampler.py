"""The engine is asked as rarely as can be."""

import asyncio

import pytest

from runtiles.contract.errors import EngineUnavailable
from runtiles.engines.base import ContainerUsage
from runtiles.engines.memory import MemoryEngine
from runtiles.service.admin.sampler import Sampler


class CountingEngine(MemoryEngine):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def usage(self, container_id: str) -> ContainerUsage | None:
        self.asked.append(container_id)
        await self.gate.wait()
        return await super().usage(container_id)


@pytest.fixture
def engine() -> CountingEngine:
    return CountingEngine()


def box(engine: CountingEngine, name: str, cpu: float = 1.0) -> str:
    image = engine.publish("a/b:1", local=True)
    container_id = engine.create(name, image, {})
    engine.start(container_id)
    engine.use(container_id, ContainerUsage(cpu, 100, 1000))
    return container_id


async def test_many_who_ask_are_one_question(engine: CountingEngine) -> None:
    one = box(engine, "one")
    sampler = Sampler(engine)
    answers = await asyncio.gather(*(sampler.usage([one]) for _ in range(5)))
    assert all(found == {one: ContainerUsage(1.0, 100, 1000)} for found in answers)
    await sampler.usage([one])
    assert engine.asked == [one]


async def test_what_is_old_is_asked_for_again(engine: CountingEngine) -> None:
    one = box(engine, "one")
    sampler = Sampler(engine, fresh=0.0)
    await sampler.usage([one])
    engine.use(one, ContainerUsage(3.0, 1))
    assert (await sampler.usage([one]))[one].cpu == 3.0


async def test_a_slow_engine_holds_nobody_up_and_is_heard_later(engine: CountingEngine) -> None:
    one = box(engine, "one")
    sampler = Sampler(engine, patience=0.01)
    engine.gate.clear()
    assert await sampler.usage([one]) == {}
    engine.gate.set()
    sampler.patience = 5.0
    assert await sampler.usage([one])
    assert engine.asked == [one]


async def test_what_does_not_run_or_cannot_be_asked_is_not_known(engine: CountingEngine) -> None:
    one = box(engine, "one")
    engine.finish(one)
    assert await Sampler(engine).usage([one, "nobody"]) == {}
    two = box(engine, "two")
    engine.available = False
    with pytest.raises(EngineUnavailable):
        await engine.version()
    assert await Sampler(engine).usage([two]) == {}
    assert await Sampler(None).usage([two]) == {}


async def test_closing_ends_what_is_under_way(engine: CountingEngine) -> None:
    sampler = Sampler(engine, patience=0.01)
    engine.gate.clear()
    await sampler.usage([box(engine, "one")])
    await sampler.close()
