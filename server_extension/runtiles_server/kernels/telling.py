"""What open pages are told of a pause, at once: whoever asks now and then misses a short one."""

import logging
from typing import Any, Callable

_log = logging.getLogger(__name__)
#: An identifier, not an address. `labextension/src/messages.ts` has it, too.
SCHEMA_ID = "https://runtiles.org/events/pause"
_SCHEMA = {
    "$id": SCHEMA_ID,
    "version": "1",
    "title": "Pause",
    "description": "A pause of this runtime has come to another state.",
    "personal-data": False,
    "type": "object",
    "properties": {"state": {"type": "string", "title": "State of the pause"}},
    "required": ["state"],
}


def teller(server: Any) -> Callable[[str], None]:
    """For the server's event bus, to which every page of JupyterLab listens."""
    bus = server.event_logger
    bus.register_event_schema(_SCHEMA)

    def tell(state: str) -> None:
        try:
            bus.emit(schema_id=SCHEMA_ID, data={"state": state})
        except Exception:  # noqa: BLE001, RUF100 - a page then hears of it later, by asking
            _log.exception("No page could be told of the pause.")

    return tell
