"""Actions that are known by name and do not exist yet: they answer 501."""

from typing import Literal, get_args

PlannedAction = Literal[
    "extend",
    "hold",
]
PLANNED: tuple[PlannedAction, ...] = get_args(PlannedAction)
