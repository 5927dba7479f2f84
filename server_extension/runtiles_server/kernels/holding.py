"""Kernels that stand still from their save on, so that nothing is done that is in no snapshot."""

import asyncio
import time
from typing import Sequence, Set

from runtiles_server.failures import Released
from runtiles_server.kernels.asking import Kernels
from runtiles_server.kernels.messages import began, stopping, went_on
from runtiles_server.kernels.saving import Saving

_LOOK_S = 0.2


class Holding:
    """`wanted`: false leaves them free. `deserted`: whoever had them held and does not ask after them for
    that many seconds is gone."""

    def __init__(self, kernels: Kernels, *, wanted: bool, deserted: float) -> None:
        self._kernels, self._wanted, self._deserted = kernels, wanted, deserted
        self._cancelled = False
        self._asked = time.monotonic()

    def heard(self) -> None:
        """Somebody asks after them."""
        self._asked = time.monotonic()

    def cancel(self) -> None:
        self._cancelled = True

    def look(self, savings: Sequence[Saving]) -> None:
        """Raises Released when the pause is called off, or one of them went on."""
        if self._cancelled:
            raise Released("The pause was called off.")
        for each in savings if self._wanted else ():
            if each.errand.interrupted:
                if not stopping(each):
                    raise went_on(each)
                each.errand.end()
            elif not stopping(each):
                each.errand.renew()

    def look_after_save(self, savings: Sequence[Saving], seen: Set[str]) -> None:
        """Raises when something went on that is not in the snapshot. `seen`: the kernels that it knows."""
        self.look(savings)
        if self._wanted and self._kernels.ids() - seen:
            raise began()

    async def until_over(self, savings: Sequence[Saving], seen: Set[str]) -> None:
        """Until somebody lets go: this server, a person's interrupt, or the end of the kernel."""
        over = {each: asyncio.ensure_future(each.errand.over()) for each in savings}
        try:
            while not self._cancelled:
                self.look_after_save(savings, seen)
                if time.monotonic() - self._asked > self._deserted:
                    raise Released("Nobody asked after the kernels any more: they went on.")
                gone = [each for each, ended in over.items() if ended.done()]
                if gone and not all(stopping(each) for each in gone):
                    raise went_on(gone[0])
                if over and len(gone) == len(over):
                    return
                await asyncio.sleep(_LOOK_S)
        finally:
            for ended in over.values():
                ended.cancel()
        raise Released("The kernels were let go.")
