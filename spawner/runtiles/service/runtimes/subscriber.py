"""What one open page has not been told yet. Pure: no clock, no Hub.

Of each runtime only the latest state is kept, so somebody who reads slowly costs no more memory than
the list itself, holds up nobody, and is told the truth when they catch up.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: A runtime's user and name.
Key = tuple[str, str]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Message:
    """One event of the feed: `runtimes`, `runtime`, `gone`, `notices` or `hub`."""

    name: str
    data: Any


@dataclass(eq=False)
class Subscriber:
    """Filled by a watch, emptied by whoever writes to the page."""

    _changed: dict[Key, Row | None] = field(default_factory=dict)
    _others: dict[str, Message] = field(default_factory=dict)
    _ended: BaseException | None = None
    _ready: asyncio.Event = field(default_factory=asyncio.Event)

    def changed(self, key: Key, row: Row | None) -> None:
        """None: it is gone."""
        self._changed[key] = row
        self._ready.set()

    def say(self, message: Message) -> None:
        """Takes the place of an earlier one of this name that was not read yet."""
        self._others[message.name] = message
        self._ready.set()

    def end(self, error: BaseException) -> None:
        self._ended = error
        self._ready.set()

    async def wait(self, pulse: float) -> Sequence[Message]:
        """What is new, as soon as there is something; nothing after `pulse` seconds of silence.

        Raises what the subscription was ended with.
        """
        try:
            await asyncio.wait_for(self._ready.wait(), pulse)
        except asyncio.TimeoutError:
            return []
        if self._ended is not None:
            raise self._ended
        self._ready.clear()
        rows, others = self._changed, self._others
        self._changed, self._others = {}, {}
        return [*others.values(), *(_of_row(key, row) for key, row in rows.items())]


def _of_row(key: Key, row: Row | None) -> Message:
    if row is None:
        return Message("gone", {"user": key[0], "name": key[1]})
    return Message("runtime", row)
