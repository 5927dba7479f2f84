"""A Command that is no Jupyter server itself: run it, pass signals on, end as it ends."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Mapping, Sequence

from .children import Terminated, end_group, exit_status, release, start_group
from .report import Problem, Reporter

#: As long as a server with kernels may take to stop, and less than an engine waits before it kills.
_GRACE_S = 8.0


def execute(
    argv: Sequence[str], folder: Path, environ: Mapping[str, str], reporter: Reporter
) -> int:
    """The exit code of the command, 127 and 126 as a shell counts a missing or a forbidden program.

    Raises Terminated after a signal, when the command and all that it started have ended.
    """
    try:
        process = start_group(
            lambda: subprocess.Popen(
                list(argv),
                cwd=str(folder),
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
    except OSError as error:
        reporter.failed("server", _cannot_run(argv[0], error))
        return 127 if isinstance(error, FileNotFoundError) else 126
    try:
        release()
        code = exit_status(process.wait())
    except Terminated:
        end_group(process, _GRACE_S)
        raise
    reporter.log("server", f"The command ended with exit code {code}{_meaning(code)}.")
    return code


def _meaning(code: int) -> str:
    try:
        return f" ({signal.Signals(code - 128).name})" if code > 128 else ""
    except ValueError:
        return ""


def _cannot_run(program: str, error: OSError) -> Problem:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return Problem(
        "command_failed",
        f"The command cannot be run: {program}: {reason}.",
        "Check the Command of the tile; it is a program of the image and its arguments.",
    )
