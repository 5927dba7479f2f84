"""The store: one database, a dozen small collections."""

from .audit import Audit
from .changes import Changes
from .contexts import Contexts
from .database import Database
from .drains import Drains
from .events import EventLog
from .facts import Facts
from .image_uses import ImageUses
from .keys import cipher
from .launches import Launches
from .logs import Logs
from .notices import Notices
from .overrides import Overrides
from .secrets import Secrets
from .titles import Titles
from .usage import Usage


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
        self.changes = Changes(self._database)
        self.titles = Titles(self._database)
        self.audit = Audit(self._database)
        self.usage = Usage(self._database)
        self.notices = Notices(self._database)
        self.overrides = Overrides(self._database)
        self.drains = Drains(self._database, self.facts)
        self.image_uses = ImageUses(self._database)
        self.contexts = Contexts(self._database)

    def close(self) -> None:
        self._database.close()
