"""Paths that people name: an example notebook, a mount target."""

import posixpath
import re
from urllib.parse import urlsplit

from .text import one_line

_MAX = 1000
_TARGET = re.compile(r"/[A-Za-z0-9_.@+-]+(?:/[A-Za-z0-9_.@+-]+)*")
#: What the container needs to be itself, and what Runtiles puts there.
_TAKEN = ("/storage", "/run", "/proc", "/sys", "/dev", "/etc", "/usr", "/bin", "/sbin", "/lib")
_TAKEN_TOO = ("/lib64", "/opt/runtiles", "/var/run", "/boot", "/root/.jupyter")


def check_example(value: object) -> str:
    """A path below the workspace or the http(s) address of a notebook; empty for none."""
    text = one_line(value, limit=_MAX)
    if "://" in text:
        return _check_address(text)
    parts = text.split("/")
    if text and (text.startswith(("/", "~")) or "\\" in text or ".." in parts):
        raise ValueError("must be a path inside the workspace, or an https:// address")
    return posixpath.normpath(text) if text else ""


def check_mount_target(value: object) -> str:
    """An absolute path in the container where nothing that it needs is hidden."""
    text = one_line(value, limit=_MAX)
    if not _TARGET.fullmatch(text) or posixpath.normpath(text) != text:
        raise ValueError("must be an absolute path such as /data/shared")
    if any(text == taken or text.startswith(f"{taken}/") for taken in (*_TAKEN, *_TAKEN_TOO)):
        raise ValueError("must not hide what the container itself needs")
    return text


def _check_address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("is not a valid address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a path inside the workspace, or an https:// address")
    if "@" in parts.netloc:
        raise ValueError("must not contain credentials")
    return text
