"""A pause, a resume and a transfer in words."""

from typing import Any

import pytest

from runtiles.cli import pause_words, transfer_words
from runtiles.cli.errors import BadUsage

GIB = 2**30
TRAIN: dict[str, Any] = {
    "id": "aaaaaaaa-1",
    "path": "train.ipynb",
    "status": "ready",
    "bytes": 3 * GIB,
    "variables": 1200,
    "losses": [
        {"variable": "gen", "path": "gen", "type": "generator", "reason": "a generator runs on"},
        {"variable": "d", "path": "d['s']", "type": "socket", "reason": "an open connection"},
    ],
    "notes": ["the file 'x' is opened again"],
}
BUSY = {"id": "bbbbbbbb-2", "path": None, "status": "busy", "busy_seconds": 185}
STUCK = {"id": "cccccccc-3", "path": "c.ipynb", "status": "stuck", "busy_seconds": 60}
IN_R = {"id": "d", "path": "r.ipynb", "status": "not_carried", "reason": "R is not carried"}


def test_a_dry_run_says_what_is_saved_lost_and_waited_for() -> None:
    found = {"bytes": 3 * GIB, "seconds": 12.2, "free": 9 * GIB}
    assert pause_words.prospect("lab", {**found, "kernels": [TRAIN, BUSY, STUCK, IN_R]}) == [
        "lab: 4 kernels, 3 GiB, about 12s.",
        "  train.ipynb: 1,200 variables, 3 GiB",
        "    would be lost: gen (generator): a generator runs on",
        "    would be lost: d['s'] (socket): an open connection",
        "    note: the file 'x' is opened again",
        "  kernel bbbbbbbb: busy for 3m 5s; waited for",
        "  c.ipynb: busy for 1m; does not answer",
        "  r.ipynb: not saved: R is not carried",
    ]
    assert pause_words.losses({"kernels": [TRAIN, BUSY, STUCK, IN_R]}) == 3
    assert pause_words.stuck({"kernels": [TRAIN, STUCK]}) == ["c.ipynb"]


def test_what_runs_in_terminals_is_named_and_counts_where_it_is_at_work() -> None:
    terminals = [
        {"name": "1", "job": "python", "status": "running"},
        {"name": "2", "job": "vim", "status": "waiting"},
        {"name": "3", "job": None, "status": "prompt"},
        {"name": "tmux", "job": None, "status": "background"},
    ]
    found = {"kernels": [], "terminals": terminals}
    assert pause_words.prospect("lab", found)[1:] == [
        "  terminal 1: python runs; would be ended",
        "  terminal 2: vim is open",
        "  terminal 3: at its prompt",
        "  tmux: a program runs in the background; would be ended",
    ]
    assert pause_words.lost(found) == pause_words.prospect("lab", found)[1:]
    assert pause_words.losses(found) == 2
    with_kernel = pause_words.prospect("lab", {**found, "kernels": [TRAIN], "bytes": 5})
    assert with_kernel[-4:] == pause_words.lost(found)


def test_what_a_pause_was_refused_for() -> None:
    assert pause_words.lost({"kernels": [{**TRAIN, "notes": []}, IN_R]}) == [
        "  train.ipynb:",
        "    would be lost: gen (generator): a generator runs on",
        "    would be lost: d['s'] (socket): an open connection",
        "  r.ipynb: not saved: R is not carried",
    ]


def test_a_dry_run_of_nothing_and_of_too_much() -> None:
    assert "no kernel" in pause_words.prospect("lab", {"kernels": []})[0]
    found = {"kernels": [TRAIN], "bytes": 3 * GIB, "free": GIB}
    assert "  There is no room for that: 1 GiB are free." in pause_words.prospect("lab", found)


def test_many_losses_are_counted() -> None:
    many = {**TRAIN, "losses": TRAIN["losses"] * 30}
    lines = pause_words.prospect("lab", {"kernels": [many]})
    assert len(lines) == 2 + pause_words.MOST_LOSSES + 2
    assert "    would be lost: 20 more" in lines


