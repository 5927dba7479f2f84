"""The catalogue of a running site."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runtiles.catalogue import Edit, LiveCatalogue
from runtiles.contract.errors import CatalogueError, ServiceUnavailable

FILE = "tiles:\n  - {slug: one, title: One, image: 'a/one:1'}\n"


@dataclass
class Edits:
    """Where changes are kept, in memory; counts how often it was asked."""

    kept: list[Edit] = field(default_factory=list)
    reads: int = 0
    looks: int = 0
    down: bool = False

    def all(self) -> Sequence[Edit]:
        self.reads += 1
        return list(self.kept)

    def stamp(self) -> object:
        self.looks += 1
        if self.down:
            raise ServiceUnavailable("The database failed.")
        return repr(self.kept)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "tiles.yaml"
    file.write_text(FILE)
    return file


def test_what_is_there_at_the_start_counts_at_once(path: Path) -> None:
    live = LiveCatalogue([path], Edits([Edit("tile", "one", {"title": "Uno"})]))
    assert live.current.tile("one").title == "Uno"
    assert live.files.tile("one").title == "One"


def test_a_change_counts_after_a_refresh_and_unread_ones_cost_a_look_only(path: Path) -> None:
    edits = Edits()
    live = LiveCatalogue([path], edits)
    live.refresh()
    assert (edits.looks, edits.reads) == (2, 1)
    edits.kept.append(Edit("tile", "one", {"title": "Uno"}))
    live.refresh(within=60)
    assert live.current.tile("one").title == "One"
    live.refresh()
    assert live.current.tile("one").title == "Uno"


async def test_many_who_ask_at_a_time_make_one_look(path: Path) -> None:
    edits = Edits()
    live = LiveCatalogue([path], edits)
    looks = edits.looks
    for _ in range(50):
        await live.fresh()
    assert edits.looks - looks <= 1


async def test_a_store_that_fails_leaves_the_last_known_changes(path: Path) -> None:
    edits = Edits([Edit("tile", "one", {"title": "Uno"})])
    live = LiveCatalogue([path], edits)
    edits.down = True
    assert (await live.fresh()).tile("one").title == "Uno"
    with pytest.raises(ServiceUnavailable):
        live.refresh()
    assert live.current.tile("one").title == "Uno"


def test_a_wrong_change_is_told_and_does_not_count(path: Path) -> None:
    live = LiveCatalogue([path], Edits([Edit("tile", "one", {"titel": "Uno"})]))
    assert live.current.tile("one").title == "One"
    assert list(live.problems) == [("tile", "one")]


def test_a_wrong_file_does_stop_the_start(path: Path) -> None:
    path.write_text(FILE.replace("title", "titel"))
    with pytest.raises(CatalogueError, match=r"tiles\.yaml:2"):
        LiveCatalogue([path])


def test_which_file_an_entry_is_from(path: Path, tmp_path: Path) -> None:
    later = tmp_path / "own.yaml"
    later.write_text("tiles:\n  - {slug: one, title: Mine}\n")
    live = LiveCatalogue([path, later], Edits([Edit("tile", "new", {"title": "N", "image": "a"})]))
    assert live.file_of(("tile", "one")) == "own.yaml"
    assert live.file_of(("tile", "new")) is None
    assert live.file_of(("machine", "one")) is None
