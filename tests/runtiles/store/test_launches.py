import pytest

from runtiles.contract.errors import NotFound
from runtiles.contract.events import LaunchEvent
from runtiles.store import Store
from runtiles.values.loglines import LogLine

TEXT = [LogLine(5.0, "text")]


def launch(store: Store, launch_id: str, *, user: str = "ann", server: str = "") -> None:
    store.launches.record(
        user, server, launch_id, options={"tile": launch_id}, spec={"command": []}, tile="py"
    )


def test_a_launch_comes_back_as_it_was_recorded(store: Store) -> None:
    recorded = store.launches.record(
        "ann",
        "gpu",
        "l1",
        options={"tile": "py", "environment": {"A": "secret:x"}},
        spec={"workspace": {"password": "secret:y"}},
        tile="py",
        machine="small",
        image="debian:12",
        token="t" * 32,
        teams=("staff", "students"),
    )
    assert store.launches.get("l1") == recorded
    assert recorded.teams == ("staff", "students")
    assert recorded.state == "starting"
    assert recorded.started_at is None


def test_changes_are_kept(store: Store) -> None:
    launch(store, "l1")
    store.launches.update("l1", gpus=("GPU-1",), container_id="c", started_at=5.0)
    store.launches.finish("l1", "failed", error={"code": "no_gpu", "message": "m"})
    found = store.launches.get("l1")
    assert (found.gpus, found.container_id, found.started_at) == (("GPU-1",), "c", 5.0)
    assert found.state == "failed"
    assert found.ended_at is not None
    assert found.error == {"code": "no_gpu", "message": "m"}


def test_only_known_columns_change(store: Store) -> None:
    with pytest.raises(TypeError, match="user"):
        store.launches.update("l1", user="eve")


def test_an_update_of_a_forgotten_launch_is_no_error(store: Store) -> None:
    store.launches.update("gone", state="stopped")


def test_an_unknown_launch_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        store.launches.get("nope")


def test_a_launch_knows_its_own_token_and_keeps_only_a_hash(store: Store) -> None:
    found = store.launches.record("ann", "", "l1", options={}, spec={}, token="the-token")
    assert found.owns("the-token")
    assert not found.owns("another")
    assert "the-token" not in repr(vars(found))
    without = store.launches.record("ann", "", "l2", options={}, spec={})
    assert not without.owns("")


def test_the_newest_launch_describes_a_runtime(store: Store) -> None:
    launch(store, "l1")
    launch(store, "l2", server="gpu")
    launch(store, "l3")
    launch(store, "l4", user="bob")
    assert [found.id for found in store.launches.runtimes("ann")] == ["l3", "l2"]
    assert [found.id for found in store.launches.runtimes()] == ["l4", "l3", "l2"]
    latest = store.launches.latest("ann", "")
    assert latest is not None
    assert latest.id == "l3"
    assert store.launches.latest("ann", "none") is None


def test_last_options_are_those_of_the_runtime_or_of_the_user(store: Store) -> None:
    launch(store, "l1")
    launch(store, "l2", server="gpu")
    launch(store, "l3", user="bob")
    assert store.launches.last_options("ann") == {"tile": "l2"}
    assert store.launches.last_options("ann", "") == {"tile": "l1"}
    assert store.launches.last_options("ann", "other") is None
    assert store.launches.last_options("eve") is None


def test_old_launches_go_with_their_events_and_logs(store: Store) -> None:
    for number in range(5):
        launch(store, f"l{number}")
        store.events.append("ann", "", f"l{number}", LaunchEvent("server", "ready"))
        store.logs.save("ann", "", f"l{number}", TEXT)
    launch(store, "other", server="gpu")

    assert [found.id for found in store.launches.of_runtime("ann", "")] == ["l4", "l3", "l2"]
    assert store.events.for_launch("l1") == []
    assert store.logs.of_launch("l1") == {}
    assert len(store.events.for_launch("l2")) == 1
    assert store.logs.of_launch("l2") == {"server": TEXT}


def test_what_came_after_forget_goes_with_the_next_launch(store: Store) -> None:
    launch(store, "l1")
    store.launches.forget("ann", "")
    store.events.append("ann", "", "l1", LaunchEvent("server", "failed"))
    store.logs.save("ann", "", "l1", TEXT)
    launch(store, "l2")
    assert store.events.for_launch("l1") == []
    assert store.logs.of_launch("l1") == {}


def test_forget_removes_one_runtime_and_nothing_else(store: Store) -> None:
    for server in ("", "gpu"):
        launch(store, f"l-{server}", server=server)
        store.events.append("ann", server, f"l-{server}", LaunchEvent("server", "ready"))
        store.logs.save("ann", server, f"l-{server}", TEXT)
    assert store.launches.forget("ann", "gpu")
    assert not store.launches.forget("ann", "gpu")
    assert store.events.for_launch("l-gpu") == []
    assert store.logs.of_launch("l-gpu") == {}
    assert len(store.events.for_launch("l-")) == 1


def test_containers_are_those_of_launches_that_have_not_ended(store: Store) -> None:
    for number, server in (("l1", ""), ("l2", "gpu"), ("l3", "old"), ("l4", "new")):
        launch(store, number, server=server)
    for number in ("l1", "l2", "l3"):
        store.launches.update(number, container_id=f"c-{number}")
    store.launches.finish("l3", "stopped")
    assert store.launches.containers() == {("ann", ""): "c-l1", ("ann", "gpu"): "c-l2"}
