"""The user's functions, by value, bound to the live namespace; their cells shared."""

import importlib.util
import marshal
import sys
import types
from linecache import cache as known_lines
from linecache import getlines
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional, Tuple

from ..placeholders import Lost
from ..session import current, filling, lost_by, making
from .modules import import_module
from .references import has, importable

if TYPE_CHECKING:
    from ..pickler import Reducing

#: Bytecode of another one crashes the process at the first call.
MAGIC = importlib.util.MAGIC_NUMBER
_LONGEST_SOURCE = 1 << 20
_EXTRA = ("__annotate__", "__type_params__")


def reduce_function(pickler: "Reducing", function: Any) -> Any:
    if has(function.__module__, function.__qualname__, function):
        return NotImplemented
    code = function.__code__
    if function.__globals__ is pickler.namespace:
        pickler.needs(code)
    cells = dict(zip(code.co_freevars, function.__closure__ or ()))
    args = (code, _globals(pickler, function), function.__name__, cells)
    return make_function, args, _function_state(function), None, None, fill_function


class GlobalsOf:
    """Is saved as the dictionary of a module: the name of one, or one that has no file."""

    def __init__(self, module: Any) -> None:
        self.module = module


def _globals(pickler: "Reducing", function: Any) -> Any:
    """A function made in a library, a decorator's for one, looks up that library's names."""
    names = function.__globals__
    if id(names) in pickler.dicts:
        return pickler.globals_of.setdefault(id(names), GlobalsOf(pickler.dicts[id(names)]))
    module = names.get("__name__")
    if names is pickler.namespace or not isinstance(module, str) or not importable(module):
        return names
    if vars(sys.modules[module]) is not names:
        return names
    return pickler.globals_of.setdefault(module, GlobalsOf(module))


def reduce_globals(pickler: "Reducing", obj: GlobalsOf) -> Any:
    if isinstance(obj.module, str):
        pickler.uses_module(obj.module)
    return globals_of, (obj.module,)


@making
def globals_of(module: Any) -> Any:
    found = import_module(module) if isinstance(module, str) else module
    return found if isinstance(found, Lost) else vars(found)


def _function_state(function: Any) -> Dict[str, Any]:
    state = {
        "__defaults__": function.__defaults__,
        "__kwdefaults__": function.__kwdefaults__,
        "__doc__": function.__doc__,
        "__module__": function.__module__,
        "__qualname__": function.__qualname__,
        "__dict__": dict(vars(function)),
    }
    if sys.version_info >= (3, 14):
        state["__annotate__"] = function.__annotate__
    else:
        state["__annotations__"] = function.__annotations__
    if sys.version_info >= (3, 12):
        state["__type_params__"] = function.__type_params__
    return {name: value for name, value in state.items() if value}


@making
def make_function(code: Any, names: Any, name: str, cells: Dict[str, Any]) -> Any:
    # By name: another version of Python may have put them in another order.
    closure = tuple(cells[free] for free in code.co_freevars) or None
    return types.FunctionType(code, names, name, None, closure)


@filling
def fill_function(function: Any, state: Dict[str, Any]) -> None:
    vars(function).update(state.pop("__dict__", {}))
    for name, value in state.items():
        try:
            setattr(function, name, value)
        except BaseException as error:  # noqa: BLE001 - one attribute of one function
            if name not in _EXTRA:
                lost_by(error, function)


def reduce_code(pickler: "Reducing", code: Any) -> Any:
    place = (code.co_filename, code.co_name, code.co_firstlineno, code.co_freevars)
    return make_code, (MAGIC, marshal.dumps(code), place, pickler.source(code.co_filename))


def source_of(filename: str) -> Optional[str]:
    """The text of the cell or file that a function came from, if it is still known."""
    text = "".join(getlines(filename))
    return text if 0 < len(text) <= _LONGEST_SOURCE else None


def make_code(magic: bytes, binary: bytes, place: Tuple[Any, ...], source: Optional[str]) -> Any:
    """The code object; of another version of Python compiled again, and lost if its source is."""
    filename, name, line, free = place
    if source is not None:
        _remember(filename, source)
    if magic == MAGIC:
        return marshal.loads(binary)  # noqa: S302 - signed, and of this very version
    reason = "it was compiled by another version of Python and its source is not known"
    try:
        tree = compile(source, filename, "exec", dont_inherit=True) if source else None
    except SyntaxError as error:
        tree, reason = None, f"its source does not compile in this version of Python: {error.msg}"
    for code in _all(tree):
        if (code.co_name, code.co_firstlineno) == (name, line) and {*code.co_freevars} <= {*free}:
            return code
    return current().lose(f"function {name}", reason)


def _remember(filename: str, source: str) -> None:
    """So that tracebacks show it, inspect finds it, and the next snapshot has it again."""
    if filename not in known_lines and filename.startswith(("<", "/tmp/ipykernel_")):  # noqa: S108
        lines = source.splitlines(keepends=True)
        known_lines[filename] = (len(source), None, lines, filename)


def _all(code: Optional[types.CodeType]) -> Iterator[types.CodeType]:
    if code is not None:
        yield code
        for each in code.co_consts:
            if isinstance(each, types.CodeType):
                yield from _all(each)


def reduce_cell(_: "Reducing", cell: Any) -> Any:
    try:
        content = cell.cell_contents
    except ValueError:
        return types.CellType, ()
    return types.CellType, (), (content,), None, None, fill_cell


@filling
def fill_cell(cell: Any, content: Tuple[Any]) -> None:
    cell.cell_contents = content[0]


def reduce_method(_: "Reducing", method: Any) -> Any:
    return bind, (method.__func__, method.__self__)


@making
def bind(function: Any, instance: Any) -> Any:
    return types.MethodType(function, instance)
