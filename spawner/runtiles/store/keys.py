"""The key that secrets are encrypted with: one file, readable by its owner only."""

import os
import secrets
import stat
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

from runtiles.contract.errors import ServiceUnavailable


def load_key(path: Path | str) -> bytes:
    """The contents of the key file; a missing one is created with a new key and mode 0600.

    The file may hold several keys, one per line: the first encrypts, all decrypt. To rotate, put a
    new key in front and call `Secrets.rotate`. Raises ServiceUnavailable for a file that others may
    read, or that holds no key. Safe against two processes creating it at once.
    """
    path = Path(path)
    try:
        if not path.exists():
            _create(path)
        mode = path.stat().st_mode
        text = path.read_bytes()
    except OSError as error:
        raise ServiceUnavailable(
            f"The key file {path} cannot be used: {error.strerror}.",
            hint="The folder must exist, and the user who runs the Hub must own the file.",
        ) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ServiceUnavailable(
            f"The key file {path} can be read by others.", hint=f"Run: chmod 600 {path}"
        )
    cipher(text)
    return text


def cipher(key: bytes) -> MultiFernet:
    """The cipher of a key file's contents. Raises ServiceUnavailable when there is no valid key."""
    try:
        return MultiFernet([Fernet(line) for line in key.split()])
    except ValueError as error:
        raise ServiceUnavailable(
            "The key for secrets is not valid.",
            hint="It is one or more lines of 44 characters, as made by"
            " cryptography.fernet.Fernet.generate_key().",
        ) from error


def _create(path: Path) -> None:
    """Writes beside it, then links: nobody ever sees half a key, and the first of two wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
