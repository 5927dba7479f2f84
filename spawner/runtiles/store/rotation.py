"""A new key for all secrets, while Hub and service go on reading and writing them."""

from dataclasses import dataclass

from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import Connection, select

from runtiles.contract.errors import ServiceUnavailable

from .database import Database
from .keys import KeyFile, cipher, load_key, replace_keys, with_first_key, with_new_key
from .schema import SECRETS
from .secrets import is_secret, lock_secrets

_ATTEMPTS = 3


@dataclass(frozen=True)
class Rotated:
    """How many values the new key encrypts now, and the secrets that no key of the file could open."""

    count: int
    unreadable: tuple[str, ...] = ()


def rotate_key(database: Database, keys: KeyFile, *, drop_old: bool = False) -> Rotated:
    """A new key in front of the file, every value encrypted with it, older keys dropped if asked.

    Nothing is lost at any moment, also when this is killed half-way, when two do it at once, or when
    others write meanwhile: whoever writes a secret looks at the file under the lock that this takes
    for each of its steps. Raises ServiceUnavailable.
    """
    with database.write() as connection:
        lock_secrets(connection)
        replace_keys(keys.path, with_new_key(load_key(keys.path)))
    rotated = _encrypt_all(database, keys)
    attempts = _ATTEMPTS
    while drop_old and not _dropped(database, keys):
        if attempts == 0:
            raise ServiceUnavailable(
                "Something still writes secrets with an older key, so that no key was dropped.",
                hint="Restart Hub and service if they are of an older version, then run it again.",
            )
        attempts -= 1
        rotated = _encrypt_all(database, keys)
    return rotated


def _encrypt_all(database: Database, keys: KeyFile) -> Rotated:
    """In one transaction of its own: it must be over before any key may go."""
    with database.write() as connection:
        lock_secrets(connection)
        now = keys.writing()
        rows = connection.execute(select(SECRETS)).all()
        unreadable = []
        for row in rows:
            try:
                token = now.rotate(row.token.encode()).decode()
            except InvalidToken:
                unreadable.append(f"{row.kind} {row.owner}: {row.name}")
                continue
            where = is_secret(row.kind, row.owner, row.name)
            connection.execute(SECRETS.update().where(where).values(token=token))
    return Rotated(len(rows) - len(unreadable), tuple(unreadable))


def _dropped(database: Database, keys: KeyFile) -> bool:
    """Leave the first key alone in the file; False if some value would be lost by it."""
    with database.write() as connection:
        lock_secrets(connection)
        text = load_key(keys.path)
        first = with_first_key(text)
        if _lost(connection, cipher(text), cipher(first)):
            return False
        replace_keys(keys.path, first)
    return True


def _lost(connection: Connection, now: MultiFernet, then: MultiFernet) -> bool:
    """Is there a value that opens now and would not then?"""
    tokens = connection.execute(select(SECRETS.c.token)).scalars()
    return any(_opens(now, token) and not _opens(then, token) for token in tokens)


def _opens(keys: MultiFernet, token: str) -> bool:
    try:
        keys.decrypt(token.encode())
    except InvalidToken:
        return False
    return True
