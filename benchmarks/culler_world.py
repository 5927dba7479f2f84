"""A Hub that is played, and runtimes that report over real HTTP: `benchmarks.culler` starts it.

The Hub answers what both cullers ask, from one and the same population, and counts who asked what. One
JSON line on standard input is a command; one on standard output is its answer.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from .culler_runtimes import Reports, Runtime, runtime


@dataclass
class World:
    service: str
    reports: Reports
    runtimes: dict[str, Runtime] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)
    cpu: float = field(default_factory=time.process_time)

    def command(self, said: dict[str, Any]) -> Any:
        found: Any = getattr(self, f"do_{said.pop('do')}")(**said)
        return found

    def do_begin(self, runtimes: list[tuple[str, str, str]], port: int, lively: float) -> Any:
        """`lively`: which share of them always has something new."""
        for number, (user, launch, key) in enumerate(runtimes):
            one = self.runtimes[user] = runtime(self.service, user, launch, key)
            one.lively = int(number * lively) != int((number + 1) * lively)
        self.reports.port = port
        self.reports.begin(list(self.runtimes.values()))
        return {"lively": sum(one.lively for one in self.runtimes.values())}

    def do_beats(self, wanted: bool) -> Any:
        self.reports.beats = wanted
        return {}

    def do_expire(self, count: int, after: float, within: float) -> Any:
        ready = [one for one in self.runtimes.values() if one.stopped is None]
        chosen = ready[:: max(1, len(ready) // count)][:count]
        now = time.monotonic()
        for number, one in enumerate(chosen):
            one.deadline, one.beat = now + after + within * number / len(chosen), b""
        return {"expiring": len(chosen)}

    def do_end(self) -> Any:
        self.reports.port = 0
        return {}

    def do_look(self) -> Any:
        heard = sum(one.heard for one in self.runtimes.values())
        return {"asked": dict(self.asked), "heard": heard}

    def do_reset(self) -> Any:
        """All since the last time."""
        reports = self.reports
        found = {
            "asked": dict(self.asked),
            "late": sorted(self.late),
            "statuses": dict(reports.statuses),
            "lost": reports.lost,
            "own_delay_s": spread(reports.delays),
            "answered_s": spread(reports.answered),
            "cpu": time.process_time() - self.cpu,
            "load": os.getloadavg()[0],
        }
        self.asked.clear()
        self.late.clear()
        reports.clear()
        self.cpu = time.process_time()
        return found

    def model(self, one: Runtime) -> dict[str, Any]:
        now = datetime.now(timezone.utc)
        last = now if one.deadline is None else now - timedelta(hours=9)
        server = {
            "name": "",
            "ready": one.stopped is None,
            "stopped": one.stopped is not None,
            "pending": None,
            "url": f"/user/{one.user}/",
            "progress_url": f"/hub/api/users/{one.user}/server/progress",
            "started": (now - timedelta(days=1)).isoformat(),
            "last_activity": last.isoformat(),
            "user_options": {"tile": "python"},
            "state": {},
        }
        servers = {"": server} if one.stopped is None else {}
        return {
            "kind": "user",
            "name": one.user,
            "admin": False,
            "roles": ["user"],
            "groups": [],
            "server": server["url"] if one.stopped is None else None,
            "pending": None,
            "created": (now - timedelta(days=99)).isoformat(),
            "last_activity": last.isoformat(),
            "servers": servers,
        }


def spread(values: Sequence[float]) -> dict[str, float]:
    found = sorted(values) or [0.0]
    return {
        "median": round(found[len(found) // 2], 4),
        "p99": round(found[int(0.99 * (len(found) - 1))], 4),
        "most": round(found[-1], 4),
    }


class Base(RequestHandler):
    @property
    def world(self) -> World:
        found: World = self.settings["world"]
        return found

    def json(self, data: Any, kind: str = "application/json") -> None:
        self.set_header("Content-Type", kind)
        self.finish(json.dumps(data))


class Info(Base):
    def get(self) -> None:
        self.world.asked["GET /"] += 1
        self.json({"version": "6.1.1"})


class Users(Base):
    def get(self) -> None:
        world = self.world
        world.asked["GET /users"] += 1
        offset, limit = int(self.get_argument("offset", "0")), int(self.get_argument("limit", "50"))
        ready = [one for one in world.runtimes.values() if one.stopped is None]
        items = [world.model(one) for one in ready[offset : offset + limit]]
        after = offset + limit
        next_: dict[str, Any] | None = None
        if after < len(ready):
            query = f"state=ready&offset={after}&limit={limit}"
            url = f"http://{self.request.host}/hub/api/users?{query}"
            next_ = {"offset": after, "limit": limit, "url": url}
        page = {"offset": offset, "limit": limit, "total": len(ready), "next": next_}
        self.json({"items": items, "_pagination": page}, "application/jupyterhub-pagination+json")


class User(Base):
    def get(self, name: str) -> None:
        self.world.asked["GET /users/NAME"] += 1
        self.json(self.world.model(self.world.runtimes[name]))


class Server(Base):
    def delete(self, name: str) -> None:
        world, one = self.world, self.world.runtimes[name]
        world.asked["DELETE"] += 1
        if one.stopped is None:
            one.stopped = time.monotonic()
            world.late.append(one.stopped - (one.deadline or one.stopped))
        self.set_status(204)


class Activity(Base):
    def get(self, name: str) -> None:
        self.world.asked["asked runtime"] += 1
        self.set_header("Content-Type", "application/json")
        self.finish(self.world.reports.activity(self.world.runtimes[name]))


async def main() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    setup = json.loads(await reader.readline())
    world = World(setup["path"], Reports(setup["timeout"]))
    routes: list[Any] = [
        (r"/hub/api/", Info),
        (r"/hub/api/users", Users),
        (r"/hub/api/users/([^/]+)", User),
        (r"/hub/api/users/([^/]+)/server", Server),
        (r"/user/([^/]+)/runtiles/api/activity", Activity),
    ]
    server = HTTPServer(Application(routes, world=world, log_function=lambda _: None))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    say({"port": sockets[0].getsockname()[1]})
    while line := await reader.readline():
        say(world.command(json.loads(line)))


def say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
