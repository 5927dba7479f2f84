"""The key that secrets are encrypted with: one file, readable by its owner only.

It holds one key per line: the first encrypts, all decrypt. A line that begins with `#` is no key; the one
that begins with `# site` tells sites apart and stays when keys change.
"""

import hashlib
import logging
import os
import secrets
import stat
import threading
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet, MultiFernet

from runtiles.contract.errors import ServiceUnavailable

_SITE = b"# site "
_log = logging.getLogger(__name__)


class Keys(Protocol):
    """Where ciphers come from; asked anew for every value."""

    def reading(self) -> MultiFernet: ...

    def writing(self) -> MultiFernet: ...


class FixedKeys:
    """Keys that never change, from a key file's contents."""

    def __init__(self, text: bytes) -> None:
        self._cipher = cipher(text)

    def reading(self) -> MultiFernet:
        return self._cipher

    writing = reading


class KeyFile:
    """The keys of a file that may change while it is used, as `rotate_key` does. Thread-safe.

    Made like `load_key` makes it, and raises as that does. Later a file that went missing or became
    unreadable leaves reading to the last good keys; writing raises ServiceUnavailable, because what
    is written now must be readable with the keys that are in the file.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        load_key(self.path)
        self._mark = _mark(self.path)
        self._cipher = cipher(_read(self.path))
        self._problem: ServiceUnavailable | None = None

    def reading(self) -> MultiFernet:
        with self._lock:
            self._look()
            return self._cipher

    def writing(self) -> MultiFernet:
        with self._lock:
            self._look()
            if self._problem is not None:
                raise self._problem
            return self._cipher

    def _look(self) -> None:
        mark = _mark(self.path)
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._cipher, self._problem = cipher(_read(self.path)), None
        except ServiceUnavailable as problem:
            _log.warning("The key file changed and cannot be used: %s", problem)
            self._problem = problem


def load_key(path: Path | str) -> bytes:
    """The contents of the key file; a missing one is created with a new key and mode 0600.

    Raises ServiceUnavailable for a file that others may read, or that holds no key. Safe against two
    processes creating it at once.
    """
    path = Path(path)
    if not path.exists():
        try:
            _create(path)
        except OSError as error:
            raise _unusable(path, error) from error
    text = _read(path)
    cipher(text)
    return text


def cipher(key: bytes) -> MultiFernet:
    """The cipher of a key file's contents. Raises ServiceUnavailable when there is no valid key."""
    try:
        return MultiFernet([Fernet(line) for line in key_lines(key)])
    except ValueError as error:
        raise ServiceUnavailable(
            "The key for secrets is not valid.",
            hint="It is one or more lines of 44 characters, as made by"
            " cryptography.fernet.Fernet.generate_key().",
        ) from error


def key_lines(text: bytes) -> list[bytes]:
    """The keys of a key file's contents, the one that encrypts first."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(b"#")]


def first_key(text: bytes) -> bytes:
    """The key that encrypts: another one after each change of keys, and only then."""
    return key_lines(text)[0]


def site_of(text: bytes) -> bytes:
    """What tells this key file's site from all others: the same after each change of its keys."""
    marked = (line for line in text.splitlines() if line.startswith(_SITE))
    found = next(marked, b"")[len(_SITE) :].strip()
    return found or hashlib.sha256(b"site" + text).hexdigest().encode()


def with_new_key(text: bytes) -> bytes:
    """The contents with a new key in front."""
    return _contents(site_of(text), [Fernet.generate_key(), *key_lines(text)])


def with_first_key(text: bytes) -> bytes:
    """The contents without all keys but the first."""
    return _contents(site_of(text), key_lines(text)[:1])


def replace_keys(path: Path, text: bytes) -> None:
    """Whole or not at all, for the same owner, mode 0600. Raises ServiceUnavailable."""
    path = path.resolve()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        owner = path.stat()
        _write(draft, text)
        # Run by an administrator, read by the Hub.
        os.chown(draft, owner.st_uid, owner.st_gid)
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unusable(path, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _contents(site: bytes, keys: list[bytes]) -> bytes:
    return b"\n".join([_SITE + site, *keys, b""])


def _read(path: Path) -> bytes:
    """Raises ServiceUnavailable for a file that is missing or that others may read."""
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()
    except OSError as error:
        raise _unusable(path, error) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ServiceUnavailable(
            f"The key file {path} can be read by others.", hint=f"Run: chmod 600 {path}"
        )
    return text


def _unusable(path: Path, error: OSError) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"The key file {path} cannot be used: {error.strerror}.",
        hint="The folder must exist, and the user who runs the Hub must own the file.",
    )


def _mark(path: Path) -> tuple[int, ...]:
    """Another one for every change of the file, also for one of its mode."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)


def _create(path: Path) -> None:
    """Writes beside it, then links: nobody ever sees half a key, and the first of two wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write(draft, Fernet.generate_key() + b"\n")
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


def _write(path: Path, text: bytes) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
