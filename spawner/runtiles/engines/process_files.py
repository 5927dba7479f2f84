"""The files of a runtime that is a process: those put into its folder, and its secrets in memory."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from runtiles.contract import secret_folders

from .base import ContainerFile


def put_files(root: Path, files: Sequence[ContainerFile]) -> None:
    """Below `root`, as below the root of a container; the owner is always this process's user."""
    for file in files:
        path = root / file.path.lstrip("/")
        if file.directory:
            path.mkdir(mode=file.mode, parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, file.mode)
        with os.fdopen(descriptor, "wb") as target:
            target.write(file.content)


def remove_secret_files(container_id: str) -> None:
    """A container's memory goes with it; a killed process leaves its files behind."""
    for place in secret_folders.places(os.environ, os.getuid()):
        for folder in Path(place).glob(f"{secret_folders.prefix(container_id)}*"):
            shutil.rmtree(folder, ignore_errors=True)
