"""torch tensors: one copy of each storage, on the device where it was if that is there."""

import pickle
import sys
import warnings
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple

from ..session import current, filling, making
from . import arrays, memory, networks
from .builtin_kinds import Handler, rebuild
from .generic import reduce_any

if TYPE_CHECKING:
    from ..pickler import Reducing

#: Below this a storage gets memory of its own when it is restored: such can be resized.
_SMALL = 16 << 10


def handlers() -> Dict[type, Handler]:
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "UntypedStorage"):
        return {}
    return {
        torch.UntypedStorage: reduce_storage,
        torch.storage.TypedStorage: reduce_typed,
        torch.Tensor: reduce_tensor,
        torch.nn.Parameter: reduce_tensor,
        torch.device: reduce_device,
        torch.finfo: reduce_limits,
        torch.iinfo: reduce_limits,
    }


def handler_for(kind: type) -> Optional[Handler]:
    """For what derives from torch's classes, or has to be taken apart in torch's own way."""
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "UntypedStorage"):
        return None
    if issubclass(kind, torch.Tensor):
        return reduce_tensor if _is_only_named(torch, kind) else reduce_whole
    return networks.handler_for(torch, kind)


def _is_only_named(torch: Any, kind: Any) -> bool:
    """Whether it is a tensor under another name: torch would keep that as a plain one, or as a copy."""
    how = (torch.Tensor.__reduce_ex__, torch.nn.Parameter.__reduce_ex__)
    return (
        kind.__reduce_ex__ in how
        and kind.__torch_dispatch__ is torch.Tensor.__torch_dispatch__
        and getattr(kind, "__setstate__", None) is getattr(torch.Tensor, "__setstate__", None)
        and getattr(kind, "__getstate__", None) is getattr(object, "__getstate__", None)
        and not any(vars(each).get("__slots__") for each in kind.__mro__)
    )


def _torch() -> Any:
    import torch  # noqa: PLC0415 - only where there are tensors

    return torch


def _as_it_is(torch: Any) -> Any:
    """Inside, neither a subclass's own code nor a default device has a say."""
    return torch._C.DisableTorchFunction()  # noqa: SLF001 - there is no public one


def reduce_device(_: "Reducing", device: Any) -> Any:
    return _torch().device, (str(device),)


def reduce_limits(_: "Reducing", limits: Any) -> Any:
    return rebuild, (type(limits), getattr(_torch(), limits.dtype))


def reduce_tensor(pickler: "Reducing", tensor: Any) -> Any:
    torch = _torch()
    with _as_it_is(torch):
        if tensor.layout is torch.strided and not (tensor.is_quantized or tensor.is_nested):
            return _reduce_strided(pickler, tensor)
    return reduce_whole(pickler, tensor)


def _reduce_strided(pickler: "Reducing", tensor: Any) -> Any:
    storage = memory.one_storage(pickler, tensor.untyped_storage())
    shape = (tensor.storage_offset(), tuple(tensor.shape), tensor.stride())
    kind = str(tensor.dtype).rpartition(".")[2]
    flags = (tensor.requires_grad, tensor.is_conj(), tensor.is_neg())
    state = (_gradient(pickler, tensor), dict(vars(tensor)), _hooks(tensor))
    return make_tensor, (storage, kind, shape, flags, type(tensor)), state, None, None, fill_tensor


def _gradient(pickler: "Reducing", tensor: Any) -> Any:
    if not tensor.is_leaf:
        pickler.note("the way a tensor was computed is not carried; its value and gradient are")
    return tensor.grad if tensor.is_leaf or tensor.retains_grad else None


def _hooks(tensor: Any) -> Any:
    """Of a result they belong to the way it was computed."""
    if not tensor.is_leaf:
        return ()
    names = ("_backward_hooks", "_post_accumulate_grad_hooks")
    found = {name: getattr(tensor, name, None) for name in names}
    return ({name: hooks for name, hooks in found.items() if hooks},) if any(found.values()) else ()


def reduce_whole(pickler: "Reducing", tensor: Any) -> Any:
    """By torch's own rules, which leave gradients out."""
    reduced = reduce_any(pickler, tensor)
    with _as_it_is(_torch()):
        state = (tensor.requires_grad, _gradient(pickler, tensor))
    if len(reduced) > 2 or state == (False, None):
        return reduced
    return (*reduced, state, None, None, fill_whole)


