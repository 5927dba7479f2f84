"""`runtiles exec`, `runtiles url` and `runtiles` inside a runtime, against the real thing."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.hub import wait_until
from tests.integration.site import Person, Site

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def user(site: Site) -> Iterator[Person]:
    """One person with one runtime, `lab`, for all tests of this module."""
    person = site.person()
    person.ready("plain")
    yield person
    person.stop()


def environment(person: Person, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "RUNTILES_URL": person.site.hub.origin,
        "RUNTILES_TOKEN": person.token,
        "XDG_CONFIG_HOME": str(folder / "config"),
    }


def start(person: Person, folder: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "runtiles.cli", *words],
        cwd=folder,
        env=environment(person, folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(person: Person, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    with start(person, folder, *words) as process:
        out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def kernels(person: Person) -> list[str]:
    return [kernel["id"] for kernel in person.server("api/kernels").json()]


def notebook(*cells: dict[str, Any]) -> str:
    full = [{"metadata": {}, "cell_type": "code", **cell} for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": full})


def code(source: object, **more: Any) -> dict[str, Any]:
    return {"source": source, "outputs": [], "execution_count": None, **more}


def test_a_script_runs_and_its_outputs_stay_apart(user: Person, tmp_path: Path) -> None:
    script = (
        "import sys, os\nprint('out', os.environ['JUPYTERHUB_USER'])\nprint('err', file=sys.stderr)"
    )
    (tmp_path / "a.py").write_text(script)
    done = run(user, tmp_path, "exec", "a.py", "--runtime", "la")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"out {user.name}\n"
    assert done.stderr == "err\n"
    assert kernels(user) == []


def test_a_failing_script_shows_its_traceback_and_fails(user: Person, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f():\n    return 1 / 0\n\nf()\n")
    done = run(user, tmp_path, "exec", "a.py")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "return 1 / 0" in done.stderr
    assert "a.py failed: ZeroDivisionError: division by zero" in done.stderr
    assert "\x1b[" not in done.stderr
    assert kernels(user) == []


def test_nobody_can_answer_input(user: Person, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("input('name? ')")
    done = run(user, tmp_path, "exec", "a.py")
    assert done.returncode == 1
    assert "Nobody can answer input()" in done.stderr


def test_a_notebook_runs_cell_by_cell_and_is_saved(user: Person, tmp_path: Path) -> None:
    cells = (
        {"cell_type": "markdown", "source": "# Title"},
        code(["x = 20\n", "print('first')"]),
        code("x + 1"),
        code("1 / 0", metadata={"tags": ["raises-exception"]}),
        code("raise ValueError('stop')"),
        code(
            "print('never')", outputs=[{"output_type": "stream", "name": "stdout", "text": "old"}]
        ),
    )
    path = tmp_path / "n.ipynb"
    path.write_text(notebook(*cells))
    path.chmod(0o640)
    done = run(user, tmp_path, "exec", "n.ipynb", "--save")
    assert done.returncode == 1
    assert done.stdout == "first\n21\n"
    assert "Cell 5 of n.ipynb failed: ValueError: stop" in done.stderr
    saved = json.loads(path.read_text())
    assert path.stat().st_mode & 0o777 == 0o640
    outputs = [cell.get("outputs") for cell in saved["cells"]]
    assert outputs[0] is None
    assert outputs[1] == [{"output_type": "stream", "name": "stdout", "text": "first\n"}]
    assert outputs[2][0]["data"]["text/plain"] == "21"
    assert outputs[3][0]["ename"] == "ZeroDivisionError"
    assert outputs[4][0]["ename"] == "ValueError"
    assert outputs[5] == []
    assert [cell.get("execution_count") for cell in saved["cells"]][1:] == [1, 2, 3, 4, None]


def test_a_kernel_that_is_kept_keeps_its_variables(user: Person, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("kept = 41")
    (tmp_path / "b.py").write_text("print(kept + 1)")
    done = run(user, tmp_path, "exec", "a.py", "--keep")
    (kernel,) = kernels(user)
    assert kernel in done.stderr
    done = run(user, tmp_path, "exec", "b.py", "--kernel", kernel)
    assert done.stdout == "42\n"
    assert kernels(user) == [kernel]
    user.site.hub.ask("GET", "/")  # the Hub is well
    httpx.delete(
        f"{user.site.hub.origin}/user/{user.name}/lab/api/kernels/{kernel}",
        headers={"Authorization": f"token {user.token}"},
    )


def until_printed(process: "subprocess.Popen[str]", word: str) -> None:
    assert process.stdout is not None
    timer = threading.Timer(60, process.kill)
    timer.start()
    for line in process.stdout:
        if word in line:
            break
    timer.cancel()


def test_ctrl_c_interrupts_the_kernel(user: Person, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(600)")
    with start(user, tmp_path, "exec", "a.py") as process:
        until_printed(process, "begun")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "KeyboardInterrupt" in err
    assert kernels(user) == []


def test_a_second_ctrl_c_stops_waiting_and_leaves_no_kernel(user: Person, tmp_path: Path) -> None:
    stubborn = (
        "import time\nprint('begun', flush=True)\nwhile True:\n    try:\n        time.sleep(600)\n"
        "    except KeyboardInterrupt:\n        print('no', flush=True)\n"
    )
    (tmp_path / "a.py").write_text(stubborn)
    with start(user, tmp_path, "exec", "a.py") as process:
        until_printed(process, "begun")
        process.send_signal(signal.SIGINT)
        until_printed(process, "no")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Not waiting any longer" in err
    assert kernels(user) == []


def test_a_kernel_that_dies_is_told(user: Person, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\nos.kill(os.getpid(), 9)")
    done = run(user, tmp_path, "exec", "a.py")
    assert done.returncode == 1
    assert "The kernel died while it ran" in done.stderr


def test_the_token_of_a_run_ends_with_it(user: Person, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("pass")
    run(user, tmp_path, "exec", "a.py")
    tokens = user.site.hub.api("GET", f"/users/{user.name}/tokens").json()["api_tokens"]
    assert not [token for token in tokens if token["note"].startswith("Runtiles address")]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["exec", "missing.py"], "cannot be read"),
        (["exec", "a.txt"], "neither a script"),
        (["exec", "bad.ipynb"], "no notebook"),
        (["exec", "a.py", "--save"], "leave --save out"),
        (["url", "lab", "--expires", "soon"], "no duration"),
        (["url", "lab", "--expires", "2d"], "24 hours"),
    ],
)
def test_bad_usage_is_told_in_a_sentence(
    user: Person, tmp_path: Path, words: list[str], text: str
) -> None:
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "a.py").write_text("")
    (tmp_path / "bad.ipynb").write_text("[]")
    done = run(user, tmp_path, *words)
    assert done.returncode == 2, done.stderr
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_the_address_opens_pages_of_jupyter_only_with_its_token(
    user: Person, tmp_path: Path
) -> None:
    done = run(user, tmp_path, "url", "lab")
    assert done.returncode == 0, done.stderr
    address, token = done.stdout.strip().split("?token=")
    assert address == f"{user.site.hub.origin}/user/{user.name}/lab/"
    headers = {"Authorization": f"token {token}"}
    assert httpx.get(f"{address}api/kernels", headers=headers).status_code == 200
    assert httpx.get(f"{address}api/kernels").status_code == 403
    # Not in a link: that would log in whoever follows it.
    assert httpx.get(f"{address}api/kernels?token={token}").status_code == 403
    as_json = json.loads(run(user, tmp_path, "url", "lab", "--json", "--expires", "10m").stdout)
    assert as_json["url"] == address


# -- inside a runtime ------------------------------------------------------------------------------


def test_the_command_line_works_in_a_runtime_without_a_login(user: Person) -> None:
    listed = user.python("print(__import__('subprocess').getoutput('runtiles list --json'))")
    assert [(r["name"], r["state"]) for r in json.loads(listed)] == [("lab", "running")]


def test_it_is_on_the_path_of_a_terminals_login_shell(user: Person) -> None:
    shell = (
        "import subprocess; print(subprocess.getoutput(\"env -i sh -lc 'command -v runtiles'\"))"
    )
    assert user.python(shell).strip().endswith("/runtiles")


def test_its_packages_are_not_those_of_a_notebook(user: Person) -> None:
    look = "import importlib.util as u; print([u.find_spec(n) for n in ('typer', 'pathspec')])"
    assert user.python(look).strip() == "[None, None]"


def test_in_a_runtime_it_runs_code_in_that_runtime(user: Person) -> None:
    script = (
        "import pathlib, subprocess\npathlib.Path('inner.py').write_text('print(6 * 7)')\n"
        "print(subprocess.getoutput('runtiles exec inner.py'))"
    )
    assert user.python(script).strip() == "42"


def test_in_a_runtime_it_starts_and_stops_others(user: Person) -> None:
    start_it = "import subprocess; print(subprocess.getoutput('runtiles start plain -n two -d'))"
    assert "two" in user.python(start_it)
    user.wait_for("running", "two")
    user.python("import subprocess; print(subprocess.getoutput('runtiles stop two'))")
    user.wait_for("stopped", "two")
    wait_until(lambda: len(user.site.containers(user.name)) == 1, 60, "the other to go")
