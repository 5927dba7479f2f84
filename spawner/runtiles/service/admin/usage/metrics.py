"""Usage in Prometheus' text format: counters that go on over every restart, since they come from the
database. Pure."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric

from runtiles.store import UsageSum

#: No names of runtimes: people make new ones for ever, and Prometheus keeps a series of each.
_LABELS = ("user", "machine")


class _Collected:
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def as_metrics(sums: Iterable[UsageSum]) -> str:
    """By user and machine. Frozen seconds are running ones, too."""
    seconds = CounterMetricFamily(
        "runtiles_runtime_seconds", "Time that runtimes ran.", labels=(*_LABELS, "state")
    )
    gpus = CounterMetricFamily("runtiles_gpu_seconds", "Time times GPUs.", labels=_LABELS)
    cost = CounterMetricFamily("runtiles_cost", "Hours times the machine's price.", labels=_LABELS)
    for one in sums:
        seconds.add_metric((one.user, one.machine, one.state), one.seconds)
        if one.state == "running":
            gpus.add_metric((one.user, one.machine), one.gpu_seconds)
            cost.add_metric((one.user, one.machine), one.cost)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected([seconds, gpus, cost]))
    return generate_latest(registry).decode()
