"""Tokens for programs outside the browser."""

from pydantic import BaseModel, ConfigDict


class AccessRequest(BaseModel):
    """How long the token lives, in seconds: 60 to 86400, an hour if left out."""

    model_config = ConfigDict(extra="forbid")

    expires_in: int = 3600


class Access(BaseModel):
    """`url` is where the runtime is, `token` opens it until `expires_at` (ISO 8601 in UTC)."""

    url: str
    token: str
    id: str
    scopes: list[str]
    expires_at: str
