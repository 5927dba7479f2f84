"""What follows from what a runtime tells of a pause."""

import json
from typing import Any

import pytest

from runtiles.service.runtimes.pausing.decide import (
    Failed,
    Going,
    QuotaReached,
    Saved,
    Step,
    Unknown,
    check_quota,
    losses,
    size_of,
    step_of,
    summary,
    worth_telling,
    would_lose,
)
from runtiles.service.runtimes.pausing.terminals import jobs, terminals

WAITING = {"kernel": "k1", "path": "a.ipynb", "busy_seconds": 5.0, "stuck": False}
LOSS = {"variable": "gen", "path": "gen", "type": "generator", "reason": "cannot be saved"}


def status(state: str, **told: Any) -> dict[str, Any]:
    return {"state": state, "snapshot": "s", "done": 0, "total": 0, "error": None, **told}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (status("none", snapshot=None), Unknown()),
        (status("saved", snapshot="another", result={}), Unknown()),
        ({}, Unknown()),
        (status("saving", done=5, total=9), Going("saving", "", 5, 9)),
        (status("saving", done=-5, total="x"), Going("saving", "", 0, 0)),
        (status("verifying", waiting_for=[WAITING]), Going("verifying", "", 0, 0)),
        (status("saved", result={"id": "s"}), Saved({"id": "s"})),
        # Saved without a result is not saved.
        (status("saved", result=None), Going("saved", "", 0, 0)),
    ],
)
def test_each_answer_means_one_thing(told: dict[str, Any], expected: Step) -> None:
    assert step_of(told, "s") == expected


@pytest.mark.parametrize(
    ("told", "code", "text"),
    [
        (status("failed"), "pause_failed", "The snapshot failed."),
        (status("released"), "pause_failed", "Somebody ended the pause."),
        (status("failed", error={"code": "no_space", "message": "Full."}), "no_space", "Full."),
        (
            status("failed", error={"details": {"hint": "h"}}),
            "pause_failed",
            "The snapshot failed.",
        ),
    ],
)
def test_a_failure_keeps_its_words(told: dict[str, Any], code: str, text: str) -> None:
    step = step_of(told, "s")
    assert isinstance(step, Failed)
    assert (step.error.code, step.error.message) == (code, text)


@pytest.mark.parametrize(
    ("waiting", "message"),
    [
        ([], ""),
        ([WAITING], "Waiting for a.ipynb, busy"),
        ([{**WAITING, "busy_seconds": 59.9}], "Waiting for a.ipynb, busy"),
        ([{**WAITING, "busy_seconds": 185}], "Waiting for a.ipynb, busy for 3 min"),
        ([{**WAITING, "busy_seconds": 7260}], "Waiting for a.ipynb, busy for 2 h 1 min"),
        (
            [WAITING, {**WAITING, "busy_seconds": 120}, {}],
            "Waiting for a.ipynb and 2 more, busy for 2 min",
        ),
        ([{"kernel": "k1", "busy_seconds": None}], "Waiting for k1, busy"),
        (
            [{**WAITING, "stuck": True}],
            "Waiting for a.ipynb, stuck in code that cannot be interrupted",
        ),
        ("nonsense", ""),
    ],
)
def test_people_are_told_what_is_waited_for(waiting: Any, message: str) -> None:
    step = step_of(status("waiting", waiting_for=waiting), "s")
    assert isinstance(step, Going)
    assert step.message == message


@pytest.mark.parametrize(
    ("before", "now", "worth"),
    [
        (None, Going("saving", "", 0, 0), True),
        (Going("saving", "", 0, 9), Going("saving", "", 0, 9), False),
        (Going("waiting", "a", 0, 9), Going("waiting", "b", 0, 9), True),
        (Going("waiting", "", 0, 9), Going("saving", "", 0, 9), True),
        (Going("saving", "", 0, 9), Going("saving", "", 0, 10), True),
        (Going("saving", "", 0, 1 << 30), Going("saving", "", 1 << 19, 1 << 30), False),
        (Going("saving", "", 0, 1 << 30), Going("saving", "", 1 << 20, 1 << 30), True),
    ],
)
def test_only_what_people_see_is_told(before: Going | None, now: Going, worth: bool) -> None:
    assert worth_telling(before, now) is worth


