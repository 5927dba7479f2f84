"""Real layers on real images: a bare Debian, one of another user, one of the classic notebook."""

import asyncio
import dataclasses
import json
import platform
import re
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import docker
import docker.errors
import pytest

from runtiles.contract.errors import EngineUnavailable, LayerFailed, NoPython, PhaseTimeout
from runtiles.contract.events import LaunchEvent
from runtiles.contract.protocol import (
    LABEL_LAYER_OF,
    LABEL_PROTOCOL,
    LABEL_PYTHON,
    LAYER_PYTHON,
    PROTOCOL_VERSION,
)
from runtiles.engines import layer
from runtiles.engines.base import Image
from runtiles.engines.docker import DockerEngine
from runtiles.engines.docker_build import BuildOptions, stale
from runtiles.engines.docker_probe import probe
from runtiles.engines.layer import PackageSource
from runtiles.images import ImageRef
from tests.fixtures.engine import PrivateEngine
from tests.fixtures.images import MakeImage, build
from tests.fixtures.registry import free_port

from .contract import WAIT_S, until

pytestmark = pytest.mark.engine

_WHEELS = Path(__file__).resolve().parents[3] / "build" / "test-wheels"


@pytest.fixture(scope="session")
def wheelhouse(docker_client: docker.APIClient, debian: str) -> Path:
    """All that a layer needs, for the Python of the Debian image; kept between runs."""
    version = run(docker_client, debian, ["python3", "-c", "import sys; print(sys.version)"])
    minor = ".".join(version.split(".")[:2])
    packages = [*layer.REQUIREMENTS, *layer.COMMAND_LINE]
    wanted = "\n".join([minor, *packages])
    stamp = _WHEELS / "complete"
    if not stamp.exists() or stamp.read_text() != wanted:
        _WHEELS.mkdir(parents=True, exist_ok=True)
        machine = platform.machine()
        tags = [
            f"manylinux2014_{machine}",
            f"manylinux_2_28_{machine}",
            f"manylinux_2_34_{machine}",
        ]
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "-q", "--dest", str(_WHEELS)),
                *("--only-binary=:all:", "--python-version", minor),
                *(part for tag in tags for part in ("--platform", tag)),
                *packages,
            ],
            check=True,
        )
        stamp.write_text(wanted)
    return _WHEELS


@pytest.fixture
async def offline(hub_name: str, wheelhouse: Path) -> AsyncIterator[DockerEngine]:
    """Its builds have no network at all: everything comes from the wheelhouse."""
    source = PackageSource(wheelhouse=wheelhouse)
    engine = DockerEngine(hub_name, build=BuildOptions(source=source, network="none"))
    yield engine
    await engine.close()


async def local(engine: DockerEngine, reference: str) -> Image:
    return await engine.ensure_image(ImageRef.parse(reference), policy="never")


def run(
    client: docker.APIClient, image: str, command: list[str], *, user: str = "", **options: Any
) -> str:
    """What a command prints in an image; fails the test when it fails."""
    container = client.create_container(
        image,
        entrypoint=command,
        user=user,
        host_config=client.create_host_config(network_mode="none"),
        **options,
    )["Id"]
    try:
        client.start(container)
        code = client.wait(container)["StatusCode"]
        text = bytes(client.logs(container)).decode(errors="replace")
        assert code == 0, text
        return text
    finally:
        client.remove_container(container, force=True, v=True)


def config(client: docker.APIClient, image: str) -> dict[str, Any]:
    """An image's configuration, but for labels; an empty list is like none."""
    found = client.inspect_image(image)["Config"]
    return {name: value for name, value in found.items() if value and name != "Labels"}


@pytest.fixture
def new_image(docker_client: docker.APIClient, debian: str) -> Iterator[str]:
    """The bare Debian under an id that nobody has seen, so that its layer is really built."""
    name = f"runtiles-test/new-{secrets.token_hex(4)}:1"
    build(docker_client, name, f"FROM {debian}\nLABEL x={name}\n", {})
    image_id = docker_client.inspect_image(name)["Id"]
    yield name
    for found in docker_client.images(filters={"label": f"{LABEL_LAYER_OF}={image_id}"}):
        remove_image(docker_client, found["Id"])
    remove_image(docker_client, name)


