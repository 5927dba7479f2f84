"""What all tests share: the parts in tests/fixtures, and the rule about skips in CI."""

import os
from collections.abc import Generator
from importlib.util import find_spec

import pytest

_FIXTURES = (
    "engine",
    "registry",
    "images",
    "git_servers",
    "hub",
    "browser",
    "page_hub",
    "postgres",
    "node",
    "people",
    "reruns",
)

pytest_plugins = [
    f"tests.fixtures.{name}" for name in _FIXTURES if find_spec(f"tests.fixtures.{name}")
]

#: Tests with these marks need a part that a developer's machine may lack. CI has them all.
NEEDS = {
    "engine": "a container engine (`make engine`)",
    "browser": "Chromium",
    "registry": "Debian's docker-registry and apache2-utils",
    "node": "Node.js 20 with npm",
    "postgres": "Debian's postgresql",
}

_skipped = pytest.StashKey[dict[str, int]]()


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_skipped] = dict.fromkeys(NEEDS, 0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, a skip for want of a part is a failure: a green run means that everything ran."""
    report = yield
    needs = [name for name in NEEDS if item.get_closest_marker(name)]
    if not report.skipped or hasattr(report, "wasxfail") or not needs:
        return report
    for name in needs:
        item.config.stash[_skipped][name] += 1
    if in_ci():
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where every part must be there: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that skips itself: its marks cannot be known."""
    report = yield
    if report.skipped and in_ci():
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped in CI"
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for name, count in config.stash[_skipped].items():
        if count and not in_ci():
            terminalreporter.write_line(
                f"{count} tests were skipped that need {NEEDS[name]}.", yellow=True
            )


def _reason(report: pytest.TestReport) -> str:
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
