"""Every end of a launch is told in words that help, to pages and to the Hub alike."""

import pytest

from runtiles.contract.errors import (
    EngineUnavailable,
    ImageNotFound,
    InvalidRequest,
    RuntilesError,
)
from runtiles.spawners import failures


@pytest.mark.parametrize(
    ("code", "oom", "log", "message", "hint"),
    [
        (137, True, "", "out of memory", "more memory"),
        (137, False, "", "was killed", "try again"),
        (127, False, "sh: jupiter: not found", "could not be run", "Command field"),
        (126, False, "", "could not be run", "Command field"),
        (1, False, "OSError: No space left on device", "disk space", "Delete files"),
        (3, False, "Traceback", "exit code 3", "last lines"),
        (None, False, "", "exit code None", "last lines"),
    ],
)
def test_an_exit_is_explained(
    code: int | None, oom: bool, log: str, message: str, hint: str
) -> None:
    error = failures.exited(code, oom_killed=oom, log=log)
    assert message in error.message
    assert hint in error.hint
    assert error.details == {"exit_code": code, "oom_killed": oom}


def test_the_memory_limit_is_named() -> None:
    assert "2 GiB" in failures.exited(137, oom_killed=True, log="", memory=2 * 2**30).message


def test_the_card_has_what_the_pages_show_and_nothing_else() -> None:
    error = failures.exited(1, oom_killed=False, log="line one\nline two")
    card = failures.failure_card(failures.failed_event("hook", error))
    assert card == {
        "message": error.message,
        "phase": "hook",
        "code": "container_exited",
        "hint": error.hint,
        "log": "line one\nline two",
        "exit_code": 1,
        "oom_killed": False,
    }


def test_the_hub_shows_our_text_escaped() -> None:
    error = ImageNotFound("No image <b>x</b>.", hint="Check <the> name.")
    shown = failures.spawn_exception(error)
    assert shown.jupyterhub_message == "No image <b>x</b>. Check <the> name."
    assert "&lt;b&gt;" in shown.jupyterhub_html_message
    assert "<b>" not in shown.jupyterhub_html_message


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (InvalidRequest({"tile": "unknown"}), 400, "invalid_options"),
        (EngineUnavailable("gone"), 500, "docker_unavailable"),
        (RuntilesError("odd"), 500, "error"),
    ],
)
def test_the_metric_gets_a_stable_reason(error: RuntilesError, status: int, reason: str) -> None:
    shown = failures.spawn_exception(error)
    assert (shown.status_code, shown.reason) == (status, reason)


def test_a_foreign_exception_is_named_by_type_and_never_by_its_text() -> None:
    error = failures.unexpected(ValueError("password=hunter2"))
    assert "ValueError" in error.message
    assert "hunter2" not in str(error)
