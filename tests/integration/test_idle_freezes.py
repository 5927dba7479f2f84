"""Idle runtimes on a real engine: frozen first, and paused when they have been frozen for long."""

import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.fixtures.hub import wait_until
from tests.integration.conftest import tile
from tests.integration.site import POLICY, Person, Site, running_site
from tests.runtiles.service.test_idle_whole import audit, opened
from tests.runtiles.service.test_pauses_whole import ends, notebook, resume

pytestmark = pytest.mark.engine

_PATIENCE_S = 180.0
FREEZES = {
    "default_idle": {"timeout": "10s", "type": "activity", "action": "freeze"},
    "idle_warnings": ["2s"],
    "freeze_for": "8s",
}


@pytest.fixture(scope="module")
def site(
    docker_client: docker.APIClient,
    own_image: str,
    ca_bundle: Path | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    folder, tiles = tmp_path_factory.mktemp("freezes"), {"tiles": [tile("plain")]}
    with running_site(
        folder, docker_client, tiles, extra_ca=ca_bundle, policy={**POLICY, **FREEZES}
    ) as running:
        yield running


@pytest.fixture
def person(site: Site) -> Person:
    return site.person()


def test_it_is_frozen_and_paused_later_and_comes_back(site: Site, person: Person) -> None:
    person.ready("plain")
    kernel = notebook(person, "one.ipynb")
    kernel.run("number = 41")
    frozen: set[str] = set()

    def seen() -> bool:
        frozen.update(each["Id"] for each in site.containers(person.name) if is_frozen(each))
        return bool(frozen)

    wait_until(seen, _PATIENCE_S, "it to be frozen")
    wait_until(lambda: bool(audit(site, person, "idle.freeze")), 60, "the audit")
    (entry,) = audit(site, person, "idle.freeze")
    assert entry.details["cause"] == "idle"
    ends(person, "paused")
    (entry,) = audit(site, person, "idle.pause")
    assert entry.details["cause"] == "frozen"
    with opened(site) as store:
        spans = store.spans.within(0.0, time.time())
    (span,) = [each for each in spans if each.user == person.name and each.kind == "frozen"]
    assert span.ended is not None
    assert 7 < span.ended - span.started < 120
    resume(person)
    assert kernel.run("print(number)") == "41"


def is_frozen(container: dict[str, str]) -> bool:
    return container["State"] == "paused"
