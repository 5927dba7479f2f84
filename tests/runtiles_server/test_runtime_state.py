from pathlib import Path

import pytest

from runtiles_server import runtime_state
from runtiles_server.runtime_state import ENV_STATE_FILE, RuntimeState


def test_written_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "runtime.json"
    state = RuntimeState(runtime="gpu", workspace={"state": "cloned"}, notices=({"code": "x"},))
    runtime_state.write(state, path)
    monkeypatch.setenv(ENV_STATE_FILE, str(path))
    assert runtime_state.read() == state

    runtime_state.add_notices(state, [{"code": "y"}])
    assert [notice["code"] for notice in runtime_state.read().notices] == ["x", "y"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"notices": [], "unknown": 1}', "nul"])
def test_no_state_is_an_empty_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "runtime.json"
    path.write_text(content)
    assert runtime_state.read({ENV_STATE_FILE: str(path)}) == RuntimeState()
    assert runtime_state.read({}) == RuntimeState()
