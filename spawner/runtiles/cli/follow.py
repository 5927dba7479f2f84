"""A launch or a pause, followed to its end: also over a service that restarts on the way."""

import json
from typing import TYPE_CHECKING, Any, Iterator, Optional

from runtiles.contract.events import LaunchEvent

from .reconnect import listen
from .sse import ServerEvent
from .urls import path

if TYPE_CHECKING:
    from .client import Client
    from .runtimes import Runtime

_ENDS = ("ready", "failed")


def follow(client: "Client", name: str) -> Iterator[LaunchEvent]:
    """Every event of the latest launch, `ready` or `failed` last. Raises CliError."""
    last_id = ""

    def opened() -> Iterator[ServerEvent]:
        return client.events(path("runtimes", name, "progress"), last_id=last_id)

    for message in listen(opened, "this launch"):
        last_id = message.id or last_id
        event = _event(message.data)
        if event is None:
            continue
        yield event
        if event.kind in _ENDS:
            return


def changes(client: "Client", name: str) -> "Iterator[Optional[Runtime]]":
    """The runtime as it is, then again whenever something about it changes, without end; None when it
    is gone. Raises CliError."""
    for message in listen(lambda: client.events("/events"), "what changes"):
        data = _json(message.data)
        if message.event == "runtimes" and isinstance(data, list):
            yield next((row for row in data if row.get("name") == name), None)
        elif isinstance(data, dict) and data.get("name") == name:
            if message.event == "runtime":
                yield data
            elif message.event == "gone":
                yield None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _event(data: str) -> Optional[LaunchEvent]:
    try:
        return LaunchEvent.from_dict(json.loads(data))
    except (ValueError, TypeError, AttributeError):
        # A newer service may tell what this client does not know.
        return None
