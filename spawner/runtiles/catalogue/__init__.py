"""Tiles and machines: what an admin offers. See models.py for the fields, loader.py for the files."""

from .catalogue import Catalogue
from .layers import Edit, Entry, Kind, Layered, layer
from .live import LiveCatalogue
from .loader import builtin_paths, load_catalogue
from .models import IdleAction, IdlePolicy, IdleRule, IdleType, Machine, Tile, TileWorkspace

__all__ = [
    "Catalogue",
    "Edit",
    "Entry",
    "IdleAction",
    "IdlePolicy",
    "IdleRule",
    "IdleType",
    "Kind",
    "Layered",
    "LiveCatalogue",
    "Machine",
    "Tile",
    "TileWorkspace",
    "builtin_paths",
    "layer",
    "load_catalogue",
]
