"""The page's pure functions about the end of a runtime, in Node.js."""

import os
import shutil
import subprocess
from pathlib import Path

from runtiles.service.web.assets import FOLDER
from tests.fixtures.node import ROOT, Npm

_MODULES = ("idle.js", "states.js", "format.js")


def test_what_is_said_of_an_end_and_asked_for(npm: Npm, tmp_path: Path) -> None:
    assert npm.command
    # A browser knows from the page that they are modules.
    (tmp_path / "package.json").write_text('{"type": "module"}')
    for name in _MODULES:
        shutil.copy(FOLDER / name, tmp_path)
    ran = subprocess.run(
        ["node", "--test", str(ROOT / "tests" / "node" / "idle_words.test.mjs")],
        env={**os.environ, "PAGE_MODULES": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
