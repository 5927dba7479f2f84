"""The plan laid over and under DockerSpawner's create_container arguments."""

from dataclasses import replace
from typing import Any

from runtiles.spawners.container import ContainerSettings, merged

SETTINGS = ContainerSettings(
    image_id="sha256:abc",
    entrypoint=("/opt/runtiles/bin/python", "-m", "runtiles_server.launch"),
    user="root",
    labels={"org.runtiles.user": "ada"},
    environment={"RUNTILES_PROTOCOL": "1"},
    shm=64 * 2**20,
    pids_limit=100,
    gpus=("GPU-a", "GPU-b"),
    cap_drop=("NET_RAW",),
)


def host(given: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    result: dict[str, Any] = merged({"host_config": given or {}}, replace(SETTINGS, **changes))[
        "host_config"
    ]
    return result


def test_what_nothing_works_without_is_ours() -> None:
    given = {
        "image": "foreign",
        "entrypoint": "x",
        "labels": {"site": "1"},
        "environment": {"A": "1"},
    }
    result = merged(given, SETTINGS)
    assert result["image"] == "sha256:abc"
    assert result["entrypoint"] == list(SETTINGS.entrypoint)
    assert result["labels"] == {"site": "1", "org.runtiles.user": "ada"}
    assert result["environment"] == {
        "A": "1",
        "RUNTILES_PROTOCOL": "1",
        "RUNTILES_GPUS": "GPU-a,GPU-b",
    }
    without = merged(given, replace(SETTINGS, gpus=()))["environment"]
    assert without == {"A": "1", "RUNTILES_PROTOCOL": "1"}


def test_the_sites_own_choices_win() -> None:
    result = merged({"user": "1000", "host_config": {"ShmSize": 1, "PidsLimit": 7}}, SETTINGS)
    assert result["user"] == "1000"
    assert result["host_config"]["ShmSize"] == 1
    assert result["host_config"]["PidsLimit"] == 7
    assert host({"CapDrop": ["ALL"]})["CapDrop"] == ["ALL"]
    assert host({"DeviceRequests": ["own"]})["DeviceRequests"] == ["own"]
    assert host({"Init": False})["Init"] is False


def test_gpus_are_asked_for_by_uuid() -> None:
    (request,) = host()["DeviceRequests"]
    assert request["DeviceIDs"] == ["GPU-a", "GPU-b"]
    assert "DeviceRequests" not in host(gpus=())


def test_no_new_privileges_is_added_once() -> None:
    assert host({"SecurityOpt": ["seccomp=x"]})["SecurityOpt"] == ["seccomp=x", "no-new-privileges"]
    assert host({"SecurityOpt": ["no-new-privileges"]})["SecurityOpt"] == ["no-new-privileges"]


def test_the_engine_never_removes_a_container_with_its_last_words() -> None:
    assert host({"AutoRemove": True})["AutoRemove"] is False


def test_environment_lists_are_understood() -> None:
    assert merged({"environment": ["A=1=2"]}, SETTINGS)["environment"]["A"] == "1=2"


def test_the_given_arguments_are_not_changed() -> None:
    given: dict[str, Any] = {"host_config": {}, "labels": {}, "environment": {}}
    merged(given, SETTINGS)
    assert given == {"host_config": {}, "labels": {}, "environment": {}}
