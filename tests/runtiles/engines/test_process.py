"""Runtimes as plain processes, with real processes."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from runtiles.contract.errors import NotFound
from runtiles.contract.protocol import LABEL_HUB, LABEL_SERVER, LABEL_USER
from runtiles.contract.secret_folders import prefix
from runtiles.engines.base import ContainerFile
from runtiles.engines.process import ProcessEngine
from runtiles.engines.process_record import read_record
from runtiles.engines.process_usage import family

from .contract import until

LABELS = {LABEL_HUB: "hub", LABEL_USER: "ada", LABEL_SERVER: "lab"}
SLEEP = ["sleep", "60"]


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[ProcessEngine]:
    engine = ProcessEngine(tmp_path / "running")
    yield engine
    for container in await engine.find("hub"):
        await engine.remove(container.id)


async def start(engine: ProcessEngine, name: str, argv: list[str]) -> str:
    await engine.create(name)
    env = {"PATH": os.environ["PATH"]}
    await engine.launch(name, argv, env=env, cwd=engine.folder(name), labels=LABELS)
    return name


async def test_a_process_is_found_followed_and_removed(engine: ProcessEngine) -> None:
    script = "echo one; echo two >&2; printf three"
    name = await start(engine, "a", ["sh", "-c", script])
    async with aclosing(engine.follow(name)) as lines:
        assert [line async for line in lines] == ["one", "two", "three"]
    status = await engine.wait(name)
    assert status is not None
    assert (status.state, status.exit_code) == ("exited", 0)
    assert await engine.logs(name, tail=1) == "three\n"
    assert [c.id for c in await engine.find("hub", "ada", "lab")] == [name]
    assert await engine.find("hub", "bob") == []
    await engine.remove(name)
    assert await engine.status(name) is None
    assert await engine.logs(name) == ""


async def test_secret_files_of_a_killed_process_go_with_it(engine: ProcessEngine) -> None:
    name, other = f"a{os.getpid()}", f"b{os.getpid()}"
    folders = [Path(tempfile.mkdtemp(prefix=prefix(n), dir="/dev/shm")) for n in (name, other)]
    (folders[0] / "HF_TOKEN").write_text("canary-9a")
    await start(engine, name, SLEEP)
    await engine.stop(name, grace=0)
    await engine.remove(name)
    assert [folder.exists() for folder in folders] == [False, True]
    folders[1].rmdir()


async def test_lines_have_rising_times_and_can_be_followed_from_one_of_them(
    engine: ProcessEngine,
) -> None:
    name = await start(engine, "a", ["sh", "-c", "for i in 1 2 3 4 5; do echo $i; done"])
    await engine.wait(name)
    lines = await engine.lines(name)
    assert [line.text for line in lines] == ["1", "2", "3", "4", "5"]
    times = [line.at for line in lines]
    assert times == sorted(set(times))
    assert await engine.lines(name, since=times[3]) == lines[3:]
    async with aclosing(engine.follow_lines(name, since=times[3])) as rest:
        assert [line async for line in rest] == lines[3:]


async def test_the_log_goes_on_without_the_hub_that_began_it(
    engine: ProcessEngine, tmp_path: Path
) -> None:
    """Whoever asks next reads it, and an output that a child holds open keeps nobody waiting."""
    script = "echo before; setsid sleep 60 & echo after"
    name = await start(engine, "a", ["sh", "-c", script])
    await engine.wait(name)
    restarted = ProcessEngine(tmp_path / "running")
    async with aclosing(restarted.follow(name)) as lines:
        assert [line async for line in lines] == ["before", "after"]


async def test_a_log_of_an_older_hub_is_read_without_times(
    engine: ProcessEngine, tmp_path: Path
) -> None:
    name = await start(engine, "a", ["true"])
    await engine.wait(name)
    meta = tmp_path / "running" / name / "meta.json"
    known = json.loads(meta.read_text())
    del known["stamper"]
    meta.write_text(json.dumps(known))
    (meta.parent / "log").write_text("one\ntwo\n")
    assert await engine.logs(name) == "one\ntwo\n"


async def test_wait_returns_with_the_exit_code(engine: ProcessEngine) -> None:
    name = await start(engine, "a", ["sh", "-c", "exit 3"])
    status = await asyncio.wait_for(engine.wait(name), 60)
    assert status is not None
    assert status.exit_code == 3


async def test_a_killed_process_is_told_as_the_shell_tells_it(engine: ProcessEngine) -> None:
    name = await start(engine, "a", ["sh", "-c", "kill -9 $$"])
    status = await asyncio.wait_for(engine.wait(name), 60)
    assert status is not None
    assert status.exit_code == 137


async def test_another_process_sees_and_ends_it(engine: ProcessEngine, tmp_path: Path) -> None:
    name = await start(engine, "a", SLEEP)
    restarted = ProcessEngine(tmp_path / "running")
    status = await restarted.status(name)
    assert status is not None
    assert status.state == "running"
    await asyncio.wait_for(restarted.stop(name), 60)
    assert (await restarted.wait(name)) is not None
    after = await engine.status(name)
    assert after is not None
    assert after.state == "exited"


async def test_a_process_number_used_again_is_not_taken_for_ours(
    engine: ProcessEngine, tmp_path: Path
) -> None:
    name = await start(engine, "a", ["true"])
    await engine.wait(name)
    meta = tmp_path / "running" / name / "meta.json"
    text = meta.read_text().replace(f'"pid": {_pid(meta)}', f'"pid": {os.getpid()}')
    meta.write_text(text)
    status = await ProcessEngine(tmp_path / "running").status(name)
    assert status is not None
    assert status.state == "exited"


async def test_stop_takes_its_children_along(engine: ProcessEngine) -> None:
    script = "trap '' TERM; sleep 60 & echo $!; wait; sleep 60"
    name = await start(engine, "a", ["sh", "-c", script])
    async with aclosing(engine.follow(name)) as lines:
        child = int(await anext(lines))
    await engine.stop(name, grace=0.2)
    for _ in range(100):
        if not _runs(child):
            break
        await asyncio.sleep(0.02)
    assert not _runs(child)


async def test_freeze_and_thaw(engine: ProcessEngine) -> None:
    code = "import time\nwhile True: print('tick', flush=True); time.sleep(0.02)"
    name = await start(engine, "a", [sys.executable, "-c", code])
    async with aclosing(engine.follow(name)) as lines:
        assert await anext(lines) == "tick"
    await engine.freeze(name)
    await asyncio.sleep(0.1)
    before = await engine.logs(name)
    await asyncio.sleep(0.2)
    assert await engine.logs(name) == before
    await engine.thaw(name)
    await asyncio.sleep(0.2)
    assert len(await engine.logs(name)) > len(before)
    with pytest.raises(NotFound):
        await engine.freeze("nobody")


async def test_a_child_with_a_session_of_its_own_is_frozen_as_well(engine: ProcessEngine) -> None:
    child = "import time\nwhile True: print('tick', flush=True); time.sleep(0.02)"
    arguments = f"[sys.executable, '-c', {child!r}], start_new_session=True"
    code = f"import subprocess, sys\nsubprocess.run({arguments})"
    name = await start(engine, "a", [sys.executable, "-c", code])
    async with aclosing(engine.follow(name)) as lines:
        assert await anext(lines) == "tick"
        record = read_record(engine._root / name)
        assert record is not None
        processes = family(record.pid)
        assert len(processes) == 2
        await engine.freeze(name)
        assert [_state(pid) for pid in processes] == ["T", "T"]
        status = await engine.status(name)
        assert status is not None
        assert status.state == "paused"
        await engine.thaw(name)
        assert "T" not in [_state(pid) for pid in processes]
    for pid in processes:
        os.kill(pid, signal.SIGKILL)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


async def test_use_is_that_of_all_its_processes(engine: ProcessEngine) -> None:
    code = "b = bytearray(50_000_000)\nprint('x', flush=True)\nwhile True: pass"
    argv = ["sh", "-c", '"$0" -c "$1" & wait', sys.executable, code]
    name = await start(engine, "a", argv)
    async with aclosing(engine.follow(name)) as lines:
        await anext(lines)
    first = await engine.usage(name)
    assert first is not None
    assert first.memory > 50_000_000
    await until(lambda: _computes(engine, name))
    await engine.stop(name, grace=0)
    assert await engine.usage(name) is None
    assert await engine.usage("nobody") is None


async def test_files_are_put_with_their_mode(engine: ProcessEngine) -> None:
    await engine.create("a")
    await engine.put_files("a", [ContainerFile("/run/runtiles/token", b"secret", 0o600)])
    path = engine.folder("a") / "run/runtiles/token"
    assert path.read_bytes() == b"secret"
    assert path.stat().st_mode & 0o777 == 0o600


async def _computes(engine: ProcessEngine, name: str) -> bool:
    usage = await engine.usage(name)
    return usage is not None and usage.cpu > 0


def _pid(meta: Path) -> int:
    return int(json.loads(meta.read_text())["pid"])


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state not in "ZX"
