"""From an admin's keys to what is kept, what is changed and what is told."""

from pathlib import Path
from typing import Any

import pytest

from runtiles.catalogue import Entry, LiveCatalogue
from runtiles.contract.errors import Conflict, InvalidRequest
from runtiles.policy import SitePolicy
from runtiles.service.admin.catalogue.proposal import Proposal, propose, propose_removal
from runtiles.store.overrides import Override

FILE = """
tiles:
  - {slug: one, title: One, image: 'a/one:1', environment: {A: '1'}}
  - {slug: old, title: Old, image: 'a/old:1', deprecated: true, redirect: one}
  - {slug: deep, title: Deep, image: 'a/deep:1', gpu: true}
machines:
  - {slug: small, title: Small, cpus: 1, memory: 1g, default: true}
  - {slug: gpu, title: GPU, cpus: 8, memory: 8g, gpus: 1}
"""
POLICY = SitePolicy(default_tile="one")
ONE: Entry = ("tile", "one")


class Kept(list[Override]):
    """The overrides of a store, in memory."""

    def all(self) -> list[Override]:
        return list(self)

    def stamp(self) -> object:
        return len(self)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def live(tmp_path: Path, kept: Kept) -> LiveCatalogue:
    (tmp_path / "tiles.yaml").write_text(FILE)
    return LiveCatalogue([tmp_path / "tiles.yaml"], kept)


def keep(live: LiveCatalogue, kept: Kept, entry: Entry, **data: Any) -> None:
    kept.append(Override(*entry, at=float(len(kept)), author="ann", data=data))
    live.refresh()


def put(live: LiveCatalogue, kept: Kept, entry: Entry, **keys: Any) -> Proposal:
    return propose(live, kept, POLICY, entry, keys)


def data_of(proposal: Proposal) -> dict[Entry, dict[str, Any]]:
    return {(edit.kind, edit.slug): dict(edit.data) for edit in proposal.edits}


def test_what_is_kept_and_what_changes(live: LiveCatalogue, kept: Kept) -> None:
    proposal = put(live, kept, ONE, title="Uno", time_limit="2h", hidden=False)
    assert data_of(proposal) == {ONE: {"title": "Uno", "time_limit": "2h"}}
    assert proposal.changes == {"title": ["One", "Uno"], "time_limit": [None, 7200]}
    assert proposal.warnings == []
    assert live.current.tile("one").title == "One"


def test_later_keys_are_added_and_what_repeats_the_file_is_dropped(
    live: LiveCatalogue, kept: Kept
) -> None:
    keep(live, kept, ONE, title="Uno", hidden=True)
    assert data_of(put(live, kept, ONE, icon="gpu")) == {
        ONE: {"title": "Uno", "hidden": True, "icon": "gpu"}
    }
    back = put(live, kept, ONE, title="One", hidden=False)
    assert data_of(back) == {ONE: {}}
    assert back.changes == {"title": ["Uno", "One"], "hidden": [True, False]}


def test_there_is_an_entry_for_each_bad_key(live: LiveCatalogue, kept: Kept) -> None:
    with pytest.raises(InvalidRequest) as refused:
        put(live, kept, ONE, imagee="x", title="", time_limit="soon", environment={"JPY_A": "b"})
    assert refused.value.fields.keys() == {"imagee", "title", "time_limit", "environment.JPY_A"}
    assert "Did you mean 'image'?" in refused.value.fields["imagee"]


@pytest.mark.parametrize(
    ("entry", "keys", "fields"),
    [
        (("tile", "new"), {}, {"title", "image"}),
        (("tile", "New Tile"), {"title": "N", "image": "a"}, {"slug"}),
        (("tile", "one"), {"slug": "two"}, {"slug"}),
        (("tile", "one"), {"redirect": "old"}, {"tile"}),
        (("tile", "one"), {"redirect": "old", "deprecated": True}, {"redirect"}),
        (("tile", "one"), {"redirect": "gone", "deprecated": True}, {"redirect"}),
        (("machine", "small"), {"cpus": "many", "gpus": -1}, {"cpus", "gpus"}),
        (("machine", "small"), {"gpu_models": ["A100"]}, {"machine"}),
    ],
)
def test_refused(
    live: LiveCatalogue, kept: Kept, entry: Entry, keys: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        propose(live, kept, POLICY, entry, keys)
    assert refused.value.fields.keys() == fields


def test_a_new_entry_is_kept_whole(live: LiveCatalogue, kept: Kept) -> None:
    new: Entry = ("machine", "large")
    proposal = put(live, kept, new, slug="large", title="Large", cpus=64, memory="512g")
    assert data_of(proposal) == {new: {"title": "Large", "cpus": 64, "memory": "512g"}}
    assert proposal.changes["memory"] == [None, 512 * 2**30]


def test_there_is_one_default_machine(live: LiveCatalogue, kept: Kept) -> None:
    gpu: Entry = ("machine", "gpu")
    first = put(live, kept, gpu, default=True)
    assert data_of(first) == {gpu: {"default": True}}
    assert "The machine 'gpu' becomes the default in place of 'small'." in first.warnings
    keep(live, kept, gpu, default=True, title="Gee")
    back = put(live, kept, ("machine", "small"), default=True)
    assert data_of(back) == {gpu: {"title": "Gee"}, ("machine", "small"): {}}
    assert back.after.default_machine().slug == "small"


@pytest.mark.parametrize(
    ("entry", "keys", "words"),
    [
        (ONE, {"enabled": False}, "The tile 'old' leads to 'one', which cannot be started"),
        (ONE, {"enabled": False}, "The site's default tile 'one' cannot be started"),
        (("machine", "gpu"), {"hidden": True}, "The tile 'deep' wants a GPU, and no machine"),
        (("machine", "small"), {"enabled": False}, "The default machine 'small' is not on offer"),
    ],
)
def test_what_is_hardly_meant_is_told(
    live: LiveCatalogue, kept: Kept, entry: Entry, keys: dict[str, Any], words: str
) -> None:
    warnings = propose(live, kept, POLICY, entry, keys).warnings
    assert any(text.startswith(words) for text in warnings), warnings


def test_what_was_odd_before_is_not_told_again(live: LiveCatalogue, kept: Kept) -> None:
    keep(live, kept, ONE, enabled=False)
    assert put(live, kept, ONE, title="Uno").warnings == []


def test_removing_leads_back_to_the_file(live: LiveCatalogue, kept: Kept) -> None:
    keep(live, kept, ONE, title="Uno")
    proposal = propose_removal(live, kept, POLICY, ONE)
    assert data_of(proposal) == {ONE: {}}
    assert proposal.changes == {"title": ["Uno", "One"]}


def test_what_others_lead_to_is_not_removed(live: LiveCatalogue, kept: Kept) -> None:
    keep(live, kept, ("tile", "new"), title="New", image="b/c:1")
    keep(live, kept, ("tile", "deep"), deprecated=True, redirect="new")
    with pytest.raises(Conflict) as refused:
        propose_removal(live, kept, POLICY, ("tile", "new"))
    assert refused.value.details == {"needed_by": ["deep"]}
