"""The client of the Hub's API, where no real Hub would answer so."""

import json
from collections.abc import AsyncIterator

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from runtiles.contract.errors import (
    LaunchFailed,
    LimitReached,
    NotFound,
    RuntilesError,
    ServiceUnavailable,
)
from runtiles.service.errors import HubRefused
from runtiles.service.hub import Hub, user_of
from tests.fixtures.hub import free_ports


class Answers(RequestHandler):
    """`/users/NNN` answers with the status NNN; names that are longer are told back as they came."""

    def prepare(self) -> None:
        name = self.request.path.split("/")[2]
        if len(name) != 3:
            self.finish(json.dumps({"name": self.request.path, "servers": {}}))
            return
        self.set_status(int(name))
        if name == "429":
            self.set_header("Retry-After", "30")
        self.finish(json.dumps({"message": "words"}) if name != "502" else "<html>")


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    socket, port = bind_unused_port()
    server = HTTPServer(Application([(r".*", Answers)]))
    server.add_socket(socket)
    client = Hub(f"http://127.0.0.1:{port}")
    yield client
    client.close()
    server.stop()
    await server.close_all_connections()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("404", NotFound),
        ("418", HubRefused),
        ("429", LimitReached),
        ("500", HubRefused),
        ("502", ServiceUnavailable),
        ("503", ServiceUnavailable),
        ("302", HubRefused),
    ],
)
async def test_statuses_become_errors(hub: Hub, status: str, kind: type[RuntilesError]) -> None:
    with pytest.raises(kind) as caught:
        await hub.user("t", status)
    assert type(caught.value) is kind


async def test_a_start_that_ends_in_an_error_of_the_hub_is_a_failed_launch(hub: Hub) -> None:
    with pytest.raises(LaunchFailed, match="words"):
        await hub.start("t", "500", "", options={})


async def test_the_hubs_wish_to_wait_is_passed_on(hub: Hub) -> None:
    with pytest.raises(LimitReached) as caught:
        await hub.user("t", "429")
    assert caught.value.details == {"retry_after": 30}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a/../b", "/users/a%2F..%2Fb"),
        ("a b?c#d", "/users/a%20b%3Fc%23d"),
        ("é@x.y", "/users/%C3%A9%40x.y"),
        ("100%", "/users/100%25"),
    ],
)
async def test_names_are_quoted(hub: Hub, name: str, path: str) -> None:
    assert (await hub.user("t", name)).name == path


async def test_a_hub_that_is_not_there(hub: Hub) -> None:
    (port,) = free_ports(1)
    nobody = Hub(f"http://127.0.0.1:{port}")
    with pytest.raises(ServiceUnavailable):
        await nobody.user("t", "ann")
    nobody.close()


def test_a_spawn_page_that_was_looked_at_is_no_runtime() -> None:
    """The Hub has a server of every name whose page was opened, never started."""
    seen = {"stopped": True, "user_options": {}, "last_activity": None, "pending": None}
    servers = {
        "seen": seen,
        "used": {**seen, "last_activity": "2026-05-04T10:00:00Z"},
        "asked": {**seen, "user_options": {"tile": "python"}},
        "begun": {**seen, "stopped": False, "pending": "spawn"},
    }
    assert set(user_of({"name": "ann", "servers": servers}).servers or {}) == {
        "used",
        "asked",
        "begun",
    }
    assert user_of({"name": "ann"}).servers is None
