"""The resume of a whole runtime, before its server listens: an open tab finds its kernels, or no server."""

import sys
from contextlib import suppress
from typing import Any

from tornado.util import TimeoutError as LoopStopped

from runtiles.contract.errors import RuntilesError
from runtiles_server import runtime_state
from runtiles_server.kernels.resuming import Resume
from runtiles_server.report import Problem, Reporter
from runtiles_server.runtime import Runtime


def restore_before_listening(runtime: Runtime) -> None:
    """Fills `runtime.resumed`. What a kernel could not get back is a notice.

    A snapshot that may not be used, or is not there, ends the launch as failed: an empty runtime in its
    place would look like lost work. Raises SystemExit then.
    """
    reporter = Reporter(sys.stdout)
    reporter.start_heartbeat(lambda: False)
    reporter.phase("restoring", "Restoring the session")
    try:
        runtime.server.io_loop.run_sync(lambda: _restore(runtime, reporter))
    except RuntilesError as error:
        _fail(runtime, reporter, Problem(error.code, error.message, error.hint))
    except LoopStopped:
        raise SystemExit(143) from None  # The container is to stop.
    except Exception as error:  # whatever it is, an empty runtime is worse
        runtime.server.log.exception("The snapshot could not be restored.")
        problem = f"The snapshot could not be restored: {type(error).__name__}: {error}"
        _fail(runtime, reporter, Problem("resume_failed", problem))
    finally:
        reporter.stop_heartbeat()
    reporter.phase("server", "Starting the server")


async def _restore(runtime: Runtime, reporter: Reporter) -> None:
    def told(done: int, total: int) -> None:
        reporter.progress(f"Restored {done} of {total} kernels", 100.0 * done / total)

    resume = Resume.of(
        runtime.server,
        runtime.kernels,
        runtime.folders,
        runtime.keys.signing,
        runtime.state.snapshot,
        runtime.state.runtime,
    )
    runtime.resumed = await resume.run(told)
    for entry in runtime.resumed["kernels"]:
        problem = _problem(entry)
        if problem is not None:
            reporter.notice("restoring", problem)
    runtime_state.add_notices(runtime_state.read(), reporter.notices)


def _problem(entry: Any) -> Any:
    name = entry["path"] or "A kernel"
    if entry["status"] != "restored":
        return Problem(f"kernel_{entry['status']}", f"{name}: {entry['reason']}")
    if not (entry["losses"] or entry["failed"] or entry["missing"]):
        return None
    lost = len(entry["losses"])
    message = f"{name}: {entry['restored']} variables are back, {lost} objects are not."
    hint = "; ".join(sorted(set(entry["missing"].values())))
    return Problem("restored_in_part", message, hint)


def _fail(runtime: Runtime, reporter: Reporter, problem: Problem) -> None:
    reporter.failed("restoring", problem)
    with suppress(Exception):
        runtime.server.io_loop.run_sync(
            lambda: runtime.server.kernel_manager.shutdown_all(now=True)
        )
    raise SystemExit(1)
