from pathlib import Path

from runtiles.contract.events import LaunchEvent
from runtiles.store import Changes, Store
from runtiles.store.database import Database


def test_changes_come_in_order_after_the_last_one_seen(store: Store) -> None:
    assert store.changes.last_id() == 0
    for user in ("ann", "bob", "ann"):
        store.changes.note(user, "lab")
    first, second, third = store.changes.since(0)
    assert [change.user for change in (first, second, third)] == ["ann", "bob", "ann"]
    assert first.id < second.id < third.id == store.changes.last_id()
    assert store.changes.since(second.id) == [third]
    assert store.changes.since(0, limit=1) == [first]
    assert first.at > 0


def test_whatever_changes_a_runtime_is_a_change_of_it(store: Store) -> None:
    def changed(server: str) -> int:
        return sum(change.server == server for change in store.changes.since(0))

    store.launches.record("ann", "lab", "l1", options={}, spec={})
    assert changed("lab") == 1
    store.events.append("ann", "lab", "l1", LaunchEvent("pulling", "progress"))
    assert changed("lab") == 2
    store.events.append("ann", "lab", "l1", LaunchEvent("pulling", "log", "a line"))
    assert changed("lab") == 2  # a line of output changes nothing that a list shows
    store.launches.update("l1", state="running", started_at=1.0)
    store.titles.put("ann", "lab", "My lab")
    store.launches.forget("ann", "lab")
    assert changed("lab") == 5
    assert changed("") == 0


def test_old_changes_go_and_ids_are_never_used_again(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.sqlite")
    changes = Changes(database, keep=50)
    for _ in range(205):
        changes.note("ann", "")
    kept = changes.since(0)
    assert [change.id for change in kept] == list(range(151, 206))
    assert changes.last_id() == 205
    database.close()
