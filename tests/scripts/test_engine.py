"""`make engine`, with a real dockerd that has a socket and a storage of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts import engine, image

RunScript = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_script(tmp_path: Path) -> Iterator[RunScript]:
    """Runs engine.sh in a folder of its own, with `dockerd` replaced by the given shell script."""
    shutil.copytree(image.ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "bin").mkdir()
    started = tmp_path / "started.pid"

    def run(dockerd: str) -> subprocess.CompletedProcess[str]:
        program = tmp_path / "bin" / "dockerd"
        program.write_text(f"#!/bin/sh\n{dockerd}\n")
        program.chmod(0o755)
        return subprocess.run(
            ["sh", "scripts/engine.sh", "--started", str(started)],
            cwd=tmp_path,
            env={
                **os.environ,
                "PATH": f"{tmp_path}/bin:{os.environ['PATH']}:/usr/sbin:/sbin",
                "DOCKER_HOST": f"unix://{tmp_path}/docker.sock",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    yield run
    if started.exists():
        end(int(started.read_text()))
    forget_mounts(tmp_path)


@pytest.fixture
def private_dockerd(tmp_path: Path) -> Iterator[str]:
    """The command line of an engine that touches nothing of the machine's own."""
    real = shutil.which("dockerd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if real is None or os.geteuid() != 0:
        pytest.skip("no dockerd here, or not root")
    # A short path: containerd's socket lies below it, and such a path has at most about 100 characters.
    short = tempfile.mkdtemp(prefix="rt-", dir="/tmp")
    folders = f"--data-root={tmp_path}/data --exec-root={short} --pidfile={tmp_path}/pid"
    network = "--bridge=none --iptables=false --ip-forward=false --ip-masq=false"
    # In a network of its own: `--bridge=none` deletes docker0, which is the machine's engine's.
    yield f"exec unshare --net {real} --host=unix://{tmp_path}/docker.sock {folders} {network}"
    shutil.rmtree(short, ignore_errors=True)


def end(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 30
    while Path("/proc", str(pid)).exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def forget_mounts(folder: Path) -> None:
    """An engine binds its storage onto itself where the root is not shared, and may leave it so."""
    lines = Path("/proc/mounts").read_text().splitlines()
    for mount in (line.split()[1] for line in lines):
        if mount.startswith(f"{folder}/"):
            subprocess.run(["umount", "-l", mount], check=False)


@pytest.mark.engine
def test_it_starts_an_engine_once(
    run_script: RunScript, private_dockerd: str, tmp_path: Path
) -> None:
    first = run_script(private_dockerd)
    assert first.returncode == 0, first.stderr
    assert "starting the engine" in first.stdout
    pid = (tmp_path / "started.pid").read_text()
    assert Path("/proc", pid.strip(), "comm").read_text().strip() == "dockerd"

    second = run_script("echo must not run; exit 1")
    assert second.returncode == 0, second.stderr
    assert "is running" in second.stdout
    assert "starting" not in second.stdout
    assert (tmp_path / "started.pid").read_text() == pid


@pytest.mark.engine
@pytest.mark.usefixtures("private_dockerd")
def test_an_engine_that_ends_at_once_shows_why(run_script: RunScript, tmp_path: Path) -> None:
    # Not the real one: it would leave a mount behind when it fails.
    ended = run_script("echo level=info of no interest; echo failed to start daemon; exit 1")
    assert ended.returncode == 1
    assert "failed to start daemon" in ended.stderr
    assert "of no interest" not in ended.stderr
    assert "dockerd.log" in ended.stderr
    assert not (tmp_path / "started.pid").exists()


def test_no_engine_has_no_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert engine.version() is None
    assert engine.advice()
