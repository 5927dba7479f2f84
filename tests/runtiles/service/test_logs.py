"""The output of a runtime: live, followed, and after the end."""

import threading

import pytest

from tests.fixtures.hub import wait_until
from tests.runtiles.service.conftest import Person, ServiceHub


def text(person: Person, name: str = "q", **params: str) -> str:
    answer = person.api.get(f"/runtimes/{name}/logs", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    return answer.text


@pytest.fixture
def printing(ann: Person) -> Person:
    """Somebody whose runtime `q` has printed two lines, and one of our own between them."""
    ann.launch(tile="quick", name="q")
    ann.wait_for("q", "running")
    wait_until(lambda: text(ann).count("\n") == 2, 10, "two lines")
    return ann


def test_the_output_of_a_running_container_without_our_own_lines(printing: Person) -> None:
    assert text(printing) == "first line\nsecond line\n"
    assert text(printing, tail="1") == "second line\n"
    assert text(printing, tail="0") == ""


def test_the_output_is_kept_when_the_container_is_gone(printing: Person) -> None:
    printing.api.post("/runtimes/q/stop")
    printing.wait_for("q", "stopped")
    assert text(printing) == "first line\nsecond line\n"
    assert text(printing, tail="1") == "second line\n"
    assert text(printing, follow="1") == "first line\nsecond line\n"


@pytest.mark.parametrize(("tail", "expected"), [("1", ["second line"]), (None, None)])
def test_following_ends_with_the_container(
    printing: Person, tail: str | None, expected: list[str] | None
) -> None:
    params = {"follow": "1"} | ({"tail": tail} if tail else {})
    lines: list[str] = []
    with printing.api.stream("GET", "/runtimes/q/logs", params=params) as answer:
        for line in answer.iter_lines():
            lines.append(line)
            if line == "second line":
                stop = threading.Thread(target=printing.api.post, args=("/runtimes/q/stop",))
                stop.start()
        stop.join()
    assert lines == (expected or ["first line", "second line"])


def test_before_there_is_a_container_the_launchs_own_lines_are_shown(ann: Person) -> None:
    ann.launch(tile="gated", name="g")
    wait_until(lambda: text(ann, "g") == "layer one\n", 10, "the line")
    assert text(ann, "g", follow="1") == "layer one\n"


def test_a_follower_that_goes_away_is_let_go(
    printing: Person, admin: Person, service: ServiceHub
) -> None:
    seen = "200 GET /services/runtiles/api/runtimes/q/logs admin "
    params = {"follow": "1", "user": printing.name}
    with admin.api.stream("GET", "/runtimes/q/logs", params=params) as answer:
        lines = answer.iter_lines()  # kept: one that is thrown away closes the connection
        next(lines)
        assert seen not in service.hub.log
    wait_until(lambda: seen in service.hub.log, 10, "the end of the request")


def test_what_was_never_launched_has_no_log(ann: Person) -> None:
    assert ann.api.get("/runtimes/nope/logs").status_code == 404
