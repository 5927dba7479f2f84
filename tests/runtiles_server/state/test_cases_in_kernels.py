"""The same table in real kernels: one runs the cell and saves, another one loads and checks."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from . import kernels
from .cases import CASES
from .cases.case import Case

#: Brings the engine along, and forgets what a case left: every case finds the kernel as the first one.
_PREPARE = """
import sys; sys.path.insert(0, {root!r})
def _():
    import gc, os, sys
    from runtiles_server import state
    from runtiles_server.state.around.shell import user_names
    shell, variables, path, place = get_ipython(), dict(os.environ), list(sys.path), os.getcwd()
    def forget():
        for name in user_names(shell.user_ns):
            del shell.user_ns[name]
        shell.user_ns['Out'].clear()
        os.environ.clear(); os.environ.update(variables)
        sys.path[:] = path; sys.setrecursionlimit(3000)
        os.chdir(place)
        torch = sys.modules.get('torch')
        if torch is not None:
            torch.set_default_device(None); torch.set_default_dtype(torch.float32)
            torch.set_grad_enabled(True); torch.use_deterministic_algorithms(False)
    state.forget = forget
    forget()
_()
"""
_STATE = "__import__('runtiles_server.state').state"
# A case may have its own idea of what `print` is.
_LOAD = """
report = {state}.load({folder!r})
{check}
lost = __import__('json').dumps([each.path for each in report.losses])
__import__('builtins').print('lost', lost)
"""


def _kernel(folder: Path) -> Iterator[BlockingKernelClient]:
    with kernels.kernel(folder) as client:
        kernels.run(client, _PREPARE.format(root=kernels.ROOT), history=False)
        yield client


@pytest.fixture(scope="module")
def saver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingKernelClient]:
    yield from _kernel(tmp_path_factory.mktemp("saver"))


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingKernelClient]:
    yield from _kernel(tmp_path_factory.mktemp("loader"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(
    case: Case, saver: BlockingKernelClient, loader: BlockingKernelClient, tmp_path: Path
) -> None:
    for name in case.needs:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    folder = str(tmp_path / "s")
    try:
        kernels.run(saver, case.cell)
        kernels.state(saver, f"save({folder!r})")
    finally:
        kernels.run(saver, f"{_STATE}.forget()", history=False)
    try:
        code = _LOAD.format(state=_STATE, folder=folder, check=case.check)
        told = kernels.run(loader, code, history=False)
    finally:
        kernels.run(loader, f"{_STATE}.forget()", history=False)
    if case.name != "endless reduce":
        # A library's warning may be heard after it.
        lost = told.rpartition("lost [")[2].partition("\n")[0]
        assert sorted(json.loads(f"[{lost}")) == sorted(case.lost)
