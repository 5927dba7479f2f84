"""Saving and loading whole sessions, beside the raw disk and the other ways to do it, in one run.

    python -m benchmarks.state [--sizes 0.1 1 4] [--states numpy pandas objects torch] [--folder PATH]

Every save and every load is a process of its own. A save ends when the disk has it (fsync); before a
load the files are dropped from the page cache; `touch` reads everything that was loaded. Peak memory
is what the step added to the process. `raw` is the same amount through os.pwrite with O_DIRECT from
two threads, and through os.preadv: the limit on this disk at this moment. The ways take turns, and of
several rounds the best of each counts. Peers that are not installed are left out: `pip install
runtiles[bench]` brings them.
"""

import argparse
import importlib
import json
import os
import pickle
import resource
import shutil
import subprocess
import sys
import time
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_PIECE = 8 << 20
_WAYS = ("raw", "runtiles", "pickle", "cloudpickle", "dill", "kishu", "torch.save")
#: What is imported before the clock starts.
_MODULES = {"runtiles": "runtiles_server.state", "kishu": "benchmarks.kishu_session"}
_STATES = ("numpy", "pandas", "objects", "torch")
#: From here on one round has to do.
_BIG = 2.0

Row = dict[str, Any]


def session(kind: str, size: float) -> dict[str, Any]:
    """Variables that hold about `size` GiB."""
    total = int(size * (1 << 30))
    if kind == "objects":
        count = int(1_000_000 * size)
        return {"rows": [{"id": i, "name": f"n{i}", "v": (i, i * 0.5)} for i in range(count)]}
    if kind == "torch":
        import torch  # noqa: PLC0415 - only where it is asked for

        return {f"t{i}": torch.rand(total // 32) for i in range(8)}
    import numpy as np  # noqa: PLC0415 - only where it is asked for

    rng = np.random.default_rng(0)
    if kind == "numpy":
        return {f"a{i}": rng.random(total // 64) for i in range(8)}
    import pandas as pd  # noqa: PLC0415 - only where it is asked for

    rows = total // 40
    words = pd.Series([f"row number {i}" for i in range(1000)], dtype="str")
    text = words.take(np.arange(rows) % 1000).reset_index(drop=True)
    return {"df": pd.DataFrame({"f": rng.random(rows), "i": np.arange(rows), "s": text})}


def save(way: str, path: Path, space: dict[str, Any]) -> None:
    if way == "runtiles":
        from runtiles_server import state  # noqa: PLC0415 - a peer is measured without it

        state.save(path, space, key=b"k" * 32)
        return
    path.mkdir()
    if way == "kishu":
        importlib.import_module(_MODULES[way]).save(path, space)
        return
    if way == "dill":
        import dill  # noqa: PLC0415 - only where it is asked for

        dill.dump_module(str(path / "all"), module=_module(space))
        written = os.open(path / "all", os.O_RDONLY)
        os.fsync(written)
        os.close(written)
        return
    with (path / "all").open("wb") as file:
        if way == "torch.save":
            import torch  # noqa: PLC0415 - only where it is asked for

            torch.save(space, file)
        elif way == "pickle":
            pickle.dump(space, file, protocol=5)
        else:
            for name, value in space.items():
                file.write(__import__(way).dumps({name: value}, protocol=5))
        file.flush()
        os.fsync(file.fileno())


def _module(space: dict[str, Any]) -> types.ModuleType:
    """dill saves the session of a module: its `dump_session` is this, of `__main__`."""
    module = sys.modules["session"] = types.ModuleType("session")
    vars(module).update(space)
    return module


def load(way: str, path: Path) -> dict[str, Any]:
    space: dict[str, Any] = {}
    if way == "runtiles":
        from runtiles_server import state  # noqa: PLC0415 - a peer is measured without it

        state.load(path, space, key=b"k" * 32, verify_buffers="never")
        return space
    if way == "kishu":
        loaded: dict[str, Any] = importlib.import_module(_MODULES[way]).load(path)
        return loaded
    if way == "dill":
        import dill  # noqa: PLC0415 - only where it is asked for

        module = _module({})
        dill.load_module(str(path / "all"), module=module)
        return vars(module)
    with (path / "all").open("rb") as file:
        if way == "torch.save":
            import torch  # noqa: PLC0415 - only where it is asked for

            return torch.load(file)
        end = os.fstat(file.fileno()).st_size
        while file.tell() < end:
            space.update(pickle.load(file))  # noqa: S301 - written a moment ago
    return space


def raw_save(path: Path, size: int) -> None:
    path.mkdir()
    flags = os.O_WRONLY | os.O_CREAT | os.O_DIRECT
    file = os.open(path / "all", flags)
    import mmap  # noqa: PLC0415 - for memory at a page

    area = mmap.mmap(-1, _PIECE)
    area[:] = os.urandom(_PIECE)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda at: os.pwrite(file, area, at), range(0, size, _PIECE)))
    os.fsync(file)
    os.close(file)


def raw_load(path: Path, size: int) -> None:
    area = bytearray(_PIECE)
    file = os.open(path / "all", os.O_RDONLY)
    for at in range(0, size, _PIECE):
        os.preadv(file, [area], at)
    os.close(file)


def touch(space: dict[str, Any]) -> None:
    for value in list(space.values()):
        if hasattr(value, "sum"):
            value.select_dtypes("number").sum() if hasattr(value, "select_dtypes") else value.sum()


def _step(step: str, way: str, path: Path, kind: str, size: float) -> dict[str, float]:
    """In a process of its own: seconds, seconds to touch all, MiB that it added."""
    amount = int(size * (1 << 30))
    space = {} if way == "raw" or step == "load" else session(kind, size)
    if kind in ("pandas", "numpy", "torch"):
        __import__(kind)
    if way not in ("raw", "torch.save"):
        importlib.import_module(_MODULES.get(way, way))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    if way == "raw":
        raw_save(path, amount) if step == "save" else raw_load(path, amount)
    elif step == "save":
        save(way, path, space)
    else:
        space = load(way, path)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    if step == "load":
        touch(space)
    touched = time.perf_counter() - start
    return {"s": round(seconds, 4), "touch": round(touched, 4), "mib": (peak - before) / 1024}


def _measure(*arguments: str) -> dict[str, float]:
    root = Path(__file__).parents[1]
    paths = os.pathsep.join(str(root / each) for each in ("", "server_extension", "spawner"))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.state", "--step", *arguments],
        env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return json.loads(done.stdout) if done.returncode == 0 else {}


def _drop(path: Path) -> None:
    for each in path.iterdir():
        file = os.open(each, os.O_RDONLY)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", nargs="+", type=float, default=[0.1, 1, 4])
    parser.add_argument("--states", nargs="+", default=list(_STATES))
    parser.add_argument("--ways", nargs="+", default=list(_WAYS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/runtiles-state"))  # noqa: S108 - on a disk
    parser.add_argument("--step", nargs=5, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        step, way, path, kind, size = arguments.step
        print(json.dumps(_step(step, way, Path(path), kind, float(size))))
        return
    print(
        f"{'state':8}{'GiB':>5}  {'way':12}{'save s':>8}{'+MiB':>7}{'load s':>9}{'touch s':>9}{'+MiB':>7}"
    )
    rows = []
    for kind in arguments.states:
        for size in arguments.sizes:
            rounds = 1 if size >= _BIG else arguments.rounds
            rows.extend(_compared(arguments.folder, kind, size, arguments.ways, rounds))
    print(json.dumps({"rows": rows, "ratios": _ratios(rows)}))


def _compared(folder: Path, kind: str, size: float, ways: list[str], rounds: int) -> list[Row]:
    best: dict[str, Row] = {}
    for _ in range(rounds):
        for way in ways:
            if way == "torch.save" and kind != "torch":
                continue
            row = _row(folder, kind, size, way)
            if row is not None:
                known = best.setdefault(way, row)
                best[way] = {
                    key: min(value, known[key]) if isinstance(value, float) else value
                    for key, value in row.items()
                }
    for way, row in best.items():
        print(
            f"{kind:8}{size:5}  {way:12}{row['save_s']:8.3f}{row['save_mib']:7.0f}"
            f"{row['load_s']:9.4f}{row['touch_s']:9.3f}{row['load_mib']:7.0f}",
            flush=True,
        )
    return list(best.values())


def _row(folder: Path, kind: str, size: float, way: str) -> Row | None:
    shutil.rmtree(folder, ignore_errors=True)
    saved = _measure("save", way, str(folder), kind, str(size))
    if not saved:
        return None
    _drop(folder)
    loaded = _measure("load", way, str(folder), kind, str(size))
    shutil.rmtree(folder, ignore_errors=True)
    if not loaded:
        return None
    return {
        "state": kind, "gib": str(size), "way": way,
        "save_s": saved["s"], "save_mib": saved["mib"],
        "load_s": loaded["s"], "touch_s": loaded["touch"], "load_mib": loaded["mib"],
    }  # fmt: skip


def _ratios(rows: list[Row]) -> dict[str, float]:
    """Seconds of ours divided by those of the peer: of a save, a load, and a load with all of it read."""
    ours = {(each["state"], each["gib"]): each for each in rows if each["way"] == "runtiles"}
    found = {}
    for peer in rows:
        own = ours.get((peer["state"], peer["gib"]))
        if own is None or peer is own:
            continue
        name = f"{peer['state']} {peer['gib']} / {peer['way']}"
        found[f"{name}: save"] = round(own["save_s"] / peer["save_s"], 3)
        found[f"{name}: load"] = round(own["load_s"] / peer["load_s"], 4)
        whole = (own["load_s"] + own["touch_s"]) / (peer["load_s"] + peer["touch_s"])
        found[f"{name}: load, all read"] = round(whole, 3)
    return found


if __name__ == "__main__":
    main()
