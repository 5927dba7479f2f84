"""From an admin's keys to what shall be kept of them, or to what is wrong with each. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runtiles.catalogue import Catalogue, Edit, Entry, Kind, LiveCatalogue, Machine, Tile
from runtiles.contract.errors import Conflict, InvalidRequest
from runtiles.policy import SitePolicy
from runtiles.store.overrides import Override

from .findings import new_findings

#: Of each key: before and after, as JSON; before is null for a key that was not there.
Changes = dict[str, list[Any]]


@dataclass(frozen=True)
class Proposal:
    """`edits` replace the overrides of their entries; one without keys means that there is none."""

    edits: Sequence[Edit]
    after: Catalogue
    changes: Changes
    warnings: Sequence[str]


def propose(
    live: LiveCatalogue,
    overrides: Sequence[Override],
    policy: SitePolicy,
    entry: Entry,
    keys: Mapping[str, Any],
) -> Proposal:
    """These keys on top of what the panel says already of this entry, less those that only repeat the
    files. Raises InvalidRequest with an entry per bad key."""
    kind, slug = entry
    if keys.get("slug", slug) != slug:
        raise InvalidRequest({"slug": "cannot be changed: make another entry and remove this one"})
    given = {key: value for key, value in keys.items() if key != "slug"}
    known = {(o.kind, o.slug): Edit(o.kind, o.slug, o.data) for o in overrides}
    edits = _without_default(known, entry) if given.get("default") is True else {}
    data = {**(known[entry].data if entry in known else {}), **given}
    edits[entry] = Edit(kind, slug, data)
    after = _tried(live, {**known, **edits}, entry)
    edits[entry] = Edit(kind, slug, _beyond_files(live.files, after, entry, data))
    return Proposal(
        edits=list(edits.values()),
        after=after,
        changes=changes(live.current, after, entry),
        warnings=new_findings(live.current, after, policy),
    )


def propose_removal(
    live: LiveCatalogue, overrides: Sequence[Override], policy: SitePolicy, entry: Entry
) -> Proposal:
    """As the files have it; without a file, not at all. Raises Conflict where others need it."""
    known = {(o.kind, o.slug): Edit(o.kind, o.slug, o.data) for o in overrides}
    rest = [edit for other, edit in known.items() if other != entry]
    tried = live.trial(rest)
    broken = sorted(slug for kind, slug in tried.problems.keys() - live.problems.keys())
    if broken:
        raise Conflict(
            f"{', '.join(broken)} would no longer fit: see where it redirects to.",
            hint="Change that first.",
            details={"needed_by": broken},
        )
    return Proposal(
        edits=[Edit(*entry)],
        after=tried.catalogue,
        changes=changes(live.current, tried.catalogue, entry),
        warnings=new_findings(live.current, tried.catalogue, policy),
    )


def changes(before: Catalogue, after: Catalogue, entry: Entry) -> Changes:
    """Key by key; of an entry that comes or goes, the keys that say something."""
    old, new = _fields(before, entry), _fields(after, entry)
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return {key: [old.get(key), new.get(key)] for key in keys}


def find(catalogue: Catalogue, entry: Entry) -> Tile | Machine | None:
    kind, slug = entry
    found: Mapping[str, Tile | Machine] = catalogue.tiles if kind == "tile" else catalogue.machines
    return found.get(slug)


def _fields(catalogue: Catalogue, entry: Entry) -> dict[str, Any]:
    found = find(catalogue, entry)
    return found.model_dump(mode="json") if found else {}


def _tried(live: LiveCatalogue, edits: Mapping[Entry, Edit], entry: Entry) -> Catalogue:
    tried = live.trial(list(edits.values()))
    fields = tried.problems.get(entry)
    if fields:
        kind: Kind = entry[0]
        raise InvalidRequest({field or kind: text for field, text in fields.items()})
    return tried.catalogue


def _without_default(known: Mapping[Entry, Edit], entry: Entry) -> dict[Entry, Edit]:
    """There is one default machine: the panel's word for another one goes."""
    return {
        other: Edit(*other, {k: v for k, v in edit.data.items() if k != "default"})
        for other, edit in known.items()
        if other != entry and other[0] == entry[0] and edit.data.get("default")
    }


def _beyond_files(
    files: Catalogue, after: Catalogue, entry: Entry, data: Mapping[str, Any]
) -> dict[str, Any]:
    """The keys that differ from the files: what repeats them shall follow them when they change."""
    own, new = find(files, entry), find(after, entry)
    if own is None:
        return dict(data)
    return {key: value for key, value in data.items() if getattr(own, key) != getattr(new, key)}
