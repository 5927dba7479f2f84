"""Git through GitPython: one command at a time, with progress, a deadline, and the end of its children."""

import contextlib
import importlib
import os
import re
import shutil
import signal
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from .children import group_killed, signal_group, start_group
from .git_plan import Source, environment, misleading, options
from .report import Problem

#: Words for a person, percent of the whole clone, bytes so far.
OnProgress = Callable[[str, float, Optional[int]], None]

_POLL_S = 0.2
_BYTES = re.compile(r"([\d.]+) (bytes|KiB|MiB|GiB)")
_UNITS = {"bytes": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}


class NoGit(Exception):
    """`problem` says what the image lacks."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class GitFailed(Exception):
    """`output` is what git said, without its progress."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output


def load_gitpython() -> Tuple[Any, Any]:
    """GitPython's modules `git.cmd` and `git.util`. Raises NoGit.

    Loaded when there is something to clone: they are 60 ms of a start that clones nothing.
    """
    if shutil.which("git") is None:
        raise NoGit(
            Problem(
                "no_git",
                "The image has no git, so the workspace was not cloned.",
                "Add git to the image (Debian and Ubuntu: apt-get install git).",
            )
        )
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    try:
        return importlib.import_module("git.cmd"), importlib.import_module("git.util")
    except ImportError as error:
        hint = "An admin can rebuild the image's Runtiles layer."
        raise NoGit(Problem("no_git", f"GitPython does not work here: {error}.", hint)) from None
    finally:
        os.environ.pop("GIT_PYTHON_REFRESH", None)


class GitClient:
    """Runs git for one source. No prompt, no configuration but ours, credentials in the child alone."""

    def __init__(
        self, where: Source, home: Path, timeout: float, on_progress: Optional[OnProgress] = None
    ) -> None:
        """`home` is an empty folder. `timeout` is for everything that this client does, in seconds."""
        self._cmd, self._util = load_gitpython()
        self._options = options(where)
        self._environment = environment(where, str(home))
        self._deadline = time.monotonic() + timeout
        self._timeout = timeout
        self._on_progress = on_progress

    def run(self, arguments: Sequence[str], folder: Path) -> str:
        """The command's output. Raises GitFailed; whatever else is raised, git is gone by then."""
        process = self._start(arguments, folder)
        progress = self._util.CallableRemoteProgress(self._moved)
        lines: List[str] = []
        with group_killed(process.pid):
            reader = threading.Thread(
                target=self._cmd.handle_process_output,
                args=(process, lines.append, progress.new_message_handler()),
                kwargs={"decode_streams": False},
                daemon=True,
            )
            reader.start()
            self._wait(process, reader)
        if process.proc.returncode != 0:
            raise GitFailed("\n".join([*progress.other_lines, *progress.error_lines]))
        return "".join(lines)

    def _start(self, arguments: Sequence[str], folder: Path) -> Any:
        command = [self._cmd.Git.GIT_PYTHON_GIT_EXECUTABLE, *self._options, *arguments]
        with _unset(misleading(os.environ)):
            return start_group(
                lambda: self._cmd.Git(str(folder)).execute(
                    command,
                    as_process=True,
                    universal_newlines=True,
                    env=self._environment,
                    start_new_session=True,
                )
            )

    def _wait(self, process: Any, reader: threading.Thread) -> None:
        # In steps, because a signal is not noticed on every Python while a thread is waited for.
        while reader.is_alive() or process.proc.poll() is None:
            reader.join(_POLL_S)
            if not reader.is_alive():
                process.proc.wait(_POLL_S * 10)
            if time.monotonic() > self._deadline:
                signal_group(process.pid, signal.SIGKILL)
                raise GitFailed(f"fatal: timed out after {self._timeout:.0f} s")

    def _moved(self, code: int, current: Any, total: Any = None, message: str = "") -> None:
        if self._on_progress is None:
            return
        name, start, end = _STAGES.get(code & ~3, ("", 0.0, 0.0))
        if name:
            share = float(current) / float(total) if total else 0.0
            text = f"{name}: {share:.0%}" + (f", {message}" if message else "")
            self._on_progress(text, start + (end - start) * share, transferred(message or ""))


def transferred(message: str) -> Optional[int]:
    """The bytes in a progress line of git (`3.16 MiB | 3.00 MiB/s`), or None."""
    match = _BYTES.match(message)
    return int(float(match[1]) * _UNITS[match[2]]) if match else None


#: By GitPython's operation codes: words, and which part of the whole it is.
_STAGES: Dict[int, Tuple[str, float, float]] = {
    4: ("The server counts objects", 0.0, 3.0),
    8: ("The server compresses objects", 3.0, 8.0),
    32: ("Receiving objects", 8.0, 80.0),
    64: ("Resolving deltas", 80.0, 90.0),
    256: ("Writing files", 90.0, 100.0),
}


@contextlib.contextmanager
def _unset(names: Sequence[str]) -> Iterator[None]:
    """GitPython hands the whole environment on; these would lead git astray."""
    saved = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(saved)
