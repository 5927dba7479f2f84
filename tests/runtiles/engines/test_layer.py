"""What goes into a layer."""

import ast
import dataclasses
import json
import sys
from pathlib import Path

import pytest

from runtiles.contract.protocol import LABEL_PROTOCOL, LAYER_DIR, PROTOCOL_VERSION
from runtiles.engines import layer, layer_program
from runtiles.engines.base import Image
from runtiles.engines.layer import BUILD_DIR, Launcher, PackageSource, Recipe
from runtiles.engines.layer_probe import Python

ROOT = Path(__file__).resolve().parents[3]
IMAGE = Image("sha256:1234", "lab/x:1")


@pytest.fixture(scope="module")
def launcher() -> Launcher:
    return Launcher.installed()


def test_the_requirements_are_those_of_the_extra() -> None:
    tomllib = pytest.importorskip("tomllib")  # Python 3.11
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert list(layer.REQUIREMENTS) == project["optional-dependencies"]["server"]
    assert list(layer.COMMAND_LINE) == project["optional-dependencies"]["cli"]


def test_a_layer_carries_both_packages_and_nothing_else(launcher: Launcher) -> None:
    assert "runtiles_server/__init__.py" in launcher.files
    assert "runtiles/__init__.py" in launcher.files
    assert "runtiles/contract/protocol.py" in launcher.files
    folders = {name.split("/")[1] for name in launcher.files if name.startswith("runtiles/")}
    assert folders == {"__init__.py", "py.typed", "contract", "cli"}
    assert not [name for name in launcher.files if "__pycache__" in name]


def test_the_key_knows_what_the_layer_is_made_of(launcher: Launcher, tmp_path: Path) -> None:
    recipe = Recipe(IMAGE, launcher)
    changed = tmp_path / "__init__.py"
    changed.write_text("new = True\n")
    others = [
        dataclasses.replace(recipe, image=dataclasses.replace(IMAGE, id="sha256:5678")),
        dataclasses.replace(recipe, requirements=["jupyterlab>=5"]),
        dataclasses.replace(recipe, command_line=["typer>=1"]),
        dataclasses.replace(
            recipe, launcher=Launcher({**launcher.files, "runtiles/__init__.py": changed})
        ),
    ]
    assert len({recipe.key, *(other.key for other in others)}) == 5
    assert Recipe(dataclasses.replace(IMAGE, reference="lab/y:2"), launcher).key == recipe.key


def test_an_older_launcher_is_left_where_it_is(launcher: Launcher) -> None:
    assert Recipe(IMAGE, launcher).target == LAYER_DIR
    older = dataclasses.replace(IMAGE, labels={LABEL_PROTOCOL: "0"})
    recipe = Recipe(older, launcher)
    assert recipe.target == f"{LAYER_DIR}-{PROTOCOL_VERSION}"
    assert recipe.labels["org.runtiles.python"] == f"{recipe.target}/bin/python"


def test_the_command_needs_no_shell(launcher: Launcher) -> None:
    command = Recipe(IMAGE, launcher).command(Python("/usr/bin/python3", (3, 11, 2)))
    assert command[0] == "/usr/bin/python3"
    assert command[-1] == f"{BUILD_DIR}/options.json"


def test_where_packages_come_from(launcher: Launcher, tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"wheel")
    (tmp_path / "readme.txt").write_bytes(b"text")
    source = PackageSource(
        index="https://reader:sesame@index.example.org/simple",
        extra_indexes=("https://more.example.org/simple",),
        trusted_hosts=("more.example.org",),
        wheelhouse=tmp_path,
        ca_bundle=tmp_path / "ca.pem",
        environment={"https_proxy": "http://proxy.example.org"},
    )
    assert "sesame" not in repr(source)
    files = dict(Recipe(IMAGE, launcher).files(source, None))
    assert files["wheels/a.whl"] == tmp_path / "a.whl"
    assert "wheels/readme.txt" not in files
    assert files["ca.pem"] == tmp_path / "ca.pem"
    content = files["options.json"]
    assert isinstance(content, bytes)
    options = json.loads(content)
    assert options["environment"] == {"https_proxy": "http://proxy.example.org"}
    assert options["own_index"]
    arguments = options["pip_arguments"]
    assert arguments[:2] == ["--index-url", source.index]
    assert "--no-index" not in arguments
    assert PackageSource(wheelhouse=tmp_path).pip_arguments() == [
        "--find-links",
        "{here}/wheels",
        "--no-index",
    ]
    assert PackageSource().pip_arguments() == []


@pytest.mark.parametrize("folder", ["contract", "runtiles_server"])
def test_everything_in_it_is_python_3_8(launcher: Launcher, folder: str) -> None:
    sources = [path for name, path in launcher.files.items() if path.suffix == ".py"]
    for path in [*sources, Path(layer_program.__file__)]:
        ast.parse(path.read_text(), str(path), feature_version=(3, 8))


def test_the_program_imports_the_standard_library_only() -> None:
    tree = ast.parse(Path(layer_program.__file__).read_text())
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= set(sys.stdlib_module_names)
