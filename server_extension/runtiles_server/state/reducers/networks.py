"""What torch makes of modules and functions: kept as torch itself writes it, or by its name."""

import importlib
import io
import pickle
import warnings
from typing import TYPE_CHECKING, Any, Dict, Optional

from ..placeholders import describe
from ..session import filling, making
from .builtin_kinds import Handler
from .references import by_reference

if TYPE_CHECKING:
    from ..pickler import Reducing

_PARAMETRIZE = "torch.nn.utils.parametrize"


def handler_for(torch: Any, kind: type) -> Optional[Handler]:
    if issubclass(kind, torch.jit.ScriptModule):
        return reduce_written
    if getattr(vars(kind).get("__getstate__"), "__module__", None) == _PARAMETRIZE:
        return reduce_parametrized
    return _BY_NAME.get(describe(kind))


def reduce_operator(_: "Reducing", operator: Any) -> Any:
    packet = getattr(operator, "_overloadpacket", operator)
    path = "ops." + packet._qualified_op_name.replace("::", ".")  # noqa: SLF001 - no public one
    if packet is not operator:
        path += "." + operator._overloadname  # noqa: SLF001 - no public one
    return by_reference("torch", path, operator)


def reduce_written(pickler: "Reducing", obj: Any) -> Any:
    """In pickle these come apart, and what is put together again does not run."""
    where = "torch.export" if "export" in type(obj).__module__ else "torch.jit"
    data = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module(where).save(obj, data)
    pickler.note("a compiled module has its own tensors afterwards, without their gradients")
    return make_written, (where, pickle.PickleBuffer(data.getbuffer()))


@making
def make_written(where: str, data: Any) -> Any:
    torch = importlib.import_module("torch")
    place = {} if torch.cuda.is_available() or where != "torch.jit" else {"map_location": "cpu"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(where).load(io.BytesIO(data), **place)


def reduce_parametrized(_: "Reducing", module: Any) -> Any:
    """torch gives each one a class of its own, which refuses to be pickled."""
    kind: Any = type(module).__bases__[0]
    state = getattr(kind, "__getstate__", vars)(module)
    return make_parametrized, (kind,), state, None, None, fill_parametrized


@making
def make_parametrized(kind: Any) -> Any:
    return kind.__new__(kind)


@filling
def fill_parametrized(module: Any, state: Dict[str, Any]) -> None:
    module.__setstate__(state)
    parametrize = importlib.import_module(_PARAMETRIZE)
    parametrize._inject_new_class(module)  # noqa: SLF001 - as its register does
    for name in module.parametrizations:
        parametrize._inject_property(module, name)  # noqa: SLF001 - as its register does


_BY_NAME: Dict[str, Handler] = {
    "torch._ops.OpOverload": reduce_operator,
    "torch._ops.OpOverloadPacket": reduce_operator,
    "torch.export.exported_program.ExportedProgram": reduce_written,
    "torch.jit.ScriptFunction": reduce_written,
    "torch.jit.torch.jit.ScriptFunction": reduce_written,
}