def test_a_loss_is_a_part_or_the_whole_of_a_kernel() -> None:
    well = {"id": "1", "status": "ready", "losses": []}
    part = {"id": "2", "status": "ready", "losses": [LOSS, LOSS], "reason": ""}
    whole = {"id": "3", "status": "not_carried", "reason": "It is of another language."}
    found = losses([well, part, whole, {"id": "4", "status": "busy"}])
    assert [(one["id"], one["reason"], len(one["losses"])) for one in found] == [
        ("2", None, 2),
        ("3", "It is of another language.", 0),
    ]
    assert would_lose(found).message.startswith("3 things would be lost; the runtime goes on")
    one = would_lose(found[1:], changed=False)
    assert one.message == "One thing would be lost; nothing has changed."
    assert one.details["kernels"] == [dict(found[1])]


def terminal(name: str, status: str, job: str | None = "python") -> dict[str, Any]:
    return {"name": name, "job": job, "status": status}


def test_what_is_at_work_in_terminals_is_worth_a_question() -> None:
    told = [
        terminal("1", "running"),
        terminal("2", "waiting", "vim"),
        terminal("3", "prompt", None),
        terminal("tmux", "background"),
    ]
    assert [one["name"] for one in jobs({"terminals": told})] == ["1", "tmux"]
    assert [one["name"] for one in jobs({"terminals": told}, unattended=True)] == ["1"]
    error = would_lose([], jobs({"terminals": told}))
    assert error.message == (
        "A pause would end python in terminal 1 and python in tmux; the runtime goes on running."
    )
    assert [one["name"] for one in error.details["terminals"]] == ["1", "tmux"]
    both = would_lose([{"losses": [LOSS]}], [terminal(str(n), "running") for n in range(5)])
    assert both.message.startswith(
        "One thing would be lost, and a pause would end python in terminal 0, python in terminal 1,"
        " python in terminal 2 and 2 more programs;"
    )


@pytest.mark.parametrize("told", [{}, {"terminals": None}, {"terminals": "x"}, {"terminals": [1]}])
def test_a_runtime_that_tells_of_no_terminals_has_none(told: dict[str, Any]) -> None:
    assert terminals(told) == []


def test_what_a_runtime_says_of_terminals_is_not_trusted() -> None:
    odd = {"name": 5, "job": "a\nb" + "x" * 100, "status": "<b>", "more": "x"}
    (found,) = terminals({"terminals": [odd]})
    assert found == {"name": "", "job": ("a b" + "x" * 100)[:60], "status": "prompt"}
    assert len(terminals({"terminals": [odd] * 1000})) == 100


@pytest.mark.parametrize(
    ("limit", "used", "wanted", "fits"),
    [(None, 10, 10, True), (20, 10, 10, True), (19, 10, 10, False), (0, 0, 0, True)],
)
def test_the_quota_counts_what_stays(limit: int | None, used: int, wanted: int, fits: bool) -> None:
    if fits:
        check_quota(limit, used, wanted)
        return
    with pytest.raises(QuotaReached) as raised:
        check_quota(limit, used, wanted)
    assert raised.value.details["wanted"] == wanted


def test_a_summary_counts_and_does_not_list() -> None:
    kernel = {
        "id": "1",
        "status": "saved",
        "bytes": 5,
        "variables": [{"name": "x"}, {"name": "y"}],
        "more": 3,
        "losses": [LOSS],
    }
    told = summary({"id": "s", "bytes": 5, "kernels": [kernel, {"id": "2"}]})
    assert told["bytes"] == 5
    first, second = told["kernels"]
    assert (first["variables"], first["lost"], first["bytes"]) == (5, 1, 5)
    assert (second["variables"], second["lost"], second["bytes"]) == (0, 0, 0)


@pytest.mark.parametrize(("told", "size"), [(5, 5), (-5, 0), (10**30, 2**50), ("5", 0), (None, 0)])
def test_the_size_of_a_snapshot_can_be_added_up(told: Any, size: int) -> None:
    assert size_of({"bytes": told}) == size


def test_a_runtimes_error_is_one_line_and_small() -> None:
    text = "no\n[I Runtiles] fine\x1b[2J"
    told = {"code": "<b>", "message": text, "hint": text, "details": {"much": "x" * 10**7}}
    step = step_of({"state": "failed", "snapshot": "s", "error": told}, "s")
    assert isinstance(step, Failed)
    assert step.error.message.isprintable()
    assert step.error.hint.isprintable()
    assert step.error.code == "pause_failed"
    assert len(json.dumps(step.error.to_dict())) < 10_000


def test_a_loss_that_tells_too_much_is_told_without_details() -> None:
    loss = {"variable": "x" * 10**7, "path": "", "type": "", "reason": ""}
    lost = [{"id": "k", "name": "", "language": "", "path": "", "status": "saved", "reason": None}]
    error = would_lose([{**lost[0], "losses": [loss]}])
    assert len(json.dumps(error.to_dict())) < 10_000
    assert "One thing" in error.message
