"""Has anything happened since a report, but that time passed? Pure."""

from typing import Any, Iterator, Optional, Tuple

from runtiles.contract.activity import Activity, Kernel, Load

#: Somebody at work is told of once, not with every key.
INPUT_STEP_S = 60.0
#: Seconds by which two looks at the same moment may differ.
_BLUR_S = 0.5
#: Percent by which a load may differ that is shown to people.
_BLUR_PERCENT = 25.0

Signature = Tuple[Any, ...]


def signature(report: Activity) -> Signature:
    """What of a report decides: while it is the same, the service can count on by itself."""
    return (
        tuple((k.id, k.path, k.busy_for is not None, k.connections > 0) for k in report.kernels),
        tuple((t.name, t.running) for t in report.terminals),
        report.sessions,
        report.input_for is not None and report.input_for < INPUT_STEP_S,
        report.gpu is not None and report.gpu.above_for is not None,
        report.cpu is not None and report.cpu.above_for is not None,
        bool(report.syncing),
    )


def goes_on(before: Activity, now: Activity) -> bool:
    """Is `now` what `before` became by time alone? Then whoever has `before` can tell what `now` says."""
    if now.up_for < before.up_for or before.syncing != now.syncing:
        return False
    if signature(before) != signature(now) or not _alike(before.gpu, now.gpu):
        return False
    if not _alike(before.cpu, now.cpu):
        return False
    return all(map(_same, _moments(before), _moments(now)))


def _alike(before: Optional[Load], now: Optional[Load]) -> bool:
    if before is None or now is None:
        return before is now
    return now.above_for is None or abs(now.percent - before.percent) <= _BLUR_PERCENT


def _moments(report: Activity) -> Iterator[Optional[float]]:
    """When each thing began or was last so, on the runtime's own clock; None for now, and for never. Of two
    reports with the same signature these are the same things."""

    def at(age: Optional[float]) -> Optional[float]:
        return None if age is None else report.up_for - age

    yield from (at(_telling(kernel)) for kernel in report.kernels)
    for terminal in report.terminals:
        yield at(terminal.running_for)
        yield at(terminal.quiet_for)
    # 0 is no moment there: it is so now.
    yield at(report.occupied_for or None)
    yield at(report.connected_for or None)
    busy = any(kernel.busy_for is not None for kernel in report.kernels)
    yield None if busy else at(report.active_for)
    yield at(report.worked_for or None)
    yield at(report.input_for)
    for load in (report.gpu, report.cpu):
        yield at(load.above_for) if load else None
        yield at(load.quiet_for or None) if load else None


def _telling(kernel: Kernel) -> float:
    """What a busy kernel says does not count: it is busy."""
    return kernel.quiet_for if kernel.busy_for is None else kernel.busy_for


def _same(before: Optional[float], now: Optional[float]) -> bool:
    if before is None or now is None:
        return before is now
    return abs(now - before) <= _BLUR_S
