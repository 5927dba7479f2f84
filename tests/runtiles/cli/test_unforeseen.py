"""A service that goes away in the middle, and errors that nobody thought of."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.runtiles.cli.conftest import Cli
from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    with running_service(tmp_path_factory.mktemp("fragile")) as running:
        yield running


@pytest.fixture
def eve(fragile: ServiceHub) -> Iterator[Person]:
    with person(fragile, "eve") as found:
        yield found


@pytest.fixture
def eves(eve: Person, tmp_path: Path) -> Cli:
    return Cli(tmp_path, {"RUNTILES_URL": eve.service.hub.origin, "RUNTILES_TOKEN": eve.token})


def kill_service(service: ServiceHub) -> None:
    """Without a word; the Hub starts it again after a while."""
    mark = f":{service.port}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes().split(b"\0")
            if b"runtiles.service" in command and mark in (process / "environ").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)


def test_a_launch_is_followed_while_the_service_is_killed(eves: Cli, eve: Person) -> None:
    # Past the Hub's proxy, which would not tell for a while that nobody is behind it any more.
    direct = eves.exporting(RUNTILES_URL=f"http://127.0.0.1:{eve.service.port}")
    with direct.running("start", "gated") as started:
        assert started.stderr is not None
        assert any("50 %" in line for line in started.stderr)
        kill_service(eve.service)
        eve.open_gate()
        printed, said = started.communicate(timeout=60)
    assert started.returncode == 0, said
    assert printed.endswith("/user/eve/gated/\n")
    assert "Traceback" not in said


def test_without_the_service_it_says_so(eves: Cli, eve: Person) -> None:
    eve.service.hub.stop()
    done = eves("list", code=1)
    assert "cannot be reached" in done.stderr
    eve.service.hub.start()
    eve.service.hub.wait_for("/services/runtiles/api")
    eves("list")


def test_an_unforeseen_error_is_a_line_and_not_a_trace(cli: Cli) -> None:
    (cli.home / "sitecustomize.py").write_text(
        "import runtiles.cli.session as s\ndef boom(*a, **k): raise RuntimeError('odd \\x1b[2J')\n"
        "s.current = boom\n"
    )
    done = cli.exporting(PYTHONPATH=str(cli.home))("list", code=1)
    assert done.stderr.startswith("Error: unforeseen trouble: RuntimeError: odd \n")
    assert "RUNTILES_DEBUG=1" in done.stderr
