"""A frozen runtime on a real engine: its clock stands, and neither the Hub nor its restart ends it."""

import pytest

from tests.fixtures.hub import wait_until
from tests.integration.site import Person, Site

pytestmark = pytest.mark.engine


def act(person: Person, action: str, name: str = "lab") -> int:
    with person.api as api:
        return api.post(f"/runtimes/{name}/{action}").status_code


def container(person: Person) -> tuple[str, str]:
    """Its id and its state, as the engine tells them."""
    (found,) = person.site.containers(person.name)
    return found["Id"], found["State"]


def test_it_is_frozen_thawed_and_frozen_again_over_a_restart_of_the_hub(
    person: Person, site: Site
) -> None:
    person.ready("plain")
    before, _ = container(person)
    assert act(person, "thaw") == 200
    for _ in range(2):
        assert act(person, "freeze") == 200
        assert container(person) == (before, "paused")
    frozen = person.runtime()
    assert frozen["state"] == "frozen"
    assert frozen["actions"] == ["delete", "hold", "stop", "thaw"]

    site.hub.kill()
    site.hub.start()
    site.hub.wait_for("/services/runtiles/api")
    wait_until(
        lambda: f"{person.name} still running" in site.hub.log, 60, "the Hub to look after it"
    )
    wait_until(lambda: container(person) == (before, "paused"), 60, "it to be frozen again")
    person.wait_for("frozen")
    assert site.hub_state(person.name, "lab") == "ready"

    assert act(person, "thaw") == 200
    assert person.runtime()["state"] == "running"
    assert person.server("api").status_code == 200
    person.stop()
    person.nothing_left()


def test_what_somebody_does_by_hand_is_seen(person: Person, site: Site) -> None:
    person.ready("plain")
    container_id, _ = container(person)
    assert act(person, "freeze") == 200
    site.engine.unpause(container_id)
    person.wait_for("running", timeout=60)
    site.engine.pause(container_id)
    person.wait_for("frozen", timeout=60)
    # Stopping thaws: a frozen process could not hear the signal.
    person.stop()
    person.nothing_left()
    assert act(person, "freeze") == 409
    assert act(person, "thaw") == 409
