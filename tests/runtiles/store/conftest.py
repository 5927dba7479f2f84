"""A store on a fresh SQLite file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtiles.store import Store, load_key


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/runtiles.sqlite"


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    opened = Store(url, load_key(tmp_path / "key"), keep_launches=3)
    yield opened
    opened.close()
