"""A database of version 1 is brought up with everything in it."""

import pytest
from sqlalchemy import create_engine, inspect, text

from runtiles.contract.errors import ServiceUnavailable
from runtiles.store import Store

#: By version: the tables and the columns that were new in it.
TABLES = {
    2: "changes titles audit usage notices overrides drained image_uses contexts",
    3: "snapshots pauses",
    4: "spans",
}
COLUMNS = {
    2: "launches.price_per_hour",
    3: "launches.address launches.storage launches.snapshot launches.frozen_at",
    4: "launches.expires_at launches.held_until launches.teams notices.about",
}


#: By version: the indexes of older tables.
INDEXES = {2: "", 3: "", 4: "usage_by_end"}


def downgraded(url: str, version: int = 1) -> None:
    """The tables as this version had them, with one launch."""
    store = Store(url)
    store.launches.record("ada", "lab", "l1", options={"tile": "python"}, spec={}, tile="python")
    store.notices.tell("ada", "", "Hello", author="admin")
    store.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        for later in range(4, version, -1):
            for index in INDEXES[later].split():
                connection.execute(text(f"DROP INDEX runtiles_{index}"))
            for column in COLUMNS[later].split():
                table, _, name = column.partition(".")
                connection.execute(text(f"ALTER TABLE runtiles_{table} DROP COLUMN {name}"))
            for name in TABLES[later].split():
                connection.execute(text(f"DROP TABLE runtiles_{name}"))
        set_version = text("UPDATE runtiles_schema SET version = :version")
        connection.execute(set_version, {"version": version})
    engine.dispose()


@pytest.mark.parametrize("version", [2, 3])
def test_a_later_version_keeps_what_it_has(store_url: str, version: int) -> None:
    downgraded(store_url, version)
    store = Store(store_url)
    (launch,) = store.launches.runtimes("ada")
    assert (launch.ends_at, launch.held_until, launch.teams) == (None, None, ())
    store.launches.update("l1", state="running", started_at=100.0, frozen_at=110.0)
    store.launches.update("l1", held_until=200.0, expires_at=300.0)
    assert store.launches.get("l1").ends_at == 300.0
    assert [notice.text for notice in store.notices.of_user("ada")] == ["Hello"]
    store.close()
    engine = create_engine(store_url)
    indexes = {index["name"] for index in inspect(engine).get_indexes("runtiles_usage")}
    assert indexes == {"runtiles_usage_by_time", "runtiles_usage_by_end"}
    engine.dispose()


def test_version_1_keeps_its_launches_and_gains_usage(store_url: str) -> None:
    downgraded(store_url)
    store = Store(store_url)
    (launch,) = store.launches.runtimes("ada")
    assert (launch.id, launch.price_per_hour, launch.teams) == ("l1", 0.0, ())
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
