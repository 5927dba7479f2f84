"""torch tensors: one copy of each storage, on the device where it was if that is there."""

import pickle
import sys
from typing import TYPE_CHECKING, Any, Dict, Tuple

from ..session import current, filling, making
from .builtin_kinds import Handler

if TYPE_CHECKING:
    from ..pickler import Reducing


def handlers() -> Dict[type, Handler]:
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "UntypedStorage"):
        return {}
    return {
        torch.UntypedStorage: reduce_storage,
        torch.Tensor: reduce_tensor,
        torch.nn.Parameter: reduce_tensor,
        torch.device: reduce_device,
    }


def _torch() -> Any:
    import torch  # noqa: PLC0415 - only where there are tensors

    return torch


def reduce_device(_: "Reducing", device: Any) -> Any:
    return _torch().device, (str(device),)


def reduce_tensor(pickler: "Reducing", tensor: Any) -> Any:
    torch = _torch()
    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_nested:
        return _whole(pickler, tensor)
    if tensor.grad_fn is not None:
        pickler.note("the way a tensor was computed is not carried; its value and gradient are")
    storage = _shared(pickler, tensor.untyped_storage())
    shape = (tensor.storage_offset(), tuple(tensor.shape), tensor.stride())
    kind = str(tensor.dtype).rpartition(".")[2]
    flags = (tensor.requires_grad, tensor.is_conj(), tensor.is_neg())
    state = (tensor.grad if tensor.is_leaf else None, dict(vars(tensor)))
    args = (storage, kind, shape, flags, type(tensor) is torch.nn.Parameter)
    return make_tensor, args, state, None, None, fill_tensor


def _whole(pickler: "Reducing", tensor: Any) -> Any:
    from .generic import reduce_any  # noqa: PLC0415 - the rare way

    return reduce_any(pickler, tensor)


def _shared(pickler: "Reducing", storage: Any) -> Any:
    """The same object for the same memory: each look at a tensor makes another one."""
    known: Dict[Tuple[str, int], Any] = pickler.__dict__.setdefault("storages", {})
    return known.setdefault((str(storage.device), storage.data_ptr() or id(storage)), storage)


def reduce_storage(_: "Reducing", storage: Any) -> Any:
    torch = _torch()
    device = str(storage.device)
    host = storage if device == "cpu" else storage.cpu()
    if not host.nbytes():
        return make_storage, (b"", device)
    flat = torch.empty(0, dtype=torch.uint8).set_(host)
    return make_storage, (pickle.PickleBuffer(flat.numpy()), device)


@making
def make_storage(data: Any, device: str) -> Any:
    torch = _torch()
    if not len(data):
        return torch.UntypedStorage(0)
    host = torch.frombuffer(data, dtype=torch.uint8).untyped_storage()
    if device == "cpu":
        return host
    if device.startswith("cuda") and torch.cuda.is_available():
        index = torch.device(device).index or 0
        if index < torch.cuda.device_count():
            return torch.empty(0, dtype=torch.uint8).set_(host).to(device).untyped_storage()
    current().notes.append(f"{device} is not here: its tensors are on the CPU now.")
    return host


@making
def make_tensor(storage: Any, kind: str, shape: Any, flags: Any, parameter: bool) -> Any:
    torch = _torch()
    offset, size, stride = shape
    requires_grad, conjugate, negative = flags
    tensor = torch.empty(0, dtype=getattr(torch, kind), device=storage.device)
    tensor = tensor.set_(storage, offset, size, stride)
    tensor = torch.conj(tensor) if conjugate else tensor
    tensor = torch._neg_view(tensor) if negative else tensor  # noqa: SLF001 - there is no public one
    if parameter:
        return torch.nn.Parameter(tensor, requires_grad)
    return tensor.requires_grad_(requires_grad)


@filling
def fill_tensor(tensor: Any, state: Tuple[Any, Dict[str, Any]]) -> None:
    gradient, attributes = state
    if gradient is not None:
        tensor.grad = gradient
    vars(tensor).update(attributes)
