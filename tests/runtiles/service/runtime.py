"""The pause interface of a runtime, over real HTTP, whose kernels do what the launch's description says.

"loses things": a variable that cannot be saved; "is busy": the kernel works until the gate USER-save is
there; "cannot save": it fails; "is large": each kernel holds 30 MB; "two kernels": there are two;
"trains in a terminal", "serves in the background": what terminals are at.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.web import RequestHandler

KERNEL = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
LOSS = {
    "variable": "gen",
    "path": "gen",
    "type": "generator",
    "reason": "a generator cannot be saved",
}


@dataclass
class ScriptedRuntime:
    key: str
    script: str
    gates: Path
    user: str
    state: str = "none"
    snapshot: str | None = None
    asked: dict[str, Any] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def routes(self) -> list[tuple[Any, ...]]:
        api = r".*/runtiles/api/"
        return [
            (api + "pause", _Pause, {"runtime": self}),
            (api + "kernels", _Kernels, {"runtime": self}),
            (api + r"kernels/([^/]+)/variables", _Variables, {"runtime": self}),
            (api + r"kernels/([^/]+)/(interrupt|restart)", _KernelAction, {"runtime": self}),
            (api + r"snapshots/([^/]+)", _Snapshot, {"runtime": self}),
        ]

    def kernels(self) -> list[dict[str, Any]]:
        ids = [KERNEL, OTHER] if "two kernels" in self.script else [KERNEL]
        return [
            {
                "id": one,
                "name": "python3",
                "language": "python",
                "path": f"{place}.ipynb",
                "sessions": [],
                "execution_state": "idle",
                "busy_seconds": None,
                "carried": True,
            }
            for place, one in enumerate(ids)
        ]

    @property
    def losses(self) -> list[dict[str, str]]:
        return [LOSS] if "loses things" in self.script else []

    @property
    def terminals(self) -> list[dict[str, Any]]:
        at = {"trains in a terminal": "running", "serves in the background": "background"}
        found = [status for words, status in at.items() if words in self.script]
        return [{"name": "1", "job": "python", "status": status} for status in found]

    def look(self) -> dict[str, Any]:
        size = 30_000_000 if "is large" in self.script else 1000
        kernels = [
            {
                **{key: one[key] for key in ("id", "name", "language", "path")},
                "status": "ready",
                "busy_seconds": None,
                "bytes": size,
                "variables": 2,
                "losses": self.losses,
                "notes": [],
                "reason": "",
            }
            for one in self.kernels()
        ]
        found = {"bytes": size * len(kernels), "seconds": 0.1, "free": 10**9, "kernels": kernels}
        # One that is older does not know of them.
        return {**found, "terminals": self.terminals} if self.terminals else found

    def status(self) -> dict[str, Any]:
        """Each question brings it a step further."""
        if self.state in ("waiting", "saving", "verifying"):
            self._step()
        failed = self.state == "failed"
        return {
            "state": self.state,
            "snapshot": self.snapshot,
            "waiting_for": self._waiting_for(),
            "done": 500,
            "total": 1000,
            "error": {"code": "no_space", "message": "The disk is full."} if failed else None,
            "result": self.result() if self.state == "saved" else None,
        }

    def _step(self) -> None:
        if "cannot save" in self.script:
            self.state = "failed"
        elif self.state == "waiting":
            busy = "is busy" in self.script and not (self.gates / f"{self.user}-save").exists()
            self.state = "waiting" if busy else "saving"
        else:
            self.state = {"saving": "verifying", "verifying": "saved"}[self.state]

    def _waiting_for(self) -> list[dict[str, Any]]:
        if self.state != "waiting":
            return []
        return [{"kernel": KERNEL, "path": "0.ipynb", "busy_seconds": 3.0, "stuck": False}]

    def result(self) -> dict[str, Any]:
        variable = {"name": "x", "type": "int", "bytes": 8, "status": "saved", "reason": ""}
        kernels = [
            {
                **{key: one[key] for key in ("id", "name", "language", "path", "sessions")},
                "execution_count": 3,
                "status": "saved",
                "reason": "",
                "bytes": 1000,
                "losses": self.losses,
                "notes": [],
                "variables": [variable],
            }
            for one in self.kernels()
        ]
        found = {"format": 1, "id": self.snapshot, "bytes": 1000 * len(kernels)}
        return {**found, "kernels": kernels, "terminals": self.terminals}


class _Handler(RequestHandler):
    def initialize(self, runtime: ScriptedRuntime) -> None:
        self.runtime = runtime

    def prepare(self) -> None:
        if self.request.headers.get("Authorization") != f"Runtiles {self.runtime.key}":
            self.set_status(403)
            self.finish({"error": {"code": "not_allowed", "message": "Forbidden.", "details": {}}})
            return
        self.runtime.calls.append(f"{self.request.method} {self.request.path}")

    def say(self, found: Any, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(found))


class _Pause(_Handler):
    def get(self) -> None:
        self.say(self.runtime.status())

    def post(self) -> None:
        asked = json.loads(self.request.body)
        if asked.get("dry_run"):
            self.say(self.runtime.look())
            return
        self.runtime.asked = asked
        self.runtime.snapshot, self.runtime.state = asked["snapshot"], "waiting"
        self.say(self.runtime.status(), 202)

    def delete(self) -> None:
        self.runtime.state, self.runtime.snapshot = "released", self.runtime.snapshot
        self.say(self.runtime.status())


class _Kernels(_Handler):
    def get(self) -> None:
        self.say(self.runtime.kernels())


class _Variables(_Handler):
    def get(self, kernel: str) -> None:
        variable = {"name": "x", "type": "int", "bytes": 8, "status": "saved", "reason": ""}
        rest = {"losses": self.runtime.losses, "notes": [], "bytes": 8, "seconds": 0.01}
        self.say({"kernel": kernel, "variables": [variable], **rest})


class _KernelAction(_Handler):
    def post(self, kernel: str, _action: str) -> None:
        self.say({"id": kernel, "execution_state": "idle"})


class _Snapshot(_Handler):
    def delete(self, _snapshot: str) -> None:
        self.set_status(204)
        self.finish()
