"""What a listing shows of a row. Pure."""

import json
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional

from .terminal import clean

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """`show` makes a cell of the whole row, by default of its `key`. `style`: rich's, of that cell.

    `whole`: never cut, however narrow the terminal is.
    """

    key: str
    title: str = ""
    show: Optional[Callable[[Row], str]] = None
    style: Optional[Callable[[Row], str]] = None
    right: bool = False
    whole: bool = False

    def cell(self, row: Row) -> str:
        text = self.show(row) if self.show else plain(row.get(self.key))
        return clean(text).replace("\n", " ")

    @property
    def head(self) -> str:
        return (self.title or self.key.replace("_", " ")).upper()


def plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(part) for part in value)
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value)
