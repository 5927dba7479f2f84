"""What runs inside a kernel: one call, on its main thread, in one silent request.

This file's text travels to the kernel: the standard library alone, and nothing of ours. `folder` is a
place of the server's on the same machine: `wanted` in it says that somebody still waits, `started` that
the call began. For a kernel that is to be held, `result` gets the answer before the request ends, and
`held` says for how long it stays: it is renewed by touching it, and removed to let the kernel go.
"""

import atexit
import json
import os
import time
from pathlib import Path
from typing import Any, Callable, Dict

_LOOK_S = 0.05
#: Nobody outside needs them, and they are the biggest part.
_LEFT_OUT = ("buffers", "local_modules")


class Answer:
    """Its text reaches the server whatever the user did to the display of strings."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **_kwargs: Any) -> Dict[str, str]:
        return {"text/plain": self._text}


def run(work: Callable[[], Any], folder: str, patience: float) -> Answer:
    """`patience`: seconds to stay after a success without a sign of the server's; 0: not held."""
    place = Path(folder)
    if not (place / "wanted").exists():
        return Answer('{"error": {"kind": "Withdrawn", "message": ""}}')
    _put(place / "started", "")
    answer = _answer(work)
    text = json.dumps(answer)
    if patience and "error" not in answer and _put(place / "result", text):
        _stay(place, patience)
    return Answer(text)


def _answer(work: Callable[[], Any]) -> Dict[str, Any]:
    try:
        result = work()
        value = result.to_dict() if hasattr(result, "to_dict") else result
    except BaseException as error:  # noqa: BLE001 # an interrupt, too, is an answer
        return {"error": _told(error)}
    if isinstance(value, dict):
        value = {k: v for k, v in value.items() if k not in _LEFT_OUT}
    return {"result": value, "execution_count": _count()}


def _told(error: BaseException) -> Dict[str, Any]:
    message = getattr(error, "message", None) or str(error) or type(error).__name__
    cause = error if isinstance(error, OSError) else error.__cause__
    return {
        "kind": type(error).__name__,
        "message": str(message)[:2000],
        "hint": str(getattr(error, "hint", ""))[:2000],
        "errno": getattr(cause, "errno", None),
    }


def _count() -> int:
    try:
        return int(__import__("IPython").get_ipython().execution_count)
    except Exception:  # noqa: BLE001 # a kernel without IPython counts nothing
        return 0


def _put(path: Path, text: str) -> bool:
    """False where the server is gone, and with it whoever waited; or where there is no room."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError:
        return False
    return True


def _stay(place: Path, patience: float) -> None:
    while True:
        try:
            if _let_go(place / "held", patience):
                return
            time.sleep(_LOOK_S)
        except KeyboardInterrupt:
            # The server decides: a person's interrupt lets go, the one before a shutdown does not,
            # or a cell that waits would still run.
            _put(place / "interrupted", "")


def _let_go(held: Path, patience: float) -> bool:
    try:
        word = held.read_text(encoding="utf-8")
        age = time.time() - held.stat().st_mtime
    except OSError:
        return True
    if word == "end":
        # The server stops. Nothing runs here any more but what every exit runs.
        atexit._run_exitfuncs()  # noqa: SLF001
        os._exit(0)
    return age > patience
