"""A secret that the launch brought was promised to be in memory only: it is in no snapshot by itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtiles_server import state

SECRET = "canary-9f8e7d"
_SAVE = """
import ctypes, json, os, sys
from os import environ
from runtiles_server import state
os.environ["BESIDE"] = "kept"
os.environ["COPIED"] = os.environ["DB"]
os.environ["URL"] = "postgres://ada:" + os.environ["DB"] + "@db/x"
os.environ["CHANGED"] = "x" + os.environ["JUPYTERHUB_API_TOKEN"]
os.environ["DB"] = "another-" + os.environ["DB"]
if sys.argv[2] == "title":
    # As programs do that write their title there.
    words = open("/proc/self/stat").read().rpartition(")")[2].split()
    start, end = int(words[47]), int(words[48])
    ctypes.memset(start, 0, end - start)
state.save(sys.argv[1], {"environ": environ, "x": 1})
print(json.dumps(state.around.process.environment()))
"""


@pytest.mark.parametrize("how", ["plain", "title"])
def test_no_secret_of_the_launch_is_written(tmp_path: Path, how: str) -> None:
    environ = {
        **os.environ,
        "DB": SECRET,
        "JUPYTERHUB_API_TOKEN": f"{SECRET}-token",
        "RUNTILES_SECRET_NAMES": "DB",
    }
    command = [sys.executable, "-c", _SAVE, str(tmp_path / "snapshot"), how]
    output = subprocess.run(command, env=environ, check=True, capture_output=True).stdout
    written = b"".join(path.read_bytes() for path in (tmp_path / "snapshot").iterdir())
    assert SECRET.encode() not in written
    found = json.loads(output)
    if how == "plain":
        assert found["BESIDE"] == "kept"
    assert not {"COPIED", "URL", "CHANGED", "DB"} & found.keys()


def test_what_is_no_secret_is_carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTILES_SECRET_NAMES", "NOT_THERE EMPTY")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.setenv("MODE", "fast")
    assert state.around.process.environment()["MODE"] == "fast"
