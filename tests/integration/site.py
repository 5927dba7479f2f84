"""A whole site for tests: a real Hub with our Docker spawner, the service, tiles, and people."""

import asyncio
import json
import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import httpx
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from runtiles.contract.protocol import LABEL_HUB
from runtiles.engines.docker_network import host_address
from tests.fixtures.engine import remove_containers
from tests.fixtures.hub import RunningHub, free_ports, wait_until
from tests.runtiles.service.answers import checked

IMAGE = "runtiles/python:latest"

_CONFIG = """
from runtiles import hub_config, pages
c.JupyterHub.hub_bind_url = "http://0.0.0.0:{hub_port}"
c.JupyterHub.hub_connect_url = "http://{gateway}:{hub_port}"
c.JupyterHub.cleanup_servers = False
c.Spawner.http_timeout = 8
c.JupyterHub.spawner_class = "runtiles.spawners.docker.DockerRuntimeSpawner"
c.JupyterHub.template_paths = pages.template_paths()
c.RuntimeSpawner.store_url = "sqlite:///{folder}/runtiles.sqlite"
c.RuntimeSpawner.secret_key_file = "{folder}/key"
c.RuntimeSpawner.catalogue_paths = ["{folder}/tiles.json"]
c.RuntimeSpawner.policy = {policy!r}
c.RuntimeSpawner.hub_id = {hub_id!r}
c.RuntimeSpawner.service_url = "http://{gateway}:{service_port}/services/runtiles"
c.DockerRuntimeSpawner.storage_volume = {hub_id!r} + "-{{username}}"
c.DockerRuntimeSpawner.engine_state_dir = "{folder}"
c.DockerRuntimeSpawner.layer_network = "host"
c.DockerRuntimeSpawner.layer_extra_ca = {extra_ca!r}
c.DockerSpawner.prefix = {hub_id!r}
hub_config.configure(
    c,
    store_url=c.RuntimeSpawner.store_url,
    key_file="{folder}/key",
    catalogue_paths=["{folder}/tiles.json"],
    policy={policy!r},
    engine="docker",
    engine_options={{"hub": {hub_id!r}}},
    hub_id={hub_id!r},
    url="http://{gateway}:{service_port}",
)
"""

POLICY: dict[str, Any] = {
    "allow_custom_images": True,
    "workspace_schemes": ["https", "http"],
    "default_tile": "plain",
}


@dataclass
class Site:
    """`engine` is docker-py: the hands of a test beside the spawner under test."""

    hub: RunningHub
    hub_id: str
    engine: docker.APIClient
    gateway: str

    def person(self, name: str = "") -> "Person":
        """A user of their own for each test, with all their rights."""
        name = name or f"u{secrets.token_hex(4)}"
        return Person(self, name, self.hub.user(name))

    def containers(self, user: str) -> list[dict[str, Any]]:
        """All of a user's containers, in any state."""
        labels = [f"{LABEL_HUB}={self.hub_id}", f"org.runtiles.user={user}"]
        found: list[dict[str, Any]] = self.engine.containers(all=True, filters={"label": labels})
        return found

    def hub_state(self, user: str, server: str) -> str:
        """What the Hub says of a server: ready, pending, or nothing."""
        model = self.hub.api("GET", f"/users/{user}").json().get("servers", {}).get(server)
        if model is None:
            return ""
        return "ready" if model["ready"] else "pending"

    def kill_service(self) -> None:
        """The Hub starts it again when it looks the next time."""
        self.signal_service(signal.SIGKILL)

    def signal_service(self, what: signal.Signals) -> None:
        mark = f"RUNTILES_HUB_ID={self.hub_id}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (
                    b"runtiles.service" in (process / "cmdline").read_bytes().split(b"\0")
                    and mark in (process / "environ").read_bytes()
                ):
                    os.kill(int(process.name), what)

    def run_in(self, container_id: str, command: str) -> str:
        """A shell command inside a container; both outputs."""
        job = self.engine.exec_create(container_id, ["sh", "-c", command], user="root")
        output: bytes = self.engine.exec_start(job["Id"])
        return output.decode()


