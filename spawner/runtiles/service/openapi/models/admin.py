"""What the admin panel shows. Sizes are bytes, times ISO 8601 in UTC, null what nobody knows."""

from typing import Literal

from pydantic import BaseModel
from typing_extensions import NotRequired, TypedDict

from .errors import Error
from .runtimes import ActionName, Runtime, StateName


class Owner(BaseModel):
    user: str
    name: str


class GpuCount(BaseModel):
    total: int
    free: int


class DrainHead(BaseModel):
    """`acting`: is somebody at it right now?"""

    state: Literal["open", "draining", "drained", "resuming"]
    acting: bool
    since: str | None
    by: str | None
    message: str
    action: Literal["pause", "stop"]


class DrainedRuntime(BaseModel):
    user: str
    name: str
    outcome: Literal["waiting", "paused", "stopped", "failed", "resumed"]
    message: str
    at: str


class Drain(DrainHead):
    """With what became of each runtime."""

    runtimes: list[DrainedRuntime]


class Overview(BaseModel):
    """Versions, and how much of everything there is. `not_yet`: actions that answer 501 so far."""

    version: str
    engine: str | None
    engine_error: str | None
    hub: str | None
    runtimes: dict[StateName, int]
    users: int
    drain: DrainHead
    gpus: GpuCount
    not_yet: list[ActionName]


class RuntimeUse(BaseModel):
    """CPU in cores. Of several GPUs the mean of their use, and the sum of their memory."""

    cpu: float | None
    memory: int | None
    memory_limit: int | None
    gpu_percent: int | None
    gpu_memory: int | None


class Cost(BaseModel):
    """`so_far` is of the present run."""

    per_hour: float | None
    so_far: float | None
    currency: str


class AdminRuntime(Runtime):
    """A runtime, with what it uses and costs."""

    use: RuntimeUse
    cost: Cost
    idle_since: str | None
    idle_reason: str | None


class AdminRuntimes(BaseModel):
    """`counts`: how many there are in each state, whatever state was asked for."""

    total: int
    offset: int
    limit: int
    counts: dict[StateName, int]
    items: list[AdminRuntime]


class BulkResult(TypedDict):
    """`state` or `error`, as it is `ok` or not. A deleted runtime has no state."""

    user: str
    name: str
    ok: bool
    state: NotRequired[StateName | None]
    error: NotRequired[Error]


class BulkResults(BaseModel):
    """In the order of the runtimes asked for, each once."""

    results: list[BulkResult]


class Gpu(BaseModel):
    uuid: str
    model: str
    memory: int | None
    memory_used: int | None
    utilization: int | None
    holder: Owner | None


class GpuWish(Owner):
    """Somebody in line; the first place is 1."""

    position: int
    gpus: int
    models: list[str]


class Gpus(BaseModel):
    gpus: list[Gpu]
    queue: list[GpuWish]


class UsageRow(BaseModel):
    """`key` by runtime is `USER/NAME`. Frozen time is part of the running time, and is paid for."""

    key: str
    launches: int
    hours: float
    gpu_hours: float
    cost: float
    frozen_hours: float
    queued_hours: float
    running_seconds: float
    frozen_seconds: float
    queued_seconds: float


class SnapshotsOfUser(BaseModel):
    """`size` in bytes; `oldest` is when the oldest of them was saved."""

    user: str
    count: int
    size: int
    oldest: str


UsageBy = Literal["user", "team", "tile", "machine", "runtime"]

#: Not a class: `from` is no name in Python.
UsageReport = TypedDict(
    "UsageReport",
    {"from": str, "to": str, "by": UsageBy, "currency": str, "items": list[UsageRow]},
)
