"""Who holds which GPU, and who waits for some. Pure: values in, values out, no clock, no device.

Rules, each with a test by its name:

* A GPU has one holder at most, and every GPU is either free or held.
* First come, first served among wishes that compete for the same GPUs: a later wish is granted before
  an earlier one only if no GPU that it takes is one that the earlier one could use. So a wish for one
  GPU never starves a wish for four, and a wish for another model need not wait behind it.
* A wish that the host could never grant is refused at once.
* A holder has one lease; asking again before giving back is answered with the lease it has.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from runtiles.contract.errors import NoGpu

from .inventory import Gpu


@dataclass(frozen=True)
class Wish:
    """`count` GPUs of any of `models` (empty: any). A model is accepted when its words are among those
    of the GPU's name, case ignored: `A100` and `a100-80g` accept `NVIDIA A100-SXM4-80GB`, `A10` does
    not."""

    holder: str
    count: int
    models: tuple[str, ...] = ()

    def accepts(self, gpu: Gpu) -> bool:
        name = _words(gpu.model)
        return not self.models or any(_words(model) <= name for model in self.models)


class Ledger:
    """`held` is the truth found on the host: leases of containers that are there already."""

    def __init__(
        self, gpus: Iterable[Gpu], held: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._gpus = {gpu.uuid: gpu for gpu in gpus}
        self._leases: dict[str, tuple[str, ...]] = {}
        self._queue: list[Wish] = []
        for holder, uuids in (held or {}).items():
            known = tuple(uuid for uuid in uuids if uuid in self._gpus)
            if known:
                self._leases[holder] = known

    def enqueue(self, wish: Wish) -> None:
        """Puts the wish at the end of the queue. Raises NoGpu when it can never be granted."""
        fitting = [gpu for gpu in self._gpus.values() if wish.accepts(gpu)]
        if wish.count > len(fitting):
            raise NoGpu(_never(wish, len(fitting)), hint="Choose another machine.")
        self.withdraw(wish.holder)
        self._queue.append(wish)

    def grant(self) -> dict[str, tuple[str, ...]]:
        """Leases for every wish whose turn has come; they leave the queue."""
        granted: dict[str, tuple[str, ...]] = {}
        free = self.free()
        waiting: list[Wish] = []
        for wish in self._queue:
            # What an earlier wish still waits for is not for later ones.
            usable = [gpu for gpu in free if not any(w.accepts(gpu) for w in waiting)]
            chosen = [gpu for gpu in usable if wish.accepts(gpu)][: wish.count]
            if wish.holder in self._leases:
                granted[wish.holder] = self._leases[wish.holder]
            elif len(chosen) == wish.count:
                granted[wish.holder] = tuple(gpu.uuid for gpu in chosen)
                self._leases[wish.holder] = granted[wish.holder]
                free = [gpu for gpu in free if gpu not in chosen]
            else:
                waiting.append(wish)
        self._queue = waiting
        return granted

    def withdraw(self, holder: str) -> None:
        """Out of the queue; a lease stays."""
        self._queue = [wish for wish in self._queue if wish.holder != holder]

    def release(self, holder: str) -> tuple[str, ...]:
        """Gives the lease back and leaves the queue; the GPUs that are free now."""
        self.withdraw(holder)
        return self._leases.pop(holder, ())

    def free(self) -> list[Gpu]:
        """In the order of the inventory."""
        taken = {uuid for uuids in self._leases.values() for uuid in uuids}
        return [gpu for uuid, gpu in self._gpus.items() if uuid not in taken]

    def count(self, models: tuple[str, ...] = ()) -> tuple[int, int]:
        """(free, all) GPUs that such a machine accepts."""
        wish = Wish("", 0, models)
        free = sum(wish.accepts(gpu) for gpu in self.free())
        return free, sum(wish.accepts(gpu) for gpu in self._gpus.values())

    def position(self, holder: str) -> int | None:
        """Place in the queue from 1, None for one who does not wait."""
        holders = [wish.holder for wish in self._queue]
        return holders.index(holder) + 1 if holder in holders else None

    @property
    def gpus(self) -> list[Gpu]:
        """All of them, in the order of the inventory."""
        return list(self._gpus.values())

    @property
    def queue(self) -> list[Wish]:
        """Who waits, in order."""
        return list(self._queue)

    @property
    def leases(self) -> Mapping[str, tuple[str, ...]]:
        return dict(self._leases)


def _words(model: str) -> set[str]:
    """`80GB` and `80G` are the same word."""
    return {re.sub(r"^(\d+)gi?b?$", r"\1g", w) for w in re.findall(r"[a-z0-9]+", model.casefold())}


def _never(wish: Wish, have: int) -> str:
    kind = f" of the kind {' or '.join(wish.models)}" if wish.models else ""
    return f"This machine needs {wish.count} GPU(s){kind}, and the host has {have}."
