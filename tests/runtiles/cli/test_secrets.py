"""A secret's value is typed, piped or read from a file, and appears nowhere else."""

import json
import stat
from pathlib import Path

from tests.fixtures.hub import wait_until
from tests.runtiles.cli.conftest import Cli
from tests.runtiles.service.conftest import Person


def test_a_piped_value_is_stored_without_its_line_end(anns: Cli, ann: Person) -> None:
    done = anns("secrets", "set", "hf", stdin="s3cret-value\n")
    assert "secret:hf" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr
    assert ann.service.store.secrets.get(ann.name, "hf") == "s3cret-value"
    assert [one["name"] for one in json.loads(anns("secrets", "list", "--json").stdout)] == ["hf"]
    assert "hf" in anns("secrets", "list").stdout
    assert "--yes" in anns("secrets", "delete", "hf", code=2).stderr
    anns("secrets", "delete", "hf", "--yes")
    assert "There are no secrets" in anns("secrets", "list").stderr
    assert "no secret" in anns("secrets", "delete", "hf", "--yes", code=1).stderr


def test_a_file_is_taken_as_it_is(anns: Cli, ann: Person) -> None:
    (anns.home / "key").write_text("line one\nline two\n")
    anns("secrets", "set", "key", "--file", "key")
    assert ann.service.store.secrets.get(ann.name, "key") == "line one\nline two\n"
    assert "cannot be read" in anns("secrets", "set", "key", "--file", "none", code=2).stderr
    assert "is empty" in anns("secrets", "set", "key", stdin="", code=2).stderr


def test_a_value_as_an_argument_is_refused_and_not_repeated(anns: Cli) -> None:
    done = anns("secrets", "set", "hf", "s3cret-value", code=2)
    assert "A value is no argument" in done.stderr
    assert "s3cret-value" not in done.stdout + done.stderr


def test_a_typed_password_is_refused_in_config(anns: Cli) -> None:
    done = anns("start", "quick", "--config", "workspace.password=s3cret", code=2)
    assert "secret:NAME" in done.stderr
    assert "s3cret" not in done.stderr


def test_no_process_shows_the_value_while_it_is_asked_for(anns: Cli) -> None:
    with anns.running("secrets", "set", "hf") as process:
        where = Path("/proc") / str(process.pid)
        wait_until(lambda: b"secrets" in (where / "cmdline").read_bytes(), 60, "the command line")
        printed, said = process.communicate("s3cret-value", timeout=60)
        assert "s3cret" not in printed + said


def test_a_template_is_for_its_owner_only(cli: Cli) -> None:
    (cli.home / "t.yaml").write_text("tile: quick\nregistry: {password: s3cret}\n")
    cli("templates", "save", "mine", "t.yaml")
    file = cli.home / ".config" / "runtiles" / "templates" / "mine.yaml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "s3cret" in cli("templates", "show", "mine").stdout
