"""Keys around snapshots: one random secret per user, everything else is derived from it."""

import hashlib
import hmac
import secrets as random
from typing import Final

from runtiles.contract.errors import NotFound

from .secrets import Secrets

_KIND: Final = "state"
_NAME = "key"
_BYTES = 32


class StateKeys:
    """Kept with the secrets, encrypted, and re-encrypted with them when the site's key changes.

    A user's key never changes: snapshots are signed with it. Raises ServiceUnavailable without a key file.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def snapshot_key(self, user: str) -> str:
        """In hexadecimal: what this user's snapshots are signed with."""
        return _derived(self._of(user), "snapshots")

    def control_key(self, user: str, launch_id: str) -> str:
        """In hexadecimal: what the service shows the runtime of this launch, and nobody else has."""
        return _derived(self._of(user), f"control {launch_id}")

    def _of(self, user: str) -> bytes:
        try:
            return bytes.fromhex(self._secrets.get(user, _NAME, kind=_KIND))
        except NotFound:
            self._make(user)
            return bytes.fromhex(self._secrets.get(user, _NAME, kind=_KIND))

    def _make(self, user: str) -> None:
        """Fine if another process was first: that one's key stays."""
        self._secrets.put_once(user, _NAME, random.token_hex(_BYTES), kind=_KIND)


def _derived(key: bytes, purpose: str) -> str:
    return hmac.new(key, purpose.encode(), hashlib.sha256).hexdigest()
