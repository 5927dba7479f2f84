"""What outlives a process: launches with their events and logs, secrets, usage, and what admins decided.

Shared by Hub and service.

Everything here is synchronous, thread-safe and short; asynchronous callers use `asyncio.to_thread`.
A server is named as the Hub names it: the unnamed one is "".
"""

from .audit import Audit, AuditEntry
from .change_reader import ChangeReader, News
from .changes import Change, Changes
from .contexts import ContextRecord, Contexts
from .drains import Drain, Drained, Drains
from .events import EventLog, StoredEvent
from .facts import Fact, Facts
from .image_uses import ImageUse, ImageUses
from .keys import KeyFile, first_key, load_key, site_of
from .launch_record import LaunchRecord
from .launches import Launches
from .logs import Logs
from .notices import Notice, Notices
from .overrides import Override, Overrides
from .pauses import PauseRecord, Pauses
from .references import check_secrets
from .resumable import check_snapshot
from .rotation import Rotated
from .secrets import Kind, SecretInfo, Secrets
from .snapshots import SnapshotRecord, Snapshots
from .spans import Span, Spans
from .state_keys import StateKeys
from .store import Store
from .sums import UsageSum
from .titles import Titles
from .typed import Typed, detach, forget_abandoned, forget_typed
from .usage import Usage, Use

__all__ = [
    "Audit",
    "AuditEntry",
    "Change",
    "ChangeReader",
    "Changes",
    "ContextRecord",
    "Contexts",
    "Drain",
    "Drained",
    "Drains",
    "EventLog",
    "Fact",
    "Facts",
    "ImageUse",
    "ImageUses",
    "KeyFile",
    "Kind",
    "LaunchRecord",
    "Launches",
    "Logs",
    "News",
    "Notice",
    "Notices",
    "Override",
    "Overrides",
    "PauseRecord",
    "Pauses",
    "Rotated",
    "SecretInfo",
    "Secrets",
    "SnapshotRecord",
    "Snapshots",
    "Span",
    "Spans",
    "StateKeys",
    "Store",
    "StoredEvent",
    "Titles",
    "Typed",
    "Usage",
    "UsageSum",
    "Use",
    "check_secrets",
    "check_snapshot",
    "detach",
    "first_key",
    "forget_abandoned",
    "forget_typed",
    "load_key",
    "site_of",
]
