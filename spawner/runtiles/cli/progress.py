"""What is said of a launch: a line at a time in a pipe, a card when it failed, bars on a terminal."""

import sys
from typing import Iterable

from runtiles.contract.events import LaunchEvent

from . import bars
from .output import is_terminal, note
from .phases import WORDS, Phase, amount
from .terminal import clean

_LOG_LINES = 15
#: A pipe gets a line of a phase that moves at each of these steps.
_STEP_PERCENT = 10.0


def watch(events: Iterable[LaunchEvent]) -> LaunchEvent:
    """Shows the events as they come; the last one, `ready` or `failed`."""
    show = bars.watch if is_terminal(sys.stderr) else _lines
    return show(events)


def failure_card(event: LaunchEvent) -> str:
    """Why it failed, what to do, how it ended, and the last words of the container."""
    details = event.details
    parts = [clean(event.message) or "The launch failed."]
    if details.get("oom_killed"):
        parts.append("The container was killed for want of memory.")
    if details.get("exit_code") is not None:
        parts.append(f"Exit code: {details['exit_code']}.")
    if details.get("hint"):
        parts.append(f"Hint: {clean(str(details['hint']))}")
    lines = clean(str(details.get("log") or "")).strip().splitlines()[-_LOG_LINES:]
    if lines:
        parts += ["", "The last lines of its log:", *(f"  {line}" for line in lines)]
    return "\n".join(parts)


def _lines(events: Iterable[LaunchEvent]) -> LaunchEvent:
    phase, told = Phase(), -_STEP_PERCENT
    last = LaunchEvent("creating", "failed", "Nothing was heard of the launch.")
    for last in events:
        if last.phase != phase.name:
            phase.enter(last)
            told = -_STEP_PERCENT
            if last.kind not in ("ready", "failed"):
                note(f"{WORDS.get(last.phase, last.phase)}…")
        if last.kind == "notice":
            note(f"Note: {clean(last.message)}")
        elif last.kind == "progress" and (last.percent or 0.0) - told >= _STEP_PERCENT:
            percent = last.percent or 0.0
            told = percent - percent % _STEP_PERCENT
            note(f"  {percent:.0f} % {amount(last)}".rstrip())
    return last
