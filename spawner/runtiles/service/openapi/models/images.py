"""Images on the host. Sizes are bytes."""

from typing import Literal

from pydantic import BaseModel


class Image(BaseModel):
    """`layer`: made here from another image. `kept`: it is never removed unasked."""

    id: str
    references: list[str]
    size: int
    created: str
    last_used: str | None
    tiles: list[str]
    kind: Literal["image", "layer"]
    in_use: bool
    kept: bool


class Disk(BaseModel):
    """`used` by these images; a `budget` of null is no limit."""

    used: int
    budget: int | None
    free: int | None


class Pull(BaseModel):
    reference: str
    state: Literal["pulling", "done", "failed"]
    percent: float | None
    message: str


class Images(BaseModel):
    images: list[Image]
    disk: Disk
    pulls: list[Pull]


class RemovedImage(BaseModel):
    id: str
    references: list[str]


class Pruned(BaseModel):
    removed: list[RemovedImage]
    freed: int
