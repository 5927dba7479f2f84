"""YAML with the line of every key: PyYAML's safe loader, without tags, duplicates and cycles."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

#: Where a value stands in a file: keys of mappings, indices of lists.
KeyPath = tuple[str | int, ...]
_MAX_DEPTH = 20
#: Aliases of aliases multiply: a small file must not become a large one.
_MAX_NODES = 100_000
_MAP = "tag:yaml.org,2002:map"
_SEQ = "tag:yaml.org,2002:seq"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    `section`, `slug` and `field` (dotted) name the tile or machine it is about, as far as it is about
    one; `what` is the text without them.
    """

    place: "Place"
    text: str
    section: str = ""
    slug: str = ""
    field: str = ""
    what: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True)
class Place:
    """`FILE:LINE`; line 0 is the file as a whole."""

    path: Path
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else str(self.path)


@dataclass
class Source:
    """A file's data, the line of each of its values, and what is wrong with it as YAML."""

    path: Path
    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: KeyPath) -> Place:
        """Of the value at `path`, or of what holds it when it is missing."""
        while path and path not in self.lines:
            path = path[:-1]
        return Place(self.path, self.lines.get(path, 1))


def read_source(path: Path) -> Source:
    """Never raises for what a file holds: see `problems`."""
    source = Source(path)
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        source.problems.append(Problem(Place(path), f"cannot be read: {error.strerror}"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        source.problems.append(_not_yaml(path, error))
    else:
        if node is not None:
            source.data = _Reader(source).value(node, ())
    return source


def _not_yaml(path: Path, error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None)
    text = getattr(error, "problem", None) or " ".join(str(error).split())
    return Problem(Place(path, mark.line + 1 if mark else 0), f"is not valid YAML: {text}")


class _Reader:
    """Turns nodes into plain data. A value that is wrong is reported and left out."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._scalars = yaml.constructor.SafeConstructor()
        self._nodes = 0

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        self._source.lines.setdefault(path, node.start_mark.line + 1)
        self._nodes += 1
        if len(path) > _MAX_DEPTH or self._nodes > _MAX_NODES:
            # Also the end of an alias that refers to itself.
            if not self._source.problems:
                self._report(node, "is nested too deeply, or repeated too often")
            return None
        if isinstance(node, yaml.MappingNode) and node.tag == _MAP:
            return dict(self._items(node, path))
        if isinstance(node, yaml.SequenceNode) and node.tag == _SEQ:
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node)

    def _items(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            is_scalar = isinstance(key_node, yaml.ScalarNode)
            key = self._scalar(key_node) if is_scalar else None
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                self._report(key_node, "a key must be text: put it in quotes")
            elif key in seen:
                self._report(
                    key_node, f"the key {key!r} stands here twice, first on line {seen[key]}"
                )
            else:
                place = (*path, key)
                seen[key] = self._source.lines[place] = line
                yield key, self.value(value_node, place)

    def _scalar(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            try:
                return self._scalars.construct_object(node)
            except (yaml.YAMLError, ValueError):
                pass
        self._report(node, f"cannot be read as {node.tag.rpartition(':')[2]}")
        return None

    def _report(self, node: yaml.Node, text: str) -> None:
        place = Place(self._source.path, node.start_mark.line + 1)
        self._source.problems.append(Problem(place, text))
