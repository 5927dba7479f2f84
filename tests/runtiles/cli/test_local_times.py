"""Hours as the service says them, in the time of who reads them."""

import time
from collections.abc import Iterator

import pytest

from runtiles.cli import runtime_view, values

#: 2 March 2026, 15:00 UTC, which is 20:45 in Nepal.
NOW = 1772463600.0
DAY = 86400.0


@pytest.fixture(autouse=True)
def _in_nepal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "NPT-5:45")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "near", "words"),
    [
        ("It will pause at 15:10 UTC.", None, "It will pause at 20:55."),
        ("It will pause at 20:00 UTC.", NOW + 18000, "It will pause at 3 Mar 01:45."),
        (
            "would stop at 02:00 UTC otherwise",
            NOW + 11 * 3600,
            "would stop at 3 Mar 07:45 otherwise",
        ),
        ("yesterday 15:10 UTC", NOW - DAY, "yesterday 1 Mar 20:55"),
        ("at 4 Mar 15:00 UTC.", NOW + 2 * DAY, "at 4 Mar 20:45."),
        ("at 1 Jan 15:00 UTC.", NOW + 300 * DAY, "at 1 Jan 2027 20:45."),
        ("seen at 2026-03-02T14:00:05.123456Z.", None, "seen at 19:45."),
        (
            "not 99 Abc 10:00 UTC, nor 31 Feb 10:00 UTC",
            None,
            "not 99 Abc 10:00 UTC, nor 31 Feb 10:00 UTC",
        ),
        ("in 10m", None, "in 10m"),
    ],
)
def test_hours_are_the_readers(text: str, near: "float | None", words: str) -> None:
    assert values.local_times(text, near, NOW) == words


def test_what_show_says_of_an_end() -> None:
    idle = {
        "timeout": 3600,
        "type": "work",
        "action": "pause",
        "ends": {"at": "2026-03-02T15:09:00Z", "seconds": 540, "cause": "idle", "action": "pause"},
        "held_until": None,
        "reason": "Idle: a kernel was last busy 51m ago. It will pause at 15:09 UTC.",
        "reason_at": "2026-03-02T15:09:00Z",
        "found": None,
    }
    row = {
        "state": "running",
        "started_at": "2026-03-02T13:00:00Z",
        "expires_at": None,
        "idle": idle,
    }
    told = runtime_view.lines(row, NOW, "")
    assert told["Started"] == "18:45 (2h ago)"
    assert told["Next"] == "pause at 20:54 (in 9m)"
    assert told["Why"] == "Idle: a kernel was last busy 51m ago. It will pause at 20:54."
    assert (told["Ends"], told["Kept until"], told["Found"]) == ("", "", "")
    held = {
        **idle,
        "ends": None,
        "held_until": "2026-03-02T17:00:00Z",
        "found": "It was 15:00 UTC.",
    }
    told = runtime_view.lines({**row, "idle": held}, NOW, "")
    assert (told["Next"], told["Kept until"], told["Found"]) == ("", "22:45", "It was 20:45.")
