"""The panel's tiles and machines: what there is, what it would be, and saving it. Blocks: call it in a
thread."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runtiles.catalogue import Edit, Entry, Kind, LiveCatalogue
from runtiles.contract.errors import Conflict, NotFound
from runtiles.policy import SitePolicy
from runtiles.service.runtimes.view import iso
from runtiles.store import Store
from runtiles.store.audit import Deed
from runtiles.store.overrides import Override

from .masking import masked
from .proposal import Proposal, find, propose, propose_removal

#: The version of an entry that the panel has not changed.
_FILE_VERSION = "file"


@dataclass(frozen=True)
class CatalogueAdmin:
    """Every change is tried by the rules of the files first, written down in the audit log, and
    effective in this process when the call returns, in the Hub within a second.

    `version` is what the caller saw last of the entry; another one by now raises Conflict.
    """

    catalogue: LiveCatalogue
    store: Store
    policy: SitePolicy
    #: One change at a time: it is tried against what is there.
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def entries(self, kind: Kind) -> dict[str, Any]:
        """All of them in the order of the gallery, and the overrides that do not count."""
        overrides = self._overrides()
        current = self.catalogue.current
        slugs = current.tiles if kind == "tile" else current.machines
        problems = {slug: p for (k, slug), p in self.catalogue.problems.items() if k == kind}
        ignored = [
            {
                "slug": slug,
                "problem": _text(found),
                "version": _version(overrides.get((kind, slug))),
            }
            for slug, found in problems.items()
        ]
        items = [self._item((kind, slug), overrides) for slug in slugs]
        return {"items": items, "ignored": ignored}

    def show(self, kind: Kind, slug: str) -> dict[str, Any]:
        """Raises NotFound."""
        return self._item(self._existing(kind, slug), self._overrides())

    def preview(self, kind: Kind, slug: str, keys: Mapping[str, Any]) -> dict[str, Any]:
        """What `save` would do; raises the same errors, apart from Conflict."""
        overrides = self._overrides()
        return self._told((kind, slug), self._propose(kind, slug, keys, overrides), overrides)

    def save(
        self,
        kind: Kind,
        slug: str,
        keys: Mapping[str, Any],
        *,
        actor: str,
        version: str | None = None,
    ) -> dict[str, Any]:
        """Raises InvalidRequest with an entry per bad key, Conflict."""
        with self._lock:
            overrides = self._overrides()
            _check_version(overrides.get((kind, slug)), version)
            existed = find(self.catalogue.current, (kind, slug)) is not None
            proposal = self._propose(kind, slug, keys, overrides)
            verb = "edit" if existed else "create"
            self._write((kind, slug), proposal, overrides, actor, verb)
            return self._told((kind, slug), proposal, self._overrides())

    def drop(self, kind: Kind, slug: str, *, actor: str, version: str | None = None) -> None:
        """Back to the files; what no file has is gone. Raises NotFound, Conflict."""
        with self._lock:
            overrides = self._overrides()
            entry = (kind, slug)
            if entry not in overrides:
                self._existing(kind, slug)
                raise NotFound(f"The panel has changed nothing of the {kind} {slug!r}.")
            _check_version(overrides[entry], version)
            proposal = propose_removal(self.catalogue, list(overrides.values()), self.policy, entry)
            verb = "reset" if find(self.catalogue.files, entry) else "delete"
            self._write(entry, proposal, overrides, actor, verb)

    def _propose(
        self,
        kind: Kind,
        slug: str,
        keys: Mapping[str, Any],
        overrides: Mapping[Entry, Override],
    ) -> Proposal:
        known = list(overrides.values())
        return propose(self.catalogue, known, self.policy, (kind, slug), keys)

    def _overrides(self) -> dict[Entry, Override]:
        self.catalogue.refresh()
        return {(o.kind, o.slug): o for o in self.store.overrides.all()}

    def _existing(self, kind: Kind, slug: str) -> Entry:
        current = self.catalogue.current
        current.tile(slug) if kind == "tile" else current.machine(slug)
        return kind, slug

    def _write(
        self,
        entry: Entry,
        proposal: Proposal,
        overrides: Mapping[Entry, Override],
        actor: str,
        verb: str,
    ) -> None:
        if not proposal.changes and not _differs(proposal.edits, overrides):
            return
        edits = {(edit.kind, edit.slug): edit.data for edit in proposal.edits}
        kind, slug = entry
        details = {"changes": _masked(proposal.changes)}
        deed = Deed(f"{kind}.{verb}", f"{kind}:{slug}", details)
        self.store.overrides.replace(edits, author=actor, deed=deed)
        self.catalogue.refresh()

    def _told(
        self, entry: Entry, proposal: Proposal, overrides: Mapping[Entry, Override]
    ) -> dict[str, Any]:
        found = find(proposal.after, entry)
        own = next(edit for edit in proposal.edits if (edit.kind, edit.slug) == entry)
        about = self._about(entry, overrides)
        origin = {"source": _source(about["file"], own), "overridden": sorted(own.data)}
        item = {**(found.model_dump(mode="json") if found else {}), **about, **origin}
        return {
            "item": {**item, "problem": None},
            "changes": proposal.changes,
            "warnings": list(proposal.warnings),
        }

    def _item(self, entry: Entry, overrides: Mapping[Entry, Override]) -> dict[str, Any]:
        found = find(self.catalogue.current, entry)
        return {
            **(found.model_dump(mode="json") if found else {}),
            **self._about(entry, overrides),
        }

    def _about(self, entry: Entry, overrides: Mapping[Entry, Override]) -> dict[str, Any]:
        """Where an entry comes from, and who changed it last."""
        override, file = overrides.get(entry), self.catalogue.file_of(entry)
        problems = self.catalogue.problems.get(entry)
        return {
            "source": _source(file, override),
            "file": file,
            "overridden": sorted(override.data) if override else [],
            "version": _version(override),
            "updated": iso(override.at) if override else None,
            "updated_by": override.author if override else None,
            "problem": _text(problems) if problems else None,
        }


def _source(file: str | None, override: Override | Edit | None) -> str:
    if file is None:
        return "panel"
    return "both" if override and override.data else "file"


def _version(override: Override | None) -> str:
    return repr(override.at) if override else _FILE_VERSION


def _check_version(override: Override | None, version: str | None) -> None:
    if version is not None and version != _version(override):
        who = f" by {override.author}" if override else ""
        raise Conflict(
            f"This was changed{who} since you read it.",
            hint="Read it again, and make your change on top of theirs.",
            details={"version": _version(override)},
        )


def _differs(edits: Sequence[Edit], overrides: Mapping[Entry, Override]) -> bool:
    """Is anything to be written that is not there already?"""
    kept = {entry: dict(override.data) for entry, override in overrides.items()}
    return any(dict(edit.data) != kept.get((edit.kind, edit.slug), {}) for edit in edits)


def _masked(changes: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    return {key: [masked(value) for value in pair] for key, pair in changes.items()}


def _text(fields: Mapping[str, str]) -> str:
    return "; ".join(f"{field}: {text}" if field else text for field, text in fields.items())
