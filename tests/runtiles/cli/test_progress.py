"""What is said of a launch where nobody has a terminal, and when it failed."""

import pytest

from runtiles.cli.progress import failure_card, watch
from runtiles.contract.events import LaunchEvent

MB = 2**20


def moved(percent: float) -> LaunchEvent:
    done = int(percent * MB)
    return LaunchEvent("pulling", "progress", percent=percent, done=done, total=100 * MB)


def test_a_pipe_gets_a_line_per_phase_and_step(capsys: pytest.CaptureFixture[str]) -> None:
    events = [
        LaunchEvent("pulling", "phase"),
        *(moved(percent / 2) for percent in range(201)),
        LaunchEvent("queued", "phase"),
        LaunchEvent("workspace", "notice", "The ref \x1b[2Jwas not found."),
        LaunchEvent("server", "log", "a line"),
        LaunchEvent("ready", "ready"),
    ]
    assert watch(events).kind == "ready"
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[:3] == [
        "Pulling the image…",
        "  0 % (0 B of 100 MiB)",
        "  10 % (10 MiB of 100 MiB)",
    ]
    assert len(lines) == 1 + 11 + 4
    assert lines[12:] == [
        "Waiting for a GPU…",
        "Bringing the workspace…",
        "Note: The ref was not found.",
        "Starting the server…",
    ]


def test_a_launch_of_which_nothing_is_heard_has_failed() -> None:
    assert watch([]).kind == "failed"


def test_the_card_of_a_failure() -> None:
    log = "\n".join(f"line {number}" for number in range(40))
    details = {"hint": "Use a larger machine.", "exit_code": 137, "oom_killed": True, "log": log}
    card = failure_card(LaunchEvent("server", "failed", "The server ended.", details=details))
    assert card.startswith("The server ended.\nThe container was killed for want of memory.\n")
    assert "Exit code: 137." in card
    assert "Hint: Use a larger machine." in card
    assert card.endswith("  line 38\n  line 39")
    assert "line 24\n" not in card
    assert failure_card(LaunchEvent("server", "failed")) == "The launch failed."
