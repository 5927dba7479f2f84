"""What a snapshot would meet here, and whether it still is what was written."""

import importlib.util
import platform
import sys
import threading
import warnings
from pathlib import Path
from typing import Dict, Optional

from . import files
from .buffers import Readback
from .errors import Altered
from .files import Place
from .manifest import Manifest, Report
from .stream import opened


def check(directory: Place, *, key: Optional[bytes] = None) -> Report:
    """What a load here would meet: versions that differ, modules that are missing. Loads nothing."""
    manifest = files.read(Path(directory), key)
    report = Report(manifest.id, notes=list(manifest.notes), losses=list(manifest.losses))
    report.variables = manifest.variables
    report.missing = missing(manifest)
    here = platform.python_version()
    if manifest.python.rpartition(".")[0] != here.rpartition(".")[0]:
        report.notes.append(
            f"Python {manifest.python} there, {here} here: functions are compiled again from source."
        )
    for name, version in manifest.versions.items():
        found = getattr(sys.modules.get(name), "__version__", version)
        if found != version:
            report.notes.append(f"{name} {version} there, {found} here.")
    return report


def missing(manifest: Manifest) -> Dict[str, str]:
    tops = {
        name.partition(".")[0] for name in manifest.modules if name not in manifest.local_modules
    }
    return {
        name: f"pip install {_DISTRIBUTIONS.get(name, name)}"
        for name in sorted(tops)
        if not _is_here(name)
    }


#: Distributions that are not called what they are imported as.
_DISTRIBUTIONS = {
    "sklearn": "scikit-learn", "PIL": "pillow", "cv2": "opencv-python", "skimage": "scikit-image",
    "yaml": "pyyaml", "bs4": "beautifulsoup4", "dateutil": "python-dateutil", "umap": "umap-learn",
}  # fmt: skip


def _is_here(name: str) -> bool:
    if name in sys.modules:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def verify(directory: Place, *, key: Optional[bytes] = None) -> Manifest:
    """Reads every byte back. Raises Refused, Altered or Unreadable."""
    folder = Path(directory)
    manifest = files.read(folder, key)
    opened(folder, manifest).close()
    Readback(folder, manifest.buffers).verify(manifest.hash)
    return manifest


def verify_in_background(folder: Path, manifest: Manifest) -> None:
    """Warns of damage. The snapshot may be removed or replaced as soon as this returns."""
    try:
        readback = Readback(folder, manifest.buffers)
    except FileNotFoundError:
        # A newer snapshot took its place; the maps are still good.
        return

    def run() -> None:
        try:
            readback.verify(manifest.hash)
        except (Altered, OSError) as error:
            told = RuntimeWarning(f"The snapshot's arrays are damaged: {error}")
            # Whatever the user's filters say.
            warnings.showwarning(told, RuntimeWarning, str(folder), 0)

    threading.Thread(target=run, name="runtiles-verify", daemon=True).start()
