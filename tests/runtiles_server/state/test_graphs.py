"""Any graph of objects comes back as the same graph: values, sharing and cycles."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtiles_server import state

_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=5)
)
_KINDS = ("list", "dict", "set", "tuple", "instance", "function")


class Thing:
    """Of a module that can be imported."""


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Nodes that point at any other node, themselves included; a few of them have names."""
    kinds = draw(st.lists(st.sampled_from(_KINDS), min_size=1, max_size=12))
    nodes: list[Any] = []
    for kind in kinds:
        nodes.append(_new(kind, [draw(st.sampled_from(nodes)) if nodes else 0, draw(_LEAVES)]))
    for node in nodes:
        for target in draw(st.lists(st.one_of(st.sampled_from(nodes), _LEAVES), max_size=3)):
            _connect(node, target)
    return {f"n{index}": draw(st.sampled_from(nodes)) for index in range(draw(st.integers(1, 4)))}


def _new(kind: str, parts: list[Any]) -> Any:
    if kind == "tuple":
        return tuple(parts)
    if kind == "function":
        cell = parts[0]
        return lambda: cell
    return {"list": list, "dict": dict, "set": set, "instance": Thing}[kind]()


def _connect(node: Any, target: Any) -> None:
    if isinstance(node, list):
        node.append(target)
    elif isinstance(node, dict):
        node[len(node)] = target
    elif isinstance(node, set):
        if isinstance(target, (Thing, str, int)):
            node.add(target)
    elif not isinstance(node, tuple):
        setattr(node, f"a{len(vars(node))}", target)


def _shape(root: Any, seen: dict[int, int]) -> Any:
    """The graph as nested tuples, where a thing that was met before is its number."""
    if id(root) in seen:
        return seen[id(root)]
    if isinstance(root, (type(None), bool, int, float, str, bytes)):
        return repr(root)
    seen[id(root)] = len(seen)
    if isinstance(root, (list, tuple)):
        return type(root).__name__, [_shape(each, seen) for each in root]
    if isinstance(root, dict):
        return "dict", [(key, _shape(each, seen)) for key, each in root.items()]
    if isinstance(root, set):
        # A set has no order: what it holds is compared without sharing.
        return "set", sorted(
            type(each).__name__ + repr(each)[:20] for each in root if type(each) is not Thing
        )
    if isinstance(root, Thing):
        return "Thing", [(key, _shape(each, seen)) for key, each in vars(root).items()]
    content = root.__closure__[0].cell_contents
    return "function", _shape(content, seen), [_shape(each, seen) for each in vars(root).values()]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_a_graph_comes_back_as_it_was(space: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        state.save(Path(folder) / "s", space)
        found: dict[str, Any] = {}
        report = state.load(Path(folder) / "s", found, names=list(space))
    assert report.losses == []
    assert _shape(list(space.values()), {}) == _shape([found[name] for name in space], {})
