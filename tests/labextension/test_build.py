"""What is committed as built is what the sources make."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from scripts.labextension import BUILT, DIGEST, ROOT, SOURCES, build, digest, source_files

from runtiles_server.places import SHARE_DIR
from tests.fixtures.node import Npm

ADVICE = "labextension/ has changed: `make labextension`, and commit what it makes"


#: The bundler numbers modules, and names files, by where on the disk it finds things.
HASH = re.compile(r"\b[0-9a-f]{16}\b")
WORD = re.compile(r"[A-Za-z_$]{3,}")


def contents(folder: Path) -> dict[str, Counter[str]]:
    """The words of each file, whatever their order: the same for the same sources in any checkout."""
    return {
        HASH.sub("", str(path.relative_to(folder))): Counter(
            WORD.findall(HASH.sub("", path.read_text(encoding="utf-8")))
        )
        for path in folder.rglob("*")
        if path.is_file() and path.name != DIGEST
    }


def test_the_built_extension_is_of_these_sources() -> None:
    assert (ROOT / BUILT / DIGEST).read_text().strip() == digest(), ADVICE


def test_the_server_finds_it_where_it_is_built() -> None:
    assert ROOT / BUILT == SHARE_DIR / "labextensions" / "runtiles"
    package = json.loads((ROOT / BUILT / "package.json").read_text())
    assert (ROOT / BUILT / package["jupyterlab"]["_build"]["load"]).is_file()


@pytest.mark.node
def test_a_build_gives_what_is_committed(npm: Npm) -> None:
    """With it, the checks and tests in TypeScript. The folder is kept: installing takes half a minute."""
    folder = ROOT / "build" / "labextension" / "labextension"
    for path in source_files():
        copy = folder / path.relative_to(SOURCES)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    wanted = {path.relative_to(SOURCES) for path in source_files()}
    for path in source_files(folder):
        if path.relative_to(folder) not in wanted:
            path.unlink()
    build(folder, npm.command)
    assert contents(folder.parent / BUILT) == contents(ROOT / BUILT), ADVICE
