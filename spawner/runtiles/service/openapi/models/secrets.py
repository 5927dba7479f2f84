"""Secrets: names, never values."""

from typing import Literal

from pydantic import BaseModel

Scope = Literal["user", "team"]


class Secret(BaseModel):
    """`team` is null for one of a user's own. Times are ISO 8601 in UTC."""

    name: str
    scope: Scope
    team: str | None
    created: str
    updated: str


class AdminSecret(BaseModel):
    """`owner` is a user or a team."""

    kind: Scope
    owner: str
    name: str
    updated: str


class AdminSecrets(BaseModel):
    items: list[AdminSecret]
