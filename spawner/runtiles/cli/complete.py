"""What the shell may offer while somebody types. Whatever goes wrong: nothing, and no word."""

from typing import TYPE_CHECKING, Any, Callable, List

import typer

from . import kernels as kernels_of
from .runtimes import find
from .session import connect

if TYPE_CHECKING:
    from .client import Client


def runtimes(incomplete: str) -> List[str]:
    return _offer(incomplete, lambda client: [one["name"] for one in client.get("/runtimes")])


def tiles(incomplete: str) -> List[str]:
    return _offer(incomplete, lambda client: [one["slug"] for one in client.get("/tiles")])


def machines(incomplete: str) -> List[str]:
    return _offer(incomplete, lambda client: [one["slug"] for one in client.get("/machines")])


def secrets(incomplete: str) -> List[str]:
    return _offer(incomplete, lambda client: [one["name"] for one in client.get("/secrets")])


def snapshots(incomplete: str) -> List[str]:
    return _offer(incomplete, lambda client: [one["id"] for one in client.get("/snapshots")])


def kernels(context: typer.Context, incomplete: str) -> List[str]:
    """Of the runtime that was typed before: ids, and the paths of notebooks."""
    # While the option has no value yet, what came before it is not sorted into parameters.
    typed = [context.params.get("name"), context.params.get("source"), *context.args]
    runtime = next((one for one in typed if one), "")

    def ask(client: "Client") -> List[str]:
        found = kernels_of.all_of(client, find(client, runtime)["name"])
        return [one["id"] for one in found] + [one["path"] for one in found if one.get("path")]

    return _offer(incomplete, ask)


def snapshots_and_runtimes(incomplete: str) -> List[str]:
    return [*runtimes(incomplete), *snapshots(incomplete)]


def _offer(incomplete: str, ask: Callable[["Client"], Any]) -> List[str]:
    try:
        with connect() as client:
            return [name for name in ask(client) if name.startswith(incomplete)]
    except Exception:  # noqa: BLE001 - a message in the middle of a command line helps nobody
        return []