def remove_image(client: docker.APIClient, image: str) -> None:
    """As soon as the engine has noticed that the last container of it is gone."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            client.remove_image(image, force=True)
        except docker.errors.APIError as error:
            if error.status_code != HTTPStatus.CONFLICT or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


async def test_a_bare_debian_from_the_index(
    docker_engine: DockerEngine, docker_client: docker.APIClient, new_image: str
) -> None:
    image = await local(docker_engine, new_image)
    first: list[LaunchEvent] = []
    second: list[LaunchEvent] = []
    layered, again = await asyncio.gather(
        docker_engine.prepare(image, report=first.append),
        docker_engine.prepare(image, report=second.append),
    )
    assert layered == again
    assert layered.reference == image.reference
    assert layered.python == LAYER_PYTHON
    assert layered.labels[LABEL_LAYER_OF] == image.id
    assert first == second, "one build, two listeners"
    assert {event.phase for event in first} == {"preparing"}
    messages = [event.message for event in first]
    assert messages[0] == f"Adding the launcher to {image.reference}"
    assert any(message.startswith("Found Python 3") for message in messages)
    assert any(message.startswith("Installing jupyter") for message in messages)
    assert messages[-1] == "Saving it"
    third: list[LaunchEvent] = []
    assert await docker_engine.prepare(image, report=third.append) == layered
    assert third == []
    assert await docker_engine.prepare(layered) == layered
    check_untouched(docker_client, image, layered)
    check_bytecode(docker_client, layered)


def check_untouched(client: docker.APIClient, image: Image, layered: Image) -> None:
    """The layer is the image, a folder, a link to its command, and bytecode where there was none."""
    assert config(client, layered.id) == config(client, image.id)
    before = client.inspect_image(image.id)["RootFS"]["Layers"]
    after = client.inspect_image(layered.id)["RootFS"]["Layers"]
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1
    container = client.create_container(layered.id, ["x"])["Id"]
    try:
        with pytest.raises(docker.errors.NotFound):
            client.get_archive(container, layer.BUILD_DIR)
    finally:
        client.remove_container(container)
    # Any user can run it, and what it holds comes before the image's packages.
    script = "import sys, os, tornado, runtiles_server; print(os.getuid(), tornado.__file__)"
    for user in ("0", "12345:54321"):
        assert layered.python
        text = run(client, layered.id, [layered.python, "-B", "-c", script], user=user)
        uid, where = text.split()
        assert uid == user.split(":")[0]
        assert where.startswith("/opt/runtiles/lib/")
        # The command line is there, also for a login shell, on packages that nobody else sees.
        login = ["env", "-i", "sh", "-lc", "runtiles --version"]
        assert run(client, layered.id, login, user=user).startswith("runtiles ")
        alone = "import importlib.util; assert not importlib.util.find_spec('typer')"
        run(client, layered.id, [layered.python, "-c", alone], user=user)


def check_bytecode(client: docker.APIClient, layered: Image) -> None:
    """It is there and valid."""
    assert layered.python
    script = "import jupyterlab.labapp, jupyterhub.singleuser, runtiles_server"
    text = run(client, layered.id, [layered.python, "-B", "-v", "-c", script], user="12345")
    compiled = re.findall(r"# code object from '(/opt/runtiles[^']*\.py)'", text)
    assert compiled == [], "compiled at start: there was no valid bytecode"
    assert len(re.findall(r"matches /opt/runtiles", text)) > 200


async def test_an_image_of_another_user(
    offline: DockerEngine, docker_client: docker.APIClient, test_image: MakeImage
) -> None:
    image = await local(offline, await asyncio.to_thread(test_image, "non-root"))
    layered = await offline.prepare(image)
    check_untouched(docker_client, image, layered)
    found = config(docker_client, layered.id)
    assert (found["User"], found["WorkingDir"]) == ("jovyan", "/home/jovyan")
    assert found["Entrypoint"] == ["/bin/sh", "-c"]
    assert found["Cmd"] == ["echo original"]
    assert layered.user == "jovyan"
    assert layered.env["COLOUR"] == "green"
    assert layered.python
    script = "import getpass, jupyterlab; print(getpass.getuser())"
    assert "jovyan" in run(docker_client, layered.id, [layered.python, "-c", script])


async def test_an_image_of_the_classic_notebook(
    offline: DockerEngine, docker_client: docker.APIClient, test_image: MakeImage
) -> None:
    image = await local(offline, await asyncio.to_thread(test_image, "classic"))
    layered = await offline.prepare(image)
    check_untouched(docker_client, image, layered)
    assert layered.python
    script = (
        "import json, notebook, tornado, traitlets, jupyter_server\n"
        "print(json.dumps([notebook.__version__, tornado.version, traitlets.__version__,"
        " notebook.__file__, jupyter_server.__version__]))"
    )
    text = run(docker_client, layered.id, [layered.python, "-c", script])
    notebook, tornado, traitlets, where, server = json.loads(text.splitlines()[-1])
    assert notebook.startswith("6."), "the image's own packages are in reach"
    assert where.startswith("/opt/notebook/")
    assert int(tornado.split(".")[1]) >= 5, "ours come first"
    assert tuple(map(int, traitlets.split(".")[:2])) >= (5, 14)
    assert server.startswith("2.")
    # The image's own commands are as they were.
    old = run(docker_client, layered.id, ["python", "-c", "import tornado; print(tornado.version)"])
    assert old.strip() < "6.3"


async def test_an_image_with_our_launcher_runs_unchanged(
    docker_engine: DockerEngine, docker_client: docker.APIClient, debian: str
) -> None:
    python = "/usr/local/bin/our-python"
    labels = f"LABEL {LABEL_PROTOCOL}={PROTOCOL_VERSION} {LABEL_PYTHON}={python}"
    name = build(docker_client, "runtiles-test/ours:1", f"FROM {debian}\n{labels}\n", {})
    image = await local(docker_engine, name)
    events: list[LaunchEvent] = []
    prepared = await docker_engine.prepare(image, report=events.append)
    assert prepared == dataclasses.replace(image, python=python)
    assert events == []


async def test_the_python_behind_an_older_launcher_is_found(
    docker_engine: DockerEngine, docker_client: docker.APIClient, debian: str
) -> None:
    dockerfile = f"""
