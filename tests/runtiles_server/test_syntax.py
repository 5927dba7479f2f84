"""The launcher runs on an image's own Python, which may be 3.8."""

import ast
from pathlib import Path

import pytest

import runtiles.contract
import runtiles_server

_PLACES = (Path(runtiles_server.__file__).parent, Path(runtiles.contract.__file__).parent)
_SOURCES = [source for place in _PLACES for source in sorted(place.rglob("*.py"))]
#: Newer than 3.8; found by name, because only running would show it otherwise.
_NEWER = {
    "cache", "is_relative_to", "removeprefix", "removesuffix", "to_thread", "waitstatus_to_exitcode",
    "with_stem", "readlink", "hardlink_to", "batched", "pairwise",
}  # fmt: skip


@pytest.mark.parametrize("source", _SOURCES, ids=lambda source: source.name)
def test_the_source_is_python_3_8(source: Path) -> None:
    tree = ast.parse(source.read_text(), feature_version=(3, 8))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert used & _NEWER == set()
    for node in ast.walk(tree):
        # Annotations are evaluated: neither `list[int]` nor `int | None` exist there.
        for annotation in _annotations(node):
            text = ast.unparse(annotation)
            assert not any(text.startswith(f"{kind}[") for kind in ("list", "dict", "tuple", "set"))
            assert " | " not in text


def _annotations(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [node.returns] if node.returns else []
    if isinstance(node, (ast.arg, ast.AnnAssign)):
        return [node.annotation] if node.annotation else []
    return []
