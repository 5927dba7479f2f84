"""The whole service on PostgreSQL: Hub, spawner and service share a database that is a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.hub import wait_until
from tests.fixtures.postgres import Postgres
from tests.runtiles.service.conftest import Person, person, running_service

pytestmark = pytest.mark.postgres


@pytest.fixture
def pat(postgres_url: str, tmp_path: Path) -> Iterator[Person]:
    """Somebody at a site of their own."""
    with running_service(tmp_path, postgres_url) as service, person(service, "pat") as found:
        yield found


def launched(pat: Person, name: str) -> None:
    pat.launch(tile="quick", name=name)
    pat.wait_for(name, "running")
    log = f"/runtimes/{name}/logs"
    wait_until(lambda: pat.api.get(log).text.count("\n") == 2, 60, "two lines")


def test_a_runtime_is_launched_followed_listed_stopped_and_forgotten(
    pat: Person, postgres: Postgres, postgres_url: str
) -> None:
    put = pat.api.put("/secrets/git", json={"value": "canary-5d1e"})
    assert put.status_code == 204
    launched(pat, "q")
    with pat.api.stream("GET", "/runtimes/q/progress") as events:
        assert '"kind": "ready"' in events.read().decode()
    assert [runtime["name"] for runtime in pat.api.get("/runtimes").json()] == ["q"]
    assert pat.api.post("/runtimes/q/stop").status_code == 200
    pat.wait_for("q", "stopped")
    assert pat.api.get("/runtimes/q/logs").text == "first line\nsecond line\n"
    assert pat.api.get("/runtimes/q/launches").json()[0]["state"] == "stopped"
    (use,) = pat.service.store.usage.within(0.0, 1e12)
    assert use.user == "pat"
    assert pat.api.delete("/runtimes/q").status_code == 204
    assert pat.api.get("/runtimes").json() == []
    with postgres.connect(postgres_url) as connection:
        rows = connection.execute("SELECT token FROM runtiles_secrets").fetchall()
    # Hers, and the key of her snapshots.
    assert len(rows) == 2
    assert "canary-5d1e" not in repr(rows)


def test_the_site_goes_on_after_a_restart_of_the_database(pat: Person, postgres: Postgres) -> None:
    launched(pat, "q")
    postgres.restart()
    assert pat.api.get("/runtimes/q/logs").text == "first line\nsecond line\n"
    assert pat.api.post("/runtimes/q/stop").status_code == 200
    pat.wait_for("q", "stopped")
    launched(pat, "again")
