"""The command line of the single-user server: the runtime's own part and what a Command may add. Pure."""

from pathlib import Path
from typing import List, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import quote

from .flags import FlagPlan
from .report import Problem
from .runtime_state import RuntimeState


class FrontEnd(NamedTuple):
    """Where an interface opens a folder and a file."""

    start: str
    file: str


LAB = FrontEnd("/lab", "/lab/tree/")
NOTEBOOK = FrontEnd("/tree", "/notebooks/")


def nbclassic(prefix: str) -> FrontEnd:
    return FrontEnd(f"{prefix}/tree", f"{prefix}/notebooks/")


def server_arguments(
    front_end: FrontEnd,
    state: RuntimeState,
    flags: FlagPlan,
    environ: Mapping[str, str],
) -> List[str]:
    """What the person asked for comes last: it wins over the tile's and the Hub's defaults."""
    root = Path(flags.value("ServerApp.root_dir") or state.root or Path.cwd())
    arguments = ["--ServerApp.allow_root=True", f"--ServerApp.root_dir={root}"]
    url = _default_url(front_end, state, flags, root, environ)
    if url:
        arguments.append(f"--ServerApp.default_url={url}")
    return [*arguments, *flags.arguments]


def _default_url(
    front_end: FrontEnd,
    state: RuntimeState,
    flags: FlagPlan,
    root: Path,
    environ: Mapping[str, str],
) -> str:
    if flags.value("ServerApp.default_url") is not None:
        return ""
    for wanted in (*flags.paths, state.opens):
        parts = below(Path(state.root or root, wanted), root) if wanted else None
        if parts:
            return front_end.file + "/".join(quote(part) for part in parts)
    if environ.get("JUPYTERHUB_DEFAULT_URL") and front_end is LAB:
        return ""
    return front_end.start


def below(path: Path, root: Path) -> Optional[Tuple[str, ...]]:
    """The parts of `path` below `root`; None when it is not there, or not below it."""
    try:
        return path.resolve(strict=True).relative_to(root.resolve()).parts
    except (ValueError, OSError, RuntimeError):
        return None


def left_out(dropped: Tuple[str, ...]) -> Problem:
    """The notice that names each option which has no effect."""
    return Problem(
        "options_dropped",
        f"The command's options {', '.join(dropped)} have no effect here.",
        "Address, port, base URL, sign-in and origin of a runtime are the hub's; "
        "an option that the server does not know is left out too.",
    )
