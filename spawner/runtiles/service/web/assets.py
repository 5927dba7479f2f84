"""The static files of the pages, read once, in a folder whose name changes with their content.

Modules import each other by relative names, so one hash stands for all of them: whoever loads a page
gets files of one version, and a browser never asks twice for what it has.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from runtiles.pages import SHARED_STYLES

FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Asset:
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Assets:
    """`version` names the content of all files together."""

    files: Mapping[str, Asset]
    version: str

    def path(self, name: str) -> str:
        """Below the service's address. Raises KeyError for a file that is not there."""
        self.files[name]
        return f"static/{self.version}/{name}"


@cache
def assets() -> Assets:
    """The files as they were when the service started."""
    return read_assets([*FOLDER.iterdir(), SHARED_STYLES])


def read_assets(paths: Iterable[Path]) -> Assets:
    """What is no style, script or drawing is left out."""
    wanted = sorted(path for path in paths if path.suffix in _TYPES)
    files = {path.name: Asset(_TYPES[path.suffix], path.read_bytes()) for path in wanted}
    digest = hashlib.sha256()
    for name, asset in files.items():
        digest.update(f"{name}\0{len(asset.content)}\0".encode() + asset.content)
    return Assets(MappingProxyType(files), digest.hexdigest()[:16])
