"""A Hub that is played, and runtimes that report over real HTTP: `benchmarks.culler` starts it.

The Hub answers what both cullers ask, from one and the same population, and counts who asked what. One
JSON line on standard input is a command; one on standard output is its answer.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

_INTERVAL_S = 30.0
_OPENING_AT_ONCE = 100


@dataclass
class Runtime:
    """`deadline`: when its last message is `timeout` ago, on this process's clock; None for a busy one."""

    user: str
    launch: str
    key: str
    deadline: float | None = None
    stopped: float | None = None
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None


@dataclass
class World:
    service: str
    timeout: float
    runtimes: dict[str, Runtime] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    reports: int = 0
    refused: int = 0
    late: list[float] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def activity(self, one: Runtime) -> dict[str, Any]:
        now = time.monotonic()
        quiet = 1.0 if one.deadline is None else max(0.0, self.timeout - (one.deadline - now))
        kernel = {
            "id": one.launch,
            "path": "work/train.ipynb",
            "busy_for": now - self.began + 100 if one.deadline is None else None,
            "quiet_for": quiet,
            "connections": 1,
        }
        terminal = {"name": "1", "running": "", "running_for": None, "quiet_for": 9000.0}
        load = {"percent": 3.0, "above_for": None, "quiet_for": 9000.0}
        return {
            "sequence": int(now - self.began),
            "up_for": 100_000.0 + now - self.began,
            "kernels": [kernel],
            "terminals": [terminal],
            "sessions": 1,
            "occupied_for": 0.0,
            "connected_for": 0.0,
            "input_for": None,
            "gpu": load,
            "cpu": load,
            "syncing": "",
        }

    async def report(self, one: Runtime, host: str, port: int) -> None:
        if one.writer is None or one.reader is None:
            one.reader, one.writer = await asyncio.open_connection(host, port)
        body = json.dumps(self.activity(one)).encode()
        head = (
            f"POST {self.service}default/activity?launch={one.launch} HTTP/1.1\r\n"
            f"Host: {host}\r\nAuthorization: Runtiles {one.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        one.writer.write(head.encode() + body)
        answer = await one.reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in answer.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        await one.reader.readexactly(length)
        self.reports += 1
        if b" 200 " not in answer[:20]:
            self.refused += 1

    async def live(self, one: Runtime, delay: float, host: str, port: int) -> None:
        await asyncio.sleep(delay)
        while one.stopped is None:
            try:
                await self.report(one, host, port)
            except (OSError, EOFError):
                one.writer = None
                self.refused += 1
            await asyncio.sleep(_INTERVAL_S)

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
            url = (
                f"http://{self.request.host}/hub/api/users?state=ready&offset={after}&limit={limit}"
            )
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
        self.json(self.world.activity(self.world.runtimes[name]))


async def main() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    setup = json.loads(await reader.readline())
    world = World(setup["path"], setup["timeout"])
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
    tasks = []
    while line := await reader.readline():
        command = json.loads(line)
        if command["do"] == "begin":
            for number, (user, launch, key) in enumerate(command["runtimes"]):
                one = world.runtimes[user] = Runtime(user, launch, key)
                delay = _INTERVAL_S * number / len(command["runtimes"])
                tasks.append(
                    asyncio.create_task(world.live(one, delay, "127.0.0.1", command["port"]))
                )
            say({})
        elif command["do"] == "expire":
            ready = [one for one in world.runtimes.values() if one.stopped is None]
            chosen = ready[:: max(1, len(ready) // command["count"])][: command["count"]]
            now = time.monotonic()
            for number, one in enumerate(chosen):
                step = command["within"] * number / len(chosen)
                one.deadline = now + command["after"] + step
            say({"expiring": len(chosen)})
        else:
            late = sorted(world.late)
            say(
                {
                    "asked": dict(world.asked),
                    "reports": world.reports,
                    "refused": world.refused,
                    "stopped": len(late),
                    "late": late,
                }
            )
            if command["do"] == "reset":
                world.asked.clear()
                world.late.clear()
                world.reports = 0


def say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
