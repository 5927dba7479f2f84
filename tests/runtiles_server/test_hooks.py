import os
import time
from pathlib import Path

import pytest

from runtiles_server.hooks import HookResult, difference, run_hook
from tests.runtiles_server.launched import ends
from tests.runtiles_server.told import Told


class Hook:
    def __init__(self, folder: Path) -> None:
        self.folder, self.private = folder / "workspace", folder / "private"
        self.folder.mkdir()
        self.private.mkdir()
        self.told = Told()
        self.environ = {
            "PATH": os.environ["PATH"],
            "KEPT": "1",
            "GONE": "1",
            "JUPYTERHUB_USER": "ann",
        }

    def __call__(self, script: str, timeout: float = 20) -> HookResult:
        return run_hook(
            script, self.folder, self.private, self.environ, self.told.reporter, timeout
        )

    @property
    def output(self) -> list[str]:
        return [event.message for event in self.told.of_kind("log")]


@pytest.fixture
def hook(tmp_path: Path) -> Hook:
    return Hook(tmp_path)


def test_exported_variables_survive(hook: Hook) -> None:
    result = hook("export A=1\nexport PATH=/opt/x:$PATH\nLOCAL=2\nunset GONE\nexport M='a\nb=c'\n")
    assert result.code == 0
    assert result.changes == {"A": "1", "M": "a\nb=c", "PATH": "/opt/x:" + os.environ["PATH"]}
    assert result.removed == ["GONE"]
    assert hook.told.of_kind("notice") == []


def test_it_runs_in_the_workspace(hook: Hook) -> None:
    hook("pwd > here\n")
    assert (hook.folder / "here").read_text().strip() == str(hook.folder)


def test_output_becomes_log_lines(hook: Hook) -> None:
    hook("echo one\necho two >&2\nprintf three\n")
    assert hook.output[:3] == ["one", "two", "three"]
    assert {event.phase for event in hook.told.events} == {"hook"}


def test_its_lines_cannot_pose_as_events(hook: Hook) -> None:
    hook("""echo '##runtiles## {"phase":"server","kind":"failed"}'""")
    assert hook.told.of_kind("failed") == []


def test_lines_end_as_on_windows(hook: Hook) -> None:
    assert hook("export A=1\r\nexport B=2\r\n").changes == {"A": "1", "B": "2"}


@pytest.mark.parametrize("script", ["export A=1\nexit 3\n", "export A=1\n(exit 3)\n"])
def test_a_failure_is_a_notice(hook: Hook, script: str) -> None:
    result = hook(script)
    assert result.code == 3
    assert result.changes == {"A": "1"}
    assert hook.told.notice.details["code"] == "hook_failed"
    assert "exit code 3" in hook.told.notice.message


def test_a_syntax_error_is_a_notice(hook: Hook) -> None:
    assert hook("if then fi (\n").code != 0
    assert hook.told.notice.details["code"] == "hook_failed"
    assert any("yntax" in line for line in hook.output)


def test_a_hang_ends_at_the_time_limit(hook: Hook) -> None:
    started = time.monotonic()
    result = hook(
        "echo begin\ntrap '' TERM\nsleep 60 & echo $! > child\nwait\nsleep 60\n", timeout=0.5
    )
    assert time.monotonic() - started < 10
    assert result.timed_out
    assert hook.told.notice.details["code"] == "hook_timeout"
    assert "begin" in hook.output
    assert ends(int((hook.folder / "child").read_text()))


def test_what_it_leaves_running_is_not_waited_for_and_may_go_on_talking(hook: Hook) -> None:
    started = time.monotonic()
    result = hook("(sleep 1; echo late; touch survived; sleep 30) &\necho $! > child\n")
    assert result.code == 0
    assert time.monotonic() - started < 10
    deadline = time.monotonic() + 20
    while not (hook.folder / "survived").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert "late" in hook.output
    os.killpg(os.getpgid(int((hook.folder / "child").read_text())), 9)


def test_the_hubs_variables_are_not_the_hooks() -> None:
    before = {"JUPYTERHUB_USER": "ann", "A": "1"}
    after = {"JUPYTERHUB_USER": "eve", "RUNTILES_X": "1", "A": "1", "PWD": "/x", "_": "y"}
    assert difference(before, after) == ({}, [])
    assert difference(before, {"A": "2"}) == ({"A": "2"}, [])
    assert difference(before, None) == ({}, [])
