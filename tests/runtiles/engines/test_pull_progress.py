"""Percent and bytes of a pull, from the engine's messages."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runtiles.engines.pull_progress import PullProgress


def message(layer: str, status: str, current: int = 0, total: int = 0) -> dict[str, Any]:
    detail = {"current": current, "total": total} if total else {}
    return {"id": layer, "status": status, "progressDetail": detail}


def feed(progress: PullProgress, *messages: dict[str, Any]) -> None:
    for one in messages:
        progress.feed(one)


def test_bytes_are_summed_over_layers() -> None:
    progress = PullProgress()
    feed(
        progress,
        {"status": "Pulling from lab/big", "id": "1"},
        message("a", "Pulling fs layer"),
        message("b", "Pulling fs layer"),
        message("a", "Downloading", 30, 100),
        message("b", "Downloading", 50, 300),
    )
    event = progress.event()
    assert (event.done, event.total) == (80, 400)
    assert event.message == "Downloading, 0 of 2 layers done"
    assert event.percent is not None
    assert 10 < event.percent < 20


def test_a_layer_that_is_there_counts_nothing() -> None:
    progress = PullProgress()
    feed(progress, message("a", "Already exists"), message("b", "Downloading", 50, 100))
    event = progress.event()
    assert (event.done, event.total) == (50, 100)
    assert event.message == "Downloading, 0 of 1 layers done"


def test_unpacking_is_the_rest() -> None:
    progress = PullProgress()
    feed(progress, message("a", "Downloading", 100, 100), message("a", "Download complete"))
    downloaded = progress.event().percent or 0
    feed(progress, message("a", "Extracting", 50, 100))
    half = progress.event()
    assert (half.percent or 0) > downloaded
    assert half.message.startswith("Unpacking")
    feed(progress, message("a", "Pull complete"))
    assert progress.event().percent == 99
    assert progress.finished().percent == 100


def test_a_newly_found_layer_does_not_set_it_back() -> None:
    progress = PullProgress()
    feed(progress, message("a", "Downloading", 90, 100))
    before = progress.event().percent
    feed(progress, message("b", "Downloading", 1, 10_000))
    assert progress.event().percent == before


def test_what_counts_as_moving() -> None:
    progress = PullProgress()
    assert progress.feed(message("a", "Pulling fs layer"))
    assert progress.feed(message("a", "Downloading", 1, 10))
    assert not progress.feed(message("a", "Downloading", 1, 10))
    assert progress.feed(message("a", "Downloading", 2, 10))
    assert not progress.feed(message("a", "Retrying in 5 seconds"))
    assert not progress.feed({"status": "Digest: sha256:00"})
    assert progress.feed(message("a", "Verifying Checksum"))
    assert progress.feed(message("a", "Pull complete"))


def test_an_engine_without_sizes_still_makes_progress() -> None:
    progress = PullProgress()
    feed(progress, message("a", "Pull complete"), message("b", "Pulling fs layer"))
    event = progress.event()
    assert event.percent == 50
    assert event.total is None


_STATUS = st.sampled_from(
    [
        "Pulling fs layer",
        "Waiting",
        "Downloading",
        "Verifying Checksum",
        "Download complete",
        "Extracting",
        "Pull complete",
        "Already exists",
        "Retrying in 1 second",
        "Something new",
    ]
)
_MESSAGES = st.builds(
    message,
    st.sampled_from("abcd"),
    _STATUS,
    st.integers(0, 1000),
    st.integers(0, 1000),
)


@given(st.lists(_MESSAGES))
def test_percent_never_falls_and_stays_in_range(messages: list[dict[str, Any]]) -> None:
    progress = PullProgress()
    seen = [0.0]
    for one in messages:
        progress.feed(one)
        event = progress.event()
        assert event.done is not None
        assert event.percent is not None
        seen.append(event.percent)
    assert seen == sorted(seen)
    assert seen[-1] <= 99
