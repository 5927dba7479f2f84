"""A launch, followed to its end: also over a service that restarts on the way."""

import json
import time
from typing import TYPE_CHECKING, Iterator, Optional

from runtiles.contract.events import LaunchEvent

from .errors import ApiError, CliError, Unreachable
from .urls import path

if TYPE_CHECKING:
    from .client import Client

#: How long a service that went away may take to come back.
_PATIENCE_S = 60.0
_WAIT_S = 1.0
_ENDS = ("ready", "failed")


def follow(client: "Client", name: str) -> Iterator[LaunchEvent]:
    """Every event of the latest launch, `ready` or `failed` last. Raises CliError."""
    last_id = ""
    silent_since: Optional[float] = None
    while True:
        try:
            for message in client.events(path("runtimes", name, "progress"), last_id=last_id):
                last_id, silent_since = message.id or last_id, None
                event = _event(message.data)
                if event is None:
                    continue
                yield event
                if event.kind in _ENDS:
                    return
            problem: CliError = Unreachable("The service ended the report of this launch early.")
        except Unreachable as error:
            problem = error
        except ApiError as error:
            if error.status < 500:
                raise
            problem = error
        silent_since = silent_since or time.monotonic()
        if time.monotonic() - silent_since > _PATIENCE_S:
            raise problem
        time.sleep(_WAIT_S)


def _event(data: str) -> Optional[LaunchEvent]:
    try:
        return LaunchEvent.from_dict(json.loads(data))
    except (ValueError, TypeError, AttributeError):
        # A newer service may tell what this client does not know.
        return None
