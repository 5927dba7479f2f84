"""What a container prints, as lines of a log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtiles.contract.events import KINDS, PHASES, LaunchEvent, encode_line
from runtiles.values.loglines import (
    LOG_PHASES,
    LogLine,
    Output,
    clean,
    event_lines,
    log_phase,
    phase_at,
)


def read(*printed: str) -> list[tuple[str, str]]:
    """Phase and text of what these lines of a container become."""
    output = Output()
    lines = [LogLine(float(number), text) for number, text in enumerate(printed)]
    return [(line.phase, line.text) for one in lines for line in output.lines(one)]


def say(phase: str, kind: str, message: str = "") -> str:
    return encode_line(LaunchEvent(phase, kind, message))


def test_a_line_belongs_to_the_phase_that_was_announced_last() -> None:
    assert read(
        "before the launcher",
        say("workspace", "phase", "Cloning the repository"),
        say("workspace", "progress", "Receiving objects"),
        say("workspace", "log", "From https://git.example/x"),
        say("hook", "phase", "Running the startup hook"),
        "what the hook prints",
        say("hook", "notice", "The hook has failed."),
        say("server", "phase", "Starting the server"),
        "what the server prints",
        say("server", "failed", "told by the spawner"),
    ) == [
        ("server", "before the launcher"),
        ("workspace", "Cloning the repository"),
        ("workspace", "From https://git.example/x"),
        ("workspace", "Running the startup hook"),
        ("workspace", "what the hook prints"),
        ("workspace", "The hook has failed."),
        ("server", "Starting the server"),
        ("server", "what the server prints"),
    ]


def test_no_program_can_take_the_log_back() -> None:
    forged = say("pulling", "log", "forged")
    assert read(say("server", "phase"), forged, "later") == [
        ("server", "forged"),
        ("server", "later"),
    ]


def test_a_line_keeps_the_engines_time_whatever_the_event_says() -> None:
    event = LaunchEvent("workspace", "log", "x", time=9e9)
    assert list(Output().lines(LogLine(5.0, encode_line(event)))) == [
        LogLine(5.0, "x", "workspace")
    ]


def test_an_event_of_two_lines_is_two_lines() -> None:
    event = LaunchEvent("preparing", "log", "one\ntwo", time=5.0)
    assert event_lines(event) == [LogLine(5.0, "one", "build"), LogLine(5.0, "two", "build")]


@given(st.sampled_from(PHASES), st.sampled_from(KINDS))
def test_every_event_has_a_place(phase: str, kind: str) -> None:
    for line in event_lines(LaunchEvent(phase, kind, "words")):
        assert line.phase in LOG_PHASES
        assert kind not in ("progress", "ready")
    assert event_lines(LaunchEvent(phase, kind)) == []


@pytest.mark.parametrize(
    ("phase", "part"),
    [("pulling", "pull"), ("preparing", "build"), ("hook", "workspace"), ("starting", "server")],
)
def test_the_words_of_a_launch_are_parts_of_a_log(phase: str, part: str) -> None:
    assert log_phase(phase) == part


def test_the_phase_at_a_time_is_the_one_announced_before_it() -> None:
    events = [
        LaunchEvent("pulling", "phase", time=1.0),
        LaunchEvent("workspace", "phase", time=10.0),
        LaunchEvent("workspace", "log", "x", time=11.0),
        LaunchEvent("server", "phase", time=20.0),
    ]
    found = [phase_at(events, at) for at in (0.0, 5.0, 10.0, 15.0, 25.0)]
    assert found == ["starting", "starting", "workspace", "workspace", "server"]
    assert phase_at([], 5.0) == "starting"


@given(st.text(st.characters(codec=None)))
def test_what_was_cleaned_can_be_written_anywhere(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.encode().decode() == cleaned
    assert "\0" not in cleaned
    assert clean(cleaned) == cleaned
