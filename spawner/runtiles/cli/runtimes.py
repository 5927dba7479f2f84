"""Runtimes of a site: found by any unique beginning of their names."""

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from .names import pick
from .urls import path

if TYPE_CHECKING:
    from .client import Client

Runtime = Dict[str, Any]


def all_of(client: "Client") -> List[Runtime]:
    found: List[Runtime] = client.get("/runtimes")
    return found


def find(client: "Client", typed: str) -> Runtime:
    """Raises NoSuchName, AmbiguousName."""
    return find_all(client, [typed])[0]


def find_all(client: "Client", typed: Sequence[str]) -> List[Runtime]:
    """All of them, or an error before anything is done to the first; each once."""
    known = {runtime["name"]: runtime for runtime in all_of(client)}
    wanted = [pick(name, known, "runtime") for name in typed]
    return [known[name] for name in dict.fromkeys(wanted)]


def act(
    client: "Client",
    name: str,
    action: str,
    body: Optional[Dict[str, Any]] = None,
    *,
    patience: Optional[float] = None,
) -> Runtime:
    """`patience`: how many seconds the answer may take."""
    where = path("runtimes", name, action)
    found: Runtime = client.post(where, body or {}, patience=patience)
    return found
