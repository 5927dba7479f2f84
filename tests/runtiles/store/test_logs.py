from pathlib import Path

import pytest

from runtiles.store import Logs, Store
from runtiles.store.database import Database


def test_the_newest_launch_is_meant_unless_one_is_named(store: Store) -> None:
    for launch in ("l1", "l2"):
        store.launches.record("ann", "", launch, options={}, spec={})
        store.logs.save("ann", "", launch, f"output of {launch}\n")
    assert store.logs.get("ann", "") == "output of l2\n"
    assert store.logs.get("ann", "", launch_id="l1") == "output of l1\n"
    assert store.logs.get("bob", "", launch_id="l1") == ""
    assert store.logs.get("ann", "gpu") == ""


def test_phases_follow_each_other_and_each_is_kept_once(store: Store) -> None:
    store.logs.save("ann", "", "l1", "build\n", phase="preparing")
    store.logs.save("ann", "", "l1", "draft\n")
    store.logs.save("ann", "", "l1", "boot\n")
    assert store.logs.get("ann", "", launch_id="l1") == "build\nboot\n"


@pytest.mark.parametrize(
    ("tail", "expected"), [(None, "a\nb\nc\n"), (2, "b\nc\n"), (9, "a\nb\nc\n"), (0, "")]
)
def test_tail_counts_lines(store: Store, tail: int | None, expected: str) -> None:
    store.logs.save("ann", "", "l1", "a\nb\nc\n")
    assert store.logs.get("ann", "", launch_id="l1", tail=tail) == expected


def test_a_long_log_keeps_its_end(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.sqlite")
    logs = Logs(database, limit=10)
    logs.save("ann", "", "l1", "0123456789abcde")
    kept = logs.get("ann", "", launch_id="l1")
    assert kept.endswith("]\n56789abcde")
    assert "cut off" in kept
    database.close()


def test_a_container_may_print_anything(store: Store) -> None:
    store.logs.save("ann", "", "l1", "nul \x00 and \x1b[31mred")
    assert store.logs.get("ann", "", launch_id="l1") == "nul \ufffd and \x1b[31mred"
