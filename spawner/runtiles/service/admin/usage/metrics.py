"""Usage in Prometheus' text format: counters that go on over every restart, since they come from the
database. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric

from runtiles import names
from runtiles.store import Span, Use

_LABELS = ("user", "runtime", "machine")
_Key = tuple[str, str, str]


class _Collected:
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def as_metrics(uses: Iterable[Use], spans: Iterable[Span], now: float) -> str:
    """By user, runtime and machine. Frozen seconds are running ones, too."""
    seconds: dict[tuple[_Key, str], float] = defaultdict(float)
    gpus: dict[_Key, float] = defaultdict(float)
    cost: dict[_Key, float] = defaultdict(float)
    for use in uses:
        key, lasted = _key(use), use.seconds_within(0.0, now)
        seconds[key, "running"] += lasted
        gpus[key] += lasted * use.gpus
        cost[key] += lasted / 3600 * use.price_per_hour
    for span in spans:
        seconds[_key(span), span.kind] += span.seconds_within(0.0, now)
    time_ = CounterMetricFamily(
        "runtiles_runtime_seconds", "Time that runtimes ran.", labels=(*_LABELS, "state")
    )
    for (key, state), value in sorted(seconds.items()):
        time_.add_metric((*key, state), value)
    metrics = [time_]
    for name, help_, found in (
        ("runtiles_gpu_seconds", "Time times GPUs.", gpus),
        ("runtiles_cost", "Hours times the machine's price.", cost),
    ):
        family = CounterMetricFamily(name, help_, labels=_LABELS)
        for key, value in sorted(found.items()):
            family.add_metric(key, value)
        metrics.append(family)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(metrics))
    return generate_latest(registry).decode()


def _key(one: Use | Span) -> _Key:
    return one.user, names.runtime_name(one.server), one.machine
