"""The hub-authenticated single-user server, in this process."""

import importlib
import importlib.metadata
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, Callable, List, Optional

from . import quick, upstream
from .command import Serve
from .flags import FlagPlan, plan_flags
from .report import Problem, Reporter
from .runtime_state import RuntimeState
from .server_arguments import LAB, NOTEBOOK, FrontEnd, left_out, nbclassic, server_arguments

_RELEASE_GARBAGE_S = 5.0


def arguments_for(serve: Serve, state: RuntimeState, reporter: Reporter) -> List[str]:
    """The server's command line. Tells what of the command has no effect."""
    flags = plan_flags(serve.arguments, _accepts)
    if flags.already:
        reporter.log("server", f"So under the hub anyway: {', '.join(flags.already)}.")
    missing = tuple(path for path in flags.paths if not Path(state.root, path).exists())
    if flags.dropped or missing:
        dropped = (*flags.dropped, *missing)
        reporter.notice("server", left_out(dropped), {"dropped": list(dropped)})
    return server_arguments(
        _front_end(serve.ui, reporter), state, _with_folder(flags, state), os.environ
    )


def run_server(main: Callable[[], Any], arguments: List[str]) -> int:
    """Serve until somebody stops it; returns the exit code."""
    upstream.correct()
    # Until here a signal raised Terminated, which a running event loop would swallow.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Also when no extension of ours gets to run: nobody else would switch collections on again.
    timer = threading.Timer(_RELEASE_GARBAGE_S, quick.release_garbage)
    timer.daemon = True
    timer.start()
    sys.argv = ["jupyterhub-singleuser", *arguments]
    try:
        main()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    return 0


def _with_folder(flags: FlagPlan, state: RuntimeState) -> FlagPlan:
    """`jupyter lab FOLDER` serves that folder."""
    folders = [p for p in (Path(state.root, path) for path in flags.paths) if p.is_dir()]
    if not folders or flags.value("ServerApp.root_dir"):
        return flags
    root = f"--ServerApp.root_dir={folders[0].resolve()}"
    files = tuple(path for path in flags.paths if Path(state.root, path) not in folders)
    return FlagPlan((*flags.arguments, root), flags.already, flags.dropped, files)


def _front_end(ui: str, reporter: Reporter) -> FrontEnd:
    if ui == "lab":
        return LAB
    if ui == "notebook" and _major("notebook") >= 7:
        return NOTEBOOK
    if _major("nbclassic") >= 0:
        return nbclassic(_nbclassic_prefix())
    message = "The image has no Jupyter Notebook 7 (and no nbclassic), so JupyterLab opens instead."
    reporter.notice("server", Problem("no_notebook", message))
    return LAB


def _major(package: str) -> int:
    """-1 where it is not installed."""
    try:
        return int(importlib.metadata.version(package).partition(".")[0])
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return -1


def _nbclassic_prefix() -> str:
    try:
        return str(importlib.import_module("nbclassic").nbclassic_path())
    except (ImportError, AttributeError):
        return "/nbclassic"


def _accepts(trait: str, value: str) -> Optional[bool]:
    """See flags.AcceptsTrait. A folder that is not there would keep the server from starting."""
    serverapp = importlib.import_module("jupyter_server.serverapp")
    known = serverapp.ServerApp.class_traits().get(trait.partition(".")[0])
    if known is None:
        return None
    if trait in ("root_dir", "preferred_dir"):
        return Path(value).is_dir()
    if "." not in trait and hasattr(known, "from_string"):
        try:
            known.from_string(value)
        except Exception:  # noqa: BLE001 # each trait raises its own kind
            return False
    return True


def failed_to_import(error: BaseException) -> Problem:
    return Problem(
        "server_missing",
        f"The Jupyter server of the image cannot be imported: {type(error).__name__}: {error}",
        "An admin can rebuild the image's Runtiles layer, or add jupyterlab and jupyterhub to the image.",
    )
