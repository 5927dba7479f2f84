"""The store: one database, a dozen small collections."""

from runtiles.contract.errors import ServiceUnavailable

from .audit import Audit
from .changes import Changes
from .contexts import Contexts
from .database import Database
from .drains import Drains
from .events import EventLog
from .facts import Facts
from .image_uses import ImageUses
from .keys import FixedKeys, KeyFile, Keys
from .launches import Launches
from .logs import Logs
from .notices import Notices
from .overrides import Overrides
from .pauses import Pauses
from .rotation import Rotated, rotate_key
from .secrets import Secrets
from .snapshots import Snapshots
from .spans import Spans
from .state_keys import StateKeys
from .titles import Titles
from .usage import Usage


class Store:
    """Opens the database and creates or upgrades its tables.

    `url` is any SQLAlchemy URL (SQLite: a file). `key` is a KeyFile, which may change while the
    store is open, or what `load_key` returns; without one, secrets cannot be used, everything else
    can. Raises ServiceUnavailable with a reason when the
    database cannot be opened or was written by a newer version.
    """

    def __init__(
        self, url: str, key: KeyFile | bytes | None = None, *, keep_launches: int = 5
    ) -> None:
        keys: Keys | None = FixedKeys(key) if isinstance(key, bytes) else key
        self._key_file = key if isinstance(key, KeyFile) else None
        self._database = Database(url)
        self.launches = Launches(self._database, keep=keep_launches)
        self.events = EventLog(self._database)
        self.logs = Logs(self._database)
        self.facts = Facts(self._database)
        self.secrets = Secrets(self._database, keys)
        self.changes = Changes(self._database)
        self.titles = Titles(self._database)
        self.audit = Audit(self._database)
        self.usage = Usage(self._database)
        self.spans = Spans(self._database)
        self.notices = Notices(self._database)
        self.overrides = Overrides(self._database)
        self.drains = Drains(self._database, self.facts)
        self.image_uses = ImageUses(self._database)
        self.contexts = Contexts(self._database)
        self.snapshots = Snapshots(self._database)
        self.pauses = Pauses(self._database)
        self.state_keys = StateKeys(self.secrets)

    def rotate_key(self, *, drop_old: bool = False) -> Rotated:
        """See `rotation.rotate_key`. Raises ServiceUnavailable without a key file."""
        if self._key_file is None:
            raise ServiceUnavailable("The keys of this store are not in a file.")
        return rotate_key(self._database, self._key_file, drop_old=drop_old)

    def close(self) -> None:
        self._database.close()
