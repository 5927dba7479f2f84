"""Tile and machine files to a Catalogue: strict, every error with its line, all of them at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from runtiles.contract.errors import CatalogueError
from runtiles.values.explain import explain
from runtiles.values.text import did_you_mean, shown

from .catalogue import Catalogue
from .models import Machine, Tile
from .yaml_source import KeyPath, Place, Problem, Source, read_source

_SECTIONS: dict[str, type[BaseModel]] = {"tiles": Tile, "machines": Machine}
_MAX_SHOWN = 30

_Model = TypeVar("_Model", bound=BaseModel)


def builtin_paths() -> list[Path]:
    """The files that come with Runtiles."""
    here = Path(__file__).parent
    return [here / "tiles.yaml", here / "machines.yaml"]


def load_catalogue(paths: Sequence[Path]) -> Catalogue:
    """Reads the files in this order. A later entry with the slug of an earlier one changes the keys
    it has and keeps the others; an entry with a new slug is added at the end.

    Raises CatalogueError: one line per problem, `FILE:LINE: what is wrong`.
    """
    return combine([read_source(path) for path in paths])


def combine(sources: Sequence[Source]) -> Catalogue:
    """The same for what was read already."""
    assembled = assemble(sources)
    if assembled.problems:
        raise _error(assembled.problems)
    return assembled.catalogue


@dataclass(frozen=True)
class Assembled:
    """`catalogue` has the entries that are right by themselves; with problems it is not to be used."""

    catalogue: Catalogue
    problems: Sequence[Problem]


def assemble(sources: Sequence[Source]) -> Assembled:
    """Later sources win. The problems are in the order of sources and lines."""
    problems = [problem for source in sources for problem in source.problems]
    drafts: dict[str, dict[str, _Draft]] = {section: {} for section in _SECTIONS}
    for source in sources:
        problems += _collect(source, drafts)
    tiles = _Built("tiles", Tile, drafts["tiles"])
    machines = _Built("machines", Machine, drafts["machines"])
    problems += tiles.problems + machines.problems
    # A redirect to a tile that is itself wrong is not a second error.
    problems += [*_redirect_problems(tiles), *_default_problems(machines)]
    rank = {source.path: number for number, source in enumerate(sources)}
    problems.sort(key=lambda p: (rank[p.place.path], p.place.line))
    return Assembled(Catalogue(tiles.made.values(), _one_default(machines, sources)), problems)


@dataclass
class _Draft:
    """One tile or machine as the files so far describe it, each key with where it was written."""

    data: dict[str, Any]
    origin: dict[str, tuple[Source, KeyPath]]
    first: tuple[Source, KeyPath] = field(repr=False)

    def update(self, later: "_Draft") -> None:
        self.data |= later.data
        self.origin |= later.origin

    def place(self, path: KeyPath) -> Place:
        source, base = self.origin.get(str(path[0]), self.first) if path else self.first
        return source.place((*base, *path))


class _Built(Generic[_Model]):
    """The drafts as models, as far as they are right."""

    def __init__(self, section: str, model: type[_Model], drafts: dict[str, _Draft]) -> None:
        self.section = section
        self.drafts = drafts
        self.made: dict[str, _Model] = {}
        self.problems: list[Problem] = []
        for slug, draft in drafts.items():
            try:
                self.made[slug] = model.model_validate(draft.data)
            except ValidationError as error:
                others = [other for other in drafts if other != slug]
                self.problems += _explained(error, model, draft, others, section)


def _collect(source: Source, drafts: dict[str, dict[str, _Draft]]) -> Iterator[Problem]:
    if source.problems and source.data is None:
        return
    if source.data is None:
        source.data = {}
    if not isinstance(source.data, dict):
        yield Problem(source.place(()), "must have 'tiles:' or 'machines:' at the top")
        return
    for section, entries in source.data.items():
        if section not in _SECTIONS:
            meant = did_you_mean(section, _SECTIONS)
            yield Problem(source.place((section,)), f"{section}: unknown key.{meant}")
        elif entries is not None:
            yield from _collect_section(source, section, entries, drafts[section])


def _collect_section(
    source: Source, section: str, entries: Any, drafts: dict[str, _Draft]
) -> Iterator[Problem]:
    if not isinstance(entries, list):
        yield Problem(source.place((section,)), f"{section} must be a list")
        return
    here: dict[str, Place] = {}
    for index, entry in enumerate(entries):
        path: KeyPath = (section, index)
        slug = entry.get("slug") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(slug, str):
            yield Problem(source.place(path), f"each of the {section} must have a 'slug'")
        elif slug in here:
            place = source.place((*path, "slug"))
            yield Problem(place, f"the slug {slug!r} stands twice in this file: see {here[slug]}")
        else:
            here[slug] = source.place((*path, "slug"))
            draft = _Draft(dict(entry), dict.fromkeys(entry, (source, path)), (source, path))
            drafts[slug].update(draft) if slug in drafts else drafts.setdefault(slug, draft)


def _explained(
    error: ValidationError,
    model: type[BaseModel],
    draft: _Draft,
    others: Sequence[str],
    section: str,
) -> Iterator[Problem]:
    slug = draft.data["slug"]
    for path, text in explain(error, model).items():
        dotted = ".".join(map(str, path))
        # YAML reads 1.10 as a number and `no` as false.
        quotes = "put it in quotes" if text.startswith("must be text, not") else ""
        # An entry that means to change another one has little more than its slug.
        meant = did_you_mean(slug, others) if text == "is missing" and len(path) == 1 else ""
        line = ": ".join(filter(None, (slug, dotted, text, quotes)))
        full = f"{line}.{meant}" if meant else line
        yield Problem(draft.place(path), full, section, slug, dotted, text)


def _redirect_problems(tiles: _Built[Tile]) -> Iterator[Problem]:
    for slug, tile in tiles.made.items():
        if tile.redirect and tile.redirect not in tiles.drafts:
            meant = did_you_mean(tile.redirect, tiles.drafts)
            yield _redirect(tiles, slug, f"there is no tile {shown(tile.redirect)}.{meant}")
        elif _goes_in_circles(tile, tiles.made):
            yield _redirect(tiles, slug, "leads back to itself")


def _redirect(tiles: _Built[Tile], slug: str, what: str) -> Problem:
    place = tiles.drafts[slug].place(("redirect",))
    text = f"{slug}: redirect: {what}"
    return Problem(place, text, tiles.section, slug, "redirect", what)


def _goes_in_circles(tile: Tile, tiles: dict[str, Tile]) -> bool:
    seen: set[str] = set()
    following: Tile | None = tile
    while following and following.redirect:
        if following.slug in seen:
            return True
        seen.add(following.slug)
        following = tiles.get(following.redirect)
    return False


def _default_problems(machines: _Built[Machine]) -> Iterator[Problem]:
    marked: dict[Path, str] = {}
    for slug in _marked_default(machines):
        draft = machines.drafts[slug]
        file = draft.origin["default"][0].path
        if file in marked:
            what = f"{marked[file]!r} is the default machine of this file already"
            text = f"{slug}: default: {what}"
            place = draft.place(("default",))
            yield Problem(place, text, machines.section, slug, "default", what)
        marked.setdefault(file, slug)


def _one_default(machines: _Built[Machine], sources: Sequence[Source]) -> Iterator[Machine]:
    """Of several files with a default machine the last one decides."""
    rank = {source.path: number for number, source in enumerate(sources)}

    def file_order(slug: str) -> int:
        return rank[machines.drafts[slug].origin["default"][0].path]

    chosen = max(_marked_default(machines), key=file_order, default=None)
    for slug, machine in machines.made.items():
        yield machine.model_copy(update={"default": slug == chosen})


def _marked_default(machines: _Built[Machine]) -> list[str]:
    return [slug for slug, machine in machines.made.items() if machine.default]


def _error(problems: Sequence[Problem]) -> CatalogueError:
    lines = [str(problem) for problem in problems[:_MAX_SHOWN]]
    if len(problems) > _MAX_SHOWN:
        lines.append(f"and {len(problems) - _MAX_SHOWN} more")
    return CatalogueError("\n".join(lines), details={"problems": len(problems)})
