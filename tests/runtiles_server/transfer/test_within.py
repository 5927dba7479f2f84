"""From one kernel to another of the same runtime: real servers, real kernels."""

import asyncio
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.runtiles_server.launched import Launched
from tests.runtiles_server.transfer.site import Kernel, kernel, left, runtimes, statuses, within

CODE = """
import numpy as np
shared = [1, 2]
both = {"a": shared, "b": shared}
array = np.arange(1_000_000)
factor = 3
def scaled(x): return x * factor
gen = (i for i in range(3))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    with runtimes(tmp_path_factory.mktemp("within"), 1) as (only,):
        yield only


@pytest.fixture
def pair(server: Launched) -> tuple[Kernel, Kernel]:
    source, target = kernel(server), kernel(server)
    source.run(CODE)
    return source, target


def test_chosen_names_come_with_what_they_need(pair: tuple[Kernel, Kernel]) -> None:
    source, target = pair
    before = source.run("print(sorted(globals()), get_ipython().execution_count, len(In), Out)")
    result = within(source, target, names=["scaled", "both", "array", "nothing"])
    assert statuses(result) == {
        "scaled": "copied", "both": "copied", "array": "copied", "factor": "copied",
        "nothing": "failed",
    }  # fmt: skip
    assert result["way"] == "kernel"
    assert result["bytes"] > 8_000_000
    assert target.run("print(scaled(2), both['a'] is both['b'], array.sum())") == (
        "6 True 499999500000"
    )
    assert target.run("array[0] = 7; factor = 5; print(scaled(2), array[0])") == "10 7"
    assert source.run("print(array[0], factor)") == "0 3"
    after = source.run("print(sorted(globals()), get_ipython().execution_count, len(In), Out)")
    assert after == before
    assert left(source.server) == []


def test_what_is_there_stays_unless_it_shall_not(pair: tuple[Kernel, Kernel]) -> None:
    source, target = pair
    target.run("factor = 'mine'")
    wanted: dict[str, Any] = {"names": ["factor", "shared"], "rename": {"shared": "copy"}}
    dry = within(source, target, dry_run=True, **wanted)
    assert statuses(dry) == {"factor": "kept", "shared": "copied"}
    assert target.run("print('copy' in globals())") == "False"
    result = within(source, target, **wanted)
    assert statuses(result) == {"factor": "kept", "shared": "copied"}
    assert [each["as"] for each in result["variables"]] == ["factor", "copy"]
    assert target.run("print(factor, copy, 'shared' in globals())") == "mine [1, 2] False"
    dry = within(source, target, dry_run=True, overwrite=True, **wanted)
    assert "replaces" in dry["variables"][0]["reason"]
    assert statuses(within(source, target, overwrite=True, **wanted))["factor"] == "copied"
    assert target.run("print(factor)") == "3"


def test_what_cannot_be_carried_is_named_and_replaces_nothing(pair: tuple[Kernel, Kernel]) -> None:
    source, target = pair
    target.run("gen = 'mine'")
    for dry in (True, False):
        result = within(source, target, overwrite=True, dry_run=dry)
        assert statuses(result)["gen"] == "skipped"
        assert [each["variable"] for each in result["losses"]] == ["gen"]
    assert target.run("print(gen, 'scaled' in globals())") == "mine True"


HOLLOW = """
import fractions
class Angry:
    def __reduce__(self): return (int, ("no number",))
