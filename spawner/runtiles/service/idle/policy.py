"""Is a runtime idle, since when, and when does what happen? Pure: a report, a policy and a clock in.

The idle types `kernels_or_terminals`, `kernel_connections` and `activity` mean what Determined's
documentation of `notebook_idle_type` says; `work` is ours. What Determined counts on top, any HTTP request
that passes its proxy, is left out on purpose: it lets a forgotten tab live for ever.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from runtiles.catalogue.models import IdlePolicy
from runtiles.contract.activity import Activity, Kernel, Terminal

SignalKind = Literal[
    "kernel_busy",
    "kernel_there",
    "kernel_connected",
    "kernel_message",
    "terminal_running",
    "terminal_there",
    "terminal_output",
    "session_there",
    "input",
    "gpu",
    "cpu",
    "sync",
    "hold",
    "gone",
    "started",
]

#: A report older than this tells nothing about now: two were left out, and some time on the way.
STALE_AFTER = 75.0
#: Somebody who typed a moment ago is there: until then they count as being at it.
_PRESENT = 60.0
#: Two ways of counting the same moment differ by less.
_BLUR = 1.0


@dataclass(frozen=True)
class Signal:
    """Something that counts as activity. `ago` is how many seconds ago it was last seen, 0 for now;
    `lasting` how long it has been so. `about` is a notebook's path, a program, a load in percent."""

    kind: SignalKind
    ago: float = 0.0
    lasting: float | None = None
    about: str = ""

    @property
    def now(self) -> bool:
        # That it started keeps nothing alive, not even at that moment.
        return self.ago == 0.0 and self.kind != "started"


@dataclass(frozen=True)
class Verdict:
    """`alive`: the signals that keep it alive at this moment, longest first. `last`: the latest one that
    counted, when none is there now. `idle_for` and `acts_in` are seconds, None while it is not idle or
    nothing is ever done; `acts_in` 0 or less: it is due. What is idle and kept by nothing but a hold has
    both, and `acts_in` is not before its end. `put_off`: nor before its owner had notice. `stale`: the
    report is too old to act on."""

    alive: tuple[Signal, ...] = ()
    last: Signal | None = None
    idle_for: float | None = None
    acts_in: float | None = None
    put_off: bool = False
    stale: bool = False

    @property
    def due(self) -> bool:
        return self.acts_in is not None and self.acts_in <= 0 and not self.alive and not self.stale


def decide(
    report: Activity,
    age: float,
    policy: IdlePolicy | None,
    *,
    held_for: float | None = None,
    silent: float | None = None,
    awake: float | None = None,
    spared_for: float | None = None,
) -> Verdict:
    """What is to be said of a runtime whose last report came `age` seconds ago.

    `held_for`: seconds that somebody still wants it kept, None for nobody. `silent`: seconds since it last
    said that its report still holds, None for never. `awake`: seconds since it was thawed, before which it
    could not be used, None for never frozen. `spared_for`: seconds of notice that are left to its owner, 0
    or less when it is over, None where none was needed. Without a policy nothing is ever done. A hold and a
    sync under way keep it alive whatever the type.
    """
    counted = "work" if policy is None else policy.type
    signals = [*_syncing(report), *_SIGNALS[counted](report)]
    alive = [each for each in signals if each.now]
    # How long ago the report was made is not activity: what was so then may be over now.
    started = Signal("started", ago=report.up_for)
    last = min((*(s for s in signals if not s.now), started), key=lambda s: s.ago)
    stale = (age if silent is None else silent) > STALE_AFTER
    held = Signal("hold", lasting=held_for) if held_for is not None and held_for > 0 else None
    if alive:
        return Verdict(alive=_longest_first([*alive, held] if held else alive), stale=stale)
    idle_for = last.ago + age if awake is None else min(last.ago + age, awake)
    acts_in = None if policy is None else policy.timeout - idle_for
    if acts_in is not None and held_for is not None:
        acts_in = max(acts_in, held_for)
    put_off = acts_in is not None and spared_for is not None and acts_in < spared_for
    kept = (held,) if held else ()
    return Verdict(
        alive=kept,
        last=last,
        idle_for=idle_for,
        acts_in=spared_for if put_off else acts_in,
        put_off=put_off,
        stale=stale,
    )