FROM {debian}
RUN python3 -m venv --without-pip /opt/runtiles
ENV PATH=/opt/runtiles/bin:$PATH
LABEL {LABEL_PROTOCOL}=0 {LABEL_PYTHON}={LAYER_PYTHON}
"""
    name = build(docker_client, "runtiles-test/older:1", dockerfile, {})
    image = await local(docker_engine, name)
    found = await asyncio.to_thread(probe, docker_client, image.id, image.reference)
    assert found
    assert not [python for python in found if python.path.startswith("/opt/runtiles")]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-python", "runtiles-test/no-python:1 has no Python"),
        ("old-python", "has only Python 3.6.9"),
    ],
)
async def test_no_usable_python(
    docker_engine: DockerEngine, test_image: MakeImage, name: str, message: str
) -> None:
    image = await local(docker_engine, await asyncio.to_thread(test_image, name))
    with pytest.raises(NoPython, match=message) as raised:
        await docker_engine.prepare(image)
    assert "Add Python 3.8 or later" in raised.value.hint
    assert "apt-get install" in raised.value.hint


async def test_an_image_without_a_shell(
    docker_engine: DockerEngine, docker_client: docker.APIClient, nothing: str, debian: str
) -> None:
    with pytest.raises(NoPython, match="has no Python"):
        await docker_engine.prepare(await local(docker_engine, nothing))
    dockerfile = (
        f'FROM {debian}\nRUN ["/usr/bin/python3", "-c", "import os; os.remove(\'/bin/sh\')"]\n'
    )
    name = build(docker_client, "runtiles-test/no-shell:1", dockerfile, {})
    image = await local(docker_engine, name)
    found = await asyncio.to_thread(probe, docker_client, image.id, image.reference)
    assert [python.path for python in found] == ["/usr/bin/python3"]


async def test_a_failed_build_shows_the_end_of_its_output(
    hub_name: str, docker_client: docker.APIClient, debian: str
) -> None:
    # An index where nothing listens; its address has a password in it.
    index = f"http://reader:sesame@127.0.0.1:{free_port()}/simple"
    options = BuildOptions(source=PackageSource(index=index), network="host")
    engine = DockerEngine(hub_name, build=options)
    image = dataclasses.replace(await local(engine, debian), id=fresh(docker_client, debian))
    events: list[LaunchEvent] = []
    with pytest.raises(LayerFailed) as raised:
        await engine.prepare(image, report=events.append)
    await engine.close()
    assert "Installing the launcher's packages failed" in raised.value.message
    assert "No matching distribution" in raised.value.log
    assert "index" in raised.value.hint
    assert "sesame" not in json.dumps([raised.value.to_dict(), raised.value.log])
    assert "sesame" not in json.dumps([event.to_dict() for event in events])
    assert leftovers(docker_client, image) == []


def fresh(client: docker.APIClient, base: str) -> str:
    """The id of an image that has no layer yet and no builds."""
    name = build(client, "runtiles-test/never-layered:1", f"FROM {base}\nLABEL x=never\n", {})
    return str(client.inspect_image(name)["Id"])


def leftovers(client: docker.APIClient, image: Image) -> list[str]:
    """Of builds on this image: other tests may build on others meanwhile."""
    rows = client.containers(all=True, filters={"name": "runtiles-layer-"})
    return [row["Names"][0] for row in rows if row["ImageID"] == image.id]


async def test_a_cancelled_build_leaves_nothing(
    offline: DockerEngine, docker_client: docker.APIClient, debian: str
) -> None:
    image = dataclasses.replace(await local(offline, debian), id=fresh(docker_client, debian))
    for stop_after in ("Adding the launcher", "Found Python", "Installing the launcher"):
        events: list[LaunchEvent] = []
        task = asyncio.ensure_future(offline.prepare(image, report=events.append))

        async def reached(events: list[LaunchEvent] = events, text: str = stop_after) -> bool:
            return any(event.message.startswith(text) for event in events)

        await until(reached)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(leftovers, docker_client, image) == []
    assert docker_client.images(filters={"label": f"{LABEL_LAYER_OF}={image.id}"}) == []


async def test_a_build_that_says_nothing_ends(
    hub_name: str, docker_client: docker.APIClient, debian: str, wheelhouse: Path
) -> None:
    options = BuildOptions(
        source=PackageSource(wheelhouse=wheelhouse), network="none", silence=0.05
    )
    engine = DockerEngine(hub_name, build=options)
    image = dataclasses.replace(await local(engine, debian), id=fresh(docker_client, debian))
    with pytest.raises(PhaseTimeout, match="got stuck"):
        await engine.prepare(image)
    await engine.close()
    assert leftovers(docker_client, image) == []


def test_what_a_dead_hub_left_is_old_and_has_ended() -> None:
    def row(state: str, age: float) -> dict[str, Any]:
        return {"Id": f"{state}-{age}", "State": state, "Created": 10_000 - age}

    rows = [row("exited", 4000), row("created", 4000), row("running", 4000), row("exited", 10)]
    assert stale(rows, now=10_000) == ["exited-4000", "created-4000"]


async def test_an_engine_that_ends_during_a_build(
    private_engine: PrivateEngine, docker_client: docker.APIClient, debian: str, wheelhouse: Path
) -> None:
    client = private_engine.client()
    client.load_image(b"".join(docker_client.get_image(debian)))
    client.close()
    options = BuildOptions(source=PackageSource(wheelhouse=wheelhouse), network="none")
    engine = DockerEngine("x", client_kwargs={"base_url": private_engine.url}, build=options)
    image = await local(engine, debian)
    events: list[LaunchEvent] = []
    task = asyncio.ensure_future(engine.prepare(image, report=events.append))

    async def installing() -> bool:
        return any(event.message.startswith("Installing") for event in events)

    await until(installing)
    await asyncio.to_thread(private_engine.kill)
    with pytest.raises(EngineUnavailable, match="went away while adding"):
        await asyncio.wait_for(task, 60)
    await engine.close()
