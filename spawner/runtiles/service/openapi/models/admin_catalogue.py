"""Tiles and machines as the panel sees them: with where they come from, and who changed them."""

from typing import Any, Literal

from pydantic import BaseModel

from runtiles.catalogue import Machine, Tile


class _Origin(BaseModel):
    source: Literal["file", "panel", "both"]
    file: str | None
    overridden: list[str]
    version: str
    updated: str | None
    updated_by: str | None
    problem: str | None


class AdminTile(Tile, _Origin):
    """A tile. `version` goes into If-Match; `problem` says why a change of the panel does not count."""


class AdminMachine(Machine, _Origin):
    """A machine. `version` goes into If-Match; `problem` says why a change of the panel does not count."""


class Ignored(BaseModel):
    """A change of the panel that no longer fits the files."""

    slug: str
    problem: str
    version: str


class AdminTiles(BaseModel):
    items: list[AdminTile]
    ignored: list[Ignored]


class AdminMachines(BaseModel):
    items: list[AdminMachine]
    ignored: list[Ignored]


class ChangedTile(BaseModel):
    """`changes` has before and after of each key; `warnings` are for the admin to read."""

    item: AdminTile
    changes: dict[str, list[Any]]
    warnings: list[str]


class ChangedMachine(BaseModel):
    """`changes` has before and after of each key; `warnings` are for the admin to read."""

    item: AdminMachine
    changes: dict[str, list[Any]]
    warnings: list[str]


#: The keys to change, as in a file of tiles or machines. The loader of those files validates them.
Keys = dict[str, Any]