@pytest.mark.parametrize(
    ("runtime", "words"),
    [
        ({"state": "pausing"}, "pausing"),
        ({"state": "pausing", "phase": "waiting"}, "waiting for the kernels"),
        (
            {
                "state": "pausing",
                "phase": "waiting",
                "progress": {"message": "train.ipynb, busy for 3 min"},
            },
            "waiting for train.ipynb, busy for 3 min",
        ),
        (
            {
                "state": "pausing",
                "phase": "waiting",
                "progress": {"message": "Waiting for a to finish what it runs"},
            },
            "waiting for a to finish what it runs",
        ),
        ({"state": "pausing", "phase": "saving", "progress": {"total": 0}}, "saving"),
        (
            {"state": "pausing", "phase": "saving", "progress": {"done": GIB, "total": 3 * GIB}},
            "saving 1 GiB of 3 GiB",
        ),
        ({"state": "pausing", "phase": "verifying"}, "verifying"),
        ({"state": "pausing", "phase": "saved"}, "stopping"),
        ({"state": "stopping", "phase": None}, "stopping"),
        ({"state": "paused"}, "paused"),
    ],
)
def test_how_far_a_pause_is(runtime: dict[str, Any], words: str) -> None:
    assert pause_words.progress(runtime) == words
    assert pause_words.going_on(runtime) is (runtime["state"] != "paused")


def test_the_end_of_a_pause() -> None:
    snapshot = {"variables": 12, "size": GIB, "lost": 2}
    kept = "lab is paused: 12 variables, 1 GiB; 2 could not be saved."
    assert pause_words.kept("lab", snapshot) == kept
    assert pause_words.kept("lab", {"variables": 1, "size": 5}) == "lab is paused: 1 variable, 5 B."


def test_what_a_resume_brought_back() -> None:
    kernels = [
        {
            **TRAIN,
            "status": "restored",
            "restored": 12,
            "failed": 1,
            "losses": [{"variable": "model", "reason": "torch is not installed"}],
            "notes": [],
            "missing": {"torch": "pip install torch"},
        },
        {"path": "b.ipynb", "status": "failed", "reason": "The kernel ended."},
        {"path": "r.ipynb", "status": "not_carried"},
        {"path": "big.ipynb", "status": "running"},
    ]
    assert pause_words.comeback({"kernels": kernels}) == [
        "  train.ipynb: 12 variables restored, 1 not",
        "    lost: model: torch is not installed",
        "    torch is not installed here: pip install torch",
        "  b.ipynb: could not be restored: The kernel ended.",
        "  r.ipynb: not saved, so not there",
        "  big.ipynb: still being restored",
    ]


def test_names_and_renames_of_a_transfer() -> None:
    assert transfer_words.names([]) is None
    assert transfer_words.names(["a, b", "c"]) == ["a", "b", "c"]
    assert transfer_words.renames(["a=x", "b=y,c=z"], None) == {"a": "x", "b": "y", "c": "z"}
    for bad in (["a=", "b"], ["a"], ["=x"], ["a=1x"]):
        with pytest.raises(BadUsage, match="--rename"):
            transfer_words.renames(bad, None)
    with pytest.raises(BadUsage, match="not among --names"):
        transfer_words.renames(["a=x"], ["b"])
    with pytest.raises(BadUsage, match="--names"):
        transfer_words.names(["a,,b"])


def test_the_result_of_a_transfer() -> None:
    statuses = ("copied", "copied", "kept", "failed")
    rows = [{"name": str(n), "status": status} for n, status in enumerate(statuses)]
    result = {"variables": rows, "bytes": GIB, "way": "storage", "seconds": 2.0}
    assert transfer_words.summary(result, dry_run=False) == (
        "2 variables copied, 1 were there already and were kept, 1 failed: "
        "1 GiB through your storage in 2s."
    )
    assert transfer_words.failed(result)
    assert transfer_words.kept(result)
    well = {"variables": rows[:1], "bytes": 5, "way": "kernel", "seconds": 0.1}
    assert transfer_words.summary(well, dry_run=True) == (
        "1 variable would be copied: 5 B within the runtime in less than a second."
    )
    assert not transfer_words.failed(well)
