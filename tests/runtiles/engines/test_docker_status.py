"""Statuses from descriptions and events."""

from typing import Any

import pytest

from runtiles.engines.base import ContainerStatus
from runtiles.engines.docker_status import after_event, from_description, storage_source


def described(**state: Any) -> ContainerStatus:
    networks = {"none": {"IPAddress": ""}, "bridge": {"IPAddress": "172.17.0.9"}}
    return from_description({"State": state, "NetworkSettings": {"Networks": networks}})


def test_running() -> None:
    status = described(Status="running", ExitCode=0, StartedAt="2026-11-20T10:00:00.123456789Z")
    assert status == ContainerStatus("running", started_at=1795168800.123456, ip="172.17.0.9")


def test_ended() -> None:
    finished = "2026-11-20T10:00:00.5Z"
    status = described(Status="exited", ExitCode=137, OOMKilled=True, Error="", FinishedAt=finished)
    assert status.ended_at == 1795168800.5
    assert (status.state, status.exit_code, status.oom_killed) == ("exited", 137, True)
    assert status.ip == ""


@pytest.mark.parametrize(
    ("engine", "ours", "alive"),
    [
        ("created", "created", False),
        ("running", "running", True),
        ("restarting", "running", True),
        ("paused", "paused", True),
        ("exited", "exited", False),
        ("dead", "exited", False),
        ("removing", "exited", False),
        ("something new", "exited", False),
    ],
)
def test_every_state_of_the_engine(engine: str, ours: str, alive: bool) -> None:
    status = described(Status=engine)
    assert (status.state, status.alive) == (ours, alive)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "", "yesterday"])
def test_no_start_time(text: str) -> None:
    assert described(Status="created", StartedAt=text).started_at is None


def test_events() -> None:
    running = ContainerStatus("running", started_at=1.0, ip="172.17.0.9")
    frozen = after_event(running, "pause", "")
    assert frozen == ContainerStatus("paused", started_at=1.0, ip="172.17.0.9")
    assert after_event(frozen, "unpause", "") == running
    hungry = after_event(running, "oom", "")
    assert hungry is not None
    ended = after_event(hungry, "die", "137")
    assert ended == ContainerStatus("exited", 137, oom_killed=True, started_at=1.0)
    unsaid = after_event(running, "die", "")
    assert unsaid is not None
    assert unsaid.exit_code is None
    assert after_event(running, "start", "") is None
    assert after_event(running, "destroy", "") is None


@pytest.mark.parametrize(
    ("mount", "source"),
    [
        ({"Type": "volume", "Name": "ada", "Source": "/var/lib/docker/volumes/ada/_data"}, "ada"),
        ({"Type": "bind", "Source": "/home/ada"}, "/home/ada"),
        ({"Type": "tmpfs", "Source": ""}, ""),
    ],
)
def test_what_is_mounted_as_storage(mount: dict[str, str], source: str) -> None:
    other = {"Type": "volume", "Name": "data", "Destination": "/data"}
    mounts = [other, {**mount, "Destination": "/storage"}]
    assert storage_source({"Mounts": mounts}) == source


@pytest.mark.parametrize("mounts", [None, [], [{"Type": "bind", "Destination": "/storage/x"}]])
def test_nothing_is_mounted_as_storage(mounts: Any) -> None:
    assert storage_source({"Mounts": mounts}) == ""
