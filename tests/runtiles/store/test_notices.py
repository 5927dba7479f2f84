import pytest

from runtiles.contract.errors import NotFound
from runtiles.store import Store


def test_each_user_gets_a_notice_once_and_dismisses_only_their_own(store: Store) -> None:
    store.notices.send(["bob", "ann", "ann"], "Maintenance at noon.", author="root")
    store.notices.send(["ann"], "<b>Again</b>", author="root")
    store.notices.send([], "to nobody", author="root")
    first, second = store.notices.of_user("ann")
    assert (first.text, first.author, second.text) == (
        "Maintenance at noon.",
        "root",
        "<b>Again</b>",
    )
    with pytest.raises(NotFound):
        store.notices.dismiss("bob", first.id)
    store.notices.dismiss("ann", first.id)
    with pytest.raises(NotFound):
        store.notices.dismiss("ann", first.id)
    assert store.notices.of_user("ann") == [second]
    assert len(store.notices.of_user("bob")) == 1
