"""Stand-ins for `jupyter` and its servers, first on the PATH of a custom command.

A command like `bash -c "pip install x && jupyter lab --ip=0.0.0.0"` thus ends in the same
hub-authenticated server as no command at all.
"""

import os
import shlex
from pathlib import Path
from typing import Dict, Mapping, MutableMapping, Tuple

from .command import SHIMMED
from .places import prepend, without

ENV_SHIMS = "RUNTILES_SHIMS"

#: Not `-m`: that would put the current folder, with whatever a workspace calls its files, on sys.path.
_CALL = "import sys; sys.path.pop(0); from runtiles_server.shim import main; sys.exit(main())"


def write(folder: Path, python: str, names: Tuple[str, ...] = SHIMMED) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in names:
        shim = folder / name
        shim.write_text(
            f'#!/bin/sh\nexec {shlex.quote(python)} -c {shlex.quote(_CALL)} {name} "$@"\n',
            encoding="utf-8",
        )
        shim.chmod(0o700)


def enabled(environ: Mapping[str, str], folder: Path) -> Dict[str, str]:
    """The environment of a custom command.

    Besides PATH there are exported functions for bash: `bash -l` and `conda activate` put other
    folders in front.
    """
    path = prepend(environ.get("PATH") or os.defpath, str(folder))
    functions = {
        _function(name): f'() {{ {shlex.quote(str(folder / name))} "$@"\n}}' for name in SHIMMED
    }
    return {**environ, **functions, "PATH": path, ENV_SHIMS: str(folder)}


def disable(environ: MutableMapping[str, str]) -> None:
    """For the server's own terminals and kernels: there `jupyter` is the real one again."""
    folder = environ.pop(ENV_SHIMS, None)
    if folder is not None:
        environ["PATH"] = without(environ.get("PATH", ""), folder)
    for name in SHIMMED:
        environ.pop(_function(name), None)


def _function(name: str) -> str:
    return f"BASH_FUNC_{name}%%"
