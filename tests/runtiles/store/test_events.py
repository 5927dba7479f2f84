from pathlib import Path

from runtiles.contract.events import LaunchEvent
from runtiles.store.database import Database
from runtiles.store.events import EventLog
from runtiles.store.store import Store


def add(store: Store, launch: str, event: LaunchEvent, user: str = "ann") -> int:
    return store.events.append(user, "", launch, event)


def test_an_event_comes_back_as_it_was(store: Store) -> None:
    event = LaunchEvent("pulling", "progress", "layers", 5, 10, 50.0, {"image": "x"}, 12.5)
    number = add(store, "l1", event)
    (stored,) = store.events.for_launch("l1")
    assert (stored.id, stored.user, stored.server, stored.launch_id) == (number, "ann", "", "l1")
    assert stored.event == event


def test_since_gives_what_is_newer_for_whom_it_concerns(store: Store) -> None:
    first = add(store, "l1", LaunchEvent("pulling", "phase"))
    second = add(store, "l2", LaunchEvent("pulling", "phase"), user="bob")
    third = add(store, "l1", LaunchEvent("server", "ready"))
    assert [stored.id for stored in store.events.since(0)] == [first, second, third]
    assert [stored.id for stored in store.events.since(first)] == [second, third]
    assert [stored.id for stored in store.events.since(0, user="bob")] == [second]
    assert [stored.id for stored in store.events.since(0, launch_id="l1")] == [first, third]
    assert [stored.id for stored in store.events.since(0, limit=1)] == [first]
    assert [stored.id for stored in store.events.for_launch("l1", first)] == [third]
    assert store.events.last_id() == third


def test_ids_are_never_used_again(store: Store) -> None:
    store.launches.record("ann", "", "l1", options={}, spec={})
    last = add(store, "l1", LaunchEvent("server", "ready"))
    store.launches.forget("ann", "")
    assert store.events.last_id() == 0
    assert add(store, "l1", LaunchEvent("server", "ready")) == last + 1


def test_the_last_event_tells_the_state(store: Store) -> None:
    assert store.events.last("l1") is None
    add(store, "l1", LaunchEvent("workspace", "progress", percent=3))
    add(store, "l1", LaunchEvent("workspace", "notice", "no such ref"))
    add(store, "l1", LaunchEvent("workspace", "log", "fatal: ..."))
    last = store.events.last("l1")
    assert last is not None
    assert (last.event.phase, last.event.kind) == ("workspace", "progress")


def test_kinds_can_be_left_out(store: Store) -> None:
    for kind in ("phase", "progress", "log", "ready"):
        add(store, "l1", LaunchEvent("server", kind, "x"))
    left = store.events.for_launch("l1", but=("progress", "log"))
    assert [stored.event.kind for stored in left] == ["phase", "ready"]


def test_the_last_events_of_many_launches_are_one_question(store: Store) -> None:
    for number in range(2000):
        launch = f"l{number}"
        add(store, launch, LaunchEvent("pulling", "phase"))
        if number % 2:
            add(store, launch, LaunchEvent("server", "ready"))
        if number % 3 == 0:
            add(store, launch, LaunchEvent("server", "log", "not a state"))
    asked = [f"l{number}" for number in range(1990)]
    found = store.events.last_of([*asked, "nobody's"])
    assert found.keys() == set(asked)
    assert all(stored == store.events.last(launch) for launch, stored in list(found.items())[:20])
    assert {stored.event.kind for stored in found.values()} == {"phase", "ready"}
    assert store.events.last_of([]) == {}


def test_output_without_end_is_cut_off_but_the_end_of_the_launch_is_kept(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.sqlite")
    events = EventLog(database, limit=3)
    for kind in ("log", "progress", "log", "log", "progress"):
        events.append("ann", "", "l1", LaunchEvent("server", kind))
    assert events.append("ann", "", "l1", LaunchEvent("server", "log")) == 0
    assert events.append("ann", "", "l1", LaunchEvent("server", "failed")) > 0
    assert [stored.event.kind for stored in events.for_launch("l1")] == [
        "log",
        "progress",
        "log",
        "failed",
    ]
    database.close()