@filling
def fill_whole(tensor: Any, state: Tuple[bool, Any]) -> None:
    requires_grad, gradient = state
    if requires_grad and not tensor.requires_grad:
        tensor.requires_grad_(True)
    if gradient is not None:
        tensor.grad = gradient


def reduce_typed(pickler: "Reducing", typed: Any) -> Any:
    storage = memory.one_storage(pickler, typed._untyped_storage)  # noqa: SLF001 - the public one warns
    return make_typed, (storage, str(typed.dtype).rpartition(".")[2])


@making
def make_typed(storage: Any, kind: str) -> Any:
    torch = _torch()
    kind = getattr(torch, kind)
    return torch.storage.TypedStorage(wrap_storage=storage, dtype=kind, _internal=True)


def reduce_storage(pickler: "Reducing", storage: Any) -> Any:
    torch = _torch()
    device = str(storage.device)
    if device == "meta":
        return make_storage, (storage.nbytes(), device)
    host = storage if device == "cpu" else storage.cpu()
    if not host.nbytes():
        return make_storage, (b"", device)
    array = _array_of(pickler, storage) if host is storage else None
    if array is not None:
        return make_from_array, (*array, storage.nbytes())
    if host is storage and storage.is_shared():
        pickler.note("memory that was shared with other processes is this one's own")
    with _as_it_is(torch):
        flat = torch.empty(0, dtype=torch.uint8).set_(host)
        return make_storage, (pickle.PickleBuffer(flat.numpy()), device)


def _array_of(pickler: "Reducing", storage: Any) -> Any:
    """The array of numpy that `torch.from_numpy` made it from, if that is in the session."""
    if not hasattr(storage, "resizable") or storage.resizable():
        return None
    numpy = sys.modules.get("numpy")
    found = memory.roots(pickler)
    if numpy is not None and not pickler.__dict__.get("named_roots"):
        pickler.__dict__["named_roots"] = True
        for value in list(pickler.namespace.values()):
            root = arrays.owner(value) if type(value) is numpy.ndarray else None
            if root is not None:
                found.add(root)
    return found.around(storage.data_ptr(), storage.nbytes())


@making
def make_from_array(array: Any, start: int, size: int) -> Any:
    flat = arrays.flat_bytes(array)[start : start + size]
    with warnings.catch_warnings():
        # The array is read-only, and so it was when torch took it.
        warnings.simplefilter("ignore", UserWarning)
        return _torch().from_numpy(flat).untyped_storage()


@making
def make_storage(data: Any, device: str) -> Any:
    torch = _torch()
    with _as_it_is(torch):
        if device == "meta":
            return torch.UntypedStorage(data, device="meta")
        if not len(data):
            return torch.UntypedStorage(0)
        host = torch.frombuffer(data, dtype=torch.uint8)
        host = (host.clone() if len(data) < _SMALL else host).untyped_storage()
        if device == "cpu":
            return host
        if device.startswith("cuda") and torch.cuda.is_available():
            index = torch.device(device).index or 0
            if index < torch.cuda.device_count():
                flat = torch.empty(0, dtype=torch.uint8).set_(host)
                return flat.to(device).untyped_storage()
    current().notes.append(f"{device} is not here: its tensors are on the CPU now.")
    return host


@making
def make_tensor(storage: Any, kind: str, shape: Any, flags: Any, cls: Any) -> Any:
    """`cls` is the class; true and false in older snapshots, for a parameter and a tensor."""
    torch = _torch()
    with _as_it_is(torch):
        tensor = torch.empty(0, dtype=getattr(torch, kind), device=storage.device)
        tensor = tensor.set_(storage, *shape)
        requires_grad, conjugate, negative = flags
        tensor = torch.conj(tensor) if conjugate else tensor
        tensor = torch._neg_view(tensor) if negative else tensor  # noqa: SLF001 - no public one
        if cls in (False, torch.Tensor):
            return tensor.requires_grad_(requires_grad)
        if cls in (True, torch.nn.Parameter):
            return torch.nn.Parameter(tensor, requires_grad)
        return torch.Tensor._make_subclass(cls, tensor, requires_grad)  # noqa: SLF001 - as torch does


@filling
def fill_tensor(tensor: Any, state: Tuple[Any, ...]) -> None:
    gradient, attributes, *more = state
    if gradient is not None:
        tensor.grad = gradient
    vars(tensor).update(attributes)
    for hooks in more[0] if more else ():
        for name, each in hooks.items():
            setattr(tensor, name, each)
