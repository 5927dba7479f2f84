import pytest

from runtiles.contract.errors import NotFound
from runtiles.store import Store


def test_a_folder_belongs_to_who_uploaded_it(store: Store) -> None:
    size = 2**31 - 1
    record = store.contexts.add("c1", "ann", size=size, sha256="a" * 64)
    later = store.contexts.add("c2", "ann", size=5, sha256="b" * 64)
    assert store.contexts.get("ann", "c1") == record
    assert store.contexts.of_user("ann") == [record, later]
    with pytest.raises(NotFound):
        store.contexts.get("bob", "c1")
    assert store.contexts.of_user("bob") == []
    store.contexts.delete("c1")
    store.contexts.delete("c1")
    assert store.contexts.of_user("ann") == [later]
