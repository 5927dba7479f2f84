"""A tile becomes a running notebook: real Hub, real engine, real service, real JupyterLab."""

import json
from urllib.parse import urlsplit

import httpx
import pytest

from runtiles.store import Store
from tests.fixtures.hub import wait_until
from tests.integration.site import Person, Site

pytestmark = pytest.mark.engine


def test_a_runtime_starts_answers_and_goes_without_losing_a_file(person: Person) -> None:
    runtime = person.ready("plain", description="my first")
    assert runtime["url"].endswith(f"/user/{person.name}/lab/")
    assert person.server("api").status_code == 200
    kernels = person.server("api/kernelspecs").json()["kernelspecs"]
    assert "python3" in kernels
    assert person.server("api/contents/kept.txt").status_code == 404
    put = person.put("api/contents/kept.txt", {"type": "file", "format": "text", "content": "mine"})
    assert put.status_code == 201

    person.stop()
    person.nothing_left()
    with person.api as api:
        assert "received signal 15" in api.get("/runtimes/lab/logs").text

    with person.api as api:
        assert api.post("/runtimes/lab/start").status_code < 300
    person.wait_for("running")
    assert person.server("api/contents/kept.txt").json()["content"] == "mine"


def test_the_events_tell_every_phase_in_order_and_are_told_again(person: Person) -> None:
    person.ready("plain")
    events = person.events()
    phases = list(dict.fromkeys(event["phase"] for event in events))
    assert phases[-1] == "ready"
    assert [p for p in ("creating", "starting", "server") if p in phases] == [
        "creating",
        "starting",
        "server",
    ]
    assert person.events() == events


def test_the_container_is_limited_labelled_and_cannot_gain_privileges(
    person: Person, site: Site
) -> None:
    person.ready("plain", machine="cpu-small")
    (container,) = site.containers(person.name)
    found = site.engine.inspect_container(container["Id"])
    host = found["HostConfig"]
    assert host["Memory"] == 2 * 2**30
    assert host["CpuQuota"] == host["CpuPeriod"]
    assert "no-new-privileges" in host["SecurityOpt"]
    assert host["Init"] is True
    assert not host["Privileged"]
    assert host["PidsLimit"] > 0
    assert found["Config"]["User"] == "root"
    labels = found["Config"]["Labels"]
    assert labels["org.runtiles.tile"] == "plain"
    assert labels["org.runtiles.machine"] == "cpu-small"


def test_no_credential_is_in_what_the_engine_shows(person: Person, site: Site) -> None:
    person.ready("plain", environment={"API_TOKEN": "canary-1f2e3d", "COLOUR": "green"})
    (container,) = site.containers(person.name)
    shown = json.dumps(site.engine.inspect_container(container["Id"]))
    assert "canary-1f2e3d" not in shown
    assert "JUPYTERHUB_API_TOKEN" not in shown
    assert "JPY_API_TOKEN" not in shown
    # The token's file is gone as soon as the launcher has read it.
    listing = site.run_in(container["Id"], "ls -la /run/runtiles")
    assert " token" not in listing
    # Kernels and terminals have both: they are the person's own.
    assert "canary-1f2e3d" in person.python("import os; print(os.environ['API_TOKEN'])")
    assert "green" in person.python("import os; print(os.environ['COLOUR'])")


def test_a_container_user_other_than_root_can_work(person: Person) -> None:
    person.ready("plain", container_user="1234:1234")
    put = person.put("api/contents/mine.txt", {"type": "file", "format": "text", "content": "x"})
    assert put.status_code == 201
    assert "1234" in person.python("import os; print(os.getuid())")


def test_two_runtimes_of_one_person_share_the_storage_and_not_the_workspace(
    person: Person,
) -> None:
    person.ready("plain", "one")
    person.ready("plain", "two")
    person.python("open('/storage/shared.txt', 'w').write('both')", "one")
    assert "both" in person.python("print(open('/storage/shared.txt').read())", "two")
    person.python("open('own.txt', 'w').write('one')", "one")
    assert "own.txt" not in person.files(name="two")


