"""What a Hub that comes back finds out about the runtimes that went on without it."""

from contextlib import suppress

from runtiles.contract.errors import NotFound
from runtiles.store import Store


def note_address(store: Store, launch_id: str, address: str) -> None:
    """The server's URL, where it is another one than recorded. Blocks."""
    with suppress(NotFound):
        if store.launches.get(launch_id).address != address:
            store.launches.update(launch_id, address=address)
