"""Kernels, what they hold, and what a pause would make of it. Sizes are in bytes."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class KernelSession(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    path: str
    name: str
    type: str


class Kernel(BaseModel):
    """`carried`: can a pause carry what it holds?"""

    model_config = ConfigDict(extra="allow")

    id: str
    name: str
    language: str
    path: str | None
    sessions: list[KernelSession]
    execution_state: str
    busy_seconds: float | None
    carried: bool


class Loss(BaseModel):
    """The smallest thing that cannot be carried: `path` is where in the variable it sits."""

    model_config = ConfigDict(extra="allow")

    variable: str
    path: str
    type: str
    reason: str


class KernelVariables(BaseModel):
    model_config = ConfigDict(extra="allow")

    kernel: str
    variables: list[dict[str, Any]]
    losses: list[Loss]
    notes: list[Any]
    bytes: int
    seconds: float


class PauseTerminal(BaseModel):
    """An open terminal, which a pause ends, or a detached tmux. `job` is null at its prompt."""

    model_config = ConfigDict(extra="forbid")

    name: str
    job: str | None
    status: str


class PauseLook(BaseModel):
    """What a pause would do. `free`: bytes that the storage has room for. A terminal's status is `running`
    (a program is at work there), `background` (behind the prompt, or detached), `waiting` (for whoever
    types) or `prompt`; the first two would be lost."""

    model_config = ConfigDict(extra="allow")

    bytes: int
    seconds: float | None
    free: int | None
    kernels: list[dict[str, Any]]
    terminals: list[PauseTerminal]


class Resume(BaseModel):
    """`snapshot`: another one than the runtime is paused on."""

    model_config = ConfigDict(extra="forbid")

    snapshot: str = ""


class OneKernel(BaseModel):
    """`kernel`: its id; may be left out where there is but one."""

    model_config = ConfigDict(extra="forbid")

    kernel: str | None = None
