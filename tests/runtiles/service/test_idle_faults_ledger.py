"""Running and frozen seconds while Hub and service are killed: as a clock beside them has it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.site import Person, Site
from tests.runtiles.service.process_site import process_site
from tests.runtiles.service.test_pauses_whole import ask, ends


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with process_site(tmp_path_factory.mktemp("ledger")) as found:
        yield found


@dataclass
class Bounds:
    """Between what must have been counted, and what can have been."""

    least: float = 0.0
    most: float = 0.0
    _moments: list[float] = field(default_factory=list)

    @contextmanager
    def begins(self) -> Iterator[None]:
        """With what is asked of the service meanwhile."""
        before = time.time()
        yield
        self._moments = [before, time.time()]

    @contextmanager
    def over(self) -> Iterator[None]:
        (begun, running), before = self._moments, time.time()
        yield
        self.least += before - running
        self.most += time.time() - begun

    def has(self, seconds: float) -> bool:
        return self.least - 0.1 <= seconds <= self.most + 0.1


def counted(site: Site, person: Person) -> dict[str, float]:
    """Seconds by state, as Prometheus reads them."""
    with site.person("admin").api as api:
        answer = api.get("/admin/usage/metrics")
    assert answer.status_code == 200, answer.text
    return {
        sample.labels["state"]: sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == "runtiles_runtime_seconds_total" and sample.labels["user"] == person.name
    }


def test_seconds_are_counted_once_and_all_of_them(site: Site) -> None:
    person, running, frozen = site.person(), Bounds(), Bounds()
    with running.begins():
        person.ready()
    with frozen.begins():
        ask(person, "POST", "/runtimes/lab/freeze")
    site.kill_service()
    site.hub.wait_for("/services/runtiles/api")
    with frozen.over():
        ask(person, "POST", "/runtimes/lab/thaw")
    site.hub.kill()
    site.hub.start()
    site.hub.wait_for("/services/runtiles/api")
    with frozen.begins():
        ask(person, "POST", "/runtimes/lab/freeze")
    with frozen.over():
        ask(person, "POST", "/runtimes/lab/thaw")
    with running.over():
        ask(person, "POST", "/runtimes/lab/stop")
        ends(person, "stopped")
    found = counted(site, person)
    assert running.has(found["running"]), (running, found)
    assert frozen.has(found["frozen"]), (frozen, found)
    site.kill_service()
    site.hub.wait_for("/services/runtiles/api")
    assert counted(site, person) == found
