"""Secrets: named values, encrypted at rest, written `secret:NAME` where a credential is due."""

import re
import time
from dataclasses import dataclass

from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import ColumnElement, and_, delete, select

from runtiles.contract.errors import InvalidRequest, NotFound, ServiceUnavailable

from .database import Database
from .schema import SECRETS

PREFIX = "secret:"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_MAX_VALUE = 64 * 1024


@dataclass(frozen=True)
class SecretInfo:
    """What may be told about a secret: all but its value. Times are seconds since the epoch."""

    name: str
    created: float
    updated: float


class Secrets:
    """The secrets of users (kind "user") and teams (kind "team"); an owner sees only its own.

    No value appears in a repr, an error or a log; `get` and `resolve` are the only ways to one.
    """

    def __init__(self, database: Database, cipher: MultiFernet | None) -> None:
        self._database = database
        self._cipher = cipher

    def put(self, owner: str, name: str, value: str, *, kind: str = "user") -> None:
        """Creates or replaces. Raises InvalidRequest for a bad name or a value beyond 64 KiB."""
        _check(name, value)
        now = time.time()
        row = {"token": self._encrypt(value), "updated": now}
        with self._database.write() as connection:
            changed = connection.execute(
                SECRETS.update().where(_is(kind, owner, name)).values(row)
            ).rowcount
            if not changed:
                connection.execute(
                    SECRETS.insert().values(kind=kind, owner=owner, name=name, created=now, **row)
                )

    def get(self, owner: str, name: str, *, kind: str = "user") -> str:
        """The value. Raises NotFound, or ServiceUnavailable when none of the keys fits."""
        with self._database.read() as connection:
            token = connection.execute(
                select(SECRETS.c.token).where(_is(kind, owner, name))
            ).scalar()
        if token is None:
            raise NotFound(f"There is no secret {name!r}.", hint=f"Add one named {name!r} first.")
        return self._decrypt(name, token)

    def resolve(self, owner: str, value: str, *, kind: str = "user") -> str:
        """The secret's value for `secret:NAME`, any other text unchanged. Raises as `get` does."""
        if not value.startswith(PREFIX):
            return value
        return self.get(owner, value[len(PREFIX) :], kind=kind)

    def list(self, owner: str, *, kind: str = "user") -> "list[SecretInfo]":
        where = and_(SECRETS.c.kind == kind, SECRETS.c.owner == owner)
        query = select(SECRETS.c.name, SECRETS.c.created, SECRETS.c.updated).where(where)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(SECRETS.c.name))
            return [SecretInfo(row.name, row.created, row.updated) for row in rows]

    def delete(self, owner: str, name: str, *, kind: str = "user") -> None:
        """Raises NotFound."""
        with self._database.write() as connection:
            removed = connection.execute(delete(SECRETS).where(_is(kind, owner, name))).rowcount
        if not removed:
            raise NotFound(f"There is no secret {name!r}.")

    def rotate(self) -> int:
        """Encrypts every value again with the first key; returns how many there are.

        After it, the older keys may be removed from the key file.
        """
        cipher = self._need_cipher()
        with self._database.write() as connection:
            rows = connection.execute(select(SECRETS)).all()
            for row in rows:
                token = cipher.rotate(row.token.encode()).decode()
                where = _is(row.kind, row.owner, row.name)
                connection.execute(SECRETS.update().where(where).values(token=token))
        return len(rows)

    def _encrypt(self, value: str) -> str:
        return self._need_cipher().encrypt(value.encode()).decode()

    def _decrypt(self, name: str, token: str) -> str:
        try:
            return self._need_cipher().decrypt(token.encode()).decode()
        except InvalidToken:
            raise ServiceUnavailable(
                f"The secret {name!r} was encrypted with a key that is not in the key file.",
                hint="Put the older key back as a further line, or store the secret again.",
            ) from None

    def _need_cipher(self) -> MultiFernet:
        if self._cipher is None:
            raise ServiceUnavailable("Secrets are not available: no key was configured.")
        return self._cipher


def _check(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidRequest(
            {"name": "A secret's name has 1 to 128 letters, digits, dots, dashes or underscores."}
        )
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise InvalidRequest({"value": "A secret is text; this has half a character."}) from None
    if "\0" in value:
        # No program can take it: neither as a variable nor as an argument.
        raise InvalidRequest({"value": "A secret must not contain the character NUL."})
    if size > _MAX_VALUE:
        raise InvalidRequest({"value": f"A secret has at most {_MAX_VALUE} bytes."})


def _is(kind: str, owner: str, name: str) -> ColumnElement[bool]:
    return and_(SECRETS.c.kind == kind, SECRETS.c.owner == owner, SECRETS.c.name == name)
