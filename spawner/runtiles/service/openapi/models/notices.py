"""What admins tell users."""

from pydantic import BaseModel


class Notice(BaseModel):
    """`at` is ISO 8601 in UTC."""

    id: int
    at: str
    author: str
    text: str
