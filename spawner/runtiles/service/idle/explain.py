"""Why a runtime is alive, and when it will not be, in words. Pure."""

import time
from collections.abc import Sequence

from runtiles.values.quantities import format_duration

from .policy import Signal, Verdict

_NOW = {
    "kernel_busy": "the kernel {about} has been busy for {lasting}",
    "kernel_there": "the kernel {about} is there",
    "kernel_connected": "the kernel {about} is open in a tab",
    "terminal_running": "{about} has been running in a terminal for {lasting}",
    "terminal_there": "the terminal {about} is there",
    "session_there": "a session is open",
    "input": "somebody is working in it",
    "gpu": "its GPU has been in use for {lasting}, now {about}",
    "cpu": "its processor has been in use for {lasting}, now {about}",
    "sync": "{about} is under way",
    "hold": "somebody keeps it for another {lasting}",
}
_LAST = {
    "kernel_busy": "a kernel was last busy {ago} ago",
    "kernel_there": "the last kernel or terminal ended {ago} ago",
    "kernel_connected": "the last tab of a kernel was closed {ago} ago",
    "kernel_message": "the kernel {about} was last heard {ago} ago",
    "terminal_output": "the terminal {about} was last used {ago} ago",
    "input": "somebody last worked in it {ago} ago",
    "gpu": "its GPU was last in use {ago} ago",
    "cpu": "its processor was last in use {ago} ago",
    "gone": "what is gone by now was last active {ago} ago",
    "started": "nothing has happened since it started {ago} ago",
}

#: Not those of the process's language.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: Nearer than half a day there is only one such hour.
_PLAIN_S = 12 * 3600.0 - 60.0


def reason(signal: Signal) -> str:
    """Half a sentence, for after "alive because"."""
    words = _NOW if signal.now else _LAST
    return words[signal.kind].format(
        about=signal.about,
        lasting=rough(signal.lasting or 0.0),
        ago=rough(signal.ago),
    )


def sentence(verdict: Verdict, action: str, at: str = "") -> str:
    """All of it: `Alive because …; would pause at 17:40 otherwise.` `at` is when the action is due, as a
    person reads it, empty where nothing is ever done."""
    if verdict.alive:
        because = f"Alive because {_listed([reason(each) for each in verdict.alive])}"
        if at and verdict.acts_in is not None:
            return f"{because}. It will {action} at {at}."
        return f"{because}; would {action} at {at} otherwise." if at else f"{because}."
    told = reason(verdict.last) if verdict.last else "nothing is known of it yet"
    if verdict.acts_in is not None and verdict.acts_in <= 0:
        # It is due: what comes of it is said elsewhere, and no hour is true any more.
        return f"Idle: {told}."
    if not at:
        return f"Idle: {told}. Nothing is done about it."
    return f"Idle: {told}. It will {action} at {at}."


def at_hour(wall: float, now: float) -> str:
    """`17:40 UTC`, with its day (`3 Mar 17:40 UTC`) where that is not plain. Pages and the command line
    put the reader's own time in its place."""
    then = time.gmtime(wall)
    day = f"{then.tm_mday} {_MONTHS[then.tm_mon - 1]} " if abs(wall - now) >= _PLAIN_S else ""
    return day + time.strftime("%H:%M UTC", then)


def rough(seconds: float) -> str:
    """`42m`, `1h30m`, `12s`: what a person wants to know, no more."""
    if seconds >= 120:
        return format_duration(60 * (seconds // 60))
    return format_duration(seconds)


def _listed(parts: Sequence[str]) -> str:
    shown = list(parts[:3])
    if len(parts) > len(shown):
        shown.append(f"{len(parts) - len(shown)} more")
    return " and ".join(shown)
