import io
import time

from runtiles.contract.events import decode_line
from runtiles_server.report import Problem, Reporter
from tests.runtiles_server.told import Told


def test_events_are_lines_that_the_spawner_reads() -> None:
    told = Told()
    told.reporter.phase("workspace", "Cloning")
    told.reporter.progress("half", 50.04, done=10)
    told.reporter.log("hook", "line\nbreak")
    phase, progress, log = told.events
    assert (phase.phase, phase.kind, phase.message) == ("workspace", "phase", "Cloning")
    assert (progress.phase, progress.percent, progress.done) == ("workspace", 50.0, 10)
    assert log.message == "line\nbreak"
    assert len(told.out.getvalue().splitlines()) == 3


def test_progress_is_thinned_out() -> None:
    told = Told()
    for percent in range(100):
        told.reporter.progress("moving", percent)
    assert len(told.of_kind("progress")) == 1


def test_a_notice_is_kept_for_the_server() -> None:
    told = Told()
    told.reporter.notice("hook", Problem("x", "It failed.", "Do this."), {"more": 1})
    assert told.notice.message == "It failed."
    assert told.notice.details == {"code": "x", "hint": "Do this.", "more": 1}
    assert told.reporter.notices == [
        {"phase": "hook", "code": "x", "message": "It failed.", "hint": "Do this."}
    ]


def test_a_closed_output_ends_nothing() -> None:
    out = io.StringIO()
    reporter = Reporter(out)
    out.close()
    reporter.log("hook", "line")


def test_no_silence_is_longer_than_the_heartbeat() -> None:
    out = io.StringIO()
    reporter = Reporter(out, heartbeat=0.05)
    reporter.phase("workspace", "Cloning")
    reporter.start_heartbeat(lambda: False)
    deadline = time.monotonic() + 10
    while len(out.getvalue().splitlines()) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    reporter.stop_heartbeat()
    event = decode_line(out.getvalue().splitlines()[1])
    assert event is not None
    assert (event.phase, event.kind) == ("workspace", "progress")
    assert event.message.startswith("Cloning: ")


def test_the_heartbeat_ends_when_the_command_serves() -> None:
    out = io.StringIO()
    reporter = Reporter(out, heartbeat=0.05)
    reporter.phase("server", "Running bash")
    asked: list[bool] = []

    def served() -> bool:
        asked.append(True)
        return True

    reporter.start_heartbeat(served)
    deadline = time.monotonic() + 10
    while not asked:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.1)
    assert len(asked) == 1
