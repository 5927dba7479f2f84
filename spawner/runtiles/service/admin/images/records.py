"""What our database and the catalogue say of images."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from runtiles.catalogue import Catalogue
from runtiles.images import ImageRef
from runtiles.store import Store

from .concern import Site

BUDGET = "images.budget"
#: Ids of what admins pulled: the site's, though perhaps nobody has started it yet.
PULLED = "images.pulled"
#: A launch that takes longer was forgotten by a Hub that was killed.
_LAUNCH_S = 24 * 3600.0


@dataclass(frozen=True)
class ImageRecords:
    """`catalogue` gives the present one. All methods block."""

    store: Store
    catalogue: Callable[[], Catalogue]
    #: Several pulls may end at the same time.
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def site(self) -> Site:
        catalogue = self.catalogue()
        tiles: dict[str, list[str]] = {}
        for tile in catalogue.tiles.values():
            tiles.setdefault(str(tile.image_ref), []).append(tile.slug)
        uses = self.store.image_uses.all()
        return Site(
            tiles=tiles,
            local={str(tile.image_ref) for tile in catalogue.tiles.values() if tile.local},
            uses={key: replace(use, reference=_normal(use.reference)) for key, use in uses.items()},
            pulled=self._pulled(),
            starting=self._starting(),
        )

    def is_local(self, ref: ImageRef) -> bool:
        """Does a tile say that no registry has it?"""
        tiles = self.catalogue().tiles.values()
        return any(tile.local and tile.image_ref == ref for tile in tiles)

    def budget(self) -> int | None:
        fact = self.store.facts.read(BUDGET)
        return int(fact.value) if fact and fact.value is not None else None

    def set_budget(self, size: int | None) -> None:
        self.store.facts.publish(BUDGET, size)

    def pulled(self, image_id: str) -> None:
        with self._lock:
            self.store.facts.publish(PULLED, sorted({*self._pulled(), image_id}))

    def removed(self, image_id: str) -> None:
        self.store.image_uses.forget(image_id)
        with self._lock:
            if image_id in (before := self._pulled()):
                self.store.facts.publish(PULLED, sorted(before - {image_id}))

    def _pulled(self) -> set[str]:
        fact = self.store.facts.read(PULLED)
        return set(fact.value) if fact else set()

    def _starting(self) -> set[str]:
        since = time.time() - _LAUNCH_S
        launches = self.store.launches.runtimes()
        on_their_way = [one for one in launches if one.state == "starting" and one.created > since]
        return {_normal(launch.image) for launch in on_their_way}


def _normal(reference: str) -> str:
    try:
        return str(ImageRef.parse(reference))
    except ValueError:
        return reference
