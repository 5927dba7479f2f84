"""A clean process that has the big libraries loaded, and forks another clean one for each request."""

from __future__ import annotations

import contextlib
import json
import linecache
import os
import shutil
import sys
import traceback
import types
from pathlib import Path
from typing import Any


def main() -> None:
    for name in sys.argv[1:]:
        with contextlib.suppress(ImportError):
            __import__(name)
    import runtiles_server.state  # noqa: F401, PLC0415 - so that every child has it

    print(json.dumps("ready"), flush=True)  # noqa: T201 - the protocol
    for line in sys.stdin:
        print(json.dumps(_forked(json.loads(line))), flush=True)  # noqa: T201 - the protocol


def _forked(request: dict[str, Any]) -> Any:
    answer = Path(request["folder"]) / "answer.json"
    child = os.fork()
    if child == 0:
        code = 1
        try:
            answer.write_text(json.dumps(_guarded(request)))
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if status:
        return {"error": f"the process ended with {status}"}
    result = json.loads(answer.read_text())
    answer.unlink()
    return result


def _guarded(request: dict[str, Any]) -> Any:
    try:
        return _save(request) if "cell" in request else _load(request)
    except BaseException:  # noqa: BLE001 - told to the test
        return {"error": traceback.format_exc()}


def _session() -> dict[str, Any]:
    main_module = types.ModuleType("__main__")
    sys.modules["__main__"] = main_module
    return vars(main_module)


def _save(request: dict[str, Any]) -> Any:
    from runtiles_server import state  # noqa: PLC0415 - in the child

    space = _session()
    _run(request["cell"], "<cell 1>", space)
    folder = Path(request["folder"]) / "snapshot"
    shutil.rmtree(folder, ignore_errors=True)
    state.save(folder, space)
    return {}


def _load(request: dict[str, Any]) -> Any:
    from runtiles_server import state  # noqa: PLC0415 - in the child

    space = _session()
    report = state.load(Path(request["folder"]) / "snapshot", space)
    space["report"] = report
    _run(request["check"], "<check>", space)
    return {"lost": [each.path for each in report.losses]}


def _run(source: str, name: str, space: dict[str, Any]) -> None:
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec", dont_inherit=True), space)  # noqa: S102 - the case


if __name__ == "__main__":
    main()
