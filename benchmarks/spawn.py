"""How long from the click to a ready server: Runtiles and stock DockerSpawner, side by side.

    .venv/bin/python -m benchmarks.spawn [--pairs 10] [--burst 8] [--image runtiles/python:latest]

Two Hubs on the loopback, one with each spawner, same image, same engine. Starts alternate, so that
whatever else the machine does falls on both alike. Measured from the POST to the Hub's REST API to
the moment its progress stream says ready (the first moment at which a browser would be sent on).
The last line is one JSON object; times in seconds.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import httpx
from tests.fixtures.hub import RunningHub, free_ports

from runtiles.engines.docker_network import host_address

_READY_S = 120.0

_COMMON = """
c.JupyterHub.hub_bind_url = "http://0.0.0.0:{hub_port}"
c.JupyterHub.hub_connect_url = "http://{gateway}:{hub_port}"
c.JupyterHub.concurrent_spawn_limit = 0
c.JupyterHub.log_level = "WARN"
"""

_STOCK = """
c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = {image!r}
c.DockerSpawner.cmd = ["jupyterhub-singleuser", "--allow-root"]
c.DockerSpawner.remove = True
c.DockerSpawner.prefix = "bench-stock-{mark}"
"""

_OURS = """
from runtiles import hub_config
c.JupyterHub.spawner_class = "runtiles"
c.RuntimeSpawner.store_url = "sqlite:///{folder}/store.sqlite"
c.RuntimeSpawner.secret_key_file = "{folder}/key"
c.RuntimeSpawner.catalogue_paths = ["{folder}/tiles.yaml"]
c.RuntimeSpawner.hub_id = "bench-{mark}"
c.RuntimeSpawner.service_url = "http://{gateway}:{service_port}/services/runtiles"
c.DockerRuntimeSpawner.storage_volume = ""
c.DockerSpawner.prefix = "bench-ours-{mark}"
hub_config.configure(c, store_url=c.RuntimeSpawner.store_url, key_file="{folder}/key",
    url="http://{gateway}:{service_port}", catalogue_paths=["{folder}/tiles.yaml"],
    engine_options={{"hub": "bench-{mark}"}}, hub_id="bench-{mark}")
"""

_TILES = """
tiles:
  - slug: bench
    title: Benchmark
    description: The image that both spawners start.
    image: {image}
    local: true
"""


@dataclass(frozen=True)
class Side:
    """One spawner under test."""

    name: str
    hub: RunningHub
    options: dict[str, Any]

    def start(self, user: str) -> float:
        """Seconds from the request to ready. Raises RuntimeError when the start fails."""
        client = httpx.Client(
            headers={"Authorization": f"token {self.hub.token}"}, timeout=_READY_S
        )
        with client:
            begin = time.perf_counter()
            answer = client.post(
                f"{self.hub.api_url}/users/{user}/server", json={"user_options": self.options}
            )
            if answer.status_code == 201:
                return time.perf_counter() - begin
            if answer.status_code != 202:
                raise RuntimeError(f"{self.name}: {answer.text}\n{self.hub.log[-3000:]}")
            progress = f"{self.hub.api_url}/users/{user}/server/progress"
            with client.stream("GET", progress) as events:
                self._await_ready(events.iter_lines())
            return time.perf_counter() - begin

    def _await_ready(self, lines: Iterator[str]) -> None:
        for line in lines:
            event = json.loads(line[5:]) if line.startswith("data:") else {}
            if event.get("ready"):
                return
            if event.get("failed"):
                raise RuntimeError(f"{self.name}: {event['message']}\n{self.hub.log[-3000:]}")

    def stop(self, user: str) -> None:
        self.hub.api("DELETE", f"/users/{user}/server")
        deadline = time.monotonic() + _READY_S
        while self.hub.api("GET", f"/users/{user}").json().get("servers"):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name}: {user}'s server does not stop")
            time.sleep(0.1)


def pairs(sides: Sequence[Side], count: int) -> dict[str, list[float]]:
    """Alternating single starts, the order turned around each time."""
    times: dict[str, list[float]] = {side.name: [] for side in sides}
    for number in range(count + 1):
        for side in sides if number % 2 else reversed(sides):
            seconds = side.start("ada")
            side.stop("ada")
            # The first start of each warms the engine's and the file system's caches.
            if number:
                times[side.name].append(seconds)
                print(f"{side.name:6} {seconds:.2f} s", file=sys.stderr)
    return times


def burst(side: Side, count: int) -> list[float]:
    """`count` users at once."""
    users = [f"user{number}" for number in range(count)]
    for user in users:
        side.hub.user(user)
    with ThreadPoolExecutor(count) as pool:
        seconds = list(pool.map(side.start, users))
        list(pool.map(side.stop, users))
    return seconds


def summary(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return {
        "median": round(statistics.median(ordered), 3),
        "p95": round(p95, 3),
        "max": round(ordered[-1], 3),
        "n": len(ordered),
    }


def ratios(ours: dict[str, float], stock: dict[str, float]) -> dict[str, float]:
    return {key: round(ours[key] / stock[key], 3) for key in ("median", "p95", "max")}


@contextmanager
def running(folder: Path, name: str, config: str, image: str) -> Iterator[RunningHub]:
    place = folder / name
    place.mkdir()
    (place / "tiles.yaml").write_text(_TILES.format(image=image))
    hub = RunningHub(place)
    hub.config = (_COMMON + config).format(
        hub_port=hub.ports[1],
        service_port=free_ports(1)[0],
        folder=place,
        mark=folder.name[-6:].lower().replace("_", "0"),
        gateway=host_address(docker.APIClient()),
        image=image,
    )
    try:
        hub.start()
        hub.user("ada")
        yield hub
    finally:
        hub.stop()


def measure(image: str, count: int, at_once: int) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stock = stack.enter_context(running(folder, "stock", _STOCK, image))
        ours = stack.enter_context(running(folder, "ours", _OURS, image))
        sides = [Side("stock", stock, {}), Side("ours", ours, {"tile": "bench"})]
        single = {name: summary(times) for name, times in pairs(sides, count).items()}
        many = {side.name: summary(burst(side, at_once)) for side in sides}
    return {
        "benchmark": "spawn",
        "image": image,
        "single": {**single, "ratio": ratios(single["ours"], single["stock"])},
        f"at_once_{at_once}": {**many, "ratio": ratios(many["ours"], many["stock"])},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--burst", type=int, default=8)
    parser.add_argument("--image", default="runtiles/python:latest")
    given = parser.parse_args()
    print(json.dumps(measure(given.image, given.pairs, given.burst)))


if __name__ == "__main__":
    main()
