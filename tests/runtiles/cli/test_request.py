"""A request out of template, file, settings and options."""

from pathlib import Path
from typing import Any

import pytest

from runtiles.cli import request, templates
from runtiles.cli.errors import BadUsage
from runtiles.cli.names import NoSuchName
from runtiles.cli.request import Given, build, merge


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNTILES_CONFIG_DIR", str(tmp_path))
    return tmp_path


def test_nothing_said_is_nothing_asked() -> None:
    assert build(Given()) == {}


def test_options_of_their_own() -> None:
    given = Given(
        tile="t",
        name="n",
        machine="m",
        environment=["A=1=2", "HERE"],
        volumes=["data:/data", "models:/models:ro"],
        time_limit="2h",
        idle_timeout="30m",
        workspace="https://git.example/x.git",
        ref="1.10",
    )
    assert build(given, {"HERE": "value"}) == {
        "tile": "t",
        "name": "n",
        "machine": "m",
        "environment": {"A": "1=2", "HERE": "value"},
        "mounts": [
            {"source": "data", "target": "/data"},
            {"source": "models", "target": "/models", "read_only": True},
        ],
        "time_limit": "2h",
        "idle": {"timeout": "30m"},
        "workspace": {"url": "https://git.example/x.git", "ref": "1.10"},
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("machine=gpu-1", {"machine": "gpu-1"}),
        ("description=no", {"description": "no"}),
        ("description=a=b", {"description": "a=b"}),
        ("workspace.ref=1.10", {"workspace": {"ref": "1.10"}}),
        ("environment.DEBUG=true", {"environment": {"DEBUG": "true"}}),
        ("environment.a.b=1", {"environment": {"a.b": "1"}}),
        ("time_limit=3600", {"time_limit": 3600}),
        ("time_limit=2h", {"time_limit": "2h"}),
        ("idle.timeout=90", {"idle": {"timeout": 90}}),
        ('command=["python", "-m", "x"]', {"command": ["python", "-m", "x"]}),
        ("command=python -c 'a: b'", {"command": "python -c 'a: b'"}),
        ("mounts=[{source: a, target: /a}]", {"mounts": [{"source": "a", "target": "/a"}]}),
        ("registry.password=secret:pull", {"registry": {"password": "secret:pull"}}),
        ("image=", {"image": ""}),
    ],
)
def test_settings_have_the_type_that_the_field_has(text: str, expected: Any) -> None:
    assert build(Given(config=[text])) == expected


@pytest.mark.parametrize("text", ["machine", "=x", "a..b=1", "", "mounts=[", "idle.timeout={a"])
def test_settings_that_are_none(text: str) -> None:
    with pytest.raises(BadUsage):
        build(Given(config=[text]))


@pytest.mark.parametrize("volume", ["data", "data:", ":/x", "a:/b:rx", "a:/b:ro:x"])
def test_volumes_that_are_none(volume: str) -> None:
    with pytest.raises(BadUsage, match="--volume"):
        build(Given(volumes=[volume]))


def test_a_variable_that_is_not_there() -> None:
    with pytest.raises(BadUsage, match="there is no such variable here"):
        build(Given(environment=["NOT_SET"]), {})


def test_the_later_one_wins_key_by_key(folder: Path) -> None:
    templates.save("base", {"tile": "a", "environment": {"A": "1", "B": "1"}}, replace=False)
    file = folder / "run.yaml"
    file.write_text("profile: b\nenvironment: {B: '2', C: '2'}\nmounts: [x]\n")
    given = Given(template="base", config_file=file, config=["mounts=[y]"], environment=["C=3"])
    assert build(given) == {
        "tile": "a",
        "environment": {"A": "1", "B": "2", "C": "3"},
        "mounts": ["y"],
    }


def test_merging_changes_neither() -> None:
    below: dict[str, Any] = {"a": {"b": 1}}
    above = {"a": {"c": 2}}
    assert merge(below, above) == {"a": {"b": 1, "c": 2}}
    assert (below, above) == ({"a": {"b": 1}}, {"a": {"c": 2}})
    assert merge({"a": {"b": 1}}, {"a": None}) == {"a": None}


def test_templates_by_name_or_as_a_file(folder: Path) -> None:
    templates.save("train", {"tile": "t"}, replace=False)
    assert templates.load("tr") == {"tile": "t"}
    file = folder / "mine.yaml"
    file.write_text("tile: x")
    assert templates.load(str(file)) == {"tile": "x"}
    with pytest.raises(NoSuchName):
        templates.load("other")
    for bad in ("../x", "a b", "", "x" * 80):
        with pytest.raises(BadUsage):
            templates.save(bad, {}, replace=False)


@pytest.mark.parametrize("text", ["- a", "just text", "a: [", "a: !!python/object:os.system x", ""])
def test_a_file_without_keys_and_values(folder: Path, text: str) -> None:
    file = folder / "bad.yaml"
    file.write_text(text)
    with pytest.raises(BadUsage, match=r"bad\.yaml"):
        request.build(Given(config_file=file))
