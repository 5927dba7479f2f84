"""The directory: whole or not at all, only from whoever has the key, never altered unnoticed."""

import gc
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import runtiles_server
from runtiles_server import state
from runtiles_server.state import files

KEY = b"k" * 32
ROOT = str(Path(runtiles_server.__file__).parents[1])


def _saved(folder: Path, **values: Any) -> state.Manifest:
    return state.save(folder, values, key=KEY)


@pytest.fixture(autouse=True)
def _process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Loading restores what is around the variables, too."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    place, filters = Path.cwd(), list(warnings.filters)
    yield
    os.chdir(place)
    warnings.filters[:] = filters  # type: ignore[index]


def _loaded(folder: Path, **options: Any) -> dict[str, Any]:
    space: dict[str, Any] = {}
    state.load(folder, space, **{"key": KEY, "verify_buffers": "now", **options})
    return space


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    manifest = _saved(tmp_path / "s", a=[1], big=bytearray(1 << 20))
    assert [(each.name, each.status) for each in manifest.variables] == [
        ("a", "saved"),
        ("big", "saved"),
    ]
    assert _loaded(tmp_path / "s") == {"a": [1], "big": bytearray(1 << 20)}
    assert state.Manifest.from_dict(json.loads(json.dumps(manifest.to_dict()))) == manifest


def test_a_plan_tells_the_same_and_writes_nothing(tmp_path: Path) -> None:
    space: dict[str, Any] = {"a": list(range(1000)), "g": iter(each for each in "x")}
    planned, manifest = state.plan(space), state.save(tmp_path / "s", space)
    assert planned.variables == manifest.variables
    assert planned.losses == manifest.losses
    assert [each.name for each in tmp_path.iterdir()] == ["s"]


def test_another_key_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    _saved(tmp_path / "s", a=1)
    space: dict[str, Any] = {}
    with pytest.raises(state.Refused) as refused:
        state.load(tmp_path / "s", space, key=b"x" * 32)
    assert space == {}
    assert "owner" in refused.value.hint
    state.load(tmp_path / "s", space)
    assert space == {"a": 1}


def test_a_snapshot_without_a_signature_is_refused_by_whoever_has_a_key(tmp_path: Path) -> None:
    state.save(tmp_path / "s", {"a": 1})
    with pytest.raises(state.Refused):
        _loaded(tmp_path / "s")


def test_a_changed_manifest_is_refused(tmp_path: Path) -> None:
    _saved(tmp_path / "s", a=1)
    path = tmp_path / "s" / files.MANIFEST
    data = json.loads(path.read_text())
    data["manifest"]["package"] = "os"
    path.write_text(json.dumps(data))
    with pytest.raises(state.Refused):
        _loaded(tmp_path / "s")


@pytest.mark.parametrize("kind", ["objects", "buffers"])
@pytest.mark.parametrize("place", [0, 0.5, 0.999])
def test_one_changed_byte_is_found(tmp_path: Path, kind: str, place: float) -> None:
    numpy = pytest.importorskip("numpy")
    _saved(tmp_path / "s", a=list(range(10_000)), n=numpy.arange(1 << 18))
    path = next((tmp_path / "s").glob(f"{kind}-*"))
    data = bytearray(path.read_bytes())
    data[int(len(data) * place)] ^= 1
    path.write_bytes(data)
    with pytest.raises(state.Altered, match="changed"):
        _loaded(tmp_path / "s")
    with pytest.raises(state.Altered):
        state.verify(tmp_path / "s", key=KEY)


@pytest.mark.parametrize("name", ["objects-*", "buffers-*", files.MANIFEST])
def test_a_file_that_was_cut_off_is_found(tmp_path: Path, name: str) -> None:
    numpy = pytest.importorskip("numpy")
    _saved(tmp_path / "s", a=[1], n=numpy.arange(1 << 18))
    path = next((tmp_path / "s").glob(name))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(state.Altered):
        _loaded(tmp_path / "s")


def test_a_missing_file_and_a_missing_snapshot_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(state.Unreadable, match="no snapshot"):
        _loaded(tmp_path)
    _saved(tmp_path / "s", a=[1])
    next((tmp_path / "s").glob("objects-*")).unlink()
    with pytest.raises(state.Altered, match="missing"):
        _loaded(tmp_path / "s")


def test_a_newer_format_is_named(tmp_path: Path) -> None:
    _saved(tmp_path / "s", a=1)
    path = tmp_path / "s" / files.MANIFEST
    data = json.loads(path.read_text())
    path.write_text(json.dumps({**data, "format": 99}))
    with pytest.raises(state.Unreadable, match="format 99"):
        _loaded(tmp_path / "s")


