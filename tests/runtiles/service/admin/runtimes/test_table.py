"""The panel's rows: found, sorted and cut."""

from typing import Any

import pytest

from runtiles.service.admin.runtimes.table import SORT, Question, Row, answer


def row(user: str, name: str, **fields: Any) -> Row:
    use = {"cpu": fields.pop("cpu", None), "memory": fields.pop("memory", None)}
    cost = {"so_far": fields.pop("cost", None)}
    plain = {"title": None, "description": None, "tile": "quick", "machine": "cpu-small"}
    more = {"image": "a/b:1", "state": "running", "started_at": None, "expires_at": None}
    return {"user": user, "name": name, **plain, **more, "use": use, "cost": cost, **fields}


ROWS = [
    row("bob", "lab", cpu=2.0, cost=1.5, started_at="2026-01-02T00:00:00Z"),
    row("ada", "Zoo", tile="gpu", machine="gpu-1", cpu=0.5, started_at="2026-01-03T00:00:00Z"),
    row("ada", "lab", title="The 100% thing", state="stopped"),
    row("eve", "lab", state="failed", description="Straße"),
]


def names(**asked: Any) -> list[str]:
    page = answer(ROWS, Question(**asked))
    return [f"{one['user']}/{one['name']}" for one in page.rows]


def test_the_newest_come_first_and_those_that_never_started_last() -> None:
    assert names() == ["ada/Zoo", "bob/lab", "ada/lab", "eve/lab"]


@pytest.mark.parametrize("key", SORT)
@pytest.mark.parametrize("descending", [True, False])
def test_every_key_sorts_all_rows_and_pages_never_overlap(key: str, descending: bool) -> None:
    asked = {"sort": key, "descending": descending}
    whole = names(**asked)
    assert sorted(whole) == ["ada/Zoo", "ada/lab", "bob/lab", "eve/lab"]
    assert [names(**asked, offset=i, limit=1)[0] for i in range(4)] == whole


def test_what_is_not_known_is_last_whichever_way() -> None:
    assert names(sort="cpu", descending=True) == ["bob/lab", "ada/Zoo", "ada/lab", "eve/lab"]
    assert names(sort="cpu", descending=False) == ["ada/Zoo", "bob/lab", "ada/lab", "eve/lab"]
    assert names(sort="cost")[0] == "bob/lab"


def test_case_does_not_matter_when_names_are_sorted() -> None:
    assert names(sort="name", descending=False)[-1] == "ada/Zoo"


def test_filters_are_exact_and_search_is_words() -> None:
    assert names(user="ada") == ["ada/Zoo", "ada/lab"]
    assert names(user="ad") == []
    assert names(tile="gpu") == names(machine="gpu-1") == ["ada/Zoo"]
    assert names(search=("100%", "ada")) == ["ada/lab"]
    assert names(search=("strasse",)) == ["eve/lab"]
    assert names(search=("ada", "bob")) == []


def test_counts_are_those_of_all_states_and_the_total_of_what_was_asked_for() -> None:
    page = answer(ROWS, Question(states=frozenset({"stopped", "failed"}), limit=1))
    assert page.total == 2
    assert page.counts == {"running": 2, "stopped": 1, "failed": 1}
    assert len(page.rows) == 1
    assert answer(ROWS, Question(user="eve")).counts == {"failed": 1}
