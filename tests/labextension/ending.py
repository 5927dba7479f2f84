"""In the place of the service, which is not part of the tests' server: what it says of a runtime's end."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from playwright.async_api import Page, Route

_OURS = re.compile(r"/runtiles/api/(idle|activity/input|runtime/extend|runtime/hold)(\?|$)")


def moment(seconds: float) -> str:
    at = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def told(seconds: float, cause: str = "idle", action: str = "pause", **more: Any) -> dict[str, Any]:
    """It ends so many seconds from now."""
    at = moment(seconds)
    return {
        "ends": {"at": at, "seconds": seconds, "cause": cause, "action": action},
        "reason": "Idle: a kernel was last busy 50m ago. It will pause at 17:40 UTC.",
        "reason_at": at,
        "expires_at": at if cause == "expired" else None,
        "held_until": None,
        "warning": None,
        "warnings": [600, 300, 60],
        "extend": {"max_seconds": 7200} if cause == "expired" else None,
        "hold": {"max_seconds": 28800},
        **more,
    }


@dataclass
class Ending:
    """`told` is answered to every page until it is changed; `asked` is what people wished for, `beats` how
    often a page told that somebody is at work."""

    told: "dict[str, Any] | None" = None
    refusal: "dict[str, Any] | None" = None
    asked: list[tuple[str, Any]] = field(default_factory=list)
    beats: int = 0

    async def serve(self, page: Page) -> None:
        """For all pages of this one's browser."""
        await page.context.route(_OURS, self._answer)

    async def _answer(self, route: Route) -> None:
        found = _OURS.search(route.request.url)
        assert found is not None
        path = found[1]
        if path == "idle":
            await _reply(route, {"told": self.told})
        elif path == "activity/input":
            self.beats += 1
            await _reply(route, {"told": self.told})
        elif self.refusal is not None:
            await _reply(route, {"error": self.refusal}, 409)
        else:
            wish: dict[str, Any] = route.request.post_data_json or {}
            self.asked.append((path.split("/")[1], wish))
            self.told = self._moved(path, wish)
            kept = {key: self.told[key] for key in ("ends", "held_until", "warning", "reason")}
            await _reply(route, {"expires_at": self.told["expires_at"], "idle": kept})

    def _moved(self, path: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        assert self.told is not None
        if path == "runtime/extend":
            return told(self.told["ends"]["seconds"] + wish["seconds"], "expired")
        if wish.get("until", "") is None:
            return {**self.told, "held_until": None}
        return {**self.told, "ends": None, "held_until": moment(wish["seconds"])}


async def _reply(route: Route, body: Any, status: int = 200) -> None:
    await route.fulfill(status=status, content_type="application/json", body=json.dumps(body))
