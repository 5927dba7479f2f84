"""kishu's checkpoint of a whole session, without the notebook around it: its own plan and database."""

from pathlib import Path
from typing import Any

from kishu.jupyter.namespace import Namespace
from kishu.planning.plan import CheckpointPlan, VarNamesToObjects
from kishu.storage.checkpoint import KishuCheckpoint


def save(path: Path, space: dict[str, Any]) -> None:
    names = Namespace(space)
    KishuCheckpoint(path / "all").init_database()
    CheckpointPlan.create(names, path / "all", "1", list(space)).run(names)


def load(path: Path) -> dict[str, Any]:
    found = VarNamesToObjects.loads(KishuCheckpoint(path / "all").get_checkpoint("1"))
    return dict(found.items())
