"""What is said of each runtime: to itself, to people, to programs."""

from dataclasses import dataclass, field
from typing import Any

from runtiles.service.runtimes.view import iso

from .board import Board
from .explain import at_hour, reason, sentence
from .policy import Signal, Verdict
from .population import Population
from .rooms import rooms
from .watched import Clock, End, Key, Watched
from .watcher import Watcher

_FROZEN = "Frozen: it uses no processor, and nobody can ask it."
_SILENT = "It has reported nothing yet."


@dataclass
class Desk:
    """`found` is what the watcher found last of a runtime that it did not act upon."""

    population: Population
    watcher: Watcher
    found: dict[Key, str] = field(default_factory=dict)

    @property
    def board(self) -> Board:
        return self.watcher.board

    def shown(self, key: Key, clock: Clock | None = None) -> dict[str, Any] | None:
        """Why it is alive, when it ends and how; None for what is not watched."""
        watched = self.board.get(key)
        if watched is None:
            return None
        clock = clock or self.watcher.clock()
        verdict = self.board.verdict(key, clock)
        end = self.board.end_of(key, verdict, clock)
        policy = watched.policy
        action = policy.action if policy else "pause"
        return {
            "policy": policy.model_dump() if policy else None,
            "since": _at(clock, -verdict.idle_for) if verdict and verdict.idle_for else None,
            "alive": [_signal(each) for each in verdict.alive] if verdict else [],
            "ends": _end(end, clock, action),
            "expires_at": None if watched.expires is None else iso(watched.expires),
            "held_until": _held(watched.held_until, clock),
            "warning": watched.warned if end is not None else None,
            "reported": _at(clock, self.board.last_heard(key) - clock.mono)
            if watched.report
            else None,
            **self._reason(key, clock, verdict, action),
            "found": self._found(key, verdict, end),
            **self._rooms(key, watched, end),
        }

    def _found(self, key: Key, verdict: Verdict | None, end: End | None) -> str | None:
        """It holds for as long as what led to it: a report alone does not undo that it was left running."""
        is_due = end is not None and end.seconds <= 0
        if not is_due and verdict is not None and not verdict.stale:
            self.found.pop(key, None)
        return self.found.get(key)

    def _rooms(self, key: Key, watched: Watched, end: End | None) -> dict[str, Any]:
        known = self.population
        launch = known.launches.get(key)
        if launch is None:
            return {"warnings": [], "extend": None, "hold": None}
        found = rooms(launch, known.catalogue.current, known.policy)
        if end is not None and (found["warnings"] or end.cause == "expired"):
            # Whoever counts down by themselves warns when we do.
            found["warnings"] = [max(1, round(each)) for each in self.board.wanted(watched, end)]
        return found

    def _reason(
        self, key: Key, clock: Clock, verdict: Verdict | None, action: str
    ) -> dict[str, Any]:
        """In words, and the moment that these name by its hour, which whoever shows them words anew."""
        watched = self.board.get(key)
        if watched is None or watched.frozen or verdict is None:
            frozen = watched is not None and watched.frozen
            return {"reason": _FROZEN if frozen else _SILENT, "reason_at": None}
        seconds = verdict.acts_in
        if seconds is None and verdict.alive and watched.policy is not None:
            # What would be if what keeps it alive had ended this moment.
            seconds = watched.policy.timeout
        if seconds is None or seconds <= 0:
            return {"reason": sentence(verdict, action), "reason_at": None}
        hour = at_hour(clock.wall + seconds, clock.wall)
        return {"reason": sentence(verdict, action, hour), "reason_at": _at(clock, seconds)}


def _end(end: End | None, clock: Clock, action: str) -> dict[str, Any] | None:
    if end is None:
        return None
    done = "pause" if end.cause == "frozen" else action
    return {
        # The moment stays what it is when it is past: whoever answered it, or hid it, knows it by that.
        "at": _at(clock, end.seconds),
        "seconds": round(max(end.seconds, 0.0)),
        "cause": end.cause,
        "action": done,
    }


def _held(until: float | None, clock: Clock) -> str | None:
    return None if until is None or until <= clock.wall else iso(until)


def _signal(signal: Signal) -> dict[str, Any]:
    return {"kind": signal.kind, "about": signal.about, "text": reason(signal)}


def _at(clock: Clock, seconds: float) -> str:
    return iso(clock.wall + seconds)
