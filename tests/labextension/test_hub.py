"""Under a Hub: a server that was stopped and started knows its old visitors no more."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from tests.fixtures.browser import Browsing
from tests.fixtures.hub import NO_TLS, RunningHub, running_hub, wait_until
from tests.labextension.lab_server import EXTENSIONS, environment
from tests.labextension.notebook import AWAY, complaints, picture, run_cell, write_notebook

pytestmark = pytest.mark.browser

SERVER = "/users/ann/servers/gpu"
CONFIG = """
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {folder!r}
c.Spawner.cmd = {command!r}
c.Spawner.args = ["--allow-root", {extensions!r}]
c.Spawner.environment = {environment!r}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def hub(tmp_path: Path, home: Path) -> Iterator[RunningHub]:
    """With one person, whose runtime runs."""
    config = CONFIG.format(
        folder=str(home),
        command=[sys.executable, "-m", "jupyterhub.singleuser"],
        extensions=EXTENSIONS,
        environment=environment(home),
    )
    with running_hub(tmp_path, config) as running:
        running.user("ann")
        start(running)
        yield running
        running.ask("DELETE", SERVER)


def servers(hub: RunningHub) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = hub.api("GET", "/users/ann").json()["servers"]
    return found


def start(hub: RunningHub) -> None:
    hub.api("POST", SERVER)
    wait_until(lambda: servers(hub).get("gpu", {}).get("ready", False), 60, "the server")


def stop(hub: RunningHub, home: Path) -> None:
    answer = httpx.get(
        f"{hub.origin}/user/ann/gpu/api/sessions",
        headers={"Authorization": f"token {hub.token}"},
        verify=NO_TLS,
    )
    (home / "sessions.json").write_text(json.dumps(answer.raise_for_status().json()))
    hub.api("DELETE", SERVER)
    wait_until(lambda: "gpu" not in servers(hub), 60, "the server to stop")


async def test_an_open_tab_signs_in_again_by_itself_and_finds_its_kernel(
    hub: RunningHub, home: Path, browsing: Browsing
) -> None:
    browsing.allow(AWAY)
    write_notebook(home / "train.ipynb")
    page = await browsing.page(hub.origin)
    await page.goto("/hub/login?next=/user/ann/gpu/lab/tree/train.ipynb")
    await page.fill("#username_input", "ann")
    await page.fill("#password_input", "any")
    await page.click("#login_submit")
    first = await run_cell(page)
    stop(hub, home)
    card = page.locator(".rt-away-card")
    await expect(card).to_contain_text("This runtime does not answer.", timeout=60_000)
    await expect(card.get_by_role("link", name="Runtimes page")).to_have_attribute(
        "href", "/services/runtiles/"
    )
    await expect(page.locator(".jp-Dialog")).to_have_count(0)
    assert await complaints(page, ".rt-away-card") == []
    await picture(page, "away")
    start(hub)
    await expect(card).to_have_count(0, timeout=60_000)
    await expect(page.locator(".rt-status-button")).to_have_text("gpu · running")
    assert await run_cell(page, first) != first
