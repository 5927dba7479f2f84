"""What pandas knows about memory that several frames share: it copies before it writes to that."""

import sys
from typing import TYPE_CHECKING, Any, Dict

from ..session import making
from .builtin_kinds import Handler
from .columns import with_subclasses
from .generic import reduce_any

if TYPE_CHECKING:
    from ..pickler import Reducing


def handlers() -> Dict[type, Handler]:
    pandas: Any = sys.modules.get("pandas")
    inner = getattr(getattr(pandas, "_libs", None), "internals", None)
    if inner is None or not hasattr(inner, "BlockValuesRefs"):
        return {}
    found: Dict[type, Handler] = dict.fromkeys(with_subclasses(inner.Block), reduce_block)
    found.update(dict.fromkeys(with_subclasses(pandas.Index), reduce_index))
    managers = sys.modules.get("pandas.core.internals.managers")
    series: Any = getattr(managers, "SingleBlockManager", None)
    if hasattr(series, "from_blocks"):
        found[series] = reduce_series
    return found


class Owners:
    """Stands for pandas's list of all that look at one piece of memory."""

    def __init__(self) -> None:
        self.references: Any = None

    def __reduce__(self) -> Any:
        return Owners, ()


def _owners(pickler: "Reducing", references: Any) -> Owners:
    # With what they are for, so that its id stays its own.
    known: Dict[int, Any] = pickler.__dict__.setdefault("owners", {})
    return known.setdefault(id(references), (Owners(), references))[0]


def reduce_block(pickler: "Reducing", block: Any) -> Any:
    make, args = block.__reduce__()[:2]
    return make_block, (make, _owners(pickler, block.refs), *args)


@making
def make_block(make: Any, owners: Any, *args: Any) -> Any:
    block = make(*args)
    if owners.references is None:
        owners.references = block.refs
    else:
        block.refs = owners.references
        block.refs.add_reference(block)
    return block


def reduce_series(_: "Reducing", manager: Any) -> Any:
    """By itself it would take its memory without the block that knows who shares it."""
    return make_series, (type(manager), list(manager.blocks), list(manager.axes))


@making
def make_series(kind: Any, blocks: Any, axes: Any) -> Any:
    return kind.from_blocks(blocks, axes)


def reduce_index(pickler: "Reducing", index: Any) -> Any:
    references = vars(index).get("_references")
    if references is None or not references.has_reference():
        return reduce_any(pickler, index)
    make, args = index.__reduce__()[:2]
    return make_index, (make, _owners(pickler, references), *args)


@making
def make_index(make: Any, owners: Any, *args: Any) -> Any:
    index = make(*args)
    if owners.references is None:
        owners.references = sys.modules["pandas"]._libs.internals.BlockValuesRefs()  # noqa: SLF001
    index._references = owners.references  # noqa: SLF001 - there is no public way
    if index._references is not None:  # noqa: SLF001
        index._references.add_index_reference(index)  # noqa: SLF001
    return index
