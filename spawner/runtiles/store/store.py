"""The store: one database, five small collections."""

from .database import Database
from .events import EventLog
from .facts import Facts
from .keys import cipher
from .launches import Launches
from .logs import Logs
from .secrets import Secrets


class Store:
    """Opens the database and creates or upgrades its tables.

    `url` is any SQLAlchemy URL (SQLite: a file). `key` is what `load_key` returns; without one,
    secrets cannot be used, everything else can. Raises ServiceUnavailable with a reason when the
    database cannot be opened or was written by a newer version.
    """

    def __init__(self, url: str, key: bytes | None = None, *, keep_launches: int = 5) -> None:
        secret_cipher = cipher(key) if key is not None else None
        self._database = Database(url)
        self.launches = Launches(self._database, keep=keep_launches)
        self.events = EventLog(self._database)
        self.logs = Logs(self._database)
        self.facts = Facts(self._database)
        self.secrets = Secrets(self._database, secret_cipher)

    def close(self) -> None:
        self._database.close()
