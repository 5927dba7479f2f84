"""Everything that a request could have changed, as one value to compare before and after it."""

from typing import Any

from sqlalchemy import select

from runtiles.store.schema import METADATA
from tests.runtiles.service.conftest import ServiceHub

#: Columns that say whose a row is.
_OWNERS = ("user", "owner")
#: What is written down of every attempt, or comes by itself.
_PASSING = frozenset({"runtiles_schema"})


def footprint(service: ServiceHub, user: str | None = None) -> dict[str, Any]:
    """All rows of the store and all servers of the Hub, of this user or of everybody."""
    tables = [table for table in METADATA.sorted_tables if table.name not in _PASSING]
    found: dict[str, Any] = {}
    with service.store._database.read() as connection:
        for table in tables:
            owner = next((table.c[name] for name in _OWNERS if name in table.c), None)
            query = select(table)
            if user is not None:
                if owner is None:
                    continue
                query = query.where(owner == user)
            found[table.name] = sorted(map(repr, connection.execute(query)))
    return {**found, "servers": _servers(service, user)}


def _servers(service: ServiceHub, user: str | None) -> dict[str, Any]:
    models = service.hub.api("GET", "/users?include_stopped_servers=1&limit=200").json()
    return {
        model["name"]: {
            name: (server["ready"], server["pending"], server["stopped"], server["started"])
            for name, server in model["servers"].items()
        }
        for model in models
        if user in (None, model["name"])
    }
