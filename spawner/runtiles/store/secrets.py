"""Secrets: named values, encrypted at rest, written `secret:NAME` where a credential is due."""

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import ColumnElement, Connection, and_, delete, select

from runtiles.contract.errors import InvalidRequest, NotFound, ServiceUnavailable
from runtiles.values.secret_refs import PREFIX

from .database import Database
from .keys import Keys
from .schema import SECRETS, VERSION

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_MAX_VALUE = 64 * 1024
_READ_ATTEMPTS = 3

#: Whose a secret is: a person's, or that of all members of a team (a group of the Hub).
#: "state" is nobody's to see: the keys around snapshots (`state_keys`), of one user each.
Kind = Literal["user", "team", "state"]


@dataclass(frozen=True)
class SecretInfo:
    """What may be told about a secret: all but its value. Times are seconds since the epoch."""

    name: str
    created: float
    updated: float
    kind: Kind = "user"
    owner: str = ""


class Secrets:
    """The secrets of users (kind "user") and teams (kind "team"); an owner sees only its own.

    No value appears in a repr, an error or a log; `get` and `resolve` are the only ways to one.
    """

    def __init__(self, database: Database, keys: Keys | None) -> None:
        self._database = database
        self._keys = keys

    def put(self, owner: str, name: str, value: str, *, kind: Kind = "user") -> None:
        """Creates or replaces. Raises InvalidRequest for a bad name or a value beyond 64 KiB."""
        _check(name, value)
        now = time.time()
        with self._database.write() as connection:
            # Under the lock: a value encrypted before it could be written after a change of keys
            # had looked at all there were, and the key it needs be gone.
            lock_secrets(connection)
            row = {"token": self._encrypt(value), "updated": now}
            changed = connection.execute(
                SECRETS.update().where(is_secret(kind, owner, name)).values(row)
            ).rowcount
            if not changed:
                connection.execute(
                    SECRETS.insert().values(kind=kind, owner=owner, name=name, created=now, **row)
                )

    def put_once(self, owner: str, name: str, value: str, *, kind: Kind) -> None:
        """Creates it; one that is there stays as it is."""
        _check(name, value)
        now = time.time()
        with self._database.write() as connection:
            lock_secrets(connection)
            if connection.execute(
                select(SECRETS.c.name).where(is_secret(kind, owner, name))
            ).first():
                return
            row = {"token": self._encrypt(value), "created": now, "updated": now}
            connection.execute(SECRETS.insert().values(kind=kind, owner=owner, name=name, **row))

    def get(self, owner: str, name: str, *, kind: Kind = "user") -> str:
        """The value. Raises NotFound, or ServiceUnavailable when none of the keys fits."""
        value = self._value(kind, owner, name)
        if value is None:
            raise NotFound(f"There is no secret {name!r}.", hint=f"Add one named {name!r} first.")
        return value

    def resolve(self, user: str, value: str, *, teams: Iterable[str] = ()) -> str:
        """The secret's value for `secret:NAME`, any other text unchanged.

        The user's own secret wins over those of their teams, of which the first by name that has
        one wins. Raises NotFound, ServiceUnavailable.
        """
        if not value.startswith(PREFIX):
            return value
        name, teams = value[len(PREFIX) :], sorted(set(teams))
        found = self._value("user", user, name)
        for team in teams:
            if found is not None:
                break
            found = self._value("team", team, name)
        if found is None:
            raise missing(name, teams)
        return found

    def available(self, user: str, teams: Iterable[str] = ()) -> frozenset[str]:
        """The names that `resolve` would find."""
        return frozenset(info.name for info in self.usable(user, teams))

    def usable(self, user: str, teams: Iterable[str] = ()) -> Sequence[SecretInfo]:
        """The user's own, then those of their teams, by name."""
        theirs = (self.list(team, kind="team") for team in sorted(set(teams)))
        return [*self.list(user), *chain.from_iterable(theirs)]

    def list(self, owner: str, *, kind: Kind = "user") -> Sequence[SecretInfo]:
        return self._select(and_(SECRETS.c.kind == kind, SECRETS.c.owner == owner))

    def all(self) -> Sequence[SecretInfo]:
        """Everybody's, for admins."""
        return self._select(SECRETS.c.kind != "state")

    def delete(self, owner: str, name: str, *, kind: Kind = "user") -> None:
        """Raises NotFound."""
        with self._database.write() as connection:
            removed = connection.execute(
                delete(SECRETS).where(is_secret(kind, owner, name))
            ).rowcount
        if not removed:
            raise NotFound(f"There is no secret {name!r}.")

    def _select(self, where: ColumnElement[bool]) -> Sequence[SecretInfo]:
        shown = (SECRETS.c.name, SECRETS.c.created, SECRETS.c.updated)
        order = (SECRETS.c.kind.desc(), SECRETS.c.owner, SECRETS.c.name)
        query = select(*shown, SECRETS.c.kind, SECRETS.c.owner).where(where).order_by(*order)
        with self._database.read() as connection:
            return [SecretInfo(**row) for row in connection.execute(query).mappings()]

    def _value(self, kind: Kind, owner: str, name: str) -> str | None:
        """A key may be taken away between the look at the row and its decryption: then the row has
        changed as well, and is looked at again."""
        query = select(SECRETS.c.token).where(is_secret(kind, owner, name))
        seen = None
        for _ in range(_READ_ATTEMPTS):
            with self._database.read() as connection:
                token: str | None = connection.execute(query).scalar()
            if token is None:
                return None
            try:
                return self._need_keys().reading().decrypt(token.encode()).decode()
            except InvalidToken:
                if token == seen:
                    break
                seen = token
        raise ServiceUnavailable(
            f"The secret {name!r} was encrypted with a key that is not in the key file.",
            hint="Put the older key back as a further line, or store the secret again.",
        )

    def _encrypt(self, value: str) -> str:
        cipher: MultiFernet = self._need_keys().writing()
        return cipher.encrypt(value.encode()).decode()

    def _need_keys(self) -> Keys:
        if self._keys is None:
            raise ServiceUnavailable("Secrets are not available: no key was configured.")
        return self._keys


def missing(name: str, teams: Sequence[str] = ()) -> NotFound:
    """What is said where nobody's secret has this name."""
    theirs = f", neither yours nor of {', '.join(teams)}" if teams else ""
    return NotFound(f"There is no secret {name!r}{theirs}.", hint=f"Add one named {name!r} first.")


def lock_secrets(connection: Connection) -> None:
    """Until the transaction ends nobody else writes a secret or changes keys, in any process."""
    # On SQLite the write transaction is such a lock already.
    connection.execute(select(VERSION.c.id).with_for_update())


def is_secret(kind: str, owner: str, name: str) -> ColumnElement[bool]:
    return and_(SECRETS.c.kind == kind, SECRETS.c.owner == owner, SECRETS.c.name == name)


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
