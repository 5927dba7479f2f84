"""Runtimes, their launches and what these report."""

from typing import Any, Literal

from pydantic import BaseModel
from typing_extensions import NotRequired, TypedDict

from runtiles.catalogue.models import IdleAction, IdleType

from .errors import Error
from .idle import Ends, Room

StateName = Literal[
    "queued",
    "starting",
    "running",
    "frozen",
    "pausing",
    "paused",
    "resuming",
    "stopping",
    "stopped",
    "failed",
]

ActionName = Literal["start", "stop", "freeze", "thaw", "extend", "hold"]


class Progress(BaseModel):
    """How far the present phase is. `done` and `total` are bytes."""

    percent: float | None
    done: int | None
    total: int | None
    message: str | None


class IdleAnswer(TypedDict):
    """What applies, or was asked for where it does not run; `timeout` is in seconds. Of a running one also
    what `GET /runtimes/NAME/idle` says."""

    timeout: NotRequired[int]
    type: NotRequired[IdleType]
    action: NotRequired[IdleAction]
    since: NotRequired[str | None]
    ends: NotRequired[Ends | None]
    held_until: NotRequired[str | None]
    warning: NotRequired[float | None]
    reason: NotRequired[str]
    reason_at: NotRequired[str | None]
    found: NotRequired[str | None]
    warnings: NotRequired[list[int]]
    extend: NotRequired[Room | None]
    hold: NotRequired[Room | None]


class Runtime(BaseModel):
    """One runtime. What is not known is null. Times are ISO 8601 in UTC."""

    name: str
    user: str
    tile: str | None
    title: str | None
    description: str | None
    image: str | None
    image_digest: str | None
    machine: str | None
    gpus: list[str]
    state: StateName
    phase: str | None
    progress: Progress | None
    url: str | None
    since: str | None
    started_at: str | None
    expires_at: str | None
    actions: list[
        Literal["start", "stop", "pause", "resume", "freeze", "thaw", "extend", "hold", "delete"]
    ]
    idle: IdleAnswer | None
    snapshot: str | None
    usage: dict[str, Any] | None
    last_error: Error | None


class Resources(BaseModel):
    """Sizes in bytes; shm 0 is the engine's default."""

    cpus: float
    memory: int
    shm: int
    gpus: int
    gpu_models: list[str]
    pool: str
    price_per_hour: float


class PreviewWorkspace(BaseModel):
    """The password is a reference or masked."""

    url: str
    ref: str
    username: str
    password: str
    required: bool


class PreviewRegistry(BaseModel):
    """The password is a reference or masked."""

    username: str
    password: str


class PreviewIdle(BaseModel):
    timeout: int
    type: IdleType
    action: IdleAction


class PreviewMount(BaseModel):
    source: str
    target: str
    read_only: bool


class Preview(BaseModel):
    """What a launch would be: the request merged with its tile and its machine."""

    name: str
    tile: str
    title: str
    description: str
    machine: str
    image: str
    pull_policy: Literal["missing", "always", "never"]
    container_user: str
    resources: Resources
    command: list[str]
    environment: dict[str, str]
    secrets_as: Literal["environment", "file"]
    workspace: PreviewWorkspace
    registry: PreviewRegistry
    startup_hook: str
    example: str
    resume: str
    time_limit: int | None
    idle: PreviewIdle | None
    mounts: list[PreviewMount]
