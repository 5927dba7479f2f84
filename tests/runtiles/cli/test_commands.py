"""What the commands do at a real site, and how they end."""

import csv
import io
import json
import subprocess

import yaml

from tests.runtiles.cli.conftest import Cli
from tests.runtiles.service.conftest import Person, ServiceHub


def running(anns: Cli, ann: Person, *names: str, tile: str = "quick") -> None:
    for name in names:
        anns("start", tile, "--name", name, "--detach")
    for name in names:
        ann.wait_for(name, "running")


def test_start_shows_the_launch_and_prints_the_address_alone(anns: Cli, ann: Person) -> None:
    done = anns("start", "quick", "--name", "lab", "--description", "Mine")
    assert done.stdout == f"{ann.service.hub.origin}/user/{ann.name}/lab/\n"
    assert "Creating the container" in done.stderr
    assert ann.api.get("/runtimes/lab").json()["description"] == "Mine"


def test_start_detached_prints_the_name_and_how_to_follow(anns: Cli, ann: Person) -> None:
    done = anns("start", "gated", "--detach")
    assert done.stdout == "gated\n"
    assert "runtiles logs -f gated" in done.stderr
    assert ann.state("gated") == "starting"
    with anns.running("open", "gated") as opened:
        assert opened.stderr is not None
        assert any("50 %" in line for line in opened.stderr)
        ann.open_gate()
        printed, _said = opened.communicate(timeout=60)
    assert printed == f"{ann.service.hub.origin}/user/{ann.name}/gated/\n"


def test_a_failed_launch_ends_with_its_reason(anns: Cli) -> None:
    done = anns("start", "broken", code=1)
    assert done.stdout == ""
    assert "There is no such image." in done.stderr
    assert "Hint: Try another one." in done.stderr


def test_any_beginning_of_a_name_will_do(anns: Cli, ann: Person) -> None:
    running(anns, ann, "training", "trial")
    assert json.loads(anns("show", "trai", "--json").stdout)["name"] == "training"
    several = anns("show", "tr", code=1)
    assert "'tr' fits several runtimes: training, trial." in several.stderr
    anns("stop", "tria")
    assert json.loads(anns("show", "trial", "--json").stdout)["state"] == "stopped"


def test_a_tile_by_the_beginning_of_its_name(anns: Cli) -> None:
    assert anns("start", "qui", "-d", "--no-browser").stdout == "quick\n"


def test_what_was_meant(anns: Cli, ann: Person) -> None:
    running(anns, ann, "training")
    assert "Did you mean 'quick'?" in anns("start", "quikc", code=2).stderr
    assert "Did you mean" in anns("start", "quick", "--machine", "cpu-smoll", code=2).stderr
    assert "Did you mean 'training'?" in anns("show", "trainign", code=1).stderr
    assert "'list'" in anns("lits", code=2).stderr
    assert "--json" in anns("list", "--jsn", code=2).stderr
    assert "Did you mean 'state'?" in anns("list", "--sort", "stat", code=2).stderr


def test_every_bad_field_is_named(anns: Cli) -> None:
    done = anns("start", "quick", "--time-limit", "soon", "--config", "colour=red", code=2)
    assert "time_limit: must be a duration" in done.stderr
    assert "colour:" in done.stderr


def test_list_as_table_json_and_csv(anns: Cli, ann: Person) -> None:
    assert "There are no runtimes." in anns("list").stderr
    running(anns, ann, "a", "b")
    lines = anns("list").stdout.splitlines()
    assert lines[0].split()[:4] == ["NAME", "TILE", "MACHINE", "STATE"]
    assert [line.split()[0] for line in lines[1:]] == ["a", "b"]
    found = json.loads(anns("list", "--json", "--sort", "-name").stdout)
    assert [one["name"] for one in found] == ["b", "a"]
    assert "last_error" in found[0]
    rows = list(csv.DictReader(io.StringIO(anns("list", "--csv").stdout)))
    assert [(row["name"], row["state"]) for row in rows] == [("a", "running"), ("b", "running")]
    assert anns("list", "-q", "--state", "running").stdout == "a\nb\n"
    assert "exclude" in anns("list", "--csv", "--json", code=2).stderr


