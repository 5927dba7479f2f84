"""Memory that arrays of numpy and tensors of torch have in common: it stays one."""

import sys
from bisect import bisect_right, insort
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

if TYPE_CHECKING:
    from ..pickler import Reducing

_Area = Tuple[int, int, Any]


class Roots:
    """Arrays that own memory, by address."""

    def __init__(self) -> None:
        self._areas: List[_Area] = []
        self._known: Dict[int, Any] = {}

    def add(self, array: Any) -> None:
        if id(array) not in self._known and array.nbytes:
            self._known[id(array)] = array
            insort(self._areas, (_address(array), id(array), array))

    def around(self, start: int, size: int) -> Optional[Tuple[Any, int]]:
        """The array that has these bytes, and where in it they begin."""
        at = bisect_right(self._areas, (start, sys.maxsize, None)) - 1
        if at < 0:
            return None
        begin, _, array = self._areas[at]
        return (array, start - begin) if start + size <= begin + array.nbytes else None


def _address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def roots(pickler: "Reducing") -> Roots:
    """Those that this pickler has seen so far."""
    found: Roots = pickler.__dict__.setdefault("roots", Roots())
    return found


def one_storage(pickler: "Reducing", storage: Any) -> Any:
    """The same object for the same memory: each look at a tensor may make another one."""
    known: Dict[Tuple[int, int], Any] = pickler.__dict__.setdefault("storages", {})
    size = storage.nbytes()
    addressed = size and storage.device.type != "meta"
    # Without memory it is told by what torch.save goes by.
    place = (storage.data_ptr(), size) if addressed else (storage._cdata, -1)  # noqa: SLF001
    return known.setdefault(place, storage)


def tensor_below(array: Any) -> Any:
    """The tensor whose memory the array looks at, if it was made by `Tensor.numpy`."""
    torch = sys.modules.get("torch")
    tensor = getattr(torch, "Tensor", None)
    return array.base if tensor is not None and isinstance(array.base, tensor) else None
