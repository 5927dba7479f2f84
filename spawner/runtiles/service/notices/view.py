"""A notice as JSON."""

from typing import Any

from runtiles.service.runtimes.view import iso
from runtiles.store import Notices


def listed(notices: Notices, user: str) -> list[dict[str, Any]]:
    """Oldest first. Reads the database."""
    return [
        {"id": notice.id, "at": iso(notice.at), "author": notice.author, "text": notice.text}
        for notice in notices.of_user(user)
    ]
