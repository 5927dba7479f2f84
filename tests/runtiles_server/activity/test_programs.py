"""Real shells on real terminals."""

import os
import pty
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from runtiles_server.activity.loads import container_seconds
from runtiles_server.activity.programs import Foreground, foreground

Shell = tuple[int, int]


@pytest.fixture
def shell() -> Iterator[Shell]:
    """An interactive shell: the master side of its terminal, and its process id."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["PS1"] = "$ "
        os.execv("/bin/bash", ["bash", "--norc", "--noprofile", "-i"])  # noqa: S606
    try:
        yield terminal, process
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def until(shell: Shell, holds: Callable[[object], bool]) -> object:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = foreground(*shell)
        if holds(found):
            return found
        time.sleep(0.02)
    raise AssertionError(foreground(*shell))


def typed(shell: Shell, text: str) -> None:
    os.write(shell[0], text.encode())


def test_the_prompt_is_nothing_and_a_program_is_named(shell: Shell) -> None:
    until(shell, lambda found: found is None)
    typed(shell, "sleep 60\n")
    # For a moment, between fork and exec, it is still called as the shell is.
    until(shell, lambda found: isinstance(found, Foreground) and found.name == "sleep")
    typed(shell, "\x03")
    until(shell, lambda found: found is None)


def test_a_pipeline_and_what_is_in_the_background(shell: Shell) -> None:
    typed(shell, "sleep 60 &\n")
    typed(shell, "sleep 50 | cat\n")
    until(shell, lambda found: found is not None)
    typed(shell, "\x1a")
    until(shell, lambda found: found is None)


def test_a_terminal_that_is_gone_has_nothing() -> None:
    assert foreground(os.open("/dev/null", os.O_RDONLY), os.getpid()) is None


def test_a_container_knows_what_it_used_or_says_so() -> None:
    first = container_seconds()
    assert first is None or first > 0
