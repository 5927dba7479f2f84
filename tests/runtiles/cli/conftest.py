"""The command line as people use it: a process of its own, against a real Hub with the real service."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.runtiles.service.conftest import Person, ServiceHub, running_service

_TIMEOUT_S = 60


@dataclass(frozen=True)
class Cli:
    """`home` is the person's; `environment` what they have exported."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def exporting(self, **environment: str) -> "Cli":
        """The same person with more in the environment."""
        return replace(self, environment={**self.environment, **environment})

    def __call__(
        self, *args: str, stdin: str = "", code: int = 0
    ) -> "subprocess.CompletedProcess[str]":
        """Runs `runtiles ARGS` without a terminal; fails the test if it does not end with `code`."""
        done = subprocess.run(
            self.argv(*args),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            cwd=self.home,
            env=self.env(),
        )
        said = f"runtiles {' '.join(args)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == code, said
        assert "Traceback" not in done.stderr, said
        return done

    @contextmanager
    def running(self, *args: str) -> "Iterator[subprocess.Popen[str]]":
        """The same while it runs; ended at the end of the block."""
        with subprocess.Popen(
            self.argv(*args),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.home,
            env=self.env(),
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def argv(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "runtiles.cli", *args]

    def env(self, **more: str) -> dict[str, str]:
        """Nothing of the machine's own but the path."""
        base = {"PATH": os.environ["PATH"], "HOME": str(self.home), "COLUMNS": "200"}
        return {**base, "LC_ALL": "C.UTF-8", **self.environment, **more}


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    with running_service(tmp_path_factory.mktemp("cli")) as running:
        yield running


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Somebody who never logged in."""
    return Cli(tmp_path)


@pytest.fixture
def anns(ann: Person, tmp_path: Path) -> Cli:
    """Ann's command line."""
    return Cli(tmp_path, {"RUNTILES_URL": ann.service.hub.origin, "RUNTILES_TOKEN": ann.token})
