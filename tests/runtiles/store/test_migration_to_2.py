"""A database of version 1 is brought up with everything in it."""

import sqlite3
from pathlib import Path

from runtiles.store import Store


def downgraded(path: Path) -> None:
    """The tables as version 1 had them, with one launch."""
    store = Store(f"sqlite:///{path}")
    store.launches.record("ada", "lab", "l1", options={"tile": "python"}, spec={}, tile="python")
    store.close()
    with sqlite3.connect(path) as database:
        new = "changes titles audit usage notices overrides drained image_uses contexts"
        for name in new.split():
            database.execute(f"DROP TABLE runtiles_{name}")
        database.execute("ALTER TABLE runtiles_launches DROP COLUMN price_per_hour")
        database.execute("UPDATE runtiles_schema SET version = 1")


def test_version_1_keeps_its_launches_and_gains_usage(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    downgraded(path)
    store = Store(f"sqlite:///{path}")
    (launch,) = store.launches.runtimes("ada")
    assert (launch.id, launch.price_per_hour) == ("l1", 0.0)
    store.launches.update("l1", state="running", started_at=100.0)
    store.launches.finish("l1", "stopped")
    (use,) = store.usage.within(0.0, 1e12)
    assert (use.user, use.started) == ("ada", 100.0)
    assert use.ended is not None
    assert [change.server for change in store.changes.since(0)] == ["lab", "lab"]
    store.close()
