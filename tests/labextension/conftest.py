from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.labextension.lab_server import LabServer


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[LabServer]:
    """A running JupyterLab with the extension as it is committed. Its log is printed if a test fails."""
    folder = tmp_path / "lab"
    folder.mkdir()
    server = LabServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.end()
        print(server.log[-20_000:])  # noqa: T201 - pytest shows it for a test that failed
