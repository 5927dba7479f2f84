"""Promises of the project's own files: what one file says, the others keep."""

import re
import subprocess
import sys
from importlib import import_module, metadata
from pathlib import Path

import pytest

import runtiles
from runtiles.contract import protocol

ROOT = Path(__file__).resolve().parent.parent
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text()


def makefile_targets() -> set[str]:
    (phony,) = re.findall(r"^\.PHONY:(.*)$", read("Makefile"), re.MULTILINE)
    return set(phony.split())


def test_imports_go_downwards_only() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_version_is_in_one_place() -> None:
    assert 'dynamic = ["version"]' in read("pyproject.toml")
    assert f"## {runtiles.__version__}" in read("CHANGELOG.md")
    holders = [
        p for p in _python_files() if re.search(r"^__version__\b", p.read_text(), re.MULTILINE)
    ]
    assert holders == [ROOT / "spawner" / "runtiles" / "__init__.py"]


def test_the_readme_names_every_folder_and_only_these() -> None:
    table = re.findall(r"^\| `([\w./-]+)/` \|", read("README.md"), re.MULTILINE)
    assert table, "the table of folders is gone"
    assert [name for name in table if not (ROOT / name).is_dir()] == []
    tops = {name.split("/")[0] for name in table}
    assert {name for name in _tracked_folders() if not name.startswith(".")} == tops


def test_every_target_of_the_makefile_is_explained() -> None:
    explained = set(re.findall(r"^([a-z]+):.*## \S", read("Makefile"), re.MULTILINE))
    assert explained == makefile_targets()


def test_the_readme_and_contributing_name_every_target() -> None:
    text = read("README.md") + read("CONTRIBUTING.md")
    assert {t for t in makefile_targets() if f"make {t}" not in text} == set()


def test_docs_name_only_targets_that_exist() -> None:
    # In code only: in prose "make" is an English word.
    named = {
        name
        for page in DOCS
        for name in re.findall(r"(?:^|`)make ([a-z]+)\b", page.read_text(), re.MULTILINE)
    }
    assert named - makefile_targets() == set()


@pytest.mark.parametrize("page", DOCS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)", page.read_text())
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_every_page_of_the_docs_is_in_the_index() -> None:
    index = read("docs", "index.md")
    pages = {str(p.relative_to(ROOT / "docs")) for p in (ROOT / "docs").rglob("*.md")}
    assert {p for p in pages - {"index.md"} if f"({p})" not in index} == set()


@pytest.mark.parametrize("name", ["docker", "process"])
def test_every_setting_of_a_spawner_is_documented(name: str) -> None:
    (entry,) = metadata_entry_point(name)
    module, _, attribute = entry.partition(":")
    spawner = getattr(import_module(module), attribute)
    ours = [c for c in spawner.__mro__ if c.__module__.startswith("runtiles.")]
    reference = read("docs", "reference", "configuration.md")
    # By the name of the class that has it, or of one that is made from this class: both are heard.
    missing = {
        f"{cls.__name__}.{trait}"
        for cls in ours
        for trait, value in vars(cls).items()
        if trait in spawner.class_trait_names(config=True)
        and hasattr(value, "metadata")
        and not any(f"`{c.__name__}.{trait}`" in reference for c in ours if issubclass(c, cls))
    }
    assert missing == set()


def test_every_rule_of_the_policy_is_documented() -> None:
    policy = import_module("runtiles.policy").SitePolicy
    reference = read("docs", "reference", "configuration.md")
    assert {f for f in policy.model_fields if f"`{f}`" not in reference} == set()


def test_the_recipe_labels_its_images_as_the_contract_says() -> None:
    recipe = read("docker", "Dockerfile")
    label = (
        f'LABEL {protocol.LABEL_PROTOCOL}="{protocol.PROTOCOL_VERSION}"'
        f' {protocol.LABEL_PYTHON}="{protocol.LAYER_PYTHON}"'
    )
    images = re.findall(r"^FROM system AS (python|data-science)$", recipe, re.MULTILINE)
    assert recipe.count(label) == len(images) == 2
    assert f"EXPOSE {protocol.RUNTIME_PORT}" in recipe


def test_scripts_are_valid_shell() -> None:
    shell = [
        *(ROOT / "scripts").glob("*.sh"),
        *(ROOT / "docker").glob("*.sh"),
        ROOT / ".ci" / "run",
    ]
    for script in shell:
        interpreter = script.read_text().splitlines()[0].removeprefix("#!")
        subprocess.run([interpreter, "-n", script], check=True)


def metadata_entry_point(name: str) -> list[str]:
    """From pyproject.toml, so that a checkout on the path without an install is enough."""
    key = "runtiles" if name == "docker" else f"runtiles-{name}"
    found = re.findall(
        rf'^{key} = "(runtiles\.spawners[\w.:]+)"$', read("pyproject.toml"), re.MULTILINE
    )
    installed = metadata.entry_points(group="jupyterhub.spawners", name=key)
    assert [e.value for e in installed] in ([], found)
    return found


def _python_files() -> list[Path]:
    folders = ("spawner", "server_extension")
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


def _tracked_folders() -> set[str]:
    """Top-level folders that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.split("/")[0] for line in listed.stdout.splitlines() if "/" in line}