def test_a_state_that_nobody_knows_is_no_empty_list(anns: Cli, ann: Person) -> None:
    assert "Did you mean 'running'?" in anns("list", "--state", "runing", code=2).stderr
    running(anns, ann, "a")
    done = anns("list", "--state", "failed")
    assert (done.stdout, done.stderr) == ("", "No runtime is in such a state.\n")


def test_a_stopped_runtime_starts_on_a_machine_by_the_beginning_of_its_name(
    anns: Cli, ann: Person
) -> None:
    running(anns, ann, "lab")
    anns("stop", "lab")
    anns("start", "lab", "--machine", "cpu-l", "--detach")
    assert ann.api.get("/runtimes/lab").json()["machine"] == "cpu-large"


def test_show_says_what_is_known(anns: Cli, ann: Person) -> None:
    running(anns, ann, "lab")
    shown = anns("show", "lab").stdout
    assert f"Address      {ann.service.hub.origin}/user/{ann.name}/lab/" in shown
    assert "State        running" in shown


def test_logs(anns: Cli, ann: Person) -> None:
    running(anns, ann, "lab")
    printed = anns("logs", "lab").stdout
    assert "first line\nsecond line\n" in printed
    assert "##runtiles##" not in printed
    assert anns("logs", "lab", "--tail", "1").stdout == "second line\n"
    assert "Did you mean 'pull'?" in anns("logs", "lab", "--phase", "pul", code=2).stderr
    anns("stop", "lab")
    assert "second line" in anns("logs", "lab").stdout
    assert "once only" in anns("logs", "lab", "--previous", code=1).stderr
    anns("start", "lab", "--detach")
    ann.wait_for("lab", "running")
    assert "second line" in anns("logs", "lab", "--previous", "--tail", "5").stdout


def test_stop_start_again_and_delete(anns: Cli, ann: Person) -> None:
    running(anns, ann, "one", "two")
    anns("stop", "one", "two")
    assert "is stopped" in anns("open", "one", code=1).stderr
    anns("start", "--name", "one", "--detach")
    ann.wait_for("one", "running")
    # Its name alone does, too, where no tile is called so.
    anns("start", "two", "--machine", "cpu-small", "-d")
    ann.wait_for("two", "running")
    assert ann.api.get("/runtimes/two").json()["tile"] == "quick"
    assert "--yes" in anns("delete", "one", code=2).stderr
    anns("delete", "one", "two", "--yes")
    assert ann.api.get("/runtimes").json() == []


def test_nothing_is_stopped_if_one_of_the_names_is_wrong(anns: Cli, ann: Person) -> None:
    running(anns, ann, "one")
    assert "There is no runtime 'other'." in anns("stop", "one", "other", code=1).stderr
    assert ann.state("one") == "running"


def test_a_name_that_runs_already_is_a_conflict(anns: Cli, ann: Person) -> None:
    running(anns, ann, "one")
    done = anns("start", "quick", "--name", "one", code=1)
    assert "running" in done.stderr
    assert "Hint: Stop it first." in done.stderr


def test_a_runtime_is_frozen_and_goes_on(anns: Cli, ann: Person) -> None:
    running(anns, ann, "one", "two")
    assert anns("freeze", "one", "two").stderr == "one is frozen.\ntwo is frozen.\n"
    assert "frozen" in anns("list").stdout
    assert anns("thaw", "tw").stderr == "two is running.\n"
    assert anns("list", "-q", "--state", "frozen").stdout == "one\n"
    anns("stop", "one")
    assert "running" in anns("freeze", "one", code=1).stderr


def test_extend_checks_what_it_can(anns: Cli, ann: Person) -> None:
    running(anns, ann, "one")
    assert "is not a duration" in anns("extend", "one", "long", code=2).stderr
    assert "no time limit" in anns("extend", "one", "2h", code=1).stderr


def test_preview_and_config_show_the_merged_request_and_start_nothing(
    anns: Cli, ann: Person
) -> None:
    options = ["--machine", "cpu-small", "-e", "COLOUR=red", "--time-limit", "2h"]
    plan = yaml.safe_load(anns("start", "quick", "--preview", *options).stdout)
    assert (plan["name"], plan["machine"]) == ("quick", "cpu-small")
    assert plan["environment"] == {"COLOUR": "red"}
    assert plan["time_limit"] == 7200
    same = anns("config", "--tile", "quick", "--config", "environment.COLOUR=red").stdout
    assert yaml.safe_load(same)["environment"] == {"COLOUR": "red"}
    assert ann.api.get("/runtimes").json() == []


