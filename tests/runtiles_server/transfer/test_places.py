"""Where variables lie while they are on their way."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_events import EventLogger

from runtiles_server.runtime import Runtime
from runtiles_server.runtime_state import RuntimeState
from runtiles_server.transfer import places


@pytest.mark.parametrize(("key", "shared"), [("5a" * 32, True), ("", False), ("no hex", False)])
def test_on_a_storage_that_others_see_only_what_is_signed(
    tmp_path: Path, key: str, shared: bool
) -> None:
    keys, storage = tmp_path / "keys", tmp_path / "storage"
    keys.write_text(json.dumps({"snapshot": key, "control": ""}))
    storage.mkdir()
    server = SimpleNamespace(event_logger=EventLogger())
    runtime = Runtime(server, RuntimeState(storage=str(storage), keys_file=str(keys)))
    try:
        assert (storage in places.root(runtime).parents) is shared
    finally:
        runtime._folder.cleanup()
