"""One site for all tests of this folder that only launch runtimes; each test has a user of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from scripts import image
from tests.integration.site import IMAGE, Person, Site, running_site


def tile(slug: str, **fields: Any) -> dict[str, Any]:
    """A tile of our own image, with what the test is about changed."""
    defaults = {"title": slug.title(), "description": f"A tile for tests: {slug}.", "local": True}
    return {"slug": slug, "image": IMAGE, **defaults, **fields}


@pytest.fixture(scope="session")
def own_image(docker_client: docker.APIClient) -> str:
    """Our own image, built if its recipe or our sources changed."""
    image.build(image.missing_or_stale(["python"]))
    return IMAGE


@pytest.fixture(scope="session")
def site(
    docker_client: docker.APIClient,
    own_image: str,
    ca_bundle: Path | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    tiles = {
        "tiles": [
            tile("plain"),
            tile("exits", command=["sh", "-c", "echo last words; exit 3"]),
            tile("forgets", command=["sleep", "600"]),
            tile("hungry", command=["python3", "-c", "x = bytearray(b'x' * (5 * 2**30))"]),
            tile("slow-hook", startup_hook="echo hook begins; sleep 120"),
            tile("missing", image="runtiles/not-there:latest"),
        ]
    }
    folder = tmp_path_factory.mktemp("site")
    with running_site(folder, docker_client, tiles, extra_ca=ca_bundle) as running:
        yield running


@pytest.fixture
def person(site: Site) -> Person:
    return site.person()
