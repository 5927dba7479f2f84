"""What the audit log shows."""

from typing import Any

from pydantic import BaseModel


class AuditItem(BaseModel):
    """`at` is ISO 8601 in UTC; `target` such as `runtime:ada/lab` or `tile:python`."""

    id: int
    at: str
    actor: str
    action: str
    target: str
    details: dict[str, Any]


class AuditPage(BaseModel):
    """Newest first; `total` is how many there are in all."""

    total: int
    items: list[AuditItem]
