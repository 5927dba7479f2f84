"""A database of version 1 is brought up with everything in it."""

import pytest
from sqlalchemy import create_engine, text

from runtiles.contract.errors import ServiceUnavailable
from runtiles.store import Store

NEW = "changes titles audit usage notices overrides drained image_uses contexts snapshots pauses"


def downgraded(url: str) -> None:
    """The tables as version 1 had them, with one launch."""
    store = Store(url)
    store.launches.record("ada", "lab", "l1", options={"tile": "python"}, spec={}, tile="python")
    store.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        for name in NEW.split():
            connection.execute(text(f"DROP TABLE runtiles_{name}"))
        for column in ["price_per_hour", "address", "storage", "snapshot", "frozen_at"]:
            connection.execute(text(f"ALTER TABLE runtiles_launches DROP COLUMN {column}"))
        connection.execute(text("UPDATE runtiles_schema SET version = 1"))
    engine.dispose()


def test_version_1_keeps_its_launches_and_gains_usage(store_url: str) -> None:
    downgraded(store_url)
    store = Store(store_url)
    (launch,) = store.launches.runtimes("ada")
    assert (launch.id, launch.price_per_hour) == ("l1", 0.0)
    store.launches.update("l1", state="running", started_at=100.0)
    store.launches.finish("l1", "stopped")
    (use,) = store.usage.within(0.0, 1e12)
    assert (use.user, use.started) == ("ada", 100.0)
    assert use.ended is not None
    assert [change.server for change in store.changes.since(0)] == ["lab", "lab"]
    store.close()


def test_a_step_that_fails_changes_nothing(store_url: str) -> None:
    """Both databases change tables within the transaction."""
    downgraded(store_url)
    engine = create_engine(store_url)
    with engine.begin() as connection:
        # In the way of the second statement of the step.
        column = "ALTER TABLE runtiles_launches ADD COLUMN price_per_hour FLOAT"
        connection.execute(text(column))
    with pytest.raises(ServiceUnavailable, match="price_per_hour"):
        Store(store_url)
    with engine.begin() as connection:
        found = connection.execute(text("SELECT version FROM runtiles_schema")).scalar()
        assert found == 1
        connection.execute(text("ALTER TABLE runtiles_launches DROP COLUMN price_per_hour"))
    engine.dispose()
    store = Store(store_url)
    assert [launch.id for launch in store.launches.runtimes()] == ["l1"]
    store.close()
