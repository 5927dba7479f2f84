"""A notice as JSON."""

from typing import Any

from runtiles import names
from runtiles.service.runtimes.view import iso
from runtiles.store import Notice, Notices

_END = "end:"


def listed(notices: Notices, user: str) -> list[dict[str, Any]]:
    """Oldest first. Reads the database."""
    return [
        {
            "id": notice.id,
            "at": iso(notice.at),
            "author": notice.author,
            "text": notice.text,
            "runtime": _runtime(notice),
        }
        for notice in notices.of_user(user)
    ]


def _runtime(notice: Notice) -> str | None:
    """Whose coming end it warns of."""
    if not notice.about.startswith(_END):
        return None
    return names.runtime_name(notice.about.removeprefix(_END))