def _longest_first(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    return tuple(sorted(signals, key=lambda signal: -(signal.lasting or 0.0)))


def _syncing(report: Activity) -> Iterator[Signal]:
    if report.syncing:
        yield Signal("sync", about=report.syncing)


def _kernels_or_terminals(report: Activity) -> Iterator[Signal]:
    """Idle when there is no kernel, no terminal and no session."""
    yield from (Signal("kernel_there", about=_named(kernel)) for kernel in report.kernels)
    yield from (Signal("terminal_there", about=each.name) for each in report.terminals)
    if report.sessions and not report.kernels:
        yield Signal("session_there")
    if report.occupied_for:
        yield Signal("kernel_there", ago=report.occupied_for)


def _kernel_connections(report: Activity) -> Iterator[Signal]:
    """Idle when every kernel has no connection, however busy it is. Terminals do not count."""
    connected = [kernel for kernel in report.kernels if kernel.connections]
    yield from (Signal("kernel_connected", about=_named(kernel)) for kernel in connected)
    if not connected and report.connected_for:
        yield Signal("kernel_connected", ago=report.connected_for)


def _activity(report: Activity) -> Iterator[Signal]:
    """Idle when no kernel is busy and nothing was heard of kernels or terminals."""
    there = [*_kernels(report), *(_heard(each) for each in report.terminals)]
    yield from there
    yield from _gone(there, report.active_for)


def _work(report: Activity) -> Iterator[Signal]:
    """Idle when nothing computes and nobody is there: kernels, terminals' programs, loads, real input."""
    there = [*_kernels(report), *_programs(report), *_loads(report)]
    if report.input_for is not None:
        present = report.input_for < _PRESENT
        there.append(Signal("input", ago=0.0 if present else report.input_for))
    yield from there
    yield from _gone(there, report.active_for, report.worked_for)


def _kernels(report: Activity) -> Iterator[Signal]:
    yield from _busy(report.kernels)
    for kernel in report.kernels:
        if kernel.busy_for is None:
            yield Signal("kernel_message", ago=_past(kernel.quiet_for), about=_named(kernel))


def _programs(report: Activity) -> Iterator[Signal]:
    for each in report.terminals:
        if each.running:
            yield Signal("terminal_running", lasting=each.running_for, about=each.running)
        else:
            yield _heard(each)


def _heard(terminal: Terminal) -> Signal:
    return Signal("terminal_output", ago=_past(terminal.quiet_for), about=terminal.name)


def _gone(there: Iterable[Signal], *ages: float | None) -> Iterator[Signal]:
    """What is there no more was active later than all that is: a kernel that was shut down, a program that
    ended. Without it ten hours of work would become ten hours of idleness at that moment."""
    ago = min((age for age in ages if age is not None), default=None)
    if ago is not None and all(ago + _BLUR < each.ago for each in there):
        yield Signal("gone", ago=_past(ago))


def _loads(report: Activity) -> Iterator[Signal]:
    kinds: tuple[SignalKind, SignalKind] = ("gpu", "cpu")
    for kind, load in zip(kinds, (report.gpu, report.cpu), strict=True):
        if load is None:
            continue
        about = f"{load.percent:.0f} %"
        if load.above_for is not None:
            yield Signal(kind, lasting=load.above_for, about=about)
        elif load.quiet_for is not None:
            yield Signal(kind, ago=_past(load.quiet_for), about=about)


def _busy(kernels: Iterable[Kernel]) -> Iterator[Signal]:
    for kernel in kernels:
        if kernel.busy_for is not None:
            yield Signal("kernel_busy", lasting=kernel.busy_for, about=_named(kernel))


def _named(kernel: Kernel) -> str:
    return kernel.path or kernel.id


def _past(ago: float) -> float:
    """A message is a moment, not a state: it never keeps anything alive by itself, it was just now."""
    return max(ago, 0.001)


_SIGNALS = {
    "kernels_or_terminals": _kernels_or_terminals,
    "kernel_connections": _kernel_connections,
    "activity": _activity,
    "work": _work,
}
