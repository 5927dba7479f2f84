"""Snapshots of a person: found by their names or any unique beginning of their ids."""

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from .errors import ApiError
from .names import AmbiguousName, pick
from .runtimes import Runtime
from .urls import path

if TYPE_CHECKING:
    from .client import Client

Snapshot = Dict[str, Any]


def all_of(client: "Client") -> List[Snapshot]:
    found: List[Snapshot] = client.get("/snapshots")
    return found


def one(client: "Client", snapshot: str) -> Snapshot:
    """With its manifest."""
    found: Snapshot = client.get(path("snapshots", snapshot))
    return found


def find(client: "Client", typed: str) -> Snapshot:
    """Raises NoSuchName, AmbiguousName."""
    return choose(typed, all_of(client))


def choose(typed: str, known: Sequence[Snapshot]) -> Snapshot:
    """Pure."""
    named = [one for one in known if typed and one.get("name") == typed]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(sorted(one["id"] for one in named))
        raise AmbiguousName(f"Several snapshots are called {typed!r}: {ids}.", hint="Give the id.")
    by_id = {one["id"]: one for one in known}
    return by_id[pick(typed, by_id, "snapshot")]


def latest(known: Sequence[Snapshot], runtime: Runtime) -> Optional[Snapshot]:
    """The one that a runtime is paused on, else the newest of it. Pure."""
    own = [one for one in known if one["id"] == runtime.get("snapshot")]
    of_it = [one for one in known if one.get("runtime") == runtime["name"]]
    newest = sorted(of_it, key=lambda one: str(one.get("created") or ""))
    found = own or newest
    return found[-1] if found else None


def sizes(client: "Client", runtimes: Sequence[Runtime]) -> Dict[str, int]:
    """Bytes of the snapshots that runtimes are paused on, by id; asked for where there are any."""
    if not any(one.get("state") == "paused" for one in runtimes):
        return {}
    try:
        return {one["id"]: int(one.get("size") or 0) for one in all_of(client)}
    except ApiError:
        # A listing of runtimes is none of snapshots: without the right to those it says less.
        return {}
