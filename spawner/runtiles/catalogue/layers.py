"""What the admin panel changes on top of the files: by the same rules, and never a reason to stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from .catalogue import Catalogue
from .loader import assemble
from .yaml_source import KeyPath, Place, Problem, Source

Kind = Literal["tile", "machine"]
SECTIONS: Mapping[Kind, str] = {"tile": "tiles", "machine": "machines"}
_KINDS: Mapping[str, Kind] = {section: kind for kind, section in SECTIONS.items()}

#: Which tile or machine.
Entry = tuple[Kind, str]


class Override(Protocol):
    """The keys that the panel sets for one tile or machine; for a slug that no file has, all keys."""

    @property
    def kind(self) -> Kind: ...
    @property
    def slug(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Edit:
    """The plainest override: one that is being tried out."""

    kind: Kind
    slug: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Layered:
    """`problems`: the overrides that were left out, each with what is wrong, by field (`""`: all)."""

    catalogue: Catalogue
    problems: Mapping[Entry, Mapping[str, str]]


def layer(sources: Sequence[Source], overrides: Sequence[Override]) -> Layered:
    """The files with the overrides that fit. An override that does not is left out as a whole and
    named in `problems`; so a changed file costs one entry of the panel, not the site.

    The files by themselves must be right.
    """
    kept = {_entry(override): override for override in sorted(overrides, key=_entry)}
    left_out: dict[Entry, dict[str, str]] = {}
    while True:
        panel = [_PanelSource.of(override) for override in kept.values()]
        assembled = assemble([*sources, *panel])
        if not assembled.problems:
            return Layered(assembled.catalogue, left_out)
        blamed = _blamed(assembled.problems, kept)
        left_out.update(blamed)
        kept = {entry: override for entry, override in kept.items() if entry not in blamed}


class _PanelSource(Source):
    """One override, read like a file. Its path is its own: see `_one_default` in the loader."""

    @classmethod
    def of(cls, override: Override) -> "_PanelSource":
        entry = {**override.data, "slug": override.slug}
        path = Path("panel") / override.kind / override.slug
        return cls(path, {SECTIONS[override.kind]: [entry]})

    def place(self, path: KeyPath) -> Place:  # noqa: ARG002 - there are no lines in a panel
        return Place(self.path)


def _blamed(
    problems: Sequence[Problem], kept: Mapping[Entry, Override]
) -> dict[Entry, dict[str, str]]:
    """Which overrides to leave out, and why. First those where the wrong value stands; else those of
    the wrong entries; else all of them."""
    ours = [problem for problem in problems if problem.place.path.parts[:1] == ("panel",)]
    found: dict[Entry, dict[str, str]] = {}
    for problem in ours or problems:
        entry = _about(problem)
        if entry in kept:
            found.setdefault(entry, {}).setdefault(problem.field, problem.what or problem.text)
    return found or {entry: {"": "does not fit the files of this site"} for entry in kept}


def _about(problem: Problem) -> Entry:
    return _KINDS.get(problem.section, "tile"), problem.slug


def _entry(override: Override) -> Entry:
    return override.kind, override.slug
