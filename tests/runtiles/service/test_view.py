"""A runtime as JSON, from every combination of what is known."""

from dataclasses import replace
from typing import Any

from runtiles.catalogue import IdleRule, Tile
from runtiles.contract.events import LaunchEvent
from runtiles.service.runtimes.view import Facts, to_json
from runtiles.store import LaunchRecord, PauseRecord
from tests.runtiles.service.test_idle_view import TOLD

IDLE = IdleRule(timeout=3600, type="work")
TILE = Tile(slug="py", title="Python", image="py:1", description="From the tile", idle=IDLE)
LAUNCH = LaunchRecord(
    "l1",
    "ann",
    "gpu",
    100.0,
    tile="py",
    machine="small",
    image="py:1",
    image_digest="py@sha256:0",
    gpus=("GPU-1",),
    started_at=86400.5,
)
READY = {"ready": True, "pending": None, "stopped": False, "url": "/user/ann/gpu/", "started": "S"}
STOPPED = {"ready": False, "pending": None, "stopped": True, "url": "/user/ann/gpu/"}


def view(**facts: Any) -> dict[str, Any]:
    return to_json(Facts("ann", "gpu", **facts))


def test_a_running_one() -> None:
    seen = view(server=READY, launch=LAUNCH, tile=TILE, last=LaunchEvent("ready", "ready"))
    assert seen["state"] == "running"
    assert seen["url"] == "/user/ann/gpu/"
    assert seen["started_at"] == "1970-01-02T00:00:00Z"
    assert seen["gpus"] == ["GPU-1"]
    assert (seen["phase"], seen["progress"], seen["last_error"]) == (None, None, None)
    assert seen["idle"] == {"timeout": 3600, "type": "work"}
    assert seen["description"] == "From the tile"


def test_a_pause_is_told_to_whom_the_output_is() -> None:
    error = {
        "code": "would_lose",
        "message": "secret_name",
        "hint": "h",
        "details": {"a": "secret_name"},
    }
    failed = PauseRecord("ann", "gpu", "l1", "s", "ann", 1.0, ended=2.0, error=error)
    under_way = replace(failed, ended=None, error=None, message="Waiting for secret_name.ipynb")
    for pause in (failed, under_way):
        facts = Facts("ann", "gpu", server=READY, launch=LAUNCH, pause=pause)
        assert "secret_name" in str(to_json(facts))
        assert "secret_name" not in str(to_json(facts, whole=False))
    shown = to_json(replace(facts, pause=failed), whole=False)
    assert shown["last_error"]["code"] == "would_lose"


def test_so_is_why_it_is_alive() -> None:
    told = {**TOLD, "reason": "Alive because the kernel secret_name.ipynb has been busy for 42m."}
    told["alive"] = [{"kind": "kernel_busy", "about": "secret_name", "text": "secret_name is busy"}]
    told["found"] = "It was left running: secret_name would be lost."
    facts = Facts("ann", "gpu", server=READY, launch=LAUNCH, idle=told)
    assert "secret_name" in str(to_json(facts))
    shown = to_json(facts, whole=False)
    assert "secret_name" not in str(shown)
    assert shown["idle"]["reason"] == "Alive because it is in use."
    assert (shown["idle"]["ends"], shown["idle"]["timeout"]) == (TOLD["ends"], 3600)


def test_a_stopped_one_holds_nothing() -> None:
    seen = view(server=STOPPED, launch=LAUNCH, tile=TILE, last=LaunchEvent("ready", "ready"))
    assert seen["state"] == "stopped"
    assert (seen["url"], seen["started_at"], seen["gpus"]) == (None, None, [])
    assert seen["image"] == "py:1"


def test_a_starting_one_tells_how_far_it_is() -> None:
    last = LaunchEvent("pulling", "progress", "3 layers", 5, 10, 50.0)
    seen = view(server={**STOPPED, "pending": "spawn", "stopped": False}, launch=LAUNCH, last=last)
    assert (seen["state"], seen["phase"]) == ("starting", "pulling")
    assert seen["progress"] == {"percent": 50.0, "done": 5, "total": 10, "message": "3 layers"}


def test_a_failed_one_tells_why_from_the_record_or_from_the_event() -> None:
    details = {"code": "no_gpu", "hint": "Try later.", "log": "..."}
    last = LaunchEvent("queued", "failed", "No GPU.", details=details)
    seen = view(server=STOPPED, launch=LAUNCH, last=last)
    assert seen["state"] == "failed"
    assert seen["last_error"] == {
        "code": "no_gpu",
        "message": "No GPU.",
        "details": {"hint": "Try later.", "log": "..."},
    }
    recorded = LaunchRecord("l", "ann", "gpu", 0.0, error={"code": "x", "message": "m"})
    assert view(launch=recorded, last=last)["last_error"] == {"code": "x", "message": "m"}


def test_one_that_only_the_hub_knows() -> None:
    options = {"tile": "py", "image": "other:2", "machine": "big", "idle": {"timeout": 60}}
    seen = view(server={**READY, "user_options": options}, tile=TILE)
    assert (seen["tile"], seen["image"], seen["machine"]) == ("py", "other:2", "big")
    assert seen["started_at"] == "S"
    assert seen["idle"]["timeout"] == 60


def test_one_that_nobody_knows_much_of() -> None:
    seen = view(server={**STOPPED, "user_options": None})
    assert seen["state"] == "stopped"
    assert {key for key, value in seen.items() if value is not None} == {
        *("name", "user", "state", "gpus", "actions")
    }


def test_since_when_it_is_in_its_state() -> None:
    over = replace(LAUNCH, ended_at=7200.0)
    assert view(server=READY, launch=LAUNCH)["since"] == "1970-01-02T00:00:00Z"
    assert view(server=STOPPED, launch=over)["since"] == "1970-01-01T02:00:00Z"
    assert view(server={**STOPPED, "pending": "spawn"}, launch=LAUNCH)["since"] == (
        "1970-01-01T00:01:40Z"
    )
    assert view(server={**READY, "pending": "stop"}, launch=LAUNCH)["since"] is None
    assert view(server=STOPPED)["since"] is None


def test_the_actions_are_those_that_exist_and_may_be_asked_for_now() -> None:
    assert view(server=READY)["actions"] == ["delete", "freeze", "hold", "pause", "stop"]
    assert view(server=STOPPED)["actions"] == ["delete", "start"]
    assert view(server={**STOPPED, "pending": "spawn"})["actions"] == ["delete", "stop"]
    assert view(server={**READY, "pending": "stop"})["actions"] == []


def test_what_its_owner_calls_it_wins_over_the_tiles_title() -> None:
    assert view(server=READY, launch=LAUNCH, tile=TILE)["title"] == "Python"
    assert view(server=READY, launch=LAUNCH, tile=TILE, title="Mine")["title"] == "Mine"
