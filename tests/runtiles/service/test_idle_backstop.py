"""At the end of a reservation: who comes to it late is no reason to lose what others have to wait for."""

from collections.abc import Iterator

import pytest

from tests.fixtures.hub import wait_until
from tests.integration.site import Site
from tests.runtiles.service.process_site import process_site
from tests.runtiles.service.test_pauses_whole import notebook

#: One every 15 seconds, and the Hub would wait for a second.
POLICY = {"idle_warnings": [], "idle_actions_per_minute": 4}
CONFIG = "c.RuntimeSpawner.overtime = 1\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with process_site(tmp_path_factory.mktemp("backstop"), policy=POLICY, config=CONFIG) as found:
        yield found


def test_a_crowd_that_ends_together_is_paused_one_after_the_other(site: Site) -> None:
    people = [site.person() for _ in range(3)]
    for person in people:
        person.ready(time_limit="20s")
        notebook(person, "one.ipynb").run("x = 1")
    for person in people:
        wait_until(lambda one=person: one.runtime()["state"] != "running", 120, "its end")  # type: ignore[misc]
        wait_until(lambda one=person: one.runtime()["state"] == "paused", 60, "its pause")  # type: ignore[misc]
        assert person.runtime()["snapshot"]
