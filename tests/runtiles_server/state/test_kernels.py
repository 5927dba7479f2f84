"""In real kernels: one is snapshotted and ends, another one goes on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

import runtiles_server

ROOT = str(Path(runtiles_server.__file__).parents[1])


@contextmanager
def _kernel(folder: Path) -> Iterator[BlockingKernelClient]:
    manager = KernelManager(transport="ipc", ip=str(folder / "kernel"))
    manager.start_kernel(cwd=str(folder), extra_arguments=["--HistoryManager.enabled=False"])
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def _run(client: BlockingKernelClient, code: str, history: bool = True) -> str:
    """What the cell prints. Fails with its traceback."""
    printed: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = client.execute_interactive(code, store_history=history, timeout=60, output_hook=hear)
    assert reply["content"]["status"] == "ok", "\n".join(reply["content"].get("traceback", []))
    return "".join(printed)


def _state(client: BlockingKernelClient, call: str) -> Any:
    # As a pause does it: not a cell of the user's.
    lines = (
        f"__import__('sys').path.insert(0, {ROOT!r})",
        f"print(__import__('json').dumps(__import__('runtiles_server.state').state.{call}.to_dict()))",
        "__import__('sys').path.remove(" + repr(ROOT) + ")",
    )
    return json.loads(_run(client, "\n".join(lines), history=False))


def test_a_session_goes_on_in_another_kernel(tmp_path: Path) -> None:
    snapshot = str(tmp_path / "s")
    with _kernel(tmp_path) as client:
        _run(client, "import random, threading\nn = 0\na = [1]; b = a; _mine = 'x'")
        _run(client, "def inc():\n    global n; n += 1; return n")
        _run(client, "a")
        _run(
            client,
            "class A:\n    def f(self): return super().__repr__()\nobj = A(); g = (i for i in a)",
        )
        _run(client, "%alias_magic t timeit\nrandom.seed(5); random.random()")
        _run(
            client,
            "from IPython.core.magic import register_line_magic\n"
            "@register_line_magic\ndef twice(line): return line * 2",
        )
        manifest = _state(client, f"save({snapshot!r})")
    names = {each["name"]: each["status"] for each in manifest["variables"]}
    assert names["_mine"] == "saved"
    assert names["random"] == "by_reference"
    assert names["g"] == "skipped"
    assert not {"In", "Out", "exit", "get_ipython", "_i1"} & set(names)
    with _kernel(tmp_path) as client:
        report = _state(client, f"load({snapshot!r})")
        assert [each["path"] for each in report["losses"]] == ["g"]
        out = _run(
            client,
            """
import random as r
q = r.Random(5); q.random()
assert a is b and Out[3] is a, 'identity'
assert inc() == 1 and n == 1
assert r.random() == q.random()
assert In[1].startswith('import random') and 'object' in obj.f()
assert len(In) == 8, len(In)
assert get_ipython().run_line_magic('twice', 'ab') == 'abab'
assert _i3 == 'a'
import inspect; assert 'n += 1' in inspect.getsource(inc)
print('good', repr(g))
""",
        )
    assert out.startswith("good <lost generator")
