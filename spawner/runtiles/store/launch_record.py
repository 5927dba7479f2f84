"""What is kept of a launch, and how it stands in a row."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import RowMapping

#: Columns of JSON lists. One that was added to older rows is null in these.
_LISTS = ("gpus", "notices", "teams")


@dataclass(frozen=True)
class LaunchRecord:
    """One launch. Times are seconds since the epoch. `options` and `spec` hold no secret in clear:
    credentials are references (`secret:NAME`). `error` is a RuntilesError's dict.

    `address` is the server's URL as the Hub reaches it, base URL included; `storage` says where the
    user's files are (`engines.base.Storage` as a dict). `snapshot` is the one that this launch ended with:
    a runtime whose newest launch has one is paused. `frozen_at`: since when its clock stands still.
    `expires_at` is the end of its reservation, `held_until` until when somebody keeps it though it is idle.
    `teams` are those of the user's groups that the site's policy spoke of when it was launched: their
    limits hold for it as long as it lives.
    """

    id: str
    user: str
    server: str
    created: float
    tile: str = ""
    machine: str = ""
    image: str = ""
    image_digest: str = ""
    container_id: str = ""
    gpus: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict, repr=False)
    state: str = "starting"
    started_at: float | None = None
    ended_at: float | None = None
    error: Mapping[str, Any] | None = None
    notices: tuple[str, ...] = ()
    token_hash: str = field(default="", repr=False)
    price_per_hour: float = 0.0
    address: str = ""
    storage: Mapping[str, Any] | None = None
    snapshot: str = ""
    frozen_at: float | None = None
    expires_at: float | None = None
    held_until: float | None = None
    teams: tuple[str, ...] = ()

    @property
    def ends_at(self) -> float | None:
        """When its reservation ends: as recorded, else its time limit after the moment it was ready."""
        if self.expires_at is not None:
            return self.expires_at
        limit = self.spec.get("time_limit")
        return self.started_at + float(limit) if limit and self.started_at is not None else None

    def owns(self, token: str) -> bool:
        """Is this the server token that the launch was recorded with? False when there was none."""
        return bool(self.token_hash) and hmac.compare_digest(self.token_hash, hash_of(token))


def row_of(launch: LaunchRecord) -> dict[str, Any]:
    """All columns but `number`, which the database counts."""
    row = {f.name: getattr(launch, f.name) for f in fields(launch)}
    return {**row, **{name: list(row[name]) for name in _LISTS}}


def record_of(row: RowMapping) -> LaunchRecord:
    values = {k: v for k, v in row.items() if k != "number"}
    return LaunchRecord(**{**values, **{name: tuple(values[name] or ()) for name in _LISTS}})


def hash_of(token: str) -> str:
    """What is kept of a server's token."""
    # No salt and no stretching: a token is 128 random bits or more, there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()
