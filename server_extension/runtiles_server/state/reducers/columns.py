"""Arrow columns of pandas: as they lie in memory, one copy however many frames hold them."""

import copyreg
import sys
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Tuple

from ..placeholders import describe
from .builtin_kinds import Handler
from .generic import guarded_new, guarded_set, reduce_any

if TYPE_CHECKING:
    from ..pickler import Reducing

#: What rounding up to whole words may add to a buffer.
_SLACK = 4096


def handlers() -> Dict[type, Handler]:
    pandas = sys.modules.get("pandas")
    base = getattr(getattr(pandas, "arrays", None), "ArrowExtensionArray", None)
    return {} if base is None else dict.fromkeys(with_subclasses(base), reduce_column)


def with_subclasses(kind: type) -> Iterator[type]:
    yield kind
    below: List[type] = kind.__subclasses__()
    for each in below:
        yield from with_subclasses(each)


def reduce_column(pickler: "Reducing", column: Any) -> Any:
    """pandas itself copies the column first, so that a slice does not bring all it was cut from."""
    data = vars(column).get("_pa_array")
    chunks = getattr(data, "chunks", None)
    if not chunks or data.get_total_buffer_size() > data.nbytes + _SLACK * len(chunks):
        return reduce_any(pickler, column)
    known: Dict[Tuple[Any, ...], Any] = pickler.__dict__.setdefault("chunks", {})
    state = dict(vars(column))
    state["_pa_array"] = [known.setdefault(_place(each), each) for each in chunks]
    if "_cache" in state:
        state["_cache"] = {}
    kind = type(column)
    make: Any = copyreg.__newobj__  # type: ignore[attr-defined]
    packed = (state, None, None, None)
    return guarded_new, (describe(kind), make, (kind,)), packed, None, None, guarded_set


def _place(chunk: Any) -> Tuple[Any, ...]:
    buffers = tuple(each and each.address for each in chunk.buffers())
    return buffers, chunk.offset, len(chunk), str(chunk.type)
