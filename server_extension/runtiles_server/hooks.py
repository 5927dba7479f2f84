"""The startup hook: a tile's shell script, whose exported variables reach the server and its kernels."""

import contextlib
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Tuple

from .children import LineReader, end_group, exit_status, group_killed, start_group
from .report import Problem, Reporter

#: Sources the script ($1) and writes down its environment ($2), also when the script calls `exit`.
_WRAPPER = (
    'trap \'status=$?; env -0 >"$2" 2>/dev/null || cat /proc/self/environ >"$2"; exit $status\' EXIT\n'
    '. "$1"\n'
)
_DRAIN_S = 0.5
#: The shell's own, and what a script must not decide for the server.
_SHELL_OWN = frozenset({"_", "PWD", "OLDPWD", "SHLVL"})
_PROTECTED = ("JUPYTERHUB_", "JPY_", "RUNTILES_")


@dataclass(frozen=True)
class HookResult:
    """`code` is the exit status. `changes` are variables to set, `removed` ones to unset."""

    code: int
    timed_out: bool = False
    changes: Mapping[str, str] = field(default_factory=dict)
    removed: List[str] = field(default_factory=list)


def run_hook(
    script: str,
    folder: Path,
    private: Path,
    environ: Mapping[str, str],
    reporter: Reporter,
    timeout: float,
) -> HookResult:
    """Run it in `folder` with /bin/sh. Its output becomes log lines, a failure becomes a notice."""
    reporter.phase("hook", "Running the startup hook")
    script_file, after = private / "startup-hook.sh", private / "startup-hook.env"
    script_file.write_text(script.replace("\r\n", "\n") + "\n", encoding="utf-8")
    after.touch(mode=0o600)
    started = time.monotonic()
    try:
        code = _run(_argv(script_file, after), folder, environ, reporter, timeout)
        left = _read(after)
    except OSError as error:
        reporter.notice("hook", Problem("hook_failed", f"The startup hook cannot run: {error}."))
        return HookResult(127)
    finally:
        # The environment holds the user's secrets: it is read once and does not stay on the disk.
        for path in (script_file, after):
            with contextlib.suppress(OSError):
                path.unlink()
    if code is None:
        reporter.notice("hook", _too_long(timeout))
        return HookResult(-1, timed_out=True)
    if code != 0:
        reporter.notice("hook", _failed(code))
    else:
        reporter.log("hook", f"The startup hook took {time.monotonic() - started:.1f} s.")
    return HookResult(code, False, *difference(environ, left))


def _argv(script: Path, after: Path) -> List[str]:
    return ["/bin/sh", "-c", _WRAPPER, "startup-hook", str(script), str(after)]


def _run(
    argv: List[str], folder: Path, environ: Mapping[str, str], reporter: Reporter, timeout: float
) -> Optional[int]:
    """The exit status, or None when the time was up."""
    reader_end, writer_end = os.pipe()
    try:
        process = start_group(
            lambda: subprocess.Popen(
                argv,
                cwd=str(folder),
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=writer_end,
                stderr=writer_end,
                start_new_session=True,
            )
        )
    except BaseException:
        os.close(reader_end)
        raise
    finally:
        os.close(writer_end)
    output = LineReader(reader_end, lambda line: reporter.log("hook", line))
    with group_killed(process.pid):
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            end_group(process)
            return None
    output.drain(_DRAIN_S)
    return exit_status(code)


def _read(path: Path) -> Optional[Dict[str, str]]:
    """The environment in this file, NUL between its entries; None without one."""
    try:
        entries = os.fsdecode(path.read_bytes()).split("\0")
    except OSError:
        return None
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def difference(
    before: Mapping[str, str], after: Optional[Mapping[str, str]]
) -> Tuple[Dict[str, str], List[str]]:
    """What the script set and what it unset, without what it may not decide."""
    if not after:
        return {}, []
    changes = {k: v for k, v in after.items() if before.get(k) != v and not _is_ours(k)}
    removed = [k for k in before if k not in after and not _is_ours(k)]
    return changes, removed


def _is_ours(name: str) -> bool:
    return name in _SHELL_OWN or name.startswith(_PROTECTED)


def _failed(code: int) -> Problem:
    return Problem(
        "hook_failed",
        f"The startup hook ended with exit code {code}.",
        "Its output is in the log; the server starts all the same.",
    )


def _too_long(timeout: float) -> Problem:
    return Problem(
        "hook_timeout",
        f"The startup hook was stopped: it ran longer than {timeout:.0f} s.",
        "Start long work in the background (with & at the end); an admin can raise the limit "
        "(RUNTILES_HOOK_TIMEOUT). The server starts all the same.",
    )
