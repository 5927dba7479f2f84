"""Snapshots that come as a file."""

from typing import Literal

from pydantic import BaseModel


class ImportedSnapshot(BaseModel):
    """`size` in bytes, `created` is ISO 8601 in UTC. One that is not trusted cannot be resumed."""

    id: str
    name: str
    user: str
    size: int
    created: str
    origin: Literal["pause", "user", "import"]
    trusted: bool
