"""What the shell may offer while somebody types. Whatever goes wrong: nothing, and no word."""

from typing import TYPE_CHECKING, Any, Callable, List

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


def _offer(incomplete: str, ask: Callable[["Client"], Any]) -> List[str]:
    try:
        with connect() as client:
            return [name for name in ask(client) if name.startswith(incomplete)]
    except Exception:  # noqa: BLE001 - a message in the middle of a command line helps nobody
        return []
