"""Real shells on real terminals."""

import os
import pty
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtiles_server.activity.loads import container_seconds
from runtiles_server.activity.programs import Foreground, foreground
from runtiles_server.activity.waiting import has_command, is_interactive

Shell = tuple[int, int]


@pytest.fixture
def shell() -> Iterator[Shell]:
    """An interactive shell: the master side of its terminal, and its process id."""
    process, terminal = pty.fork()
    if process == 0:
        # Whoever runs the tests in the background has them ignore it, and so all that they start.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
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


def works(name: str) -> Callable[[object], bool]:
    return lambda found: isinstance(found, Foreground) and found[1:] == (name, False)


def waits(name: str) -> Callable[[object], bool]:
    return lambda found: isinstance(found, Foreground) and found[1:] == (name, True)


def test_a_shell_in_the_shell_waits_until_something_runs_in_it(shell: Shell) -> None:
    typed(shell, "bash --norc\n")
    until(shell, waits("bash"))
    typed(shell, "sleep 60\n")
    until(shell, works("sleep"))
    typed(shell, "\x03")
    until(shell, waits("bash"))


def test_a_script_is_at_work_though_it_only_reads(shell: Shell, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("read line\n")
    typed(shell, f"bash {script}\n")
    until(shell, works("bash"))
    typed(shell, "\x03")
    until(shell, lambda found: found is None)
    typed(shell, "bash -c 'read line; sleep 1'\n")
    until(shell, works("bash"))


def test_a_pager_waits_and_what_still_writes_to_it_works(shell: Shell, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("line\n" * 1000)
    typed(shell, f"less {text}\n")
    until(shell, waits("less"))
    typed(shell, "q")
    until(shell, lambda found: found is None)
    typed(shell, f"(cat {text}; sleep 60) | less\n")
    until(shell, works("sleep"))


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_a_multiplexer_waits_unless_something_runs_in_it(shell: Shell, tmp_path: Path) -> None:
    socket = tmp_path / "tmux"
    typed(shell, f"TERM=xterm tmux -S {socket} -f /dev/null new-session 'bash --norc'\n")
    try:
        until(shell, waits("tmux: client"))
        typed(shell, "sleep 61\n")
        until(shell, works("sleep"))
        typed(shell, "\x03")
        until(shell, waits("tmux: client"))
    finally:
        typed(shell, "exit\n")
        until(shell, lambda found: found is None)


@pytest.mark.parametrize(
    ("words", "interactive"),
    [
        ("", True),
        ("-i -l", True),
        ("--norc --rcfile mine", True),
        ("-o vi", True),
        ("-c ls", False),
        ("-lc ls", False),
        ("train.sh", False),
        ("-x train.sh", False),
    ],
)
def test_a_shell_is_interactive_without_script_and_command(words: str, interactive: bool) -> None:
    assert is_interactive(words.split()) is interactive


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("host", False),
        ("-p 22 -i key ann@host", False),
        ("-p22 -N -L 1:host:2 host", False),
        ("host -v", False),
        ("host python train.py", True),
        ("-t -o A=b host -p 22 top -c", True),
    ],
)
def test_ssh_has_a_command_or_a_shell_at_the_other_end(words: str, command: bool) -> None:
    assert has_command(words.split()) is command


def test_a_terminal_that_is_gone_has_nothing() -> None:
    assert foreground(os.open("/dev/null", os.O_RDONLY), os.getpid()) is None


def test_a_container_knows_what_it_used_or_says_so() -> None:
    first = container_seconds()
    assert first is None or first > 0
