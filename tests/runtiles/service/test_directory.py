"""Everybody's servers: one question to the Hub for many lists, and still never an old answer."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from runtiles.contract.errors import NotAllowed, ServiceUnavailable
from runtiles.service.hub import Hub, HubUser
from runtiles.service.runtimes.directory import Directory
from tests.runtiles.service.conftest import Person, ServiceHub


class CountingHub(Hub):
    """The real one, which remembers what it was asked."""

    def __init__(self, api_url: str) -> None:
        super().__init__(api_url)
        self.asked: list[str] = []
        self.away = False

    async def users(self, token: str) -> list[HubUser]:
        self.asked.append("everybody")
        return await super().users(token)

    async def user(self, token: str, name: str) -> HubUser:
        self.asked.append(name)
        if self.away:
            raise ServiceUnavailable("The Hub does not answer.")
        return await super().user(token, name)


@pytest.fixture
async def hub(service: ServiceHub) -> AsyncIterator[CountingHub]:
    hub = CountingHub(service.hub.api_url)
    yield hub
    hub.close()


def directory(hub: Hub, service: ServiceHub, **ages: float) -> Directory:
    return Directory(hub, service.store.changes, **ages)


async def names(found: Directory, token: str) -> set[str]:
    return {user.name for user in await found.users(token)}


async def test_many_lists_cost_one_question(
    hub: CountingHub, service: ServiceHub, admin: Person, ann: Person
) -> None:
    kept = directory(hub, service, fresh=60, stale=60)
    for _ in range(5):
        assert {"admin", ann.name} <= await names(kept, admin.token)
    assert hub.asked.count("everybody") == 1
    assert ann.name not in hub.asked


async def test_who_changed_is_asked_for_alone(
    hub: CountingHub, service: ServiceHub, admin: Person, ann: Person
) -> None:
    kept = directory(hub, service, fresh=60, stale=60)
    await kept.users(admin.token)
    ann.launch(tile="quick", name="lab")
    ann.wait_for("lab", "running")
    servers = {user.name: user.servers for user in await kept.users(admin.token)}
    assert "lab" in (servers[ann.name] or {})
    assert hub.asked.count("everybody") == 1
    assert ann.name in hub.asked


async def test_who_could_not_be_asked_is_asked_when_the_hub_is_back(
    hub: CountingHub, service: ServiceHub, admin: Person, ann: Person
) -> None:
    kept = directory(hub, service, fresh=60, stale=60)
    await kept.users(admin.token)
    ann.launch(tile="quick", name="lab")
    ann.wait_for("lab", "running")
    hub.away = True
    with pytest.raises(ServiceUnavailable):
        await kept.users(admin.token)
    hub.away = False
    servers = {user.name: user.servers for user in await kept.users(admin.token)}
    assert "lab" in (servers[ann.name] or {})


async def test_what_the_hub_is_still_starting_is_asked_for_each_time(
    hub: CountingHub, service: ServiceHub, admin: Person, ann: Person
) -> None:
    kept = directory(hub, service, fresh=60, stale=60)
    ann.launch(tile="gated", name="slow")

    async def model() -> dict[str, Any]:
        found = {user.name: user.servers or {} for user in await kept.users(admin.token)}
        return dict(found[ann.name]["slow"])

    assert (await model())["pending"] == "spawn"
    ann.open_gate()
    ann.wait_for("slow", "running")
    assert (await model())["ready"] is True


async def test_a_removed_user_is_gone_when_the_kept_answer_is_too_old(
    hub: CountingHub, service: ServiceHub, admin: Person, bob: Person
) -> None:
    kept = directory(hub, service, fresh=0, stale=0)
    assert bob.name in await names(kept, admin.token)
    service.hub.api("DELETE", f"/users/{bob.name}")
    assert bob.name not in await names(kept, admin.token)


async def test_nobody_is_shown_what_another_may_see(
    hub: CountingHub, service: ServiceHub, admin: Person, ann: Person
) -> None:
    kept = directory(hub, service, fresh=60, stale=60)
    await kept.users(admin.token)
    with suppress(NotAllowed):
        assert await names(kept, ann.token) <= {ann.name}
    assert hub.asked.count("everybody") == 2
