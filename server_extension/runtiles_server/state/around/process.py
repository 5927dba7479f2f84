"""Of the process: where it stands and what its standard library was told."""

import decimal
import logging
import os
import random
import re
import sys
import threading
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Set

from ..deep import usual_limit

#: Names of variables that are not the user's, or may be a credential's.
_NOT_CARRIED = re.compile(
    r"JUPYTER|JPY_|RUNTILES_|KERNEL|TOKEN|SECRET|PASSW|CREDENTIAL|_KEY$|^KEY|AUTH|"
    r"^(PATH|HOME|HOSTNAME|USER|LOGNAME|SHELL|PWD|OLDPWD|SHLVL|_|NVIDIA_.*|LD_.*)$",
    re.IGNORECASE,
)

#: Names of variables that the launcher was given secrets for. This folder has to do without the contract.
_NAMES_OF_SECRETS = "RUNTILES_SECRET_NAMES"
_TOKENS = ("JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN")
#: A shorter value is in others by chance.
_TELLING = 6

_PYTHONS_OWN = re.compile(r"/lib(64)?/python[\d.]+(/|$)|/python\d+\.zip$|-packages$")


@contextmanager
def undone_on_failure() -> Iterator[None]:
    """Environment, import path, directory and warning filters stay as they are if the block raises."""
    variables, path = dict(os.environ), list(sys.path)
    filters, limit = list(warnings.filters), sys.getrecursionlimit()
    place = None
    with suppress(OSError):
        place = Path.cwd()
    try:
        yield
    except BaseException:
        set_environment({**dict.fromkeys(os.environ), **variables})
        sys.path[:] = path
        if place is not None:
            os.chdir(place)
        set_warning_filters(filters)
        sys.setrecursionlimit(limit)
        raise


def directory() -> str:
    return str(Path.cwd())


def set_directory(path: str) -> List[str]:
    if path == str(Path.cwd()):
        return []
    try:
        os.chdir(path)
    except OSError as error:
        return [f"The working directory {path} is not here: {error.strerror}."]
    return []


def environment() -> Dict[str, Optional[str]]:
    """What changed since the process was started; never what may be a credential, nor what has a secret
    of the launch in it."""
    start = _at_start()
    names = [*os.environ.get(_NAMES_OF_SECRETS, "").split(), *_TOKENS]
    secrets = {each.get(name) or "" for each in (start, os.environ) for name in names}
    changed: Dict[str, Optional[str]] = {
        name: value for name, value in os.environ.items() if start.get(name) != value
    }
    changed.update({name: None for name in start if name not in os.environ})
    return {
        name: value
        for name, value in changed.items()
        if not (_NOT_CARRIED.search(name) or name in names or _tells(value, secrets))
    }


def _tells(value: Optional[str], secrets: Set[str]) -> bool:
    return any(
        value == each or (len(each) >= _TELLING and each in (value or ""))
        for each in secrets
        if each
    )


def _at_start() -> Dict[str, str]:
    try:
        raw = Path("/proc/self/environ").read_bytes()
    except OSError:
        return dict(os.environ)
    pairs = (each.partition(b"=") for each in raw.split(b"\0") if each)
    found = {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}
    # Programs write their title over it (setproctitle): then everything would look new.
    return found if "PATH" in found or "PATH" not in os.environ else dict(os.environ)


def set_environment(changed: Dict[str, Optional[str]]) -> List[str]:
    for name, value in changed.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    return []


def import_path() -> List[str]:
    """Without Python's own folders, which another Python must not get."""
    return [each for each in sys.path if isinstance(each, str) and not _PYTHONS_OWN.search(each)]


def set_import_path(path: List[str]) -> List[str]:
    """Entries that are missing here are put where they were; none is taken away."""
    for index, entry in enumerate(path):
        if entry not in sys.path and (not entry or Path(entry).exists()):
            sys.path.insert(index, entry)
    return []


def recursion() -> int:
    return usual_limit()


def set_recursion(limit: int) -> List[str]:
    sys.setrecursionlimit(limit)
    return []


def warning_filters() -> List[Any]:
    return list(warnings.filters)


def set_warning_filters(filters: List[Any]) -> List[str]:
    warnings.filters[:] = filters  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined] # noqa: SLF001 - as simplefilter does
    return []


def decimal_context() -> decimal.Context:
    return decimal.getcontext().copy()


def set_decimal_context(context: decimal.Context) -> List[str]:
    decimal.setcontext(context)
    return []


def log_levels() -> Dict[str, int]:
    known = {name: logging.getLogger(name) for name in list(logging.Logger.manager.loggerDict)}
    levels = {name: logger.level for name, logger in known.items() if logger.level}
    return {"": logging.getLogger().level, **levels}


def set_log_levels(levels: Dict[str, int]) -> List[str]:
    for name, level in levels.items():
        logging.getLogger(name or None).setLevel(level)
    return []


def random_state() -> Any:
    return random.getstate()


def set_random_state(state: Any) -> List[str]:
    random.setstate(state)
    return []


_OURS = re.compile(
    r"MainThread|runtiles|IPython|Thread-\d+( \(.*\))?$|IOPub|Control|Heartbeat|asyncio"
)


def threads() -> List[str]:
    """Those that the user named: they do not go on."""
    names = [each.name for each in threading.enumerate()]
    return [name for name in names if not _OURS.match(name)] or []


def tell_of_threads(names: List[str]) -> List[str]:
    return [f"These threads do not run any more: {', '.join(names)}."] if names else []
