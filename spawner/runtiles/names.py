"""Names of runtimes, volumes and folders, made from user and runtime names.

Guarantees, each with a test of that name:

* Two different users never share a volume, two runtimes of a user never share a workspace folder.
* Every name is valid where it is used, for any user name that a Hub accepts.
* The same input gives the same name for ever: files are found by it.
"""

import hashlib
import re
import string
import unicodedata
from collections.abc import Container

from runtiles.contract.protocol import DEFAULT_RUNTIME

MAX_RUNTIME_NAME = 30
#: What the API has in the place of a runtime's name: `/runtimes/preview`.
RESERVED = frozenset({"preview"})
_RUNTIME_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
#: Docker's limit for a volume is the file system's 255; room is left for a site's own prefix.
_MAX_ESCAPED = 128
_SAFE = frozenset(string.ascii_lowercase + string.digits)


def check_runtime_name(value: object) -> str:
    """A name as JupyterHub 6 accepts it for a named server, or `default`. Raises ValueError."""
    text = value if isinstance(value, str) else ""
    if len(text) > MAX_RUNTIME_NAME or not _RUNTIME_NAME.fullmatch(text):
        raise ValueError(
            f"must be 1 to {MAX_RUNTIME_NAME} lower-case letters, digits and single '-' between them,"
            " and start with a letter"
        )
    if text in RESERVED:
        raise ValueError(f"can't be {text!r}, which has a meaning of its own: choose another")
    return text


def server_name(runtime: str) -> str:
    """The Hub's name of a runtime: `default` is its unnamed server."""
    return "" if runtime == DEFAULT_RUNTIME else runtime


def runtime_name(server: str) -> str:
    """Our name of one of the Hub's servers. Never fails: see `check_server_name`."""
    return server or DEFAULT_RUNTIME


def check_server_name(server: str) -> str:
    """Raises ValueError for a named server that our API would take for something else.

    The Hub lets people create it; a spawner must not start it.
    """
    if server == DEFAULT_RUNTIME:
        raise ValueError(
            f"a named server can't be called {DEFAULT_RUNTIME!r}: that is the unnamed one"
        )
    if server in RESERVED:
        raise ValueError(f"a server can't be called {server!r}, which has a meaning of its own")
    return server


def escaped_user(user: str) -> str:
    """The user's name in [a-z0-9-], the same for no two users; `-` starts an escaped byte.

    Equal to DockerSpawner's `{username}` up to 128 characters; what is longer ends in a hash.
    """
    escaped = "".join(c if c in _SAFE else _escaped(c) for c in user)
    if len(escaped) <= _MAX_ESCAPED:
        return escaped
    # `--` never occurs in an escaped name, so a hashed one is never equal to another user's.
    digest = hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{escaped[: _MAX_ESCAPED - 34]}--{digest}"


def volume_name(user: str) -> str:
    """The volume that holds the user's files, in all of the user's runtimes."""
    return f"runtiles-{escaped_user(user)}"


def workspace_folder(runtime: str) -> str:
    """The folder below /storage/workspaces that belongs to a runtime.

    A name that only an old Hub could make (upper case, spaces) gets a hash, so that it stays one
    folder of its own.
    """
    if _RUNTIME_NAME.fullmatch(runtime) and len(runtime) <= MAX_RUNTIME_NAME:
        return runtime
    digest = hashlib.sha256(runtime.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{_slug(runtime)[:MAX_RUNTIME_NAME]}--{digest}"


def suggest_name(wish: str, taken: Container[str]) -> str:
    """A free runtime name that looks like `wish` (a tile's slug, a title): `pytorch`, `pytorch-2`."""
    base = _slug(wish)[:MAX_RUNTIME_NAME].rstrip("-")
    if base == DEFAULT_RUNTIME or base in RESERVED:
        base = "runtime"
    candidate, number = base, 1
    while candidate in taken:
        number += 1
        tail = f"-{number}"
        candidate = base[: MAX_RUNTIME_NAME - len(tail)].rstrip("-") + tail
    return candidate


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    slug = _NOT_SLUG.sub("-", "".join(c for c in plain if not unicodedata.combining(c)).lower())
    slug = slug.strip("-")
    if not slug:
        return "runtime"
    return slug if slug[0].isalpha() else f"r-{slug}"


def _escaped(character: str) -> str:
    return "".join(f"-{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
