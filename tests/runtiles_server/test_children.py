import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from runtiles_server import children
from runtiles_server.children import (
    LineReader,
    Terminated,
    end_group,
    exit_status,
    group_killed,
    start_group,
)
from tests.runtiles_server.launched import ends

_SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def on_signal() -> "Iterator[None]":
    before = [(each, signal.getsignal(each)) for each in (signal.SIGTERM, signal.SIGINT)]
    children.raise_on_signal()
    yield
    children._Waiting.signum = 0
    for each, handler in before:
        signal.signal(each, handler)


def test_a_signal_while_a_process_starts_waits_until_it_is_known(on_signal: None) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen(_SLEEP, start_new_session=True))
        os.kill(os.getpid(), signal.SIGTERM)
        return started[0]

    process = start_group(start)
    with pytest.raises(Terminated) as caught, group_killed(process.pid):
        pytest.fail("the signal comes first")
    assert caught.value.exit_code == 143
    assert process.wait(10) == -signal.SIGKILL


def test_signals_are_raised_again_after_a_process_that_could_not_start(on_signal: None) -> None:
    with pytest.raises(FileNotFoundError):
        start_group(lambda: subprocess.Popen(["/no/such/program"]))
    with pytest.raises(Terminated):
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_second_signal_is_not_raised_into_the_cleaning_up(on_signal: None) -> None:
    with pytest.raises(Terminated):
        os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGINT)


def test_a_group_ends_even_when_it_does_not_want_to() -> None:
    code = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    started = time.monotonic()
    end_group(process, grace=0.2)
    process.stdout.close()
    assert time.monotonic() - started < 5
    assert ends(process.pid)


def test_lines_are_read_as_they_come() -> None:
    reader_end, writer_end = os.pipe()
    lines: list[str] = []
    reader = LineReader(reader_end, lines.append)
    os.write(writer_end, b"one\r\ntwo \xff\nthree")
    os.close(writer_end)
    reader.drain(10)
    assert lines == ["one", "two \ufffd", "three"]


def test_exit_status() -> None:
    assert exit_status(3) == 3
    assert exit_status(-9) == 137
