"""What a tile's or user's Command means: our server with their options, or a program of their own. Pure."""

import re
import shlex
from dataclasses import dataclass
from typing import Mapping, Optional, Sequence, Tuple, Union

#: Programs that are a Jupyter server, and the interface that each opens.
_PROGRAMS: Mapping[str, str] = {
    "jupyter-lab": "lab",
    "jupyter-labhub": "lab",
    "jupyterhub-singleuser": "lab",
    "jupyter-server": "lab",
    "jupyter-notebook": "notebook",
    "jupyter-nbclassic": "nbclassic",
}
#: Python modules that are one (`python -m jupyterlab`).
_MODULES: Mapping[str, str] = {
    "jupyterlab": "lab",
    "jupyter_server": "lab",
    "jupyterhub.singleuser": "lab",
    "notebook": "notebook",
    "nbclassic": "nbclassic",
}
#: Every program that gets a stand-in on PATH, for commands like `bash -c "... && jupyter lab"`.
SHIMMED: Tuple[str, ...] = ("jupyter", *sorted(_PROGRAMS))

#: `jupyter lab build` and its like run no server.
_OTHER_WORK = frozenset(
    {
        "build", "clean", "extension", "labextension", "licenses", "list", "nbextension", "password",
        "path", "paths", "serverextension", "stop", "workspace", "workspaces",
    }
)  # fmt: skip
_STOPPING = frozenset(
    {
        "-h", "--help", "--help-all", "-V", "--version", "--generate-config", "--show-config",
        "--show-config-json", "--paths", "--data-dir", "--config-dir", "--runtime-dir", "--json",
    }
)  # fmt: skip
_PYTHON = re.compile(r"(?:.*/)?python[\d.]*")


@dataclass(frozen=True)
class Serve:
    """Run the hub-authenticated server. `ui` is `lab`, `notebook` or `nbclassic`."""

    ui: str = "lab"
    arguments: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Execute:
    """Run this program; it may lead back to our server through the shims."""

    argv: Tuple[str, ...]


def classify(command: Sequence[str]) -> Union[Serve, Execute]:
    """No command at all is the default: JupyterLab."""
    argv = _words(command)
    if not argv:
        return Serve()
    program, rest = _program(argv)
    if program is None or _runs_no_server(rest):
        return Execute(argv)
    return Serve(program, rest)


def _words(command: Sequence[str]) -> Tuple[str, ...]:
    """A command that came as one string is split as a shell would do."""
    if len(command) == 1 and " " in command[0].strip():
        try:
            return tuple(shlex.split(command[0]))
        except ValueError:
            return tuple(command)
    return tuple(command)


def _program(argv: Tuple[str, ...]) -> Tuple[Optional[str], Tuple[str, ...]]:
    name = argv[0].rpartition("/")[2]
    if _PYTHON.fullmatch(argv[0]) and len(argv) > 2 and argv[1] == "-m":
        # `python -m jupyter lab` is `jupyter lab`.
        if argv[2] == "jupyter":
            return _program(("jupyter", *argv[3:]))
        return _MODULES.get(argv[2]), argv[3:]
    if name == "jupyter" and len(argv) > 1:
        return _PROGRAMS.get(f"jupyter-{argv[1]}"), argv[2:]
    return _PROGRAMS.get(name), argv[1:]


def _runs_no_server(arguments: Sequence[str]) -> bool:
    if any(argument in _STOPPING for argument in arguments):
        return True
    return bool(arguments) and arguments[0] in _OTHER_WORK
