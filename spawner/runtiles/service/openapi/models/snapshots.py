"""Snapshots and what is in them. Sizes are in bytes, times ISO 8601 in UTC."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from runtiles.values.text import one_line


def _name(value: object) -> object:
    return one_line(value, limit=120)


class SnapshotKernel(BaseModel):
    """`lost`: how many things could not be saved."""

    id: str | None
    name: str | None
    language: str | None
    path: str | None
    status: str | None
    reason: str | None
    variables: int
    bytes: int
    lost: int


class Snapshot(BaseModel):
    """`in_use`: a runtime is paused on it. One that is not `trusted` is not restored."""

    id: str
    name: str
    user: str
    runtime: str
    tile: str
    machine: str
    created: str
    size: int
    origin: Literal["pause", "user", "import"]
    trusted: bool
    variables: int
    lost: int
    kernels: list[SnapshotKernel]
    in_use: bool


class SnapshotWhole(Snapshot):
    """With the manifest as the runtime wrote it."""

    manifest: dict[str, Any]


class SnapshotChange(BaseModel):
    """`name`: one line; empty for none, which lets it make room for newer ones."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str | None, BeforeValidator(lambda v: v if v is None else _name(v))] = None
