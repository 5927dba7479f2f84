"""Uploaded folders."""

from pydantic import BaseModel


class Context(BaseModel):
    """`size` in bytes and `sha256` in hex of the archive; `created` is ISO 8601 in UTC."""

    id: str
    size: int
    sha256: str
    created: str
