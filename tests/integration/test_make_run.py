"""`make run`, from the command to JupyterLab and back to an empty machine."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import docker
import httpx
import pytest

from runtiles.contract.protocol import LABEL_HUB
from scripts import engine, run

ROOT = run.ROOT
PATIENCE = 120.0


@dataclass
class Demo:
    """A running `make run`, less make itself."""

    process: subprocess.Popen[bytes]
    output: Path
    port: int
    state: Path

    @property
    def text(self) -> str:
        return self.output.read_text()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def await_ready(self) -> None:
        wait_until(lambda: "is ready" in self.text or self.process.poll() is not None)
        assert "is ready" in self.text, self.text

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def free_port() -> int:
    """One whose companions are free as well."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with suppress(run.CannotRun):
            run.check_ports(run.hub_ports(port))
            return int(port)


@contextmanager
def demo(folder: Path, spawner: str, *arguments: str, port: int = 0) -> Iterator[Demo]:
    port = port or free_port()
    output = folder / f"output-{port}"
    environment = {
        **os.environ,
        "PORT": str(port),
        "RUNTILES_STATE_DIR": str(folder / "state"),
        "RUNTILES_SPAWNER": spawner,
    }
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.run", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Demo(process, output, port, folder / "state")
    finally:
        while process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE / 2)
        # Shown when the test fails.
        for log in (output, folder / "state" / "hub.log"):
            print(log.read_text()[-10_000:] if log.exists() else "")  # noqa: T201


@pytest.fixture(scope="module", autouse=True)
def proxy() -> None:
    """Fetched by make before it runs this program, and before it runs the tests."""
    if not (ROOT / "build" / "proxy" / "bin" / "configurable-http-proxy").exists():
        subprocess.run(["sh", "scripts/proxy.sh"], cwd=ROOT, check=True)


def log_in(client: httpx.Client, text: str) -> None:
    (user,) = re.findall(r"User +(\S+)", text)
    (password,) = re.findall(r"Password +(\S+)", text)
    client.get("/hub/login")
    form = {"username": user, "password": password, "_xsrf": client.cookies["_xsrf"]}
    answer = client.post("/hub/login", data=form)
    assert answer.url.path == "/services/runtiles/", answer.url


def launch_and_look(client: httpx.Client) -> None:
    """From the start button to a server that knows who asks."""
    xsrf = next(c.value for c in client.cookies.jar if c.name == "_xsrf" and c.path == "/hub/")
    headers = {"X-XSRFToken": xsrf or ""}
    answer = client.post("/hub/api/users/demo/server", json={}, headers=headers)
    assert answer.status_code in (201, 202), answer.text
    wait_until(lambda: bool(client.get("/hub/api/users/demo", headers=headers).json()["server"]))
    answer = client.get("/user/demo/lab")
    assert answer.status_code == 200, answer.text
    assert "jupyter-config-data" in answer.text


@dataclass(frozen=True)
class Found:
    pid: int
    command: str


def processes(marker: str) -> list[Found]:
    """Those with this text in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if marker.encode() in (folder / "environ").read_bytes():
                command = (folder / "cmdline").read_text().replace("\0", " ")
                found.append(Found(int(folder.name), command))
    return found


def test_without_an_engine_a_runtime_is_a_process(tmp_path: Path) -> None:
    with demo(tmp_path, "runtiles-process") as running:
        running.await_ready()
        assert "no isolation" in " ".join(running.text.split())
        with httpx.Client(base_url=running.address, follow_redirects=True, timeout=30) as client:
            log_in(client, running.text)
            launch_and_look(client)
        assert running.interrupt() == 0, running.text
    assert processes(str(tmp_path)) == []


@pytest.mark.engine
def test_with_an_engine_a_runtime_is_a_container(tmp_path: Path) -> None:
    if engine.version() is None:
        pytest.skip("no container engine answers")
    client = docker.from_env()
    volume = f"runtiles-test-{secrets.token_hex(4)}"
    try:
        setting = f"--DockerRuntimeSpawner.storage_volume={volume}"
        with demo(tmp_path, "runtiles", setting) as running:
            running.await_ready()
            with httpx.Client(base_url=running.address, follow_redirects=True, timeout=30) as http:
                log_in(http, running.text)
                launch_and_look(http)
            (container,) = client.containers.list(filters={"volume": volume})
            hub = container.labels[LABEL_HUB]
            assert running.interrupt() == 0, running.text
        assert client.containers.list(all=True, filters={"label": f"{LABEL_HUB}={hub}"}) == []
        assert client.volumes.get(volume), "what people wrote stays"
    finally:
        with suppress(docker.errors.NotFound):
            client.volumes.get(volume).remove(force=True)
        client.close()


def test_a_second_run_on_the_same_state_says_so(tmp_path: Path) -> None:
    with demo(tmp_path, "runtiles-process") as first:
        first.await_ready()
        with demo(tmp_path, "runtiles-process") as second:
            assert second.process.wait(PATIENCE) == 1
            assert "A Hub is running on the state" in second.text


def test_interrupted_while_it_starts_it_leaves_nothing_behind(tmp_path: Path) -> None:
    with demo(tmp_path, "runtiles-process") as starting:
        wait_until((tmp_path / "state" / "proxy.pid").exists)
        assert starting.interrupt() == 0, starting.text
    assert processes(str(tmp_path)) == []


def test_after_a_hub_was_killed_the_next_one_takes_over(tmp_path: Path) -> None:
    with demo(tmp_path, "runtiles-process") as killed:
        killed.await_ready()
        for process in processes(str(tmp_path)):
            if "jupyterhub" in process.command or "scripts.run" in process.command:
                os.kill(process.pid, signal.SIGKILL)
        killed.process.wait(PATIENCE)
    with demo(tmp_path, "runtiles-process", port=killed.port) as second:
        second.await_ready()
        assert second.interrupt() == 0
    assert processes(str(tmp_path)) == []


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with demo(tmp_path, "runtiles-process", port=port) as refused:
            assert refused.process.wait(PATIENCE) == 1
            assert f"Port {port} (for the pages) is taken" in refused.text


def test_a_hub_that_cannot_start_shows_why(tmp_path: Path) -> None:
    with demo(tmp_path, "runtiles-process", "--JupyterHub.db_url=sqlite:////nowhere/db") as broken:
        assert broken.process.wait(PATIENCE) == 1
        assert "Failed to connect to db" in broken.text
        assert "hub.log" in broken.text
