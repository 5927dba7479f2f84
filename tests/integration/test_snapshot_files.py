"""Files of snapshots on a volume of a real engine: in, accepted and out, while a runtime runs beside."""

import io
import json
import tarfile

import pytest

from runtiles.service.snapshots.packing import HEADER
from runtiles.store import Store
from tests.integration.site import Person, Site
from tests.runtiles.service.test_snapshot_files import BODY, HEAD, packed

pytestmark = pytest.mark.engine


def test_in_and_out_over_the_api(person: Person, site: Site) -> None:
    person.ready("plain")
    (container,) = site.containers(person.name)
    manifest = json.dumps({"format": 1, "signature": "theirs", "manifest": {}}).encode()
    data = packed(HEAD, BODY, ("kernels/k/manifest.json", manifest), ("kernels/k/b", b"x" * 10**7))
    headers = {"Content-Type": "application/gzip"}
    with person.api as api:
        answer = api.post("/snapshots/import", content=data, headers=headers)
        assert answer.status_code == 201, answer.text
        taken = answer.json()["id"]
        folder = f"/storage/.runtiles/snapshots/{taken}"
        assert "theirs" in site.run_in(container["Id"], f"cat {folder}/kernels/k/manifest.json")
        assert api.post(f"/snapshots/{taken}/trust").json()["trusted"] is True
        signed = json.loads(site.run_in(container["Id"], f"cat {folder}/kernels/k/manifest.json"))
        assert signed["signature"] not in ("", "theirs")
        out = api.get(f"/snapshots/{taken}/export")
    with tarfile.open(fileobj=io.BytesIO(out.content)) as tar:
        assert sorted(tar.getnames()) == [
            "kernels/k/b",
            "kernels/k/manifest.json",
            HEADER,
            "snapshot.json",
        ]
    store = Store(f"sqlite:///{site.hub.folder}/runtiles.sqlite")
    assert store.snapshots.get(person.name, taken).size > 10**7
    store.close()
    # The helpers are gone, and none was ever taken for a runtime.
    assert [each["Id"] for each in site.containers(person.name)] == [container["Id"]]
    volume = f"{site.hub_id}-{person.name}"
    beside = site.engine.containers(all=True, filters={"volume": volume})
    assert [each["Id"] for each in beside] == [container["Id"]]


def test_without_a_storage_there_is_nowhere_to_take_it_in(person: Person) -> None:
    with person.api as api:
        answer = api.post("/snapshots/import", content=packed(HEAD, BODY))
    assert answer.status_code == 409
    assert "Start a runtime first" in answer.text
