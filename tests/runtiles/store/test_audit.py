import pytest

from runtiles.store import Store


@pytest.fixture
def audited(store: Store) -> Store:
    for number in range(7):
        actor, action = ("root", "stop") if number % 2 else ("eve", "delete")
        store.audit.record(actor, action, f"runtime:ada/lab{number}", {"number": number})
    store.audit.record("root", "edit", "tile:100%_sure")
    return store


def test_entries_come_newest_first_by_pages(audited: Store) -> None:
    total, entries = audited.audit.page(limit=3)
    assert total == 8
    assert [entry.target for entry in entries] == [
        "tile:100%_sure",
        "runtime:ada/lab6",
        "runtime:ada/lab5",
    ]
    assert (entries[0].details, entries[1].details) == ({}, {"number": 6})
    assert entries[0].at >= entries[1].at > 0
    total, rest = audited.audit.page(offset=6, limit=50)
    assert (total, len(rest)) == (8, 2)
    assert audited.audit.page(offset=100) == (8, [])


def test_filters_match_as_they_say(audited: Store) -> None:
    assert audited.audit.page(actor="root")[0] == 4
    assert audited.audit.page(action="stop", actor="eve") == (0, [])
    assert audited.audit.page(target="lab3")[0] == 1
    assert audited.audit.page(target="runtime:ada/")[0] == 7
    assert audited.audit.page(actor="roo")[0] == 0


def test_a_target_is_no_pattern(audited: Store) -> None:
    assert audited.audit.page(target="%")[0] == 1
    assert audited.audit.page(target="_")[0] == 1
    assert audited.audit.page(target="lab_")[0] == 0
