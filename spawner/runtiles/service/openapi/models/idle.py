"""What is told of a runtime's activity and its end. Times are ISO 8601 in UTC."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from runtiles.catalogue.models import IdleAction, IdleType


class Ends(BaseModel):
    """`cause`: it is idle, its reservation is over, it has been frozen for long."""

    at: str
    seconds: int
    cause: Literal["idle", "expired", "frozen"]
    action: IdleAction


class AliveBy(BaseModel):
    """`text` is half a sentence, `about` a notebook, a program, a load."""

    kind: str
    about: str
    text: str


class Terms(BaseModel):
    timeout: int
    type: IdleType
    action: IdleAction


class Room(BaseModel):
    """Null: no limit."""

    max_seconds: int | None


class IdleState(BaseModel):
    """`reason` says it in a sentence, with an hour in UTC; `reason_at` is that moment. `warning`: the last
    one given, in seconds before the end. `found`: what was found when it was due and nothing was done.
    `reported`: when it last told of itself. `warnings`: seconds before the end at which people are told,
    none in a dry run. `extend`: how far its reservation can still go beyond its present end, null for not
    at all. `hold`: for how long from now it can be kept, null where nobody may."""

    policy: Terms | None
    since: str | None
    alive: list[AliveBy]
    ends: Ends | None
    expires_at: str | None
    held_until: str | None
    warning: float | None
    reported: str | None
    reason: str
    reason_at: str | None
    found: str | None
    warnings: list[int]
    extend: Room | None
    hold: Room | None


class Told(IdleState):
    """The answer to a report. `beat` stands for the report and for this answer: see `Report.same`. Null
    where the report was older than another one."""

    beat: str | None


class Report(BaseModel):
    """`runtiles.contract.activity.Activity`; ages in seconds. Or only `same`, the last answer's `beat`:
    nothing but ages has changed since. The answer to that is 204, or 409: then the whole one is wanted."""

    model_config = ConfigDict(extra="allow")

    same: str | None = None
    sequence: int = 0
    up_for: float = 0.0
    kernels: list[dict[str, Any]] = []
    terminals: list[dict[str, Any]] = []
