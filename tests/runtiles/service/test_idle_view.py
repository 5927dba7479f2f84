"""When an open page is told anew of a runtime's end."""

from typing import Any

import pytest

from runtiles.service.runtimes.idle_view import discreet, listed, news

ENDS = {"at": "2026-03-02T15:09:00Z", "seconds": 540, "cause": "idle", "action": "pause"}
TOLD: dict[str, Any] = {
    "policy": {"timeout": 3600, "type": "work", "action": "pause"},
    "since": "2026-03-02T14:09:00Z",
    "alive": [],
    "ends": ENDS,
    "expires_at": None,
    "held_until": None,
    "warning": None,
    "reported": "2026-03-02T15:00:00Z",
    "reason": "Idle: a kernel was last busy 51m ago. It will pause at 15:09 UTC.",
    "reason_at": "2026-03-02T15:09:00Z",
    "found": None,
    "warnings": [600],
    "extend": None,
    "hold": {"max_seconds": None},
}


@pytest.mark.parametrize(
    "change",
    [
        {"reported": "2026-03-02T15:00:30Z"},
        {"since": "2026-03-02T14:09:01Z"},
        {"ends": {**ENDS, "at": "2026-03-02T15:08:58Z", "seconds": 3}},
    ],
    ids=["report", "since", "seconds"],
)
def test_that_time_goes_by_is_no_news(change: dict[str, Any]) -> None:
    assert news(listed(TOLD), {**TOLD, **change}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"since": None},
        {"ends": None},
        {"ends": {**ENDS, "at": "2026-03-02T16:09:00Z"}},
        {"ends": {**ENDS, "cause": "expired"}},
        {"held_until": "2026-03-02T18:00:00Z"},
        {"warning": 600.0},
        {"found": "It was left running."},
        {"reason": "Alive because somebody is working in it."},
        {"policy": None},
    ],
    ids=["works", "no-end", "later", "cause", "hold", "warning", "found", "reason", "policy"],
)
def test_what_a_page_has_to_know_at_once(change: dict[str, Any]) -> None:
    now = {**TOLD, **change}
    assert news(None, now) == news({"timeout": 60}, now) == listed(now)
    assert news(listed(TOLD), now) == listed(now)


def test_who_may_not_read_its_output_is_told_when_it_ends_and_no_names() -> None:
    """Nor is it news to them what another notebook does."""
    told = discreet(TOLD)
    assert (told["reason"], told["reason_at"], told["alive"], told["found"]) == (
        "Idle.",
        None,
        [],
        None,
    )
    assert told["ends"] == ENDS
    another = {**TOLD, "reason": "Idle: another kernel was last busy 2m ago."}
    assert news(listed(told), discreet(another)) is None
    alive = [{"kind": "gpu", "about": "43 %", "text": "its GPU has been in use for 2m, now 43 %"}]
    found = discreet({**TOLD, "alive": alive, "found": "model would be lost."})
    assert found["alive"] == [{"kind": "gpu", "about": "", "text": "it is in use"}]
    assert found["reason"] == "Alive because it is in use."
    assert found["found"] == "It was left running."
