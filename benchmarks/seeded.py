"""A Hub with a thousand servers in its database, some of them running, without a thousand containers.

Every "running" server is one and the same small HTTP server in the benchmark's own process: the Hub
asks each of them at its start whether it lives, and believes the answer.
"""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from jupyterhub import __version__ as hub_version
from jupyterhub import orm
from tests.fixtures.hub import RunningHub, free_ports

from runtiles.contract.events import LaunchEvent
from runtiles.store import Store, load_key

_CONFIG = """
from runtiles import hub_config
from benchmarks.seeded_spawner import SeededSpawner
c.JupyterHub.spawner_class = SeededSpawner
c.JupyterHub.log_level = "INFO"
hub_config.configure(
    c, store_url={store_url!r}, key_file={key!r}, engine="none", hub_id="bench",
    url="http://127.0.0.1:{port}",
)
"""


#: The Hub asks every running server whether it lives before it answers anybody.
_START_S = 300.0


class _Alive(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-JupyterHub-Version", hub_version)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_args: object) -> None:
        pass


class _AliveServer(ThreadingHTTPServer):
    # The Hub asks for all of them at once.
    request_queue_size = 1000
    daemon_threads = True


@dataclass(frozen=True)
class Seeded:
    """`tokens`: a token with all rights of each user."""

    hub: RunningHub
    store: Store
    tokens: dict[str, str]
    admin: str

    @property
    def api(self) -> str:
        return f"{self.hub.origin}/services/runtiles/api"

    def service_pid(self) -> int:
        mark = f"{self.hub.folder}/".encode()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().split(b"\0")
                if b"runtiles.service" in command and mark in (process / "environ").read_bytes():
                    return int(process.name)
            except OSError:
                continue
        raise RuntimeError("the service does not run")


@contextmanager
def seeded_hub(folder: Path, runtimes: int) -> Iterator[Seeded]:
    """One runtime per user, every tenth one running."""
    alive = _AliveServer(("127.0.0.1", 0), _Alive)
    threading.Thread(target=alive.serve_forever, daemon=True).start()
    (port,) = free_ports(1)
    store_url, key = f"sqlite:///{folder}/store.sqlite", folder / "key"
    config = _CONFIG.format(store_url=store_url, key=str(key), port=port)
    store = Store(store_url, load_key(key))
    tokens = _seed(folder, store, runtimes, alive.server_address[1])
    hub = RunningHub(folder, config, patience=_START_S)
    try:
        hub.start()
        hub.wait_for("/services/runtiles/api")
        yield Seeded(hub, store, tokens, hub.user("admin"))
    finally:
        hub.close()
        store.close()
        alive.shutdown()
        alive.server_close()


def _seed(folder: Path, store: Store, runtimes: int, port: int) -> dict[str, str]:
    # Made by the Hub itself first: roles and scopes belong into its database.
    empty = RunningHub(folder)
    empty.start()
    empty.close()
    factory = orm.new_session_factory(f"sqlite:///{folder}/hub.sqlite")
    with factory() as session:
        role = orm.Role.find(session, "user")
        tokens = {}
        for number in range(runtimes):
            name = f"user{number:04d}"
            user = orm.User(name=name, roles=[role])
            session.add(user)
            session.flush()
            running = number % 10 == 0
            server = orm.Server(ip="127.0.0.1", port=port, base_url=f"/user/{name}/")
            session.add(
                orm.Spawner(
                    name="",
                    user=user,
                    state={},
                    server=server if running else None,
                    user_options={"tile": "python", "machine": "cpu-small"},
                )
            )
            tokens[name] = secrets.token_hex(16)
            user.new_api_token(token=tokens[name])
            _launch(store, name, running=running)
        session.commit()
    return tokens


def _launch(store: Store, user: str, *, running: bool) -> None:
    launch = secrets.token_hex(8)
    options = {"tile": "python", "machine": "cpu-small", "description": f"What {user} works on"}
    store.launches.record(
        user,
        "",
        launch,
        options=options,
        spec={"time_limit": 3600},
        tile="python",
        machine="cpu-small",
        image="runtiles/python:latest",
    )
    store.events.append(user, "", launch, LaunchEvent("ready", "ready"))
    store.launches.update(launch, state="running", started_at=time.time())
    if not running:
        store.launches.finish(launch, "stopped")
