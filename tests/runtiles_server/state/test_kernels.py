"""In real kernels: one is snapshotted and ends, another one goes on."""

from pathlib import Path

from .kernels import kernel, run, state


def test_a_session_goes_on_in_another_kernel(tmp_path: Path) -> None:
    snapshot = str(tmp_path / "s")
    with kernel(tmp_path) as client:
        run(client, "import random, threading\nn = 0\na = [1]; b = a; _mine = 'x'")
        run(client, "def inc():\n    global n; n += 1; return n")
        run(client, "a")
        run(
            client,
            "class A:\n    def f(self): return super().__repr__()\nobj = A(); g = (i for i in a)",
        )
        run(client, "%alias_magic t timeit\nrandom.seed(5); random.random()")
        run(
            client,
            "from IPython.core.magic import register_line_magic\n"
            "@register_line_magic\ndef twice(line): return line * 2",
        )
        manifest = state(client, f"save({snapshot!r})")
    names = {each["name"]: each["status"] for each in manifest["variables"]}
    assert names["_mine"] == "saved"
    assert names["random"] == "by_reference"
    assert names["g"] == "skipped"
    assert not {"In", "Out", "exit", "get_ipython", "_i1"} & set(names)
    with kernel(tmp_path) as client:
        report = state(client, f"load({snapshot!r})")
        assert [each["path"] for each in report["losses"]] == ["g"]
        out = run(
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


def test_what_was_hung_into_the_kernel_hangs_there_again(tmp_path: Path) -> None:
    snapshot = str(tmp_path / "s")
    with kernel(tmp_path) as client:
        run(client, "seen = []\ndef after(result): seen.append(result.execution_count)")
        run(client, "get_ipython().events.register('post_run_cell', after)")
        run(client, "class A: pass\ndef show(a, p, cycle): p.text('an A')\nobj = A()")
        run(client, "get_ipython().display_formatter.formatters['text/plain'].for_type(A, show)")
        run(client, "%load_ext autoreload\n%autoreload 0")
        state(client, f"save({snapshot!r})")
    with kernel(tmp_path) as client:
        report = state(client, f"load({snapshot!r})")
        assert report["losses"] == []
        run(client, "before = len(seen)")
        run(client, "assert len(seen) == before + 1 and 'autoreload' in str(In)")
        check = "get_ipython().display_formatter.format(obj)[0]['text/plain'] == 'an A'"
        run(
            client,
            f"assert {check}\nassert 'autoreload' in get_ipython().magics_manager.magics['line']",
        )
        assert run(client, "print(get_ipython().history_manager.input_hist_raw[5])") == (
            "%load_ext autoreload\n%autoreload 0\n"
        )
