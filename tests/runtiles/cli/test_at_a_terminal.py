"""The command line as a person sees it, on a pseudo-terminal."""

import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.runtiles.cli.conftest import Cli
from tests.runtiles.service.conftest import Person

_TIMEOUT_S = 30.0
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Whoever runs the tests in the background has switched Ctrl-C off for all that they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Terminal:
    """What a process wrote on its terminal, and what is typed there."""

    def __init__(self, cli: Cli, *args: str) -> None:
        self._main, other = pty.openpty()
        environment = cli.env(TERM="xterm", COLUMNS="100")
        self.process = subprocess.Popen(
            cli.argv(*args),
            stdin=other,
            stdout=other,
            stderr=other,
            cwd=cli.home,
            env=environment,
            start_new_session=True,
        )
        self._other = other
        self.raw = ""

    @property
    def text(self) -> str:
        return _SEQUENCE.sub("", self.raw).replace("\r\n", "\n")

    @property
    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self._other)[3] & termios.ECHO)

    def until(self, wanted: str) -> None:
        """Reads on until the text is there; fails the test if it does not come."""
        deadline = time.monotonic() + _TIMEOUT_S
        while wanted not in self.text:
            assert time.monotonic() < deadline, f"{wanted!r} did not come:\n{self.text[-1000:]}"
            self._read()

    def type(self, text: str) -> None:
        os.write(self._main, text.encode())

    def end(self) -> int:
        """The exit code; what is still on the way is read."""
        deadline = time.monotonic() + _TIMEOUT_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.text
            self._read()
        self._read()
        return self.process.returncode

    def close(self) -> None:
        self.process.kill()
        self.process.wait(_TIMEOUT_S)
        os.close(self._main)
        os.close(self._other)

    def _read(self) -> None:
        if select.select([self._main], [], [], 0.1)[0]:
            with suppress(OSError):
                self.raw += os.read(self._main, 65536).decode()


@contextmanager
def terminal(cli: Cli, *args: str) -> Iterator[Terminal]:
    opened = Terminal(cli, *args)
    try:
        yield opened
    finally:
        opened.close()


def test_a_launch_has_a_bar_and_ends_with_the_address(anns: Cli, ann: Person) -> None:
    with terminal(anns, "start", "gated") as screen:
        screen.until("50 % (5 B of 10 B)")
        assert "Pulling the image" in screen.text
        ann.open_gate()
        screen.until(f"/user/{ann.name}/gated/")
        assert screen.end() == 0
        assert "✓ Pulling the image" in screen.text


def test_ctrl_c_leaves_the_launch_alone_and_says_how_to_follow(anns: Cli, ann: Person) -> None:
    with terminal(anns, "start", "gated") as screen:
        screen.until("50 %")
        screen.process.send_signal(signal.SIGINT)
        screen.until("The launch of gated goes on.")
        screen.until("runtiles logs -f gated")
        assert screen.end() == 130
        assert "Traceback" not in screen.text
    assert ann.state("gated") == "starting"
    ann.open_gate()
    ann.wait_for("gated", "running")


def test_a_secret_is_typed_without_echo(anns: Cli, ann: Person) -> None:
    with terminal(anns, "secrets", "set", "hf") as screen:
        screen.until("Value of hf")
        assert not screen.echoes
        screen.type("s3cret-value\n")
        screen.until("Kept.")
        assert screen.end() == 0
        assert "s3cret" not in screen.raw
    assert ann.service.store.secrets.get(ann.name, "hf") == "s3cret-value"


def test_delete_asks(anns: Cli, ann: Person) -> None:
    anns("start", "quick", "--name", "lab", "-d")
    ann.wait_for("lab", "running")
    with terminal(anns, "delete", "lab") as screen:
        screen.until("Delete lab?")
        screen.type("n\n")
        assert screen.end() == 0
    assert ann.state("lab") == "running"
    with terminal(anns, "delete", "lab") as screen:
        screen.until("Delete lab?")
        screen.type("y\n")
        screen.until("lab is deleted.")


def test_a_table_has_its_state_in_colour(anns: Cli, ann: Person) -> None:
    anns("start", "quick", "--name", "lab", "-d")
    ann.wait_for("lab", "running")
    with terminal(anns, "list") as screen:
        assert screen.end() == 0
        assert "\x1b[32mrunning" in screen.raw
        assert "lab" in screen.text


def test_following_a_log_ends_with_ctrl_c(anns: Cli, ann: Person) -> None:
    anns("start", "quick", "--name", "lab", "-d")
    ann.wait_for("lab", "running")
    with terminal(anns, "logs", "-f", "lab") as screen:
        screen.until("second line")
        screen.process.send_signal(signal.SIGINT)
        assert screen.end() == 130
        assert "Traceback" not in screen.text
