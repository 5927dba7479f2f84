"""What the panel's editor of tiles and machines sends, in Node.js."""

import os
import shutil
import subprocess
from pathlib import Path

from runtiles.service.web.assets import FOLDER
from tests.fixtures.node import ROOT, Npm


def test_what_the_editor_sends(npm: Npm, tmp_path: Path) -> None:
    assert npm.command
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(FOLDER / "admin-fields.js", tmp_path)
    ran = subprocess.run(
        ["node", "--test", str(ROOT / "tests" / "node" / "admin_fields.test.mjs")],
        env={**os.environ, "PAGE_MODULES": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
