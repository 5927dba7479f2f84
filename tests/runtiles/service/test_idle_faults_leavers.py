"""Whom and what the service removes for good, with a real Hub and real runtimes."""

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from tests.fixtures.hub import wait_until
from tests.integration.site import Person, Site
from tests.runtiles.service.process_site import process_site
from tests.runtiles.service.test_idle_whole import opened
from tests.runtiles.service.test_pauses_whole import ends, notebook, pause, resume

_PATIENCE_S = 120.0
POLICY = {
    "cull_users": True,
    "cull_users_after": "1s",
    "remove_named_servers": "1s",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with process_site(tmp_path_factory.mktemp("leavers"), policy=POLICY) as found:
        yield found


def is_there(person: Person) -> bool:
    return person.site.hub.ask("GET", f"/users/{person.name}").status_code == 200


def has_runtime(person: Person) -> bool:
    path = f"/users/{person.name}?include_stopped_servers=1"
    found = person.site.hub.ask("GET", path)
    return found.status_code == 200 and "lab" in found.json()["servers"]


def test_who_has_gone_is_removed_and_nobody_loses_work(site: Site) -> None:
    admin, works, waits, ended = site.person("admin"), site.person(), site.person(), site.person()
    works.ready()
    waits.ready()
    kernel = notebook(waits, "one.ipynb")
    kernel.run("number = 41")
    pause(waits)
    ends(waits, "paused")
    ended.ready()
    ended.stop()
    gone = site.person()

    # It looks when it begins.
    wait_until(lambda: is_old(gone) and is_old(ended), _PATIENCE_S, "them to be old enough")
    site.kill_service()
    wait_until(lambda: not is_there(gone), _PATIENCE_S, "who has gone to be removed")
    wait_until(lambda: not has_runtime(ended), _PATIENCE_S, "what ended to be removed")
    with opened(site) as store:
        done = {entry.target for entry in store.audit.page(action="idle.remove")[1]}
        done |= {entry.target for entry in store.audit.page(action="idle.remove_user")[1]}
    assert f"user:{gone.name}" in done
    kept = [f"user:{each.name}" for each in (admin, works, waits)]
    kept += [f"runtime:{each.name}/lab" for each in (works, waits)]
    assert not done & set(kept)
    assert is_there(admin)
    assert site.hub_state(works.name, "lab") == "ready"
    site.hub.wait_for("/services/runtiles/api")
    resume(waits)
    assert kernel.run("print(number)") == "41"


def is_old(person: Person) -> bool:
    """A second has passed since the Hub heard of them."""
    model = person.site.hub.ask("GET", f"/users/{person.name}").json()
    last = model["last_activity"] or model["created"]
    at = datetime.fromisoformat(last.replace("Z", "+00:00"))
    return (datetime.now(timezone.utc) - at).total_seconds() > 2
