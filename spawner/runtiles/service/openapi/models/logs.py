"""What a launch printed, and the launches themselves."""

from pydantic import BaseModel

from .errors import Error


class LogLineAnswer(BaseModel):
    """`at` is ISO 8601 in UTC, to the microsecond."""

    at: str
    phase: str
    line: str


class Launched(BaseModel):
    """One launch of a runtime. Times are ISO 8601 in UTC."""

    id: str
    created: str
    started_at: str | None
    ended: str | None
    state: str
    tile: str | None
    machine: str | None
    image: str | None
    error: Error | None
