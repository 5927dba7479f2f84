"""What runs in the terminals of a runtime: it ends with the container, and nothing of it is saved. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runtiles.service.runtimes import distrust

#: Those at work, as a runtime calls it; an editor that is open, or a prompt, is none.
_AT_WORK = ("running", "background")
_MOST = 100
_LONGEST = 60
#: As many as a sentence bears.
_NAMED = 3


def terminals(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """As a runtime tells of them in a dry run, or in its snapshot; none where it is too old for that."""
    found = told.get("terminals")
    rows = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    return [
        {
            "name": distrust.line(one.get("name"))[:_LONGEST],
            "job": distrust.line(one.get("job"))[:_LONGEST] or None,
            "status": distrust.code(one.get("status"), "prompt"),
        }
        for one in rows[:_MOST]
    ]


def jobs(told: Mapping[str, Any], *, unattended: bool = False) -> list[dict[str, Any]]:
    """What is at work there, and worth a question before it is ended.

    Nobody is there to ask where the pause is `unattended`: then only what has a terminal's foreground holds
    it up, which is what counts as work for idleness, too. A forgotten server in the background would keep a
    GPU for ever.
    """
    wanted = _AT_WORK[:1] if unattended else _AT_WORK
    return [one for one in terminals(told) if one["status"] in wanted]


def named(found: Sequence[Mapping[str, Any]]) -> str:
    """ "sleep in terminal 1 and 2 more programs"."""
    words = [f"{one['job'] or 'a program'} in {_place(one['name'])}" for one in found[:_NAMED]]
    more = len(found) - _NAMED
    if more > 0:
        words.append("1 more program" if more == 1 else f"{more} more programs")
    return _listed(words)


def _place(name: str) -> str:
    """A number is a terminal's, a word that of what the program is detached from."""
    return f"terminal {name}" if name.isdecimal() else name or "a terminal"


def _listed(words: Iterable[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
