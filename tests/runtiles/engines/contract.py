"""What every engine guarantees (base.py), as tests. `test_memory.py` and `test_docker.py` run them."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing

import pytest

from runtiles.contract.errors import Conflict, ImageNotFound, LaunchFailed, NotFound
from runtiles.contract.events import LaunchEvent
from runtiles.contract.protocol import LABEL_HUB, LABEL_SERVER, LABEL_USER
from runtiles.engines.base import ContainerFile, ContainerStatus, Engine, HostImage, Image, Owner
from runtiles.images import ImageRef
from runtiles.values.loglines import LogLine

WAIT_S = 60.0


class World(ABC):
    """What a test needs beyond the contract: containers, and programs in them."""

    engine: Engine
    hub: str
    ref: ImageRef

    @abstractmethod
    async def create(
        self, labels: Mapping[str, str], *, lines: int = 0, code: int | None = None, user: str = ""
    ) -> str:
        """A container that will print `line 1` to `line N`, then end with `code`, or stay (None)."""

    @abstractmethod
    async def start(self, container_id: str) -> None: ...

    @abstractmethod
    async def read(self, container_id: str, path: str) -> tuple[bytes, int, Owner]:
        """Content, mode and owner of a file in it."""

    def labels(self, user: str = "ada", server: str = "") -> dict[str, str]:
        return {LABEL_HUB: self.hub, LABEL_USER: user, LABEL_SERVER: server}

    async def running(self, *, lines: int = 0, code: int | None = None) -> str:
        container_id = await self.create(self.labels(), lines=lines, code=code)
        await self.start(container_id)
        return container_id


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Waits for a condition that only time can bring about; fails after WAIT_S."""
    deadline = time.monotonic() + WAIT_S
    while not await condition():
        assert time.monotonic() < deadline, "it never came about"
        await asyncio.sleep(0.02)


