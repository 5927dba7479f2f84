"""The command line with the real engine: a runtime's whole life, and a folder as its workspace."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.integration.site import Person, Site

pytestmark = pytest.mark.engine
_TIMEOUT_S = 180


@dataclass(frozen=True)
class Cli:
    person: Person
    home: Path

    def __call__(self, *args: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        environment["RUNTILES_URL"] = self.person.site.hub.origin
        environment["RUNTILES_TOKEN"] = self.person.token
        done = subprocess.run(
            [sys.executable, "-m", "runtiles.cli", *args],
            input="",
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            cwd=self.home,
            env=environment,
        )
        assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done


@pytest.fixture
def cli(person: Person, tmp_path: Path) -> Iterator[Cli]:
    yield Cli(person, tmp_path)
    for runtime in json.loads(Cli(person, tmp_path)("list", "--json").stdout):
        Cli(person, tmp_path)("delete", runtime["name"], "--yes")


def test_a_runtimes_whole_life(cli: Cli, person: Person, site: Site) -> None:
    started = cli("start", "pla", "--name", "lab", "-e", "COLOUR=green", "--time-limit", "1h")
    address = f"{site.hub.origin}/user/{person.name}/lab/"
    assert started.stdout == f"{address}\n"
    assert "Starting the container…" in started.stderr
    assert person.server("api").status_code == 200
    assert "green" in person.python("import os; print(os.environ['COLOUR'])")

    (listed,) = json.loads(cli("list", "--json").stdout)
    assert (listed["name"], listed["state"]) == ("lab", "running")
    assert "lab,plain," in cli("list", "--csv").stdout
    shown = cli("show", "l").stdout
    assert address in shown
    assert "left)" in shown
    assert yaml.safe_load(cli("config", "lab").stdout)["environment"] == {"COLOUR": "green"}

    log = cli("logs", "lab", "--phase", "server").stdout
    assert "Jupyter Server" in log
    assert cli("logs", "lab", "--tail", "1").stdout.count("\n") == 1

    cli("stop", "lab")
    assert json.loads(cli("show", "lab", "--json").stdout)["state"] == "stopped"
    assert "Jupyter Server" in cli("logs", "lab").stdout
    person.nothing_left()
    again = cli("start", "lab", "--machine", "cpu-small")
    assert again.stdout == f"{address}\n"
    assert json.loads(cli("show", "lab", "--json").stdout)["machine"] == "cpu-small"
    assert "green" in person.python("import os; print(os.environ['COLOUR'])")
    cli("delete", "lab", "--yes")
    assert json.loads(cli("list", "--json").stdout) == []
    person.nothing_left()


def test_a_failed_launch_shows_its_last_words(cli: Cli) -> None:
    done = cli("start", "exits", code=1)
    assert "last words" in done.stderr
    assert "Exit code: 3." in done.stderr
    missing = cli("start", "missing", code=1)
    assert "Hint:" in missing.stderr


def test_a_folder_becomes_the_workspace(cli: Cli, person: Person) -> None:
    project = cli.home / "project"
    (project / "data").mkdir(parents=True)
    (project / "main.py").write_text("print('from the folder')\n")
    (project / "data" / "big.bin").write_text("stays here")
    (project / ".runtilesignore").write_text("data/\n")
    (project / "run.sh").write_text("#!/bin/sh\necho ran\n")
    (project / "run.sh").chmod(0o755)
    (cli.home / "extra.txt").write_text("also this")
    folder = ("--context", "project", "--include", "extra.txt")

    preview = cli("start", "plain", *folder, "--preview")
    assert "3 files" in preview.stderr
    done = cli("start", "plain", "--name", "lab", *folder)
    assert "Uploading 3 files" in done.stderr
    assert person.files() == ["extra.txt", "main.py", "run.sh"]
    assert "ran" in person.python("import subprocess; print(subprocess.getoutput('./run.sh'))")
    both = cli("start", "plain", *folder, "--workspace", "https://git.example/x.git", code=2)
    assert "leave its URL out" in both.stderr


def test_variables_outlive_their_container(cli: Cli, person: Person) -> None:
    cli("start", "plain", "--name", "lab")
    (cli.home / "set.py").write_text("a = [1]\nb = a\nlost = (n for n in a); next(lost)\n")
    (cli.home / "ask.py").write_text("b.append(2); print('again', a, a is b)\n")
    kept = cli("exec", "-r", "lab", "--keep", "set.py").stderr
    (kernel,) = json.loads(cli("kernels", "lab", "--json").stdout)
    assert kernel["id"] in kept
    names = [
        one["name"] for one in json.loads(cli("variables", "lab", "--json").stdout)["variables"]
    ]
    assert {"a", "b", "lost"} <= set(names)
    refused = cli("pause", "lab", code=1)
    assert "would be lost: lost (generator)" in refused.stderr
    assert json.loads(cli("show", "lab", "--json").stdout)["state"] == "running"

    done = cli("pause", "lab", "--yes")
    person.nothing_left()
    (snapshot,) = json.loads(cli("snapshots", "list", "--json").stdout)
    assert done.stdout == f"{snapshot['id']}\n"
    assert "lab is paused" in done.stderr
    assert "paused" in cli("list").stdout
    assert "lost (generator)" in cli("snapshots", "show", snapshot["id"][:6]).stdout

    assert "restored" in cli("resume", "lab").stderr
    assert (
        cli("exec", "-r", "lab", "--kernel", kernel["id"], "ask.py").stdout == "again [1, 2] True\n"
    )
