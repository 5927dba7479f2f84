"""A store on a fresh database: SQLite, and PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtiles.store import Store, load_key


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    opened = Store(store_url, load_key(tmp_path / "key"), keep_launches=3)
    yield opened
    opened.close()


@pytest.fixture
def url(store_url: str) -> str:
    return store_url
