"""All parts of idleness together, as the service has them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from runtiles.catalogue import LiveCatalogue
from runtiles.contract.errors import InvalidRequest, RuntilesError
from runtiles.contract.protocol import SERVICE_NAME
from runtiles.service.access import Caller
from runtiles.service.hub import Hub
from runtiles.service.runtimes.actions import Actions
from runtiles.service.runtimes.changes_tail import ChangesTail
from runtiles.service.runtimes.gateway import Gateway
from runtiles.service.settings import Settings
from runtiles.store import Store
from runtiles.store.facts import IDLE_WATCHED

from .board import Board
from .desk import Desk
from .hands import ServiceHands
from .intake import Intake
from .leavers import Leavers
from .outlets import Outlets, read_secret
from .pace import Pace
from .population import Population
from .telling import HELD, TOLD, Telling
from .watcher import Watcher

_log = logging.getLogger(__name__)
#: What the service does with servers by itself; see `hub_config.roles`.
_SCOPES = frozenset({"list:users", "read:servers", "delete:servers"})
_TAIL_S = 1.0
_AGAIN_S = 5.0
_BEAT_S = 60.0


@dataclass(frozen=True)
class Idle:
    """`serve` before `run`."""

    settings: Settings
    store: Store
    watcher: Watcher
    population: Population
    desk: Desk
    intake: Intake
    outlets: Outlets
    more: list[Leavers] = field(default_factory=list)

    def serve(self, hub: Hub, gateway: Gateway, actions: Actions) -> None:
        """From now on the watcher can act."""
        caller = Caller(SERVICE_NAME, "service", _SCOPES, self.settings.hub_token)
        hands = ServiceHands(
            self.store,
            hub,
            gateway,
            actions,
            self.desk,
            Telling(self.store, self.desk, self.outlets),
            self.settings.policy,
            caller,
        )
        self.watcher.hands = hands
        actions.pauser.worker.failed = hands.failed
        self.more.append(Leavers(self.store, actions.runtimes, self.settings.policy, caller))

    async def run(self) -> None:
        """For ever."""
        parts = [self.population.run, self._watch, self._beat]
        await asyncio.gather(
            *map(_kept, [*parts, *(each for part in self.more for each in part.parts)])
        )

    async def _beat(self) -> None:
        """For the Hub, which stops at their ends what nobody is there to pause."""
        while True:
            try:
                await asyncio.to_thread(self.store.facts.publish, IDLE_WATCHED, {})
            except RuntilesError as error:
                _log.warning("The Hub is not told that idle runtimes are watched: %s", error)
            await asyncio.sleep(_BEAT_S)

    async def _watch(self) -> None:
        """Not before it is known what the service before this one told: nobody is told twice."""
        await self.population.known.wait()
        board, told = self.watcher.board, {}
        try:
            for notice in await asyncio.to_thread(self.store.notices.about, HELD):
                board.expect((notice.user, notice.about.removeprefix(HELD)))
            for notice in await asyncio.to_thread(self.store.notices.about, TOLD):
                told[notice.user, notice.about.removeprefix(TOLD)] = notice.at
        except RuntilesError as error:
            _log.warning("Who was told of an end is not known: %s", error)
        board.found(told, self.watcher.clock())
        await self.watcher.run()


async def _kept(work: Callable[[], Awaitable[None]]) -> None:
    """Whatever happens to one part, it goes on, and so do the others: else nothing would ever end again."""
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001, RUF100 - any: nobody awaits this
            _log.exception("A part of what watches idle runtimes failed; again")
            await asyncio.sleep(_AGAIN_S)
        else:
            return


def open_idle(settings: Settings, store: Store, catalogue: LiveCatalogue) -> Idle:
    """Raises InvalidRequest for a webhook's secret that cannot be read."""
    policy = settings.policy
    pace = Pace(policy.idle_actions_per_minute)
    watcher = Watcher(Board(policy.idle_warnings), pace=pace)
    tail = ChangesTail(store.changes, interval=_TAIL_S)
    sees_engine = settings.engine != "none"
    population = Population(store, catalogue, policy, watcher, tail, freezes=sees_engine)
    try:
        secret = read_secret(settings.webhook_secret_file)
    except OSError as error:
        raise InvalidRequest({"RUNTILES_WEBHOOK_SECRET_FILE": str(error.strerror)}) from None
    outlets = Outlets(settings.webhook_url, secret, settings.warn_command)
    desk = Desk(population, watcher)
    intake = Intake(store, watcher, desk)
    return Idle(settings, store, watcher, population, desk, intake, outlets)
