"""Tiles and machines: what an admin offers. See models.py for the fields, loader.py for the files."""

from .catalogue import Catalogue
from .loader import builtin_paths, load_catalogue
from .models import IdleAction, IdlePolicy, IdleType, Machine, Tile, TileWorkspace

__all__ = [
    "Catalogue",
    "IdleAction",
    "IdlePolicy",
    "IdleType",
    "Machine",
    "Tile",
    "TileWorkspace",
    "builtin_paths",
    "load_catalogue",
]
