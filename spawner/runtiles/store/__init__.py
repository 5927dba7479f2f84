"""What outlives a process: launches with their events and logs, secrets, usage, and what admins decided.

Shared by Hub and service.

Everything here is synchronous, thread-safe and short; asynchronous callers use `asyncio.to_thread`.
A server is named as the Hub names it: the unnamed one is "".
"""

from .audit import Audit, AuditEntry
from .changes import Change, Changes
from .contexts import ContextRecord, Contexts
from .drains import Drain, Drained, Drains
from .events import EventLog, StoredEvent
from .facts import Fact, Facts
from .image_uses import ImageUse, ImageUses
from .keys import load_key
from .launches import Launches, LaunchRecord
from .logs import Logs
from .notices import Notice, Notices
from .overrides import Override, Overrides
from .secrets import SecretInfo, Secrets
from .store import Store
from .titles import Titles
from .typed import Typed, detach, forget_typed
from .usage import Usage, Use

__all__ = [
    "Audit",
    "AuditEntry",
    "Change",
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
    "LaunchRecord",
    "Launches",
    "Logs",
    "Notice",
    "Notices",
    "Override",
    "Overrides",
    "SecretInfo",
    "Secrets",
    "Store",
    "StoredEvent",
    "Titles",
    "Typed",
    "Usage",
    "Use",
    "detach",
    "forget_typed",
    "load_key",
]
