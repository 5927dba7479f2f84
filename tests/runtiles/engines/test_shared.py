"""Jobs that callers share."""

import asyncio

import pytest

from runtiles.contract.events import LaunchEvent
from runtiles.engines.base import Report, ignore
from runtiles.engines.shared import SharedJobs


class Work:
    """A job that reports, then waits to be let go."""

    def __init__(self) -> None:
        self.started = 0
        self.cancelled = 0
        self.tell: Report = ignore
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self, report: Report) -> str:
        self.started += 1
        self.tell = report
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error:
            raise self.error
        return "result"


def event(percent: float) -> LaunchEvent:
    return LaunchEvent("pulling", "progress", percent=percent)


@pytest.fixture
def jobs() -> SharedJobs[str, str]:
    return SharedJobs()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_job_for_all(jobs: SharedJobs[str, str]) -> None:
    work = Work()
    tasks = [asyncio.ensure_future(jobs.run("a", work, ignore)) for _ in range(3)]
    other = asyncio.ensure_future(jobs.run("b", work, ignore))
    await settle()
    work.gate.set()
    assert await asyncio.gather(*tasks, other) == ["result"] * 4
    assert work.started == 2
    await settle()
    assert len(jobs) == 0
    assert await jobs.run("a", work, ignore) == "result"
    assert work.started == 3, "a finished job is not remembered"


async def test_a_late_listener_hears_the_latest_state_at_once(jobs: SharedJobs[str, str]) -> None:
    work = Work()
    early: list[LaunchEvent] = []
    late: list[LaunchEvent] = []
    first = asyncio.ensure_future(jobs.run("a", work, early.append))
    await settle()
    phase = LaunchEvent("pulling", "phase", "Pulling")
    for one in (phase, event(1), event(2)):
        work.tell(one)
    second = asyncio.ensure_future(jobs.run("a", work, late.append))
    await settle()
    assert [e.percent for e in late] == [None, 2]
    work.tell(event(3))
    work.gate.set()
    await asyncio.gather(first, second)
    assert [e.percent for e in early] == [None, 1, 2, 3]
    assert late[-1].percent == 3


async def test_one_leaves_the_others_stay(jobs: SharedJobs[str, str]) -> None:
    work = Work()
    heard: list[LaunchEvent] = []
    leaver = asyncio.ensure_future(jobs.run("a", work, heard.append))
    stayer = asyncio.ensure_future(jobs.run("a", work, ignore))
    await settle()
    leaver.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaver
    work.tell(event(50))
    assert heard == []
    assert work.cancelled == 0
    work.gate.set()
    assert await stayer == "result"


async def test_the_last_to_leave_cancels(jobs: SharedJobs[str, str]) -> None:
    work = Work()
    tasks = [asyncio.ensure_future(jobs.run("a", work, ignore)) for _ in range(2)]
    await settle()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert work.cancelled == 1, "and it is over when the last caller is back"
    assert len(jobs) == 0


async def test_an_error_is_everybodys(jobs: SharedJobs[str, str]) -> None:
    work = Work()
    work.error = ValueError("no")
    tasks = [asyncio.ensure_future(jobs.run("a", work, ignore)) for _ in range(2)]
    await settle()
    work.gate.set()
    assert await asyncio.gather(*tasks, return_exceptions=True) == [work.error] * 2


async def test_a_deaf_listener_harms_nobody(
    jobs: SharedJobs[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    def deaf(event: LaunchEvent) -> None:
        raise RuntimeError("deaf")

    work = Work()
    heard: list[LaunchEvent] = []
    tasks = [asyncio.ensure_future(jobs.run("a", work, report)) for report in (deaf, heard.append)]
    await settle()
    work.tell(event(1))
    work.gate.set()
    assert await asyncio.gather(*tasks) == ["result"] * 2
    assert len(heard) == 1
    assert "A listener failed" in caplog.text


async def test_close_cancels_everything(jobs: SharedJobs[str, str]) -> None:
    work = Work()
    task = asyncio.ensure_future(jobs.run("a", work, ignore))
    await settle()
    await jobs.close()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.cancelled == 1
