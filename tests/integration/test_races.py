"""Two at once: no update is lost, nobody gets a 500, and what is told in the end is true."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from runtiles.store import KeyFile, Store
from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import Person, ServiceHub, person, running_service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHub]:
    with running_service(tmp_path_factory.mktemp("races")) as running:
        yield running


def together(*calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The answers, in the order of the calls; none of them is a failure of the service."""
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = [future.result() for future in [pool.submit(call) for call in calls]]
    assert all(answer.status_code < 500 or answer.status_code == 503 for answer in answers), [
        answer.text for answer in answers
    ]
    return answers


def codes(answers: Sequence[httpx.Response]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def launching(ann: Person, **options: Any) -> Callable[[], httpx.Response]:
    return lambda: ann.api.post("/runtimes", json=options)


def names(ann: Person) -> list[str]:
    return sorted(runtime["name"] for runtime in ann.api.get("/runtimes").json())


# -- launches -------------------------------------------------------------------------------------


def test_one_name_is_given_once_and_with_the_options_of_who_got_it(ann: Person) -> None:
    def workspace(number: int) -> dict[str, str]:
        url = f"https://example.org/{number}.git"
        return {"url": url, "username": "ann", "password": f"typed {number}"}

    answers = together(
        *(launching(ann, tile="gated", name="x", workspace=workspace(n)) for n in range(6))
    )
    assert codes(answers) == [201, 409, 409, 409, 409, 409]
    (winner,) = (n for n, answer in enumerate(answers) if answer.status_code == 201)
    launch = ann.service.store.launches.latest(ann.name, "x")
    assert launch is not None
    assert launch.options["workspace"]["url"] == f"https://example.org/{winner}.git"
    # Nor did anybody else's password take the place of the winner's.
    (kept,) = ann.service.store.secrets.list(ann.name)
    assert ann.service.store.secrets.get(ann.name, kept.name) == f"typed {winner}"
    ann.open_gate()


def test_names_that_are_suggested_at_once_differ_and_the_limit_holds(ann: Person) -> None:
    answers = together(*(launching(ann, tile="quick") for _ in range(6)))
    assert codes(answers) == [201, 201, 429, 429, 429, 429]
    assert names(ann) == ["quick", "quick-2"]


def test_a_stopped_one_is_started_once(ann: Person) -> None:
    ann.launch(tile="quick", name="x")
    ann.wait_for("x", "running")
    ann.api.post("/runtimes/x/stop")
    ann.wait_for("x", "stopped")
    start = lambda: ann.api.post("/runtimes/x/start", json={})  # noqa: E731
    answers = together(*[start] * 5)
    assert codes(answers) == [200, 409, 409, 409, 409]
    assert len(ann.service.store.launches.of_runtime(ann.name, "x")) == 2


# -- ends -----------------------------------------------------------------------------------------


def test_stopping_what_stops(ann: Person) -> None:
    ann.launch(tile="quick", name="x")
    ann.wait_for("x", "running")
    assert set(codes(together(*[lambda: ann.api.post("/runtimes/x/stop")] * 5))) <= {200, 409}
    ann.wait_for("x", "stopped")


def test_deleting_what_starts_stops_and_is_deleted(ann: Person) -> None:
    ann.launch(tile="gated", name="x")
    stop, delete = (
        lambda: ann.api.post("/runtimes/x/stop"),
        lambda: ann.api.delete("/runtimes/x"),
    )
    answers = together(delete, stop, delete, stop, delete)
    assert set(codes(answers)) <= {200, 204, 404, 409}
    if names(ann):
        assert ann.api.delete("/runtimes/x").status_code == 204
    nothing_left(ann, "x")


def test_a_launch_is_not_forgotten_with_the_one_before(ann: Person) -> None:
    for _ in range(5):
        ann.launch(tile="quick", name="x")
        ann.wait_for("x", "running")
        _, launched = together(
            lambda: ann.api.delete("/runtimes/x"),
            lambda: insist(launching(ann, tile="gated", name="x")),
        )
        assert launched.status_code == 201
        assert ann.api.get("/runtimes/x").json()["tile"] == "gated"
        launch = ann.service.store.launches.latest(ann.name, "x")
        assert launch is not None
        assert launch.tile == "gated"
        assert ann.api.delete("/runtimes/x").status_code == 204


def insist(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Until the name is free."""
    answers: list[httpx.Response] = []

    def done() -> bool:
        answers.append(call())
        return answers[-1].status_code != 409

    wait_until(done, 60, "the name to be free")
    return answers[-1]


def test_a_title_does_not_outlive_its_runtime(ann: Person) -> None:
    for number in range(5):
        ann.launch(tile="quick", name="x")
        ann.wait_for("x", "running")
        rename = lambda n=number: ann.api.patch("/runtimes/x", json={"title": f"t{n}"})  # noqa: E731
        answers = together(rename, lambda: ann.api.delete("/runtimes/x"), rename, rename)
        assert set(codes(answers)) <= {200, 204, 404}
        nothing_left(ann, "x")


def nothing_left(ann: Person, name: str) -> None:
    store = ann.service.store
    wait_until(lambda: names(ann) == [], 60, "it to be gone")
    assert store.launches.of_runtime(ann.name, name) == []
    assert store.titles.all(ann.name) == {}
    assert store.secrets.list(ann.name) == []


# -- admins ---------------------------------------------------------------------------------------


def test_of_two_admins_one_is_told_of_the_other(admin: Person) -> None:
    for number in range(5):
        version = admin.api.get("/admin/tiles/quick").json()["version"]

        def put(text: str, seen: str = version) -> httpx.Response:
            body, headers = {"description": text}, {"If-Match": f'"{seen}"'}
            return admin.api.put("/admin/tiles/quick", json=body, headers=headers)

        texts = [f"{who} {number}" for who in ("one", "other", "third")]
        answers = together(*(lambda text=text: put(text) for text in texts))
        assert codes(answers) == [200, 409, 409]
        (winner,) = (t for t, a in zip(texts, answers, strict=True) if a.status_code == 200)
        assert admin.api.get("/admin/tiles/quick").json()["description"] == winner


def test_the_key_changes_while_secrets_are_written(ann: Person, service: ServiceHub) -> None:
    store = Store(f"sqlite:///{service.folder}/runtiles.sqlite", KeyFile(service.folder / "key"))

    def put(number: int) -> httpx.Response:
        return ann.api.put(f"/secrets/S{number}", json={"value": f"v{number}"})

    with ThreadPoolExecutor(5) as pool:
        answers = [pool.submit(put, number) for number in range(40)]
        for _ in range(3):
            assert not store.rotate_key().unreadable
        assert {answer.result().status_code for answer in answers} == {204}
    store.rotate_key(drop_old=True)
    for number in range(40):
        assert store.secrets.get(ann.name, f"S{number}") == f"v{number}"
    store.close()


def test_a_drain_during_launches_leaves_nothing_running(admin: Person, service: ServiceHub) -> None:
    people = [f"late-{number}" for number in range(6)]
    with ThreadPoolExecutor(len(people)) as pool:
        launches = [pool.submit(late, service, name) for name in people]
        begun = admin.api.post("/admin/drain", json={"action": "stop", "message": "Disks"})
        assert begun.status_code == 202
        answers = [launch.result() for launch in launches]
    assert set(codes(answers)) <= {201, 503}
    wait_until(lambda: drain(admin)["state"] == "drained", 60, "the drain to be done")
    found = admin.api.get("/runtimes", params={"all": "1"}).json()
    assert {runtime["state"] for runtime in found} <= {"stopped", "failed"}
    assert admin.api.delete("/admin/drain").json()["state"] == "open"


def late(service: ServiceHub, name: str) -> httpx.Response:
    with person(service, name) as one:
        return one.api.post("/runtimes", json={"tile": "quick", "name": "x"})


def test_two_admins_drain_one_site(admin: Person) -> None:
    start = lambda: admin.api.post("/admin/drain", json={"action": "stop"})  # noqa: E731
    assert codes(together(start, start, start)) == [202, 409, 409]
    wait_until(lambda: drain(admin)["state"] == "drained", 60, "the drain to be done")
    wait_until(lambda: not drain(admin)["acting"], 60, "the end of it")
    back = lambda: admin.api.post("/admin/drain/resume", json={})  # noqa: E731
    assert codes(together(back, back))[0] == 202
    wait_until(lambda: drain(admin)["state"] == "open", 60, "the site to be open")


def drain(admin: Person) -> dict[str, Any]:
    found: dict[str, Any] = admin.api.get("/admin/drain").json()
    return found
