"""The commands of those who manage a site."""

import csv
import io
import json

import pytest

from tests.runtiles.cli.conftest import Cli
from tests.runtiles.service.conftest import Person, ServiceHub


@pytest.fixture
def admins(cli: Cli, service: ServiceHub) -> Cli:
    token = service.hub.user("admin")
    return cli.exporting(RUNTILES_URL=service.hub.origin, RUNTILES_TOKEN=token)


def test_all_runtimes_page_by_page(admins: Cli, ann: Person) -> None:
    for name in ("one", "two"):
        ann.launch(tile="quick", name=name)
        ann.wait_for(name, "running")
    only = ("--user", ann.name)
    table = admins("admin", "runtimes", "list", *only, "--sort", "name", "--limit", "1")
    assert table.stdout.splitlines()[1].split()[:3] == [ann.name, "one", "quick"]
    assert "1 to 1 of 2." in table.stderr
    found = json.loads(admins("admin", "runtimes", "list", *only, "--json").stdout)
    assert found["total"] == 2
    text = admins("admin", "runtimes", "list", *only, "--csv", "--sort", "name").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["user"], row["name"]) for row in rows] == [(ann.name, "one"), (ann.name, "two")]


def test_the_same_for_several_with_a_result_for_each(admins: Cli, anns: Cli, ann: Person) -> None:
    ann.launch(tile="quick", name="one")
    ann.wait_for("one", "running")
    assert "--yes" in admins("admin", "act", "stop", f"{ann.name}/one", code=2).stderr
    assert "USER/NAME" in admins("admin", "act", "stop", "one", "--yes", code=2).stderr
    assert "no action" in admins("admin", "act", "explode", "a/b", "--yes", code=2).stderr
    words = ("--message", "Maintenance at noon", "--yes")
    done = admins("admin", "act", "stop", f"{ann.name}/one", f"{ann.name}/none", *words, code=1)
    assert f"{ann.name}/one: stop" in done.stderr
    assert f"{ann.name}/none: " in done.stderr
    ann.wait_for("one", "stopped")
    assert "Notice: Maintenance at noon" in anns("list").stderr
    assert "Maintenance at noon" in anns("notices", "--dismiss").stdout
    assert "There are no notices." in anns("notices").stderr
    assert "Notice" not in anns("list").stderr
    later = admins("admin", "act", "extend", f"{ann.name}/one", "--by", "2h", "--yes", code=1)
    assert "this one is stopped" in later.stderr


def test_a_drain_from_its_begin_to_its_end(admins: Cli, ann: Person, anns: Cli) -> None:
    ann.launch(tile="quick", name="one")
    ann.wait_for("one", "running")
    try:
        admins("admin", "drain", "start", "--message", "New disks", "--action", "stop", "--yes")
        refused = anns("start", "quick", code=1)
        assert "New disks" in refused.stderr
        ann.wait_for("one", "stopped")
        assert "New disks" in admins("admin", "drain", "status").stdout
    finally:
        admins("admin", "drain", "cancel")
    assert json.loads(admins("admin", "drain", "status", "--json").stdout)["state"] == "open"
    anns("start", "quick", "--detach")


def test_reports(admins: Cli, ann: Person) -> None:
    ann.launch(tile="quick", name="one")
    ann.wait_for("one", "running")
    admins("secrets", "set", "hf", "--user", ann.name, stdin="value")
    shown = admins("admin", "overview").stdout
    assert "Version" in shown
    assert "running" in shown
    usage = json.loads(admins("admin", "usage", "--by", "tile", "--json").stdout)
    assert "quick" in [item["key"] for item in usage["items"]]
    assert "quick" in admins("admin", "usage", "--by", "tile").stdout
    table = admins("admin", "usage", "--by", "runtime", "--csv").stdout
    assert "key,launches," in table
    assert f"{ann.name}/one,1," in table
    assert "hf" in admins("admin", "audit").stdout
    assert "value" not in admins("admin", "secrets").stdout
    assert "hf" in admins("admin", "secrets").stdout
    assert "There are no GPUs." in admins("admin", "gpus").stderr
    assert "gpus" in json.loads(admins("admin", "gpus", "--json").stdout)


def test_for_others_there_is_nothing_to_see(anns: Cli) -> None:
    for command in ("overview", "usage", "audit", "secrets", "gpus"):
        assert "admins" in anns("admin", command, code=1).stderr
    assert "admins" in anns("admin", "runtimes", "list", code=1).stderr
    assert "admins" in anns("admin", "drain", "start", "--yes", code=1).stderr
