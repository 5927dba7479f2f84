"""Tiles and machines changed in the panel: effective in Hub and service at once."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from runtiles.store.drains import Drain
from tests.fixtures.hub import NAVIGATE, wait_until
from tests.integration.catalogue_site import CatalogueSite, catalogue_site

SOON = 60.0
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogueSite]:
    with catalogue_site(tmp_path_factory.mktemp("catalogue")) as running:
        yield running


@pytest.fixture(autouse=True)
def as_in_the_files(site: CatalogueSite) -> Iterator[None]:
    yield
    site.store.drains.set(Drain())
    with site.user("admin") as admin:
        for kind in ("tiles", "machines"):
            for item in admin.get(f"/admin/{kind}").json()["items"]:
                if item["source"] != "file":
                    assert admin.delete(f"/admin/{kind}/{item['slug']}").status_code == 204


@pytest.fixture
def name() -> str:
    return f"ann-{next(_numbers)}"


@pytest.fixture
def ann(site: CatalogueSite, name: str) -> Iterator[httpx.Client]:
    with site.user(name) as client:
        yield client


@pytest.fixture
def admin(site: CatalogueSite) -> Iterator[httpx.Client]:
    with site.user("admin") as client:
        yield client


def fields(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 400, answer.text
    found: dict[str, str] = answer.json()["error"]["details"]["fields"]
    return found


def start_form(browser: httpx.Client, **values: str) -> httpx.Response:
    """Presses Start on the spawn page, without any script."""
    page = browser.get("/hub/spawn", headers=NAVIGATE).text
    found = re.search(r'name="_xsrf" value="([^"]+)"', page)
    assert found
    data = {**values, "_xsrf": found[1]}
    return browser.post("/hub/spawn", data=data, headers=NAVIGATE)


def test_an_edited_tile_is_in_the_gallery_at_once_and_a_launch_uses_it(
    site: CatalogueSite, ann: httpx.Client, name: str
) -> None:
    saved = site.put("tiles/plain", title="Renamed <b>tile</b>", image="runtiles/edited:2")
    assert saved["changes"]["image"] == ["runtiles/plain:1", "runtiles/edited:2"]
    assert saved["item"]["overridden"] == ["image", "title"]
    assert ann.get("/tiles/plain").json()["title"] == "Renamed <b>tile</b>"
    with site.hub.browser(name) as browser:
        assert "Renamed &lt;b&gt;tile" in browser.get("/hub/spawn", headers=NAVIGATE).text
    launched = ann.post("/runtimes", json={"tile": "plain", "name": "lab"})
    assert launched.status_code == 201, launched.text
    assert launched.json()["image"] == "docker.io/runtiles/edited:2"
    with site.hub.browser(name) as browser:
        wait_until(
            lambda: "Renamed &lt;b&gt;tile" in browser.get("/hub/home", headers=NAVIGATE).text,
            SOON,
            "the home page to use the new title",
        )
    assert ann.delete("/runtimes/lab").status_code == 204


def test_a_switched_off_tile_is_refused_wherever_it_is_asked_for(
    site: CatalogueSite, ann: httpx.Client, name: str
) -> None:
    assert ann.post("/runtimes", json={"tile": "other", "name": "default"}).status_code == 201
    wait_until(lambda: state(ann, "default") == "running", 60, "the runtime to run")
    saved = site.put("tiles/other", enabled=False)
    assert saved["item"]["enabled"] is False
    assert "other" not in [tile["slug"] for tile in ann.get("/tiles").json()]
    assert state(ann, "default") == "running", "what runs goes on"
    assert ann.get("/runtimes/default").json()["title"] == "Other tile"
    assert ann.post("/runtimes/default/stop").status_code == 200
    wait_until(lambda: state(ann, "default") == "stopped", 60, "the runtime to stop")

    refused = fields(ann.post("/runtimes", json={"tile": "other", "name": "more"}))
    assert refused["tile"].startswith("The tile 'Other tile' is switched off on this site. Choose")
    assert "tile" in fields(ann.post("/runtimes/default/start", json={}))
    by_admins_page = site.hub.ask("POST", f"/users/{name}/server", {})
    assert by_admins_page.status_code == 400
    assert "switched off on this site" in by_admins_page.json()["message"]
    with site.hub.browser(name) as browser:
        posted = start_form(browser, tile="other")
        assert "switched off on this site" in posted.text
        linked = browser.get("/hub/spawn?tile=other", headers=NAVIGATE)
        assert "switched off on this site" in linked.text
        assert 'value="other"' not in browser.get("/hub/spawn", headers=NAVIGATE).text
    assert state(ann, "default") == "stopped"

    site.put("tiles/other", enabled=True)
    assert site.hub.ask("POST", f"/users/{name}/server", {}).status_code < 300
    wait_until(lambda: state(ann, "default") == "running", 60, "the runtime to run")
    assert ann.get("/runtimes/default").json()["tile"] == "other"
    assert ann.delete("/runtimes/default").status_code == 204


def state(client: httpx.Client, runtime: str) -> str:
    return str(client.get(f"/runtimes/{runtime}").json().get("state"))


def test_a_hidden_machine_is_not_offered_and_a_disabled_one_is_refused(
    site: CatalogueSite, ann: httpx.Client
) -> None:
    site.put("machines/large", hidden=True)
    assert [machine["slug"] for machine in ann.get("/machines").json()] == ["small"]
    body = {"tile": "plain", "machine": "large"}
    assert ann.post("/runtimes/preview", json=body).status_code == 200
    site.put("machines/large", enabled=False)
    assert "switched off" in fields(ann.post("/runtimes/preview", json=body))["machine"]


def test_an_entry_of_the_panel_alone(site: CatalogueSite, ann: httpx.Client) -> None:
    made = site.put("tiles/new", title="New", image="runtiles/new:1", workspace=None)
    assert (made["item"]["source"], made["item"]["file"]) == ("panel", None)
    assert ann.get("/tiles/new").json()["title"] == "New"
    assert ann.post("/runtimes/preview", json={"tile": "new"}).status_code == 200
    with site.user("admin") as admin:
        assert admin.delete("/admin/tiles/new").status_code == 204
        assert admin.delete("/admin/tiles/new").status_code == 404
    assert ann.get("/tiles/new").status_code == 404


def test_a_preview_saves_nothing(
    site: CatalogueSite, ann: httpx.Client, admin: httpx.Client
) -> None:
    seen = admin.put("/admin/machines/large?preview=1", json={"default": True, "cpus": 4})
    assert seen.json()["changes"] == {"cpus": [2.0, 4.0], "default": [False, True]}
    assert seen.json()["item"]["cpus"] == 4
    assert seen.json()["warnings"] == [
        "The machine 'large' becomes the default in place of 'small'."
    ]
    assert admin.get("/admin/machines/large").json()["source"] == "file"
    assert ann.get("/machines").json()[1]["cpus"] == 2


def test_an_invalid_edit_has_an_entry_per_bad_key(admin: httpx.Client) -> None:
    edit = {"imagee": "x", "time_limit": "soon", "environment": {"RUNTILES_X": "1"}, "hidden": 3}
    for query in ("", "?preview=1"):
        found = fields(admin.put(f"/admin/tiles/plain{query}", json=edit))
        assert found.keys() == {"imagee", "time_limit", "environment.RUNTILES_X", "hidden"}
    assert admin.get("/admin/tiles/plain").json()["source"] == "file"


def test_two_admins_do_not_overwrite_each_other(site: CatalogueSite, admin: httpx.Client) -> None:
    version = admin.get("/admin/tiles/plain").json()["version"]
    mine = {"If-Match": f'"{version}"'}
    first = admin.put("/admin/tiles/plain", json={"title": "Mine"}, headers=mine)
    assert first.status_code == 200
    late = admin.put("/admin/tiles/plain", json={"title": "Theirs"}, headers=mine)
    assert late.status_code == 409
    assert "by admin since you read it" in late.json()["error"]["message"]
    assert admin.delete("/admin/tiles/plain", headers=mine).status_code == 409
    newer = {"If-Match": f'"{first.json()["item"]["version"]}"'}
    assert admin.put("/admin/tiles/plain", json={"icon": "gpu"}, headers=newer).status_code == 200
    shown = admin.get("/admin/tiles/plain").json()
    assert (shown["title"], shown["overridden"]) == ("Mine", ["icon", "title"])


def test_every_change_is_written_down_without_credentials(admin: httpx.Client) -> None:
    environment = {"MODE": "fast", "HF_TOKEN": "hf_canary"}
    edit = {"environment": environment, "command": "serve --token=canary"}
    assert admin.put("/admin/tiles/other", json=edit).status_code == 200
    assert admin.put("/admin/tiles/other", json=edit).status_code == 200, "nothing new"
    assert admin.delete("/admin/tiles/other").status_code == 204
    page = admin.get("/admin/audit", params={"target": "tile:other", "limit": 2})
    reset, edited = page.json()["items"]
    assert (edited["actor"], edited["action"], edited["target"]) == (
        "admin",
        "tile.edit",
        "tile:other",
    )
    changes: dict[str, list[Any]] = edited["details"]["changes"]
    assert changes["environment"][1] == {"MODE": "fast", "HF_TOKEN": "•••"}
    assert changes["command"][0] == []
    assert reset["action"] == "tile.reset"
    assert "canary" not in page.text


def test_the_audit_log_is_paged_and_filtered(admin: httpx.Client, site: CatalogueSite) -> None:
    for number in range(3):
        site.store.audit.record("eve", "test.done", f"runtime:x/{number}")
    found = admin.get("/admin/audit", params={"actor": "eve", "offset": 1, "limit": 1}).json()
    assert found["total"] == 3
    assert [item["target"] for item in found["items"]] == ["runtime:x/1"]
    assert admin.get("/admin/audit?limit=501").status_code == 400
    assert admin.get("/admin/audit?actr=eve").status_code == 400


def test_a_change_that_no_longer_fits_is_reported_and_the_site_goes_on(
    site: CatalogueSite, ann: httpx.Client, admin: httpx.Client
) -> None:
    site.store.overrides.put("tile", "plain", {"titel": "Uno"}, author="eve")
    site.store.overrides.put("tile", "half", {"title": "Half"}, author="eve")
    listed = admin.get("/admin/tiles").json()
    item = next(item for item in listed["items"] if item["slug"] == "plain")
    assert item["problem"] == "titel: unknown key. Did you mean 'title'?"
    assert item["title"] == "Plain tile"
    assert {entry["slug"] for entry in listed["ignored"]} == {"plain", "half"}
    assert ann.get("/tiles/plain").status_code == 200
    assert admin.put("/admin/tiles/plain", json={"title": "Due"}).status_code == 400
    assert admin.delete("/admin/tiles/plain").status_code == 204
    assert admin.delete("/admin/tiles/half").status_code == 204
    assert admin.get("/admin/tiles").json()["ignored"] == []


def test_changes_survive_a_restart(site: CatalogueSite, ann: httpx.Client) -> None:
    """Also one that switches the site's default tile off."""
    site.put("tiles/plain", enabled=False)
    site.hub.restart()
    site.hub.wait_for("/services/runtiles/api")
    assert [tile["slug"] for tile in ann.get("/tiles").json()] == ["other"]
    assert ann.post("/runtimes/preview", json={}).json()["tile"] == "other"


def test_while_the_site_is_drained_nothing_is_launched(
    site: CatalogueSite, ann: httpx.Client, name: str
) -> None:
    site.store.drains.set(Drain("draining", by="admin", message="Back at <noon>."))
    launched = ann.post("/runtimes", json={"tile": "plain", "name": "lab"})
    assert launched.status_code == 503
    assert launched.json()["error"]["message"] == "Back at <noon>."
    assert launched.json()["error"]["details"]["drain"] == "draining"
    by_hub = site.hub.ask("POST", f"/users/{name}/server", {})
    assert by_hub.status_code == 503
    assert "Back at <noon>." in by_hub.json()["message"]
    with site.hub.browser(name) as browser:
        page = browser.get("/hub/spawn", headers=NAVIGATE).text
        assert 'id="rt-closed"' in page
        assert "Back at &lt;noon&gt;." in page
        assert "Back at &lt;noon&gt;." in start_form(browser, tile="plain").text
    assert ann.post("/runtimes/preview", json={"tile": "plain"}).status_code == 200
    assert ann.get("/runtimes").json() == []
    site.store.drains.set(Drain())
    with site.hub.browser(name) as browser:
        assert 'id="rt-closed"' not in browser.get("/hub/spawn", headers=NAVIGATE).text
