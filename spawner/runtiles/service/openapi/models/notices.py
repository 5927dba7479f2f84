"""What admins tell users, and what is told of their runtimes."""

from pydantic import BaseModel


class Notice(BaseModel):
    """`at` is ISO 8601 in UTC. `runtime` is the one whose coming end it warns of, else null."""

    id: int
    at: str
    author: str
    text: str
    runtime: str | None
