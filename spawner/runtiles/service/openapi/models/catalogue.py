"""Tiles and machines."""

from pydantic import BaseModel

from runtiles.catalogue import Machine, Tile


class Available(BaseModel):
    """Of the GPUs that such a machine accepts."""

    free: int
    total: int


class MachineAnswer(Machine):
    """A machine, and how many of its GPUs are free; null where nobody counts them."""

    available: Available | None


class TileAnswer(Tile):
    """What a gallery shows of a tile."""