def test_an_empty_start_is_the_last_tile_again(person: Person, site: Site) -> None:
    person.ready("plain", "lab", description="remember me")
    person.stop()
    site.hub.api("POST", f"/users/{person.name}/servers/lab", {"user_options": {}})
    person.wait_for("running")
    assert person.runtime()["description"] == "remember me"


def test_what_the_gate_refuses_leaves_the_options_as_they_were(person: Person, site: Site) -> None:
    person.ready("plain", description="the former one")
    person.stop()
    answer = site.hub.ask(
        "POST",
        f"/users/{person.name}/servers/lab",
        {"user_options": {"tile": "plain", "workspace": {"password": "canary-7a8b9c"}, "odd": 1}},
    )
    assert answer.status_code == 400
    assert "workspace.password" in answer.text
    assert "odd" in answer.text
    server = site.hub.api("GET", f"/users/{person.name}?include_stopped_servers=1").json()
    assert server["servers"]["lab"]["user_options"]["description"] == "the former one"
    for file in site.hub.folder.rglob("*"):
        if file.is_file():
            assert b"canary-7a8b9c" not in file.read_bytes(), file


def test_a_link_starts_nothing_but_a_tile_by_its_name(person: Person, site: Site) -> None:
    with site.hub.browser(person.name) as browser:
        browser.get(f"/hub/spawn/{person.name}/lab?opt-image=evil/image")
        assert site.containers(person.name) == []


def test_the_hub_survives_its_own_restart_with_every_runtime(person: Person, site: Site) -> None:
    person.ready("plain")
    (before,) = site.containers(person.name)
    site.hub.kill()
    site.hub.start()
    site.hub.wait_for("/services/runtiles/api")
    person.wait_for("running")
    (after,) = site.containers(person.name)
    assert after["Id"] == before["Id"]
    assert person.server("api").status_code == 200
    person.stop()
    person.nothing_left()


def test_another_hubs_container_of_the_same_name_is_left_alone(person: Person, site: Site) -> None:
    name = f"{site.hub_id}-{person.name}--lab"
    foreign = site.engine.create_container("runtiles/python:latest", ["true"], name=name)
    try:
        last = person.fails("plain")
        assert last["details"]["code"] == "name_taken"
        assert name in last["message"]
        assert site.engine.inspect_container(foreign["Id"])["State"]["Status"] == "created"
    finally:
        site.engine.remove_container(foreign["Id"])


def test_a_runtime_ends_at_its_time_limit_with_its_files_kept(person: Person) -> None:
    runtime = person.ready("plain", time_limit="4s")
    assert runtime["expires_at"] is not None
    # The service pauses it, since nobody said that it shall be stopped.
    person.wait_for("paused", timeout=60)
    person.nothing_left()


def test_the_service_learns_where_the_server_and_the_files_are(person: Person, site: Site) -> None:
    person.ready("plain")
    (container,) = site.containers(person.name)
    store = Store(f"sqlite:///{site.hub.folder}/runtiles.sqlite")
    launch = store.launches.latest(person.name, "lab")
    assert launch is not None
    answer = httpx.get(f"{launch.address}api", timeout=30)
    assert (answer.status_code, urlsplit(launch.address).path) == (200, f"/user/{person.name}/lab/")
    volume = f"{site.hub_id}-{person.name}"
    assert launch.storage == {"image": container["ImageID"], "source": volume}

    # As if the engine had given the container another address while there was no Hub.
    store.launches.update(launch.id, address="http://127.0.0.1:1/")
    site.hub.stop()
    site.hub.start()
    site.hub.wait_for("/services/runtiles/api")
    wait_until(lambda: store.launches.get(launch.id).address == launch.address, 60, "the address")
    store.close()
