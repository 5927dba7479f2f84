"""A snapshot that is whole on its storage, though its runtime ended before it could tell."""

import asyncio
import hmac
import io
import json
import logging
import tarfile
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from runtiles.contract.errors import NotFound, RuntilesError
from runtiles.contract.state import SNAPSHOT_FILE, SNAPSHOTS_DIR
from runtiles.engines.base import Storage
from runtiles.engines.storage_program import signed
from runtiles.service.runtimes import distrust

from .files import SnapshotFiles

_log = logging.getLogger(__name__)
#: With what a tar has around one file.
_MOST_BYTES = distrust.MOST_BYTES + 1024 * 1024


async def whole(
    files: SnapshotFiles, user: str, snapshot: str, storage: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """What it says of itself, as its runtime would have told it; the kernels' files are verified when it is
    resumed, as ever.

    None where there is none, nobody can look, or it is not signed with this user's key.
    """
    place = Storage.of(storage)
    if files.engine is None or place is None:
        return None
    path, data = f"{SNAPSHOTS_DIR}/{snapshot}/{SNAPSHOT_FILE}", bytearray()
    try:
        async with aclosing(files.engine.storage_read(place, path)) as chunks:
            async for chunk in chunks:
                data += chunk
                if len(data) > _MOST_BYTES:
                    return None
        key = await asyncio.to_thread(files.store.state_keys.snapshot_key, user)
    except NotFound:
        return None
    except RuntilesError as error:
        _log.warning("Whether a snapshot of %s is whole is not known: %s", user, error)
        return None
    return await asyncio.to_thread(_vouched, bytes(data), snapshot, bytes.fromhex(key))


def _vouched(packed: bytes, snapshot: str, key: bytes) -> Mapping[str, Any] | None:
    """The file has its name only when all others are written and read back."""
    try:
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            member = tar.next()
            file = tar.extractfile(member) if member is not None and member.isreg() else None
            content = b"" if file is None else file.read()
        told = distrust.parsed(content)
        result, signature = told["snapshot"], str(told["signature"])
        expected = str(json.loads(signed(SNAPSHOT_FILE, content, key))["signature"])
    except (tarfile.TarError, ValueError, TypeError, KeyError):
        return None
    if not isinstance(result, Mapping) or result.get("id") != snapshot:
        return None
    return result if hmac.compare_digest(expected.encode(), signature.encode()) else None