def test_config_shows_what_a_runtime_has(anns: Cli, ann: Person) -> None:
    anns("start", "quick", "--name", "lab", "-e", "COLOUR=red", "--detach")
    shown = yaml.safe_load(anns("config", "la").stdout)
    assert shown["environment"] == {"COLOUR": "red"}
    assert json.loads(anns("config", "lab", "--json").stdout)["name"] == "lab"
    assert "not both" in anns("config", "lab", "--tile", "quick", code=2).stderr


def test_file_template_and_options_are_merged_in_order(anns: Cli, ann: Person) -> None:
    template = "tile: broken\nmachine: cpu-small\nenvironment: {A: template, B: template, C: x}\n"
    (anns.home / "base.yaml").write_text(template)
    anns("templates", "save", "base", "base.yaml")
    assert "already" in anns("templates", "save", "base", "base.yaml", code=1).stderr
    assert anns("templates", "list").stdout == "base\n"
    (anns.home / "run.json").write_text('{"tile": "quick", "environment": {"B": "file", "D": "y"}}')
    plan = yaml.safe_load(
        anns(
            *("start", "--template", "ba", "--config-file", "run.json", "--preview"),
            *("--config", "environment.C=1.10", "--env", "D=option"),
        ).stdout
    )
    assert (plan["tile"], plan["machine"]) == ("quick", "cpu-small")
    assert plan["environment"] == {"A": "template", "B": "file", "C": "1.10", "D": "option"}
    anns("templates", "delete", "base", "--yes")
    assert (
        "There is no template 'base'."
        in anns("start", "--template", "base", "--preview", code=1).stderr
    )


def test_a_file_that_is_wrong_is_explained_with_its_line(anns: Cli) -> None:
    (anns.home / "bad.yaml").write_text("tile: quick\ntile: broken\n")
    done = anns("start", "--config-file", "bad.yaml", code=2)
    assert "bad.yaml, line 2: the key 'tile' is there twice." in done.stderr
    assert "cannot be read" in anns("start", "-c", "none.yaml", code=2).stderr


def test_tiles_and_machines(anns: Cli) -> None:
    tiles = anns("tiles").stdout
    assert "Quick start" in tiles
    assert "hidden" not in tiles
    slugs = [one["slug"] for one in json.loads(anns("machines", "--json").stdout)]
    assert "cpu-small" in slugs
    assert "cpu-small" in anns("machines").stdout


def test_rename_gives_another_title(anns: Cli, ann: Person) -> None:
    running(anns, ann, "lab")
    anns("rename", "lab", "The <b>best</b> one")
    assert json.loads(anns("show", "lab", "--json").stdout)["title"] == "The <b>best</b> one"


def test_everybodys_runtimes_are_for_those_who_may(
    anns: Cli, ann: Person, service: ServiceHub
) -> None:
    running(anns, ann, "lab")
    anns("list", "--all", code=1)
    admins = anns.exporting(RUNTILES_TOKEN=service.hub.user("admin"))
    found = json.loads(admins("list", "--all", "--json").stdout)
    assert (ann.name, "lab") in [(one["user"], one["name"]) for one in found]
    assert admins("list", "-q", "--user", ann.name).stdout == "lab\n"
    admins("stop", "lab", "--user", ann.name)
    assert ann.state("lab") == "stopped"


def test_datasets_are_for_later(anns: Cli) -> None:
    anns("datasets", code=1)


def test_completion_offers_commands_and_names(anns: Cli, ann: Person) -> None:
    running(anns, ann, "training")
    script = anns("completion", "bash").stdout
    assert "_RUNTILES_COMPLETE" in script
    assert "There is no completion" in anns("completion", "tcsh", code=2).stderr
    asked = {"_RUNTILES_COMPLETE": "complete_bash", "COMP_CWORD": "2"}
    offered = anns.exporting(COMP_WORDS="runtiles stop tr", **asked)().stdout
    assert "training" in offered


def test_a_pipe_that_closes_is_no_accident(anns: Cli) -> None:
    argv = " ".join(anns.argv("machines", "--json"))
    done = subprocess.run(
        ["sh", "-c", f"{argv} | head -c 1"], env=anns.env(), capture_output=True, text=True
    )
    assert done.stdout == "["
    assert "Traceback" not in done.stderr
