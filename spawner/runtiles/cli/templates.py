"""Requests kept for the next time: YAML files in the settings folder, or anywhere."""

import os
import re
from pathlib import Path
from typing import Any, Dict, List

from . import yaml_text
from .credentials import config_dir
from .errors import BadUsage, CliError
from .names import pick

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
_SUFFIX = ".yaml"


def folder() -> Path:
    return config_dir() / "templates"


def names() -> List[str]:
    return sorted(path.stem for path in folder().glob(f"*{_SUFFIX}"))


def load(name: str) -> Dict[str, Any]:
    """A stored template by any unique beginning of its name, or a file by its path."""
    return yaml_text.read_mapping(find(name))


def find(name: str) -> Path:
    """What has a separator or a dot is a file's path. Raises BadUsage, NoSuchName, AmbiguousName."""
    if os.sep in name or "." in name:
        path = Path(name).expanduser()
        if not path.is_file():
            raise BadUsage(f"There is no file {name}.")
        return path
    return folder() / f"{pick(name, names(), 'template')}{_SUFFIX}"


def save(name: str, options: Dict[str, Any], *, replace: bool) -> Path:
    """Raises BadUsage for a bad name, CliError for a taken one."""
    if not _NAME.fullmatch(name):
        raise BadUsage("A template's name has letters, digits, '-' and '_'.")
    path = folder() / f"{name}{_SUFFIX}"
    if path.exists() and not replace:
        raise CliError(f"There is a template {name!r} already.", hint="Add --replace.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A template may hold what is nobody else's business.
        path.touch(mode=0o600)
        path.write_text(yaml_text.dump(options), encoding="utf-8")
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror}.") from None
    return path


def delete(name: str) -> str:
    found = folder() / f"{pick(name, names(), 'template')}{_SUFFIX}"
    found.unlink()
    return found.stem
