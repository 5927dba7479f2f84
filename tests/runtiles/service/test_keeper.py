"""What keeps the service running, with a little program in the service's place."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fixtures.hub import ROOT, wait_until

_PROGRAM = """
import os, pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
# Under its name only when it is whole: the test reads it as soon as it is there.
note = folder / f"new-{os.getpid()}"
note.write_text(os.environ["RUNTILES_KEEPER"])
note.rename(folder / f"pid-{os.getpid()}")
if sys.argv[2] == "quits":
    sys.exit(3)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
time.sleep(600)
"""
_KEEP = """
import sys
sys.path.insert(0, sys.argv[1])
from runtiles.service.keeper import keep
sys.exit(keep([sys.executable, *sys.argv[2:]]))
"""


@contextmanager
def keeping(
    folder: Path, how: str, *before: str
) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    (folder / "program.py").write_text(_PROGRAM)
    program = [str(folder / "program.py"), str(folder), how]
    command = [sys.executable, "-c", _KEEP, str(ROOT / "spawner"), *program]
    process = subprocess.Popen([*before, *command], start_new_session=True)
    try:
        yield process, folder
    finally:
        for pid in [process.pid, *pids(folder)]:
            if Path(f"/proc/{pid}").exists():
                os.kill(pid, signal.SIGKILL)
        process.wait(10)


def pids(folder: Path) -> list[int]:
    """Of all that were started, those that have ended included."""
    return [int(path.name[4:]) for path in folder.glob("pid-*")]


def alive(folder: Path) -> list[int]:
    return [pid for pid in pids(folder) if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


def test_what_was_killed_is_started_again_and_again(tmp_path: Path) -> None:
    with keeping(tmp_path, "stays") as (process, folder):
        for _ in range(3):
            wait_until(lambda: len(alive(folder)) == 1, 60, "the program")
            (pid,) = alive(folder)
            assert int((folder / f"pid-{pid}").read_text()) == process.pid
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda gone=pid: not _runs(gone), 60, "its end")  # type: ignore[misc]
        wait_until(lambda: len(alive(folder)) == 1, 60, "the program again")


def test_it_ends_as_it_was_asked_to_and_takes_the_program_along(tmp_path: Path) -> None:
    with keeping(tmp_path, "stays") as (process, folder):
        wait_until(lambda: len(alive(folder)) == 1, 60, "the program")
        process.terminate()
        assert process.wait(20) in (0, -signal.SIGTERM)
        assert not alive(folder)
        assert len(pids(folder)) == 1


def test_who_cannot_start_is_not_started_again(tmp_path: Path) -> None:
    with keeping(tmp_path, "quits") as (process, folder):
        assert process.wait(20) == 3
        assert len(pids(folder)) == 1


def test_it_ends_with_who_started_it(tmp_path: Path) -> None:
    # A shell between: when it ends, the keeper has another parent.
    shell = ["sh", "-c", '"$@" & wait', "sh"]
    with keeping(tmp_path, "stays", *shell) as (process, folder):
        wait_until(lambda: len(alive(folder)) == 1, 60, "the program")
        (pid,) = alive(folder)
        keeper = int((folder / f"pid-{pid}").read_text())
        assert keeper != process.pid
        process.kill()
        process.wait(10)
        wait_until(lambda: not alive(folder) and not _runs(keeper), 60, "both to end")