class EngineContract:
    """Subclasses give the `world` fixture."""

    # -- images ------------------------------------------------------------------------------------

    async def test_a_local_image_is_found_without_a_pull(self, world: World) -> None:
        events: list[LaunchEvent] = []
        image = await world.engine.ensure_image(world.ref, policy="never", report=events.append)
        assert image.id.startswith("sha256:")
        assert image.reference == world.ref.familiar
        assert image.python is None
        assert events == []

    async def test_never_does_not_pull(self, world: World) -> None:
        with pytest.raises(ImageNotFound):
            await world.engine.ensure_image(
                ImageRef.parse("runtiles-test/there-is-none:9"), policy="never"
            )

    # -- containers --------------------------------------------------------------------------------

    async def test_status_follows_a_container_to_its_end(self, world: World) -> None:
        container_id = await world.create(world.labels(), code=3)
        created = await world.engine.status(container_id)
        assert created is not None
        assert (created.state, created.alive, created.started_at) == ("created", False, None)
        await world.start(container_id)
        ended = await asyncio.wait_for(world.engine.wait(container_id), WAIT_S)
        assert ended is not None
        assert (ended.state, ended.exit_code, ended.oom_killed) == ("exited", 3, False)
        assert await world.engine.status(container_id) == ended

    async def test_a_running_container_has_a_start_time(self, world: World) -> None:
        status = await world.engine.status(await world.running())
        assert status is not None
        assert status.alive
        assert status.state == "running"
        assert status.exit_code is None
        assert status.started_at is not None

    async def test_no_such_container(self, world: World) -> None:
        nobody = "0" * 64
        assert await world.engine.status(nobody) is None
        assert await world.engine.wait(nobody) is None
        assert await world.engine.usage(nobody) is None
        assert await world.engine.logs(nobody) == ""
        assert [line async for line in world.engine.follow(nobody)] == []
        await world.engine.stop(nobody)
        await world.engine.remove(nobody)
        for call in (world.engine.freeze, world.engine.thaw, world.engine.owner_of):
            with pytest.raises(NotFound):
                await call(nobody)
        with pytest.raises(NotFound):
            await world.engine.put_files(nobody, [ContainerFile("/x", b"")])

    async def test_stop_ends_and_is_fine_twice(self, world: World) -> None:
        container_id = await world.running()
        await world.engine.stop(container_id, grace=5)
        status = await world.engine.status(container_id)
        assert status is not None
        assert status.state == "exited"
        await world.engine.stop(container_id)

    async def test_stop_wakes_who_waits(self, world: World) -> None:
        container_id = await world.running()
        waiting = asyncio.ensure_future(world.engine.wait(container_id))
        await asyncio.sleep(0)
        await world.engine.stop(container_id, grace=1)
        ended = await asyncio.wait_for(waiting, WAIT_S)
        assert ended is not None
        assert ended.state == "exited"

    async def test_remove_takes_a_running_one_and_is_fine_twice(self, world: World) -> None:
        container_id = await world.running()
        waiting = asyncio.ensure_future(world.engine.wait(container_id))
        await asyncio.sleep(0)
        await world.engine.remove(container_id)
        assert await world.engine.status(container_id) is None
        await world.engine.remove(container_id)
        await asyncio.wait_for(waiting, WAIT_S)

    async def test_concurrent_removals_are_one(self, world: World) -> None:
        container_id = await world.running()
        await asyncio.gather(*(world.engine.remove(container_id) for _ in range(3)))
        assert await world.engine.status(container_id) is None

    async def test_freeze_and_thaw(self, world: World) -> None:
        container_id = await world.running()
        for _ in range(2):
            await world.engine.freeze(container_id)
            await self._is(world, container_id, "paused")
        for _ in range(2):
            await world.engine.thaw(container_id)
            await self._is(world, container_id, "running")
        await world.engine.freeze(container_id)
        await world.engine.stop(container_id, grace=5)
        status = await self._is(world, container_id, "exited")
        assert status.exit_code != 137, "a frozen program hears the signal after a thaw"

    async def test_an_ended_one_can_be_neither_frozen_nor_thawed(self, world: World) -> None:
        container_id = await world.running(code=0)
        await asyncio.wait_for(world.engine.wait(container_id), WAIT_S)
        for call in (world.engine.freeze, world.engine.thaw):
            with pytest.raises(Conflict):
                await call(container_id)

    # -- what they use -----------------------------------------------------------------------------

    async def test_a_running_container_uses_something(self, world: World) -> None:
        container_id = await world.running()
        for _ in range(2):
            usage = await world.engine.usage(container_id)
            assert usage is not None
            assert usage.cpu >= 0
            assert usage.memory > 0
            assert usage.memory_limit is None or usage.memory_limit >= usage.memory

    async def test_one_that_does_not_run_uses_nothing(self, world: World) -> None:
        container_id = await world.create(world.labels())
        assert await world.engine.usage(container_id) is None
        await world.start(container_id)
        await world.engine.stop(container_id, grace=0)
        assert await world.engine.usage(container_id) is None

    # -- the images of the host --------------------------------------------------------------------

    async def test_images_are_listed_with_their_names_and_whether_they_are_used(
        self, world: World
    ) -> None:
        image = await ready_image(world)

        async def listed() -> HostImage:
            (found,) = [i for i in await world.engine.images() if i.id == image.id]
            return found

        assert str(world.ref) in (await listed()).references
        assert (await listed()).size > 0
        await world.create(world.labels())
        assert (await listed()).in_use

    async def test_an_image_with_a_container_is_not_removed(self, world: World) -> None:
        image = await ready_image(world)
        await world.create(world.labels())
        with pytest.raises(Conflict):
            await world.engine.remove_image(image.id)
        assert await ready_image(world) == image

    async def test_removing_what_is_gone_is_fine(self, world: World) -> None:
        await world.engine.remove_image("sha256:" + "0" * 64)

    async def test_the_disk_has_more_room_than_is_free(self, world: World) -> None:
        disk = await world.engine.disk()
        if disk.total is not None and disk.free is not None:
            assert disk.total >= disk.free > 0

    # -- finding -----------------------------------------------------------------------------------

    async def test_find_by_label(self, world: World) -> None:
        first = await world.create(world.labels("ada", "one"))
        second = await world.create(world.labels("ada", ""))
        third = await world.create(world.labels("bob", "one"))
        await world.create({LABEL_HUB: "another hub", LABEL_USER: "ada", LABEL_SERVER: "one"})

        async def ids(user: str | None = None, server: str | None = None) -> set[str]:
            return {c.id for c in await world.engine.find(world.hub, user, server)}

        assert await ids() == {first, second, third}
        assert await ids("ada") == {first, second}
        assert await ids("ada", "one") == {first}
        assert await ids("ada", "") == {second}
        assert await ids("carol") == set()

    async def test_find_gives_names_labels_and_states(self, world: World) -> None:
        container_id = await world.running()
        (found,) = await world.engine.find(world.hub)
        assert found.id == container_id
        assert found.name
        assert found.labels.items() >= world.labels().items()
        assert found.status.state == "running"

    # -- logs --------------------------------------------------------------------------------------

    async def test_logs_and_their_tail(self, world: World) -> None:
        container_id = await world.running(lines=5, code=0)
        await asyncio.wait_for(world.engine.wait(container_id), WAIT_S)
        everything = await world.engine.logs(container_id)
        assert everything.splitlines() == [f"line {i}" for i in range(1, 6)]
        assert await world.engine.logs(container_id, tail=2) == "line 4\nline 5\n"
        assert await world.engine.logs(container_id, tail=0) == ""
        assert await world.engine.logs(container_id, since=4e9) == ""

    async def test_follow_gives_every_line_and_ends(self, world: World) -> None:
        container_id = await world.running(lines=40, code=0)
        lines = await asyncio.wait_for(_all(world.engine.follow(container_id)), WAIT_S)
        assert lines == [f"line {i}" for i in range(1, 41)]

    async def test_every_line_has_its_time(self, world: World) -> None:
        before = time.time()
        container_id = await world.running(lines=5, code=0)
        await asyncio.wait_for(world.engine.wait(container_id), WAIT_S)
        lines = await world.engine.lines(container_id)
        times = [line.at for line in lines]
        assert [line.text for line in lines] == [f"line {i}" for i in range(1, 6)]
        assert times == sorted(times)
        assert before - 1 < times[0] <= times[-1] < time.time() + 1
        # The same times when followed, and from one of them on.
        followed = world.engine.follow_lines(container_id)
        assert await asyncio.wait_for(_all_lines(followed), WAIT_S) == lines
        later = world.engine.follow_lines(container_id, since=times[2])
        rest = await asyncio.wait_for(_all_lines(later), WAIT_S)
        assert [line for line in rest if line.at >= times[2]] == [
            line for line in lines if line.at >= times[2]
        ]
        assert await world.engine.lines(container_id, since=times[-1] + 1) == []

    async def test_follow_can_be_left_at_any_time(self, world: World) -> None:
        container_id = await world.running(lines=3)
        async with aclosing(world.engine.follow(container_id)) as lines:
            assert await asyncio.wait_for(anext(lines), WAIT_S) == "line 1"
        task = asyncio.ensure_future(_all(world.engine.follow(container_id)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, WAIT_S)

    # -- files and users ---------------------------------------------------------------------------

    async def test_files_arrive_with_mode_and_owner(self, world: World) -> None:
        container_id = await world.create(world.labels())
        owner = Owner(1234, 4321)
        await world.engine.put_files(
            container_id,
            [
                ContainerFile("/run/somewhere", mode=0o700, owner=owner, directory=True),
                ContainerFile("/run/somewhere/token", b"sesame", 0o600, owner),
            ],
        )
        path = "/run/somewhere/token"
        assert await world.read(container_id, path) == (b"sesame", 0o600, owner)

    def test_a_files_content_is_not_in_its_repr(self) -> None:
        assert "sesame" not in repr(ContainerFile("/token", b"sesame"))

    async def test_the_owner_is_looked_up_in_the_container(self, world: World) -> None:
        for user, owner in (
            ("", Owner(0, 0)),
            ("root", Owner(0, 0)),
            ("4711", Owner(4711, 0)),
            ("4711:12", Owner(4711, 12)),
            ("root:12", Owner(0, 12)),
        ):
            container_id = await world.create(world.labels(), user=user)
            assert await world.engine.owner_of(container_id) == owner
        with pytest.raises(LaunchFailed, match="nobody-by-that-name"):
            await world.engine.owner_of(
                await world.create(world.labels(), user="nobody-by-that-name")
            )

    # -- the engine itself -------------------------------------------------------------------------

    async def test_it_has_a_version(self, world: World) -> None:
        assert await world.engine.version()

    async def _is(self, world: World, container_id: str, state: str) -> ContainerStatus:
        status = await world.engine.status(container_id)
        assert status is not None
        assert status.state == state
        return status


async def _all(lines: AsyncGenerator[str, None]) -> list[str]:
    async with aclosing(lines):
        return [line async for line in lines]


async def _all_lines(lines: AsyncGenerator[LogLine, None]) -> list[LogLine]:
    async with aclosing(lines):
        return [line async for line in lines]


async def ready_image(world: World) -> Image:
    return await world.engine.ensure_image(world.ref, policy="never")
