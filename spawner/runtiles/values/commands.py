"""The command a container runs and the user it runs as."""

import re
import shlex
from collections.abc import Sequence

from .text import one_line, shown

_MAX_ARGUMENTS = 200
_MAX_LENGTH = 16_384
_USER = re.compile(r"(?P<user>[A-Za-z_][A-Za-z0-9_.-]{0,31}|[0-9]{1,10})(?::(?P<group>.*))?")
_GROUP = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}|[0-9]{1,10}")
#: The kernel keeps 2**32 - 1 for "unchanged".
_MAX_ID = 2**32 - 2


def parse_command(value: object) -> tuple[str, ...]:
    """An argv from a shell-quoted line or a list of texts; empty for none. Never run by a shell."""
    parts = _split(value) if isinstance(value, str) else _listed(value)
    if len(parts) > _MAX_ARGUMENTS or sum(map(len, parts)) > _MAX_LENGTH:
        raise ValueError(f"must be at most {_MAX_ARGUMENTS} words of {_MAX_LENGTH} characters")
    for part in parts:
        if any(ord(c) < 32 or ord(c) == 127 for c in part):
            raise ValueError("must not contain line breaks or control characters")
    if parts and not parts[0]:
        raise ValueError("the first word must name a program")
    return tuple(parts)


def parse_container_user(value: object) -> str:
    """`name`, `uid`, `name:group` or `uid:gid`."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = one_line(value, limit=80)
    match = _USER.fullmatch(text)
    group = match["group"] if match else None
    if not match or (group is not None and not _GROUP.fullmatch(group)):
        raise ValueError("must be a user name or number, optionally with ':group'")
    if any(part.isdigit() and int(part) > _MAX_ID for part in (match["user"], group or "")):
        raise ValueError(f"user and group numbers end at {_MAX_ID}")
    return text


def _split(text: str) -> list[str]:
    if len(text) > _MAX_LENGTH:
        raise ValueError(f"must be at most {_MAX_LENGTH} characters long")
    try:
        return shlex.split(text)
    except ValueError:
        raise ValueError("has a quote or a backslash without its other half") from None


def _listed(value: object) -> Sequence[str]:
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"must be text or a list of texts, not {shown(value)}")  # noqa: TRY004
    for part in value:
        if not isinstance(part, str):
            raise ValueError(f"must be a list of texts; {shown(part)} is none")  # noqa: TRY004
    return value
