"""Hub and service go down and come back. Each test has a Hub of its own."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import ServiceHub, person, running_service, script_headers


def test_cookies_and_runtimes_outlive_a_crash_of_the_hub(tmp_path: Path) -> None:
    with (
        running_service(tmp_path) as service,
        service.hub.browser("ann") as browser,
        person(service, "ann") as ann,
    ):
        ann.launch(tile="gated", name="g")
        headers = script_headers(browser)

        service.hub.kill()
        _until_gone(service)
        service.hub.start()
        service.hub.wait_for("/services/runtiles/api")

        seen = browser.get("/services/runtiles/api/runtimes", headers=headers)
        assert seen.status_code == 200
        (runtime,) = seen.json()
        assert (runtime["name"], runtime["state"]) == ("g", "failed")
        assert runtime["last_error"]["code"] == "interrupted"
        assert '"interrupted"' in ann.api.get("/runtimes/g/progress").text
        assert ann.api.delete("/runtimes/g").status_code == 204


def _until_gone(service: ServiceHub) -> None:
    """The service notices that its Hub has gone, and goes. Until then it says so."""
    direct = f"http://127.0.0.1:{service.port}/services/runtiles/api/tiles"

    def gone() -> bool:
        try:
            answer = httpx.get(direct, headers={"Authorization": "token unknown"})
        except httpx.TransportError:
            return True
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "unavailable"
        return False

    wait_until(gone, 60, "the orphaned service to end")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"RUNTILES_STORE_URL": ""}, "RUNTILES_STORE_URL: is not set"),
        ({"JUPYTERHUB_SERVICE_URL": ""}, "the Hub sets it for a managed service"),
        ({"RUNTILES_ENGINE": "podman"}, "is not one of docker, process, none"),
        ({"RUNTILES_CATALOGUE": "/nowhere/tiles.yaml"}, "/nowhere/tiles.yaml"),
        ({"RUNTILES_STORE_URL": "sqlite:////nowhere/x.sqlite"}, "cannot be created"),
    ],
)
def test_a_service_that_cannot_start_says_why(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    environment = {
        **os.environ,
        "RUNTILES_STORE_URL": f"sqlite:///{tmp_path}/x.sqlite",
        "RUNTILES_KEY_FILE": str(tmp_path / "key"),
        "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:1",
        "JUPYTERHUB_SERVICE_PREFIX": "/services/runtiles/",
        "JUPYTERHUB_API_URL": "http://127.0.0.1:1/hub/api",
        "JUPYTERHUB_API_TOKEN": "t",
        **changes,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "runtiles.service"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 1
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
