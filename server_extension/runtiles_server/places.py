"""Where a server keeps things: a home that can be written, Jupyter's folders, paths to the image's own."""

import os
import pwd
import re
import stat
import sys
import tempfile
from pathlib import Path
from typing import Dict, Iterable, List, Mapping, Optional, Tuple

from .report import Problem

#: Below the storage. Plain JSON files only: SQLite (IPython's history, notebook signatures) does not
#: belong on a volume that may be a network share and that several runtimes use at once, so IPYTHONDIR
#: and JUPYTER_DATA_DIR stay in the home.
_KEPT = ".runtiles"
#: Defaults of ours for the server; a user's own files in ~/.jupyter win over them.
CONFIG_DIR = Path(__file__).parent / "etc"
#: JupyterLab's part of us, built. Ours before an older one that an image may bring.
SHARE_DIR = Path(__file__).parent / "share"

_SITE_PACKAGES = re.compile(r"(?P<prefix>.+)/lib(?:32|64)?/python[^/]*/(?:site|dist)-packages/?")


def home_environment(environ: Mapping[str, str]) -> Dict[str, str]:
    """HOME, USER and LOGNAME where they are missing or of no use (a uid without a passwd entry)."""
    account = _account()
    changes = {}
    home = environ.get("HOME") or (account.pw_dir if account else "")
    if not (home and writable(Path(home))):
        home = str(private_folder("home"))
    if home != environ.get("HOME"):
        changes["HOME"] = home
    name = account.pw_name if account else "runtime"
    # getpass, and much that uses it, fails for a uid without a name.
    changes.update({key: name for key in ("USER", "LOGNAME") if not environ.get(key)})
    return changes


def jupyter_environment(
    environ: Mapping[str, str], storage: Optional[Path], runtime: str
) -> Dict[str, str]:
    """Lab's settings and layouts on the storage; kernels and extensions of the image are found.

    Nothing that the image or the spawner set is overridden, only extended.
    """
    changes = {}
    base = storage / _KEPT if storage is not None else None
    if base is not None and make_folder(base):
        changes["JUPYTERLAB_SETTINGS_DIR"] = str(base / "lab" / "user-settings")
        # A layout names files of one workspace.
        changes["JUPYTERLAB_WORKSPACES_DIR"] = str(base / "lab" / "workspaces" / runtime)
    changes = {key: value for key, value in changes.items() if not environ.get(key)}
    prefixes = image_prefixes(sys.prefix, sys.path, environ)
    changes["JUPYTER_PATH"] = extend(
        environ.get("JUPYTER_PATH", ""),
        [str(SHARE_DIR), *(f"{prefix}/share/jupyter" for prefix in prefixes)],
    )
    changes["JUPYTER_CONFIG_PATH"] = extend(
        environ.get("JUPYTER_CONFIG_PATH", ""),
        [str(CONFIG_DIR), *(f"{prefix}/etc/jupyter" for prefix in prefixes)],
    )
    return changes


def active_environment(environ: Mapping[str, str]) -> Dict[str, str]:
    """JUPYTER_PATH with the kernels of the environment that a command activated before our server."""
    prefixes = [environ.get("VIRTUAL_ENV"), environ.get("CONDA_PREFIX")]
    folders = [f"{prefix}/share/jupyter" for prefix in prefixes if prefix]
    return {"JUPYTER_PATH": extend(environ.get("JUPYTER_PATH", ""), folders)}


def workspace_folder(wanted: Path, home: Path) -> Tuple[Path, Optional[Problem]]:
    """A folder to work in, created if need be, and what is wrong with it.

    A folder that holds files is served even when it cannot be written: they are somebody's work.
    """
    if make_folder(wanted):
        return wanted, None
    if wanted.is_dir() and os.access(wanted, os.R_OK | os.X_OK) and any(wanted.iterdir()):
        return wanted, _not_writable(wanted, "What you change is not kept.")
    folder = home / "workspace"
    if not make_folder(folder):
        folder = home
    return folder, _not_writable(wanted, f"Files go to {folder} and are lost with the container.")


def _not_writable(wanted: Path, consequence: str) -> Problem:
    return Problem(
        "not_writable",
        f"The folder {wanted} cannot be written by the user of the container (uid {os.getuid()}).",
        f"{consequence} Choose another container user, or ask an admin to correct the storage.",
    )


def python_path(environ: Mapping[str, str], prefix: str, base_prefix: str) -> Dict[str, str]:
    """PATH with the server's own Python first, when that is a virtual environment.

    A terminal's `python` then is the notebook's: it sees what `%pip install` put into the environment.
    The image's `pip` is still the one on PATH (the environment has none), and what it installs is
    seen by the notebook too, because the environment includes the image's packages.
    """
    if prefix == base_prefix:
        return {}
    return {"PATH": prepend(environ.get("PATH") or os.defpath, str(Path(prefix, "bin")))}


def image_prefixes(prefix: str, path: Iterable[str], environ: Mapping[str, str]) -> List[str]:
    """Where Python packages (and with them kernels and extensions) come from, our own prefix first.

    Ours first, so that the kernel `python3` is the one that the server runs on.
    """
    found = [prefix]
    for entry in path:
        match = _SITE_PACKAGES.fullmatch(entry)
        if match:
            found.append(match["prefix"])
    found.append(environ.get("CONDA_PREFIX", ""))
    return [p for i, p in enumerate(found) if p and p not in found[:i]]


def extend(search_path: str, folders: Iterable[str]) -> str:
    """A search path with the existing ones of `folders` behind what is there, each once."""
    entries = [entry for entry in search_path.split(os.pathsep) if entry]
    for folder in folders:
        if folder not in entries and Path(folder).is_dir():
            entries.append(folder)
    return os.pathsep.join(entries)


def prepend(search_path: str, folder: str) -> str:
    entries = [entry for entry in search_path.split(os.pathsep) if entry and entry != folder]
    return os.pathsep.join([folder, *entries])


def without(search_path: str, folder: str) -> str:
    return os.pathsep.join(entry for entry in search_path.split(os.pathsep) if entry != folder)


def writable(folder: Path) -> bool:
    """Tried, not asked: root may write anywhere, says the kernel, also on a share that refuses root."""
    try:
        with tempfile.TemporaryFile(dir=str(folder)):
            return True
    except OSError:
        return False


def make_folder(folder: Path) -> bool:
    """Create it, parents included. False when it is not there, or not ours to write, afterwards."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return writable(folder)


def private_folder(name: str) -> Path:
    """A folder of this user alone, on the container's own disk; the same one in every process."""
    folder = Path(tempfile.gettempdir()) / f"runtiles-{os.getuid()}-{name}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return Path(tempfile.mkdtemp(prefix="runtiles-"))
    if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid():
        folder.chmod(0o700)
        return folder
    # Somebody else was here first, in a container where others can write: not their folder.
    return Path(tempfile.mkdtemp(prefix="runtiles-"))


def _account() -> Optional[pwd.struct_passwd]:
    try:
        return pwd.getpwuid(os.getuid())
    except KeyError:
        return None