thing, angry, uses = fractions.Fraction(1, 2), Angry(), lambda: (gen, thing)
pair = [thing, 1]
"""


def test_no_placeholder_takes_a_name(pair: tuple[Kernel, Kernel]) -> None:
    source, target = pair
    source.run(HOLLOW)
    # As where the library is not installed.
    target.run("import sys; sys.modules['fractions'] = None; gen = thing = angry = 'mine'")
    wanted = ["uses", "thing", "angry", "pair"]
    result = within(source, target, overwrite=True, names=wanted)
    assert statuses(result) == {
        "uses": "copied", "thing": "failed", "angry": "failed", "pair": "copied", "gen": "skipped",
    }  # fmt: skip
    assert target.run("print(gen, thing, angry, uses())") == "mine mine mine ('mine', 'mine')"
    assert {each["variable"] for each in result["losses"]} >= {"thing", "angry", "gen"}
    renamed = within(source, target, names=["thing"], rename={"thing": "other"})
    assert statuses(renamed) == {"thing": "failed"}
    assert target.run("print('other' in globals())") == "False"
    assert any("uses looks up gen" in each for each in result["notes"])


def test_a_busy_kernel_is_named(pair: tuple[Kernel, Kernel], tmp_path: Path) -> None:
    source, target = pair
    begun, go = tmp_path / "begun", tmp_path / "go"
    code = f"""
import pathlib, time
pathlib.Path({str(begun)!r}).touch()
while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)
"""

    async def both() -> None:
        loop = asyncio.get_running_loop()
        running = asyncio.ensure_future(target.server.run_in_kernel(code, target.id))
        while not begun.exists():  # noqa: ASYNC110 - a kernel makes it
            await asyncio.sleep(0.01)
        refused = await loop.run_in_executor(
            None, lambda: within(source, target, 409, names=["factor"], patience=0.2)
        )
        assert refused["error"]["code"] == "kernel_busy"
        assert refused["error"]["details"]["kernel"] == target.id
        assert refused["error"]["details"]["side"] == "target"
        waited = loop.run_in_executor(None, lambda: within(source, target, names=["factor"]))
        go.touch()
        await running
        assert statuses(await waited) == {"factor": "copied"}

    asyncio.run(both())
    assert left(source.server) == []


def test_bad_wishes_are_told_field_by_field(pair: tuple[Kernel, Kernel]) -> None:
    source, target = pair
    answer = within(source, target, 400, names="x", rename={"a": "not a name"}, overwrite=1)
    assert sorted(answer["error"]["details"]["fields"]) == ["names", "overwrite", "rename"]
    clash = within(source, target, 400, names=["factor", "shared"], rename={"shared": "factor"})
    assert "factor" in clash["error"]["details"]["fields"]["rename"]
    within(source, source, 400)
    within(source, Kernel(source.server, "nobody"), 404, names=["factor"])


def test_leftovers_of_the_killed_go_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "storage" / ".runtiles" / "transfers"
    old, new = folder / "old", folder / "new"
    for each in (old, new):
        each.mkdir(parents=True)
        (each / "buffers-1.bin").write_bytes(b"x")
    hours = time.time() - 7200
    for path in (old / "buffers-1.bin", old):
        os.utime(path, (hours, hours))
    with runtimes(tmp_path, 1):
        assert [each.name for each in folder.iterdir()] == ["new"]


SLOW = """
import os, pathlib, time
class Slow:
    def __reduce__(self):
        pathlib.Path({began!r}).touch()
        while not pathlib.Path({go!r}).exists():
            time.sleep(0.02)
        return (int, (7,))
slow = Slow()
"""


def test_a_runtime_is_not_idle_while_something_is_copied(
    pair: tuple[Kernel, Kernel], tmp_path: Path
) -> None:
    source, target = pair
    began, go = tmp_path / "began", tmp_path / "go"
    source.run(SLOW.format(began=str(began), go=str(go)))

    def syncing() -> str:
        report: dict[str, Any] = source.server.call("GET", "activity")[1]
        return str(report["syncing"])

    assert syncing() == ""
    with ThreadPoolExecutor() as threads:
        copied = threads.submit(within, source, target, names=["slow"])
        deadline = time.monotonic() + 60
        try:
            while not began.exists():
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert syncing() == "a transfer of variables"
        finally:
            go.touch()
        assert statuses(copied.result(60)) == {"slow": "copied"}
    assert syncing() == ""
