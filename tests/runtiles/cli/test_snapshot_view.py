"""Snapshots and resting runtimes in words."""

from typing import Any

import pytest

from runtiles.cli import runtime_view, snapshot_view, snapshots
from runtiles.cli.names import AmbiguousName, NoSuchName

NOW = 7200.0
ROWS: list[dict[str, Any]] = [
    {"id": "s-1", "name": "best", "runtime": "lab", "created": "1970-01-01T00:00:00Z"},
    {"id": "s-2", "name": "", "runtime": "lab", "created": "1970-01-01T01:00:00Z"},
    {"id": "t-3", "name": "twice", "runtime": "other", "trusted": False, "origin": "import"},
    {"id": "t-4", "name": "twice", "runtime": "other", "trusted": True, "in_use": True},
]


def test_a_snapshot_by_name_or_the_beginning_of_its_id() -> None:
    assert snapshots.choose("best", ROWS)["id"] == "s-1"
    assert snapshots.choose("s-2", ROWS)["id"] == "s-2"
    assert snapshots.choose("t-4", ROWS)["id"] == "t-4"
    with pytest.raises(AmbiguousName, match="several snapshots: s-1, s-2"):
        snapshots.choose("s", ROWS)
    with pytest.raises(AmbiguousName, match="Several snapshots are called 'twice': t-3, t-4"):
        snapshots.choose("twice", ROWS)
    with pytest.raises(NoSuchName):
        snapshots.choose("", ROWS)


def test_the_latest_of_a_runtime() -> None:
    lab: dict[str, Any] = {"name": "lab", "snapshot": None}
    assert snapshots.latest(ROWS, lab) == ROWS[1]
    assert snapshots.latest(ROWS, {**lab, "snapshot": "s-1"}) == ROWS[0]
    assert snapshots.latest(ROWS, {**lab, "name": "new"}) is None


def test_the_row_of_a_snapshot() -> None:
    row = {**ROWS[2], "created": ROWS[1]["created"], "size": 2**30, "variables": 3, "lost": 1}
    cells = {one.key: one.cell(row) for one in snapshot_view.columns(NOW)}
    assert (cells["created"], cells["size"], cells["lost"]) == ("1h", "1 GiB", "1")
    assert cells["state"] == "not trusted, imported"
    assert {one.key: one.cell(ROWS[3]) for one in snapshot_view.columns(NOW)}["state"] == "in use"


def test_what_a_snapshot_holds() -> None:
    kernels = [
        {
            "id": "aaaaaaaa-1",
            "path": "train.ipynb",
            "language": "python",
            "name": "python3",
            "status": "saved",
            "variables": [
                {"name": "frame", "type": "DataFrame", "bytes": 2**20, "status": "saved"},
                {"name": "np", "type": "module", "status": "by_reference", "reason": "by name"},
                {"name": "gen", "type": "generator", "status": "skipped", "reason": "it runs on"},
                {"name": "lost", "type": "socket", "status": "skipped", "reason": "twice told"},
            ],
            "more": 7,
            "losses": [{"variable": "lost", "path": "lost", "reason": "an open connection"}],
            "notes": ["a note"],
        },
        {"id": "b", "path": "r.ipynb", "language": "R", "status": "not_carried", "reason": "is R"},
    ]
    assert snapshot_view.contents({"manifest": {"kernels": kernels}}) == [
        "",
        "train.ipynb (python, python3)",
        "  frame  DataFrame      1 MiB",
        "  np     module                by name",
        "  and 7 more",
        "  lost: lost: an open connection",
        "  lost: gen (generator): it runs on",
        "  note: a note",
        "",
        "r.ipynb (R)",
        "  not saved: is R",
    ]
    brief = [{"id": "b", "path": "r.ipynb", "variables": 3, "bytes": 5}]
    assert snapshot_view.contents({"kernels": brief})[2] == "  3 variables, 5 B"


@pytest.mark.parametrize(
    ("runtime", "words"),
    [
        ({"state": "running"}, "running"),
        ({"state": "starting", "phase": "pulling"}, "starting: pulling"),
        (
            {"state": "starting", "phase": "pulling", "progress": {"percent": 40.0}},
            "starting: pulling 40 %",
        ),
        (
            {"state": "pausing", "phase": "saving", "progress": {"done": 0, "total": 5}},
            "pausing: saving 0 B of 5 B",
        ),
        (
            {"state": "paused", "since": "1970-01-01T01:00:00Z", "snapshot": "s-1"},
            "paused 1h, 1 GiB",
        ),
        ({"state": "paused", "since": "1970-01-01T01:00:00Z", "snapshot": "x"}, "paused 1h"),
        ({"state": "frozen", "since": "1970-01-01T01:55:00Z"}, "frozen 5m"),
        ({"state": "frozen"}, "frozen"),
    ],
)
def test_the_state_of_a_runtime(runtime: dict[str, Any], words: str) -> None:
    assert runtime_view.state(runtime, NOW, {"s-1": 2**30}) == words


def test_a_runtime_that_could_not_be_paused_says_why() -> None:
    error = {"message": "The disk is full.", "details": {"hint": "Delete something."}}
    lines = runtime_view.lines({"state": "running", "last_error": error}, NOW, "")
    assert (lines["Not paused"], lines["Hint"]) == ("The disk is full.", "Delete something.")
    assert "Failed" in runtime_view.lines({"state": "failed", "last_error": error}, NOW, "")
    paused = runtime_view.lines({"state": "paused", "snapshot": "s-1"}, NOW, "", {"s-1": 2**30})
    assert paused["Snapshot"] == "s-1 (1 GiB)"
