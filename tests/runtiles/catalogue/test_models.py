"""The fields of tiles and machines."""

from typing import Any

import pytest
from pydantic import ValidationError

from runtiles.catalogue import IdleRule, Machine, Tile

TILE = {"slug": "t", "title": "T", "image": "a/b:1"}
MACHINE = {"slug": "m", "title": "M", "cpus": 2, "memory": "8g"}


def test_a_small_tile_has_careful_defaults() -> None:
    tile = Tile.model_validate(TILE)
    assert (tile.category, tile.container_user, tile.pull_policy) == ("all", "root", "missing")
    assert (tile.workspace, tile.idle, tile.time_limit, tile.redirect) == (None,) * 4
    flags = (tile.hidden, tile.deprecated, tile.gpu, tile.local)
    assert not any(flags)


def test_a_full_tile() -> None:
    tile = Tile.model_validate(
        {
            **TILE,
            "workspace": {"url": "https://h/a", "ref": "v1", "required": True},
            "command": "jupyter lab --no-browser",
            "container_user": 1000,
            "environment": {"OMP_NUM_THREADS": 4, "PATH": "/opt/x:/usr/bin"},
            "idle": {"timeout": "30m"},
            "time_limit": "8h",
            "example": "intro.ipynb",
            "startup_hook": "pip list\n",
        }
    )
    assert tile.command == ("jupyter", "lab", "--no-browser")
    assert tile.environment["OMP_NUM_THREADS"] == "4"
    assert tile.idle == IdleRule(timeout=1800)
    assert (tile.container_user, tile.time_limit) == ("1000", 28800)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("slug", "T"),
            ("slug", "a--b"),
            ("slug", "-a"),
            ("slug", ""),
            ("slug", "a b"),
            ("slug", " a"),
            ("slug", "a\n"),
            ("slug", 5),
        ),
        *(("title", ""), ("title", "a\nb"), ("image", "A"), ("image", ""), ("image", 5)),
        *(("icon", "a b"), ("icon", "<svg>"), ("icon", "a\n"), ("category", "some")),
        *(("registry_url", "javascript:alert(1)"), ("registry_url", 'https://x/"onclick')),
        *(("workspace", "https://h/a"), ("workspace", {}), ("workspace", {"url": "ext::sh"})),
        *(
            ("workspace", {"url": "https://u:p@h/a"}),
            ("workspace", {"url": "https://h/a", "ref": "-x"}),
        ),
        *(("command", 5), ("container_user", "a b"), ("environment", {"JUPYTERHUB_X": "1"})),
        *(("environment", {"A B": "1"}), ("environment", {"A": None}), ("environment", "A=1")),
        *(("idle", {}), ("idle", {"timeout": "1h", "type": "x"}), ("idle", {"timeout": "x"})),
        *(("time_limit", 0), ("example", "/etc/passwd"), ("hidden", "perhaps"), ("redirect", "x")),
        *(("pull_policy", "never"), ("colour", "red")),
    ],
)
def test_refuses_slips(field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        Tile.model_validate({**TILE, field: value})


def test_a_local_image_is_not_pulled_always() -> None:
    with pytest.raises(ValidationError, match="local image"):
        Tile.model_validate({**TILE, "local": True, "pull_policy": "always"})


def test_a_machine() -> None:
    machine = Machine.model_validate(
        {**MACHINE, "shm": "1g", "gpus": 2, "gpu_models": ["A100", "H100"], "max_time": "12h"}
    )
    assert (machine.memory, machine.shm, machine.max_time) == (8 * 2**30, 2**30, 43200)
    assert machine.gpu_models == ("A100", "H100")


def test_a_default_time_is_within_the_longest() -> None:
    made = Machine.model_validate({**MACHINE, "max_time": "12h", "default_time": "2h"})
    assert made.default_time == 7200
    with pytest.raises(ValidationError, match="longer than 'max_time' allows"):
        Machine.model_validate({**MACHINE, "max_time": "1h", "default_time": "2h"})
    with pytest.raises(ValidationError, match="longer than 'time_limit' allows"):
        Tile.model_validate({**TILE, "time_limit": "1h", "default_time": "2h"})


def test_never_is_a_timeout_that_an_admin_may_write() -> None:
    tile = Tile.model_validate({**TILE, "idle": {"timeout": "Never", "action": "stop"}})
    assert tile.idle is not None
    assert (tile.idle.never, tile.idle.timeout) == (True, "never")
    with pytest.raises(ValidationError, match="or 'never'"):
        Tile.model_validate({**TILE, "idle": {"timeout": "nver"}})


def test_one_gpu_model_is_a_list_of_one() -> None:
    machine = Machine.model_validate({**MACHINE, "gpus": 1, "gpu_models": "A100"})
    assert machine.gpu_models == ("A100",)


def test_no_shared_memory_of_its_own() -> None:
    assert Machine.model_validate({**MACHINE, "shm": 0}).shm == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("cpus", 0), ("cpus", -1), ("cpus", float("nan")), ("cpus", float("inf")), ("cpus", "x")),
        *(("memory", 0), ("memory", "lots"), ("shm", "x"), ("shm", False), ("shm", -1)),
        *(("gpus", -1), ("gpus", 1.5), ("gpu_models", ["A100"]), ("pool", "a b"), ("pool", "")),
        *(("price_per_hour", -1), ("price_per_hour", float("nan")), ("max_time", 0), ("cpu", 1)),
        ("default_time", "soon"),
    ],
)
def test_refuses_slips_of_machines(field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        Machine.model_validate({**MACHINE, field: value})


def test_reads_back_what_the_api_shows() -> None:
    for model, data in ((Tile, TILE), (Machine, MACHINE)):
        made = model.model_validate(data)
        assert model.model_validate(made.model_dump(mode="json")) == made
