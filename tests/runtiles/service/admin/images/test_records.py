"""What is remembered of images, by several threads at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from runtiles.catalogue import Catalogue
from runtiles.service.admin.images.records import ImageRecords
from runtiles.store import Store


def test_pulls_that_end_at_the_same_time_are_all_remembered(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/runtiles.sqlite")
    records = ImageRecords(store, lambda: Catalogue([], []))
    ids = {f"sha256:{number}" for number in range(30)}
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(records.pulled, ids))
    assert set(records.site().pulled) == ids
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(records.removed, ids))
    assert not records.site().pulled
    store.close()
