"""Who hears what of a runtime's end: its owner on all pages, the outside, the audit log."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runtiles import names
from runtiles.contract.errors import ServiceUnavailable
from runtiles.store import Store

from .desk import Desk
from .outlets import Outlets
from .watched import Key

_log = logging.getLogger(__name__)
#: The author of what is told to people, and the actor in the audit log.
AUTHOR = "Runtiles"
#: What notices are about, before the server's name: that an end comes, why it does not, and that it came.
#: The pages show the first beside the runtime itself.
TOLD, HELD, DONE = "end:", "held:", "done:"
_MOST = 10_000


@dataclass
class Telling:
    """A notice stands until it is retracted, or its owner puts it away."""

    store: Store
    desk: Desk
    outlets: Outlets
    _found: dict[Key, str] = field(default_factory=dict, repr=False)

    async def tell(self, key: Key, kind: str, text: str) -> None:
        """The owner, in the place of the last word of this kind."""
        await asyncio.to_thread(
            self.store.notices.tell, key[0], f"{kind}{key[1]}", text, author=AUTHOR
        )

    async def retract(self, key: Key, *kinds: str) -> None:
        for kind in kinds:
            await asyncio.to_thread(self.store.notices.retract, key[0], f"{kind}{key[1]}")

    async def out(
        self, event: str, key: Key, text: str, shown: Mapping[str, Any], **more: Any
    ) -> None:
        """What is said of a runtime that goes on is not sent any more when it is not so any more."""
        what = {"event": event, "user": key[0], "runtime": names.runtime_name(key[1])}
        about = None if event == "ended" else key
        await self.outlets.send({**what, "text": text, "ends": shown.get("ends"), **more}, about)

    def moot(self, key: Key) -> None:
        """What was found and sent of it is over."""
        self._found.pop(key, None)
        self.outlets.moot(key)

    def is_news(self, key: Key, text: str) -> bool:
        return self._found.get(key) != text

    async def found(self, key: Key, text: str) -> None:
        """Into the audit log when it is news."""
        self.desk.found[key] = text
        if not self.is_news(key, text):
            return
        if len(self._found) > _MOST:
            self._found.clear()
        self._found[key] = text
        _log.info("%s of %s: %s", names.runtime_name(key[1]), key[0], text)
        await self.record(key, "idle.told", {"text": text})

    async def record(self, key: Key, action: str, details: Mapping[str, Any]) -> None:
        target = f"runtime:{key[0]}/{names.runtime_name(key[1])}"
        try:
            await asyncio.to_thread(self.store.audit.record, AUTHOR, action, target, details)
        except ServiceUnavailable as error:
            _log.error("%s of %s is not in the audit log: %s", action, target, error)