def test_a_damage_that_is_found_changes_nothing(tmp_path: Path) -> None:
    _saved(tmp_path / "s", a=1)
    path = next((tmp_path / "s").glob("objects-*"))
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    space = {"a": "old"}
    with pytest.raises(state.Altered):
        state.load(tmp_path / "s", space, key=KEY)
    assert space == {"a": "old"}


def test_a_second_snapshot_writes_only_what_changed(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    big, other = numpy.arange(1 << 20), numpy.zeros(1 << 18)
    first = _saved(tmp_path / "s", big=big, other=other)
    other[5] = 1
    second = _saved(tmp_path / "s", big=big, other=other)
    assert first.written > big.nbytes + other.nbytes
    assert other.nbytes < second.written < other.nbytes + 100_000
    assert second.parent == first.id
    found = _loaded(tmp_path / "s")
    assert (found["big"] == big).all()
    assert found["other"][5] == 1


def test_nothing_is_left_of_what_was_replaced(tmp_path: Path) -> None:
    for value in range(3):
        _saved(tmp_path / "s", a=value)
    assert len(list((tmp_path / "s").glob("objects-*"))) == 1
    assert _loaded(tmp_path / "s") == {"a": 2}


def _loaded_and_checked(folder: Path) -> None:
    _loaded(folder, verify_buffers="later")
    for each in threading.enumerate():
        if each.name == "runtiles-verify":
            each.join()


def test_damage_that_is_found_in_the_background_is_told(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    _saved(tmp_path / "s", n=numpy.arange(1 << 18))
    path = next((tmp_path / "s").glob("buffers-*"))
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    with pytest.warns(RuntimeWarning, match=r"arrays are damaged.*its bytes changed"):
        _loaded_and_checked(tmp_path / "s")


def test_restored_arrays_can_be_written_and_the_file_stays(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    _saved(tmp_path / "s", n=numpy.arange(1 << 18))
    found = _loaded(tmp_path / "s")
    found["n"][:] = 0
    assert _loaded(tmp_path / "s")["n"][5] == 5
    # And a save over the file that is mapped.
    _saved(tmp_path / "s", n=found["n"])
    assert _loaded(tmp_path / "s")["n"][5] == 0
    assert found["n"][5] == 0


@pytest.mark.parametrize("codec", ["zlib", "zstd", "lz4", "auto"])
def test_packed(tmp_path: Path, codec: str) -> None:
    numpy = pytest.importorskip("numpy")
    if codec in ("zstd", "lz4"):
        pytest.importorskip({"zstd": "zstandard", "lz4": "lz4.frame"}[codec])
    space = {
        "n": numpy.zeros(3 << 20),
        "r": numpy.random.default_rng(0).random(1 << 18),
        "s": "x" * 10**6,
    }
    manifest = state.save(tmp_path / "s", space, compress=codec, key=KEY)
    assert manifest.written < space["r"].nbytes + 500_000
    assert [each.codec == "" for each in manifest.buffers] == [False, True]
    found = _loaded(tmp_path / "s")
    assert (found["r"] == space["r"]).all()
    assert found["n"].shape == (3 << 20,)
    assert found["s"] == space["s"]
    found["n"][0] = 1


def test_an_unknown_compression_is_refused(tmp_path: Path) -> None:
    with pytest.raises(state.Unwritable, match="not available"):
        state.save(tmp_path / "s", {}, compress="rar")


def test_chosen_names_bring_what_they_need(tmp_path: Path) -> None:
    space: dict[str, Any] = {}
    exec("k = 1\nother = 2\ndef f(): return g() + k\ndef g(): return 1\n", space)  # noqa: S102 - a cell
    manifest = state.save(tmp_path / "s", space, names=["f"])
    assert [each.name for each in manifest.variables] == ["f", "g", "k"]
    found: dict[str, Any] = {"k": 5}
    state.load(tmp_path / "s", found)
    assert found["f"]() == 2


def test_chosen_names_are_loaded_from_a_whole_snapshot(tmp_path: Path) -> None:
    space: dict[str, Any] = {"x": [1], "y": 2}
    exec("def f(): return x", space)  # noqa: S102 - a cell
    state.save(tmp_path / "s", space)
    found: dict[str, Any] = {"y": "mine"}
    report = state.load(tmp_path / "s", found, names=["f"])
    assert found["y"] == "mine"
    assert found["f"]() == [1]
    assert {each.name for each in report.variables} == {"f", "x"}


def test_a_class_that_is_missing_costs_its_objects(tmp_path: Path) -> None:
    package = tmp_path / "lib"
    package.mkdir()
    (package / "gone_lib.py").write_text("class A: pass\n")
    script = f"""
        import sys; sys.path[:0] = [{ROOT!r}, {str(package)!r}]
        import gone_lib, importlib.machinery
        from runtiles_server import state
        from runtiles_server.state.reducers import modules
        modules._is_users = lambda path: False
        a = gone_lib.A(); a.x = 1
        state.save({str(tmp_path / "s")!r}, {{'a': [a], 'ok': 2, 'm': gone_lib}})
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True)
    (package / "gone_lib.py").unlink()
    found: dict[str, Any] = {}
    checked = state.check(tmp_path / "s")
    assert checked.missing == {"gone_lib": "pip install gone_lib"}
    report = state.load(tmp_path / "s", found)
    assert found["ok"] == 2
    assert "No module named 'gone_lib'" in repr(found["a"][0])
    assert vars(found["a"][0])["state"] == {"x": 1}
    assert report.missing == checked.missing


def test_a_module_of_the_users_comes_along_as_text(tmp_path: Path) -> None:
    package = tmp_path / "lib"
    package.mkdir()
    (package / "my_own_helpers.py").write_text("class A: pass\ndef f(): return 5\n")
    script = f"""
        import sys; sys.path[:0] = [{ROOT!r}, {str(package)!r}]
        import my_own_helpers as h
        from runtiles_server import state
        state.save({str(tmp_path / "s")!r}, {{'a': h.A(), 'f': h.f, 'h': h}})
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True)
    (package / "my_own_helpers.py").unlink()
    found: dict[str, Any] = {}
    report = state.load(tmp_path / "s", found)
    try:
        assert found["f"]() == 5
        assert type(found["a"]) is found["h"].A
        assert any("my_own_helpers" in note for note in report.notes)
    finally:
        sys.modules.pop("my_own_helpers", None)


_CRASHING = """
    import os, sys; sys.path.insert(0, {root!r})
    from runtiles_server import state
    steps = 0
    def step(event, args):
        global steps
        if event in ('open', 'os.rename', 'os.remove', 'os.mkdir') and {folder!r} in str(args[0]):
            steps += 1
            if steps == {at}:
                os.kill(os.getpid(), 9)
    sys.addaudithook(step)
    state.save({folder!r}, {{'a': ['new'] * 1000, 'b': bytearray(1 << 20)}}, key={key!r})
"""


def test_killed_at_any_step_the_one_before_or_the_new_one_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    killed = 0
    for at in range(1, 30):
        _saved(folder, a="old")
        source = textwrap.dedent(_CRASHING).format(root=ROOT, folder=str(folder), at=at, key=KEY)
        done = subprocess.run([sys.executable, "-c", source])
        found = _loaded(folder)
        if done.returncode == 0:
            assert found["a"] == ["new"] * 1000
            break
        assert done.returncode == -signal.SIGKILL
        killed += 1
        assert found["a"] in ("old", ["new"] * 1000)
    assert killed >= 5
    _saved(folder, a="last")
    assert len(list(folder.iterdir())) == 2


def test_a_full_disk_keeps_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    _saved(folder, a="old")
    script = f"""
        import resource, signal, sys; sys.path.insert(0, {ROOT!r})
        from runtiles_server import state
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try: state.save({str(folder)!r}, {{'a': 'x' * 10**6}}, key={KEY!r})
        except state.Unwritable as error: print(error.message)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    assert "File too large" in done.stdout
    assert _loaded(folder) == {"a": "old"}
    assert len(list(folder.glob("objects-*"))) == 1


def test_two_saves_to_one_place_do_not_mix(tmp_path: Path) -> None:
    with files.writing(tmp_path / "s"), pytest.raises(state.Unwritable, match="Another"):
        _saved(tmp_path / "s", a=1)


def test_what_is_loaded_is_old_for_the_collector_at_once(tmp_path: Path) -> None:
    _saved(tmp_path / "s", a=[[each] for each in range(50_000)])
    space: dict[str, Any] = {}
    state.load(tmp_path / "s", space, key=KEY)
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    young = {id(each) for generation in (0, 1) for each in gc.get_objects(generation)}
    assert not young & {id(each) for each in space["a"]}
