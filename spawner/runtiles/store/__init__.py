"""What outlives a process: launches, their events and logs, and secrets. Shared by Hub and service.

Everything here is synchronous, thread-safe and short; asynchronous callers use `asyncio.to_thread`.
A server is named as the Hub names it: the unnamed one is "".
"""

from .events import EventLog, StoredEvent
from .facts import Fact, Facts
from .keys import load_key
from .launches import Launches, LaunchRecord
from .logs import Logs
from .secrets import SecretInfo, Secrets
from .store import Store
from .typed import Typed, detach, forget_typed

__all__ = [
    "EventLog",
    "Fact",
    "Facts",
    "LaunchRecord",
    "Launches",
    "Logs",
    "SecretInfo",
    "Secrets",
    "Store",
    "StoredEvent",
    "Typed",
    "detach",
    "forget_typed",
    "load_key",
]
