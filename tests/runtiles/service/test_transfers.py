"""Variables between two real runtimes (processes), by the real service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.site import Person, Site
from tests.integration.transfers import Kernel, transfer, transferred
from tests.runtiles.service.process_site import process_site


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with process_site(tmp_path_factory.mktemp("acting")) as found:
        yield found


def two(person: Person) -> tuple[Kernel, Kernel]:
    for name in ("one", "two"):
        person.ready("plain", name)
    source, target = Kernel.start(person, "one"), Kernel.start(person, "two")
    source.run("factor = 3\ndef scaled(x): return x * factor\ngen = (i for i in 'ab')")
    return source, target


def act(kernel: Kernel, path: str, body: Any) -> Any:
    """What JupyterLab in this runtime asks of its own server."""
    person = kernel.person
    return httpx.post(
        f"{person.site.hub.origin}/user/{person.name}/{kernel.runtime}/runtiles/api/{path}",
        headers={"Authorization": f"token {person.token}"},
        json=body,
        timeout=60,
    )


def test_between_two_runtimes(acting: Site) -> None:
    person = acting.person()
    source, target = two(person)
    dry = transferred(source, target, names=["scaled"], dry_run=True)
    assert [each["name"] for each in dry["variables"]] == ["scaled", "factor"]
    result = transferred(source, target, names=["scaled"])
    assert result["way"] == "storage"
    assert target.run("print(scaled(2))") == "6"
    same = Kernel.start(person, "one")
    assert transferred(source, same)["way"] == "kernel"
    assert same.run("print(scaled(2))") == "6"
    # From JupyterLab, by the runtime's own server.
    body = {
        "from": {"kernel": source.id},
        "to": {"runtime": "two", "kernel": target.id},
        "names": ["factor"],
        "rename": {"factor": "other"},
    }
    answer = act(source, "transfer", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["variables"][0]["as"] == "other"
    assert target.run("print(other)") == "3"
    assert act(source, "runtime/pause", {"dry_run": True}).status_code == 200
    for other in ("stop", "delete", "transfer", "resume"):
        assert act(source, f"runtime/{other}", {}).status_code == 404


def test_who_may_not_and_what_is_not_there(acting: Site) -> None:
    owner, other = acting.person(), acting.person()
    source, target = two(owner)
    body = {"from": {"kernel": source.id}, "to": {"runtime": "two", "kernel": target.id}}
    with other.api as api:
        stranger = api.post("/runtimes/one/transfer", params={"user": owner.name}, json=body)
    assert stranger.status_code in (403, 404)
    nobody = transfer(source, Kernel(owner, "two", "no-kernel"), names=["factor"])
    assert nobody.status_code == 404
    nowhere = transfer(source, Kernel(owner, "three", target.id), names=["factor"])
    assert nowhere.status_code == 404
    with owner.api as api:
        bad = api.post("/runtimes/one/transfer", json={"from": {}, "to": {"kernel": "x"}})
    assert bad.status_code == 400
    owner.stop("two")
    assert transfer(source, target).status_code == 409
    folder = acting.hub.folder / "processes" / "storage"
    assert list(folder.rglob("transfers/*")) == []


def test_a_site_that_lets_no_runtime_act_says_so(tmp_path: Path) -> None:
    with process_site(tmp_path, act=False) as narrow:
        source, target = two(narrow.person())
        body = {"from": {"kernel": source.id}, "to": {"runtime": "two", "kernel": target.id}}
        answer = act(source, "transfer", body)
        assert answer.status_code == 403, answer.text
        assert "does not let a runtime act" in answer.json()["error"]["message"]
        # By the person's own hand it works.
        assert transferred(source, target)["way"] == "storage"
