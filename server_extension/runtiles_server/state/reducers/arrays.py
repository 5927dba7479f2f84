"""numpy arrays: one copy of the memory however many views look at it; nothing of numpy's in the stream."""

import pickle
import sys
from typing import TYPE_CHECKING, Any, Dict, Tuple

from ..session import current, filling, making
from . import memory
from .builtin_kinds import Handler
from .generic import reduce_any

if TYPE_CHECKING:
    from ..pickler import Reducing

#: Kinds of elements whose bytes are their value.
_BYTES = "biufcSUVMm?"


def handlers() -> Dict[type, Handler]:
    """Of those libraries of arrays that are in use; none is imported for this."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(numpy, "ndarray"):
        return {}
    return {numpy.ndarray: reduce_array, numpy.memmap: reduce_file_array}


def _numpy() -> Any:
    import numpy  # noqa: ICN001, PLC0415 - only where there are arrays

    return numpy


def reduce_array(pickler: "Reducing", array: Any) -> Any:
    kind = array.dtype
    if kind.hasobject:
        plain = kind.kind == "O" and array.base is None
        return _objects(array) if plain else _view_or_any(pickler, array)
    if kind.kind not in _BYTES or kind.metadata:
        return reduce_any(pickler, array)
    root = _root(array)
    if root is not array:
        place = (array.shape, array.strides, _distance(array, root), array.flags.writeable)
        return make_view, (root, kind, *place)
    tensor = memory.tensor_below(array)
    if tensor is not None:
        storage = memory.one_storage(pickler, tensor.untyped_storage())
        distance = array.__array_interface__["data"][0] - storage.data_ptr()
        place = (array.shape, array.strides, distance, array.flags.writeable)
        return make_tensor_view, (storage, kind, *place)
    if not (array.flags.c_contiguous or array.flags.f_contiguous):
        array = array.copy(order="C")
    elif "torch" in sys.modules:
        memory.roots(pickler).add(array)
    order = "C" if array.flags.c_contiguous else "F"
    flat = array.ravel(order="K").view("u1") if array.size and kind.itemsize else None
    # Of a read-only array the flag, not a read-only buffer: its owner may lift the flag.
    data = b"" if flat is None else pickle.PickleBuffer(_writeable(flat))
    return make_array, (data, _name(kind), array.shape, order, root.flags.writeable)


def owner(array: Any) -> Any:
    """The array that has its memory, if that is one whose bytes are saved as they are."""
    root = _root(array) if array.dtype.kind in _BYTES else array
    whole = root.flags.c_contiguous or root.flags.f_contiguous
    fits = whole and root.dtype.kind in _BYTES and root.dtype.itemsize
    return root if fits and memory.tensor_below(root) is None else None


def flat_bytes(array: Any) -> Any:
    """All its memory, writeable where that can be."""
    return _writeable(array.reshape(-1, order="A").view("u1"))


def _writeable(flat: Any) -> Any:
    if flat.flags.writeable:
        return flat
    interface = dict(flat.__array_interface__)
    interface["data"] = (interface["data"][0], False)
    holder = type("Holder", (), {"__array_interface__": interface, "array": flat})()
    try:
        return _numpy().asarray(holder)
    except ValueError:
        return flat


def _name(kind: Any) -> Any:
    return kind.str if kind.names is None and kind.subdtype is None and kind.kind != "V" else kind


@making
def make_array(data: Any, kind: Any, shape: Tuple[int, ...], order: str, writeable: bool) -> Any:
    numpy = _numpy()
    kind = numpy.dtype(kind)
    if not len(data):
        return numpy.empty(shape, kind, order)
    array = numpy.ndarray(shape, kind, data, order=order)
    if array.flags.writeable and not writeable:
        array.flags.writeable = False
    return array


def _root(array: Any) -> Any:
    """The array that owns the memory, as far as arrays go."""
    kind = type(array)
    root = array
    while True:
        below = root.base
        if type(below).__name__ == "DummyArray":
            # What as_strided puts between.
            below = below.base
        if type(below) is not kind or below.dtype.hasobject:
            break
        root = below
    inside = _within(array, root) and root.dtype.kind in _BYTES
    contiguous = root.flags.c_contiguous or root.flags.f_contiguous
    return root if inside and contiguous else array


def _within(array: Any, root: Any) -> bool:
    low, high = _numpy().lib.array_utils.byte_bounds(array) if hasattr(
        _numpy().lib, "array_utils"
    ) else _numpy().byte_bounds(array)  # fmt: skip
    start = root.__array_interface__["data"][0]
    return bool(start <= low and high <= start + root.nbytes)


def _distance(array: Any, root: Any) -> int:
    return int(array.__array_interface__["data"][0] - root.__array_interface__["data"][0])


@making
def make_view(*parts: Any) -> Any:
    root, kind, shape, strides, distance, writeable = parts
    # Some kinds of elements, and the order of Fortran, are not taken as a buffer.
    flat = root.reshape(-1, order="C" if root.flags.c_contiguous else "F").view("u1")
    view = _numpy().ndarray(shape, kind, flat, distance, strides)
    if view.flags.writeable and not writeable:
        view.flags.writeable = False
    return view


@making
def make_tensor_view(storage: Any, *parts: Any) -> Any:
    """What `Tensor.numpy` gives: the memory of the tensor."""
    import torch  # noqa: PLC0415 - only where there are tensors

    flat = torch.empty(0, dtype=torch.uint8, device="cpu").set_(storage).numpy()
    kind, shape, strides, distance, writeable = parts
    view = _numpy().ndarray(shape, kind, flat, distance, strides)
    view.flags.writeable = writeable
    return view


def _view_or_any(pickler: "Reducing", array: Any) -> Any:
    root = array
    while type(root.base) is type(array):
        root = root.base
    if root is array or array.dtype != root.dtype or not root.flags.c_contiguous:
        return reduce_any(pickler, array)
    return make_object_view, (root, array.shape, array.strides, _distance(array, root))


@making
def make_object_view(root: Any, shape: Any, strides: Any, distance: int) -> Any:
    tricks = _numpy().lib.stride_tricks
    return tricks.as_strided(root.reshape(-1)[distance // root.itemsize :], shape, strides)


def _objects(array: Any) -> Any:
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    items = array.ravel(order=order).tolist()
    state = (items, array.flags.writeable)
    return make_objects, (array.shape, order), state, None, None, fill_objects


@making
def make_objects(shape: Any, order: str) -> Any:
    return _numpy().empty(shape, object, order)


@filling
def fill_objects(array: Any, state: Tuple[Any, bool]) -> None:
    items, writeable = state
    flat = array.reshape(-1, order="C" if array.flags.c_contiguous else "F")
    for index, item in enumerate(items):
        flat[index] = item
    array.flags.writeable = writeable


def reduce_file_array(pickler: "Reducing", array: Any) -> Any:
    if array.filename is None or array.base is None or type(array.base) is type(array):
        return _numpy().asarray, (_numpy().array(array),)
    mode = "r+" if array.mode == "w+" else array.mode
    if mode == "c":
        pickler.note("changes to this copy-on-write map are carried as a plain array")
        return _numpy().asarray, (_numpy().array(array),)
    array.flush()
    pickler.note(f"{array.filename} is mapped again")
    order = "C" if array.flags.c_contiguous else "F"
    args = (str(array.filename), array.dtype, mode, array.offset, array.shape, order)
    return map_file, args


@making
def map_file(*parts: Any) -> Any:
    name, kind, mode, offset, shape, order = parts
    array = _numpy().memmap(name, kind, mode, offset, shape, order)
    current().notes.append(f"{name} was mapped again.")
    return array
