"""Pulls from a real registry: progress, sharing, cancelling, deadlines, and every kind of refusal."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import docker
import docker.errors
import pytest

from runtiles.contract.errors import (
    EngineUnavailable,
    ImageNotFound,
    PhaseTimeout,
    PullFailed,
    RegistryDenied,
)
from runtiles.contract.events import LaunchEvent
from runtiles.engines.base import RegistryAuth
from runtiles.engines.docker import DockerEngine
from runtiles.images import ImageRef
from tests.fixtures.engine import PrivateEngine
from tests.fixtures.images import random_image
from tests.fixtures.registry import Registry, SlowRoad, free_port

from .contract import until

pytestmark = [pytest.mark.engine, pytest.mark.registry]

MB = 1024 * 1024


@pytest.fixture(scope="session")
def pushed(docker_client: docker.APIClient, open_registry: Registry) -> tuple[str, str]:
    """The name and the digest of an image of three 3 MB layers in the open registry."""
    source = random_image(docker_client, f"big-{secrets.token_hex(4)}", layers=3, size=3 * MB)
    digest = open_registry.push(source, "lab/big:1")
    docker_client.remove_image(source, force=True)
    return "lab/big", digest


@pytest.fixture(scope="session")
def secret_image(docker_client: docker.APIClient, private_registry: Registry) -> ImageRef:
    """A small image that only alice may have."""
    source = random_image(docker_client, f"small-{secrets.token_hex(4)}", layers=1, size=1000)
    private_registry.push(source, "lab/secret:1")
    docker_client.remove_image(source, force=True)
    return ImageRef.parse(f"{private_registry.host}/lab/secret:1")


@pytest.fixture
def forget(docker_client: docker.APIClient) -> Iterator[Callable[[ImageRef], ImageRef]]:
    """Marks an image for removal after the test, and gives the reference back."""
    refs: list[ImageRef] = []

    def mark(ref: ImageRef) -> ImageRef:
        refs.append(ref)
        return ref

    yield mark
    for ref in refs:
        try:
            docker_client.remove_image(str(ref), force=True)
        except docker.errors.ImageNotFound:
            continue


@pytest.fixture
async def slow_ref(
    slow_road: SlowRoad, pushed: tuple[str, str], forget: Callable[[ImageRef], ImageRef]
) -> ImageRef:
    """The big image at the end of a slow road: about three seconds away."""
    return forget(ImageRef.parse(f"{await slow_road.start()}/{pushed[0]}:1"))


async def test_bytes_and_percent(docker_engine: DockerEngine, slow_ref: ImageRef) -> None:
    events: list[LaunchEvent] = []
    image = await docker_engine.ensure_image(slow_ref, report=events.append)
    assert image.digest.startswith(f"{slow_ref.registry}/lab/big@sha256:")
    assert events[0].kind == "phase"
    progress = [event for event in events if event.kind == "progress"]
    percents = [event.percent for event in progress if event.percent is not None]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert any(10 < percent < 90 for percent in percents)
    assert progress[-1].done == progress[-1].total
    assert (progress[-1].total or 0) >= 9 * MB
    seconds = progress[-1].time - events[0].time
    assert len(progress) / seconds < 4.5, "four events a second at most"


async def test_concurrent_pulls_are_one(
    docker_engine: DockerEngine, slow_road: SlowRoad, slow_ref: ImageRef
) -> None:
    first: list[LaunchEvent] = []
    second: list[LaunchEvent] = []
    leader = asyncio.ensure_future(docker_engine.ensure_image(slow_ref, report=first.append))

    async def half_way() -> bool:
        return any((event.percent or 0) > 10 for event in first)

    await until(half_way)
    latest = first[-1]
    follower = asyncio.ensure_future(docker_engine.ensure_image(slow_ref, report=second.append))

    async def heard() -> bool:
        return len(second) >= 2

    await until(heard)
    assert second[1].time >= latest.time, "a late listener hears the latest state at once"
    leader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leader
    image = await follower
    assert image.reference == slow_ref.familiar
    assert second[-1].percent == 100
    assert slow_road.carried < 12 * MB, "the layers came once"


async def test_the_last_cancellation_ends_the_pull(
    docker_engine: DockerEngine, slow_road: SlowRoad, slow_ref: ImageRef
) -> None:
    tasks = [asyncio.ensure_future(docker_engine.ensure_image(slow_ref)) for _ in range(2)]

    async def on_its_way() -> bool:
        return slow_road.carried > MB

    await until(on_its_way)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert all(task.cancelled() for task in tasks)

    async def nobody_fetches() -> bool:
        return slow_road.connections == 0

    await until(nobody_fetches)
    assert slow_road.carried < 9 * MB
    # Nothing of it is left that would make the next attempt wait or fail.
    slow_road.rate = 1e9
    assert (await docker_engine.ensure_image(slow_ref)).id


async def test_control_calls_do_not_wait_for_a_pull(
    docker_engine: DockerEngine, slow_road: SlowRoad, slow_ref: ImageRef, debian: str
) -> None:
    pull = asyncio.ensure_future(docker_engine.ensure_image(slow_ref))

    async def on_its_way() -> bool:
        return slow_road.carried > 0

    await until(on_its_way)
    slow_road.open.clear()
    local = ImageRef.parse(debian)
    await asyncio.gather(*(docker_engine.ensure_image(local) for _ in range(20)))
    assert not pull.done()
    slow_road.open.set()
    await pull


async def test_by_digest(
    docker_engine: DockerEngine,
    open_registry: Registry,
    pushed: tuple[str, str],
    forget: Callable[[ImageRef], ImageRef],
) -> None:
    name, digest = pushed
    ref = forget(ImageRef.parse(f"{open_registry.host}/{name}@{digest}"))
    image = await docker_engine.ensure_image(ref)
    assert image.digest == str(ref)
    assert image.reference == ref.familiar
    assert (await docker_engine.ensure_image(ref, policy="never")).id == image.id
    with pytest.raises(ImageNotFound):
        await docker_engine.ensure_image(
            ImageRef.parse(f"{open_registry.host}/{name}@sha256:{'0' * 64}")
        )


async def test_always_sees_a_moved_tag(
    docker_engine: DockerEngine,
    docker_client: docker.APIClient,
    open_registry: Registry,
    forget: Callable[[ImageRef], ImageRef],
) -> None:
    ref = forget(ImageRef.parse(f"{open_registry.host}/lab/moving:1"))
    ids = []
    for _ in range(2):
        source = random_image(docker_client, f"moving-{secrets.token_hex(4)}", 1, 1000)
        open_registry.push(source, "lab/moving:1")
        docker_client.remove_image(source, force=True)
        ids.append((await docker_engine.ensure_image(ref, policy="always")).id)
    assert ids[0] != ids[1]
    assert (await docker_engine.ensure_image(ref)).id == ids[1]
    docker_client.remove_image(ids[0], force=True)


async def test_a_pull_that_hangs_ends_and_one_that_crawls_does_not(
    docker_client: docker.APIClient, hub_name: str, slow_road: SlowRoad, slow_ref: ImageRef
) -> None:
    engine = DockerEngine(hub_name, pull_stall=1.5)
    try:
        # About three seconds in all: longer than the deadline, but it moves.
        await engine.ensure_image(slow_ref)
        docker_client.remove_image(str(slow_ref), force=True)
        task = asyncio.ensure_future(engine.ensure_image(slow_ref))
        slow_road.open.clear()
        with pytest.raises(PhaseTimeout, match="got stuck"):
            await asyncio.wait_for(task, 60)
    finally:
        slow_road.open.set()
        await engine.close()


async def test_refusals_say_what_is_wrong(
    docker_engine: DockerEngine, private_registry: Registry, secret_image: ImageRef
) -> None:
    alice = private_registry.auth
    wrong = RegistryAuth("alice", "wr0ng-sesame")
    with pytest.raises(RegistryDenied, match="only to who logs in") as missing:
        await docker_engine.ensure_image(secret_image)
    assert "Add the registry's username" in missing.value.hint
    with pytest.raises(RegistryDenied, match="refused the username and password") as refused:
        await docker_engine.ensure_image(secret_image, auth=wrong)
    assert "wr0ng-sesame" not in str(refused.value.to_dict())
    with pytest.raises(ImageNotFound, match="no image"):
        await docker_engine.ensure_image(
            ImageRef.parse(f"{private_registry.host}/lab/secret:none"), auth=alice
        )
    with pytest.raises(ImageNotFound):
        await docker_engine.ensure_image(
            ImageRef.parse(f"{private_registry.host}/lab/none:1"), auth=alice
        )
    with pytest.raises(PullFailed, match="refused") as unreachable:
        await docker_engine.ensure_image(ImageRef.parse(f"127.0.0.1:{free_port()}/lab/x:1"))
    assert "cannot reach the registry" in unreachable.value.hint


class TestPrivateImages:
    """A private image that is on the host is authorized again for each user."""

    @pytest.fixture
    async def cached(
        self,
        docker_engine: DockerEngine,
        private_registry: Registry,
        secret_image: ImageRef,
        forget: Callable[[ImageRef], ImageRef],
    ) -> ImageRef:
        await docker_engine.ensure_image(forget(secret_image), auth=private_registry.auth)
        return secret_image

    @pytest.mark.parametrize("policy", ["missing", "always", "never"])
    async def test_for_nobody_without_credentials(
        self, docker_engine: DockerEngine, cached: ImageRef, policy: str
    ) -> None:
        for auth in (None, RegistryAuth("alice", "wrong")):
            with pytest.raises(RegistryDenied):
                await docker_engine.ensure_image(cached, policy=policy, auth=auth)  # type: ignore[arg-type]

    async def test_for_another_with_good_ones(
        self, docker_engine: DockerEngine, cached: ImageRef, private_registry: Registry
    ) -> None:
        events: list[LaunchEvent] = []
        auth = private_registry.auth
        assert await docker_engine.ensure_image(cached, auth=auth, report=events.append)
        assert [event.message for event in events] == ["Asking the registry for access"]
        with pytest.raises(RegistryDenied):
            await docker_engine.ensure_image(cached)

    async def test_also_after_a_restart_without_any_memory(
        self, cached: ImageRef, tmp_path: Path, hub_name: str
    ) -> None:
        engine = DockerEngine(hub_name, state_dir=tmp_path / "nowhere")
        with pytest.raises(RegistryDenied):
            await engine.ensure_image(cached)
        await engine.close()

    async def test_but_for_all_where_the_site_says_so(
        self, cached: ImageRef, hub_name: str
    ) -> None:
        engine = DockerEngine(hub_name, trusted_images=[f"{cached.registry}/lab/*"])
        assert await engine.ensure_image(cached)
        await engine.close()

    async def test_no_credential_is_kept(
        self,
        docker_engine: DockerEngine,
        cached: ImageRef,
        private_registry: Registry,
        tmp_path: Path,
    ) -> None:
        assert await docker_engine.ensure_image(cached, auth=private_registry.auth)
        assert private_registry.auth
        password = private_registry.auth.password
        assert _all_bytes(tmp_path).count(password.encode()) == 0
        assert password not in repr(docker_engine.__dict__)


def _all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_an_open_image_is_given_without_asking_again(
    hub_name: str, slow_road: SlowRoad, slow_ref: ImageRef, tmp_path: Path
) -> None:
    slow_road.rate = 1e9
    engine = DockerEngine(hub_name, state_dir=tmp_path)
    await engine.ensure_image(slow_ref)
    await engine.close()
    await slow_road.close()  # the registry is gone
    again = DockerEngine(hub_name, state_dir=tmp_path)
    assert await again.ensure_image(slow_ref)
    await again.close()
    forgetful = DockerEngine(hub_name)
    with pytest.raises(PullFailed, match="Asking the registry for access to"):
        await forgetful.ensure_image(slow_ref)
    await forgetful.close()


async def test_layers_are_not_given_by_name(docker_engine: DockerEngine) -> None:
    with pytest.raises(ImageNotFound, match="internal"):
        await docker_engine.ensure_image(ImageRef.parse("runtiles/layer:0123"))


@pytest.fixture
async def on_private_engine(private_engine: PrivateEngine) -> AsyncIterator[DockerEngine]:
    engine = DockerEngine("faults", client_kwargs={"base_url": private_engine.url})
    yield engine
    await engine.close()


# docker-py leaves it to the garbage collector to close a socket that could not connect.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_an_engine_that_ends_in_the_middle(
    how: str,
    private_engine: PrivateEngine,
    on_private_engine: DockerEngine,
    slow_road: SlowRoad,
    pushed: tuple[str, str],
) -> None:
    ref = ImageRef.parse(f"{await slow_road.start()}/{pushed[0]}:1")
    task = asyncio.ensure_future(on_private_engine.ensure_image(ref))

    async def on_its_way() -> bool:
        return slow_road.carried > MB

    await until(on_its_way)
    await asyncio.to_thread(getattr(private_engine, how))
    with pytest.raises(EngineUnavailable):
        await asyncio.wait_for(task, 60)
    with pytest.raises(EngineUnavailable, match="does not answer"):
        await on_private_engine.ensure_image(ref)
    slow_road.rate = 1e9
    await asyncio.to_thread(private_engine.start)
    assert (await on_private_engine.ensure_image(ref)).reference == ref.familiar
