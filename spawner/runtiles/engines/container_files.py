"""Files for a container as the archive that engines take, and who their owner is. Pure."""

import io
import tarfile
import time
from collections.abc import Sequence

from runtiles.contract.errors import LaunchFailed

from .base import ContainerFile, Owner


def archive(files: Sequence[ContainerFile]) -> bytes:
    """A tar to unpack at `/`. Parents that exist keep their mode: only what is listed is in it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for file in files:
            member = tarfile.TarInfo(file.path.lstrip("/"))
            member.mode, member.mtime = file.mode, int(time.time())
            member.uid, member.gid = file.owner.uid, file.owner.gid
            if file.directory:
                member.type = tarfile.DIRTYPE
                tar.addfile(member)
            else:
                member.size = len(file.content)
                tar.addfile(member, io.BytesIO(file.content))
    return buffer.getvalue()


def unpack_one(tar: bytes) -> str:
    """The text of the one regular file in an archive; '' when there is none."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        for member in opened:
            content = opened.extractfile(member) if member.isfile() else None
            if content is not None:
                return content.read().decode(errors="replace")
    return ""


def resolve_owner(user: str, passwd: str, group: str) -> Owner:
    """Who `user` (`name`, `uid`, `name:group`, `uid:gid`, '') is, as the engine would decide.

    A uid without an entry is in group 0. Raises LaunchFailed for a name without an entry.
    """
    name, _, group_name = user.partition(":")
    uid, gid = _find_user(name or "0", _rows(passwd, 4))
    if group_name:
        gid = _find_group(group_name, _rows(group, 3))
    return Owner(uid, gid)


def _find_user(name: str, rows: list[list[str]]) -> tuple[int, int]:
    for row in rows:
        if name in (row[0], row[2]):
            return int(row[2]), int(row[3])
    if name.isdigit():
        return int(name), 0
    raise LaunchFailed(
        f"The image has no user {name!r}.",
        hint="Choose a user of its /etc/passwd, or a number.",
    )


def _find_group(name: str, rows: list[list[str]]) -> int:
    for row in rows:
        if name in (row[0], row[2]):
            return int(row[2])
    if name.isdigit():
        return int(name)
    raise LaunchFailed(
        f"The image has no group {name!r}.",
        hint="Choose a group of its /etc/group, or a number.",
    )


def _rows(text: str, fields: int) -> list[list[str]]:
    """The lines of passwd or group that are whole; ids are numbers."""
    rows = (line.strip().split(":") for line in text.splitlines())
    return [
        row
        for row in rows
        if len(row) >= fields and all(number.isdigit() for number in row[2:fields])
    ]