@dataclass
class Person:
    site: Site
    name: str
    token: str

    @property
    def api(self) -> httpx.Client:
        """The service's API with this person's token."""
        return httpx.Client(
            base_url=f"{self.site.hub.origin}/services/runtiles/api",
            event_hooks={"response": [checked]},
            headers={"Authorization": f"token {self.token}"},
            timeout=60,
        )

    def launch(self, tile: str = "plain", name: str = "lab", **options: Any) -> dict[str, Any]:
        """Asks for a runtime; does not wait."""
        with self.api as api:
            answer = api.post("/runtimes", json={"tile": tile, "name": name, **options})
        assert answer.status_code == 201, answer.text
        runtime: dict[str, Any] = answer.json()
        return runtime

    def runtime(self, name: str = "lab") -> dict[str, Any]:
        with self.api as api:
            answer = api.get(f"/runtimes/{name}")
        assert answer.status_code == 200, answer.text
        runtime: dict[str, Any] = answer.json()
        return runtime

    def events(self, name: str = "lab", timeout: float = 300) -> list[dict[str, Any]]:
        """Every event of the launch, read to its end."""
        return list(self.watch(name, timeout))

    def watch(self, name: str = "lab", timeout: float = 300) -> Iterator[dict[str, Any]]:
        """The events of the launch as they come."""
        url = f"/runtimes/{name}/progress"
        with self.api as api, api.stream("GET", url, timeout=timeout) as stream:
            assert stream.status_code == 200, stream.read()
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line[5:])

    def until_phase(self, phase: str, name: str = "lab", timeout: float = 60) -> None:
        """Returns when the launch has reached a phase (or is past it)."""
        for event in self.watch(name, timeout):
            if event["phase"] == phase and event["kind"] != "failed":
                return
        raise AssertionError(f"the launch ended before the phase {phase}")

    def ready(self, tile: str = "plain", name: str = "lab", **options: Any) -> dict[str, Any]:
        """Launches and waits until it runs."""
        self.launch(tile, name, **options)
        last = self.events(name)[-1]
        assert last["kind"] == "ready", last
        self.wait_for("running", name)
        return self.runtime(name)

    def fails(self, tile: str = "plain", name: str = "lab", **options: Any) -> dict[str, Any]:
        """Launches and waits until it failed; the last event."""
        self.launch(tile, name, **options)
        last = self.events(name)[-1]
        assert last["kind"] == "failed", last
        self.nothing_left()
        return last

    def wait_for(self, state: str, name: str = "lab", timeout: float = 60) -> None:
        wait_until(lambda: self.runtime(name)["state"] == state, timeout, f"{name} to be {state}")

    def stop(self, name: str = "lab") -> None:
        with self.api as api:
            answer = api.post(f"/runtimes/{name}/stop")
        assert answer.status_code < 300, answer.text
        self.wait_for("stopped", name)

    def nothing_left(self, timeout: float = 30) -> None:
        """No container of this person is there any more."""
        wait_until(
            lambda: not self.site.containers(self.name), timeout, f"{self.name}'s containers to go"
        )

    def server(self, path: str, name: str = "lab") -> httpx.Response:
        """A request to the runtime itself, through the proxy."""
        return httpx.get(
            f"{self.site.hub.origin}/user/{self.name}/{name}/{path}",
            headers={"Authorization": f"token {self.token}"},
            timeout=60,
        )

    def put(self, path: str, body: dict[str, Any], name: str = "lab") -> httpx.Response:
        return httpx.put(
            f"{self.site.hub.origin}/user/{self.name}/{name}/{path}",
            headers={"Authorization": f"token {self.token}"},
            json=body,
            timeout=60,
        )

    def python(self, code: str, name: str = "lab") -> str:
        """Runs code in a new kernel of the runtime; what it printed."""
        return run_code(f"{self.site.hub.origin}/user/{self.name}/{name}", self.token, code)

    def files(self, folder: str = "", name: str = "lab") -> list[str]:
        """What JupyterLab's file browser would show."""
        answer = self.server(f"api/contents/{folder}", name)
        assert answer.status_code == 200, answer.text
        return sorted(entry["name"] for entry in answer.json()["content"])


def run_code(server: str, token: str, code: str) -> str:
    """As a notebook does it: a kernel by REST, a cell over its websocket."""
    headers = {"Authorization": f"token {token}"}
    kernel = httpx.post(f"{server}/api/kernels", headers=headers, json={}, timeout=60).json()["id"]
    try:
        return asyncio.run(execute(server, token, kernel, code))
    finally:
        httpx.delete(f"{server}/api/kernels/{kernel}", headers=headers, timeout=60)


async def execute(server: str, token: str, kernel: str, code: str) -> str:
    url = f"ws{server.removeprefix('http')}/api/kernels/{kernel}/channels"
    headers = {"Authorization": f"token {token}"}
    socket = await websocket_connect(
        HTTPRequest(url, headers=headers, connect_timeout=60, request_timeout=60)
    )
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    header = {"msg_id": "cell", "msg_type": "execute_request", "session": "test", "username": ""}
    header |= {"version": "5.3", "date": "2026-01-01T00:00:00Z"}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    await socket.write_message(json.dumps({**message, "channel": "shell"}))
    printed = ""
    try:
        while True:
            text = await asyncio.wait_for(socket.read_message(), 60)
            assert text is not None, "the kernel's websocket was closed"
            answer = json.loads(text)
            if answer["parent_header"].get("msg_id") != "cell":
                continue
            if answer["msg_type"] == "stream":
                printed += answer["content"]["text"]
            if answer["msg_type"] == "error":
                printed += "\n".join(answer["content"]["traceback"])
            # Not the reply: that comes another way, and may overtake what was printed.
            if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
                return printed
    finally:
        socket.close()
        while await socket.read_message() is not None:
            pass


@contextmanager
def running_site(
    folder: Path,
    engine: docker.APIClient,
    tiles: dict[str, Any],
    *,
    extra_ca: Path | None = None,
    policy: dict[str, Any] | None = None,
    config: str = "",
) -> Iterator[Site]:
    """Removes its containers and volumes at the end. YAML reads JSON, so tiles are plain data."""
    hub_id = f"test-{secrets.token_hex(4)}"
    (folder / "tiles.json").write_text(json.dumps(tiles))
    hub = RunningHub(folder)
    hub.config = config_text(hub, folder, engine, hub_id, extra_ca, policy or POLICY) + config
    site = Site(hub, hub_id, engine, host_address(engine))
    try:
        hub.start()
        hub.wait_for("/services/runtiles/api")
        yield site
    finally:
        hub.close()
        print(hub.log[-20_000:])  # noqa: T201 - pytest shows it for a test that failed
        remove_containers(engine, hub_id)
        for volume in engine.volumes(filters={"name": hub_id})["Volumes"] or []:
            engine.remove_volume(volume["Name"], force=True)


def config_text(
    hub: RunningHub,
    folder: Path,
    engine: docker.APIClient,
    hub_id: str,
    extra_ca: Path | None,
    policy: dict[str, Any],
) -> str:
    return _CONFIG.format(
        hub_port=hub.ports[1],
        service_port=free_ports(1)[0],
        gateway=host_address(engine),
        folder=folder,
        hub_id=hub_id,
        policy=policy,
        extra_ca=str(extra_ca or ""),
    )
