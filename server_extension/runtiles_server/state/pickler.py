"""One pickler for a whole session: one memo, a guard around every object's own code."""

import builtins
import enum
import pickle
import sys
import types
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from .placeholders import Lost, describe, explain
from .reducers import (
    arrays,
    builtin_kinds,
    classes,
    columns,
    frames,
    functions,
    generic,
    live,
    modules,
    references,
    tensors,
)
from .session import Known, known

Handler = Callable[["Reducing", Any], Any]
_KNOWN = ("namespace", "builtins", "main")


class Loose(NamedTuple):
    """An object that was given up while `variable` was saved."""

    variable: str
    object: Any
    type: str
    reason: str


class Reducing:
    """What both picklers of Python share here; a subclass puts one of them behind it.

    `avoid` are objects that are known to break the stream itself. `only_looks` promises that nothing
    outside the pickler is changed.
    """

    namespace: Dict[str, Any]
    memo: Any
    dump: Callable[[Any], None]

    def prepare(self, namespace: Dict[str, Any], avoid: List[Any], only_looks: bool) -> None:
        """Must be called before the first dump. Writes the first frame."""
        self.namespace = namespace
        self.avoid = avoid
        self.only_looks = only_looks
        self.variable = ""
        self.last: Any = None
        self.losses: List[Loose] = []
        self.gone: Dict[int, Loose] = {}
        self.notes: Dict[str, Set[str]] = {}
        self.needed: Dict[str, Set[str]] = {}
        self.modules: Set[str] = set()
        self.globals_of: Dict[Any, functions.GlobalsOf] = {}
        self._sources: Dict[str, Optional[str]] = {}
        self._singletons: Dict[type, Dict[int, Tuple[str, str]]] = {}
        self._handlers: Dict[type, Optional[Handler]] = dict(_EXACT)
        self._handlers.update(arrays.handlers())
        self._handlers.update(tensors.handlers())
        self._handlers.update(columns.handlers())
        self._handlers.update(frames.handlers())
        self.dicts = {id(vars(each)): each for each in _made_here(namespace)}
        self._place_known()

    def _place_known(self) -> None:
        """The dictionaries of the session are in the memo from the start, under the names of Known.

        They must take the places of the names: the number of entries counts on both sides.
        """
        names = [Known(name) for name in _KNOWN]
        self.dump(names)
        memo = self.memo.copy()
        for name, real in zip(names, (self.namespace, vars(builtins), None)):
            if real is not None:
                place, _ = memo.pop(id(name))
                memo[id(real)] = (place, real)
        self.memo = memo

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        try:
            handler = self._handlers[kind]
        except KeyError:
            handler = self._handlers[kind] = self._choose(kind, obj)
        if handler is None:
            return NotImplemented
        self.last = obj
        if self.avoid and any(each is obj for each in self.avoid):
            return self.lose(obj, "it breaks off while it is saved")
        try:
            return handler(self, obj)
        except (KeyboardInterrupt, RecursionError):
            raise
        except BaseException as error:  # noqa: BLE001 - even SystemExit costs one object only
            return self.lose(obj, explain(error))

    def lose(self, obj: Any, reason: str) -> Any:
        kind = describe(type(obj))
        loose = Loose(self.variable, obj, kind, reason)
        self.losses.append(loose)
        self.gone[id(obj)] = loose
        return Lost, (kind, reason)

    def note(self, text: str) -> None:
        self.notes.setdefault(self.variable, set()).add(text)

    def needs(self, code: Any) -> None:
        """Names of the session that this code looks up."""
        found = self.needed.setdefault(self.variable, set())
        found.update(name for each in _codes(code) for name in each.co_names)

    def uses_module(self, name: str) -> None:
        self.modules.add(name)

    def source(self, filename: str) -> Optional[str]:
        if filename not in self._sources:
            self._sources[filename] = functions.source_of(filename)
        return self._sources[filename]

    def _choose(self, kind: type, obj: Any) -> Optional[Handler]:
        """How objects of that type are saved; None: pickle does it by itself."""
        reason = live.reason_against(kind)
        if reason is not None:
            return lambda pickler, each: pickler.lose(each, str(reason))
        if kind.__name__ in _SHELLS and kind.__module__.partition(".")[0] in _SHELL_MAKERS:
            return live.reduce_shell
        if describe(kind) == "ipykernel.iostream.OutStream":
            return live.reduce_kernel_stream
        for base, handler in _BY_BASE:
            if issubclass(kind, base):
                return handler
        self._note_module(kind)
        named = references.singletons(kind)
        if named:
            self._singletons[kind] = named
            return _reduce_singleton
        own = tensors.handler_for(kind)
        if own is not None:
            return own
        return None if generic.is_plain(kind, obj) else generic.reduce_any

    def _note_module(self, kind: type) -> None:
        module = getattr(kind, "__module__", "")
        if isinstance(module, str) and references.importable(module):
            self.modules.add(module)

    def singleton(self, obj: Any) -> Any:
        name = self._singletons[type(obj)].get(id(obj))
        return references.by_reference(*name, obj) if name else None


def _reduce_singleton(pickler: Reducing, obj: Any) -> Any:
    return pickler.singleton(obj) or generic.reduce_any(pickler, obj)


def _made_here(namespace: Dict[str, Any]) -> Iterator[types.ModuleType]:
    """Modules without a file: their functions live in their dictionaries."""
    for each in [*namespace.values(), *sys.modules.values()]:
        made = type(each) is types.ModuleType and not references.importable(each.__name__)
        if made and vars(each) is not namespace:
            yield each


def _reduce_known(_: Reducing, obj: Known) -> Any:
    return known, (obj.name,)


def _reduce_lost(_: Reducing, obj: Lost) -> Any:
    return Lost, (vars(obj)["kind"], vars(obj)["reason"])


def _codes(code: Any) -> Iterator[Any]:
    yield code
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from _codes(each)


_SHELLS = {"ZMQInteractiveShell", "TerminalInteractiveShell", "InteractiveShell"}
_SHELL_MAKERS = {"ipykernel", "IPython"}
_BY_BASE: Tuple[Tuple[type, Handler], ...] = (
    (enum.Enum, classes.reduce_member),
    (type, classes.reduce_class),
    (BaseException, builtin_kinds.reduce_exception),
    (types.ModuleType, modules.reduce_module),
    (property, builtin_kinds.reduce_property),
)
#: What pickle does by itself; the one in C does not even ask.
_NATIVE = (
    str, bytes, bytearray, int, float, bool, type(None), list, tuple, dict, set, frozenset,
    pickle.PickleBuffer,
)  # fmt: skip
_EXACT: Dict[type, Optional[Handler]] = {
    **dict.fromkeys(_NATIVE),
    Known: _reduce_known,
    Lost: _reduce_lost,
    type: classes.reduce_class,
    types.FunctionType: functions.reduce_function,
    functions.GlobalsOf: functions.reduce_globals,
    types.CodeType: functions.reduce_code,
    types.CellType: functions.reduce_cell,
    types.MethodType: functions.reduce_method,
    **builtin_kinds.EXACT,
    **live.EXACT,
}


class FastPickler(Reducing, pickle.Pickler):
    """In C."""


class DeepPickler(Reducing, pickle._Pickler):  # noqa: SLF001
    """In Python: slow, and as deep as the limit on recursion allows, where the one in C is not."""

    def prepare(self, namespace: Dict[str, Any], avoid: List[Any], only_looks: bool) -> None:
        inherited = pickle._Pickler.save_reduce  # type: ignore[attr-defined] # noqa: SLF001

        def save_reduce(*args: Any, **kwargs: Any) -> None:
            inherited(self, *args, **kwargs)

        # Called as a method with `*` it would take room that 3.12 has little of, however big the stack.
        self.save_reduce = save_reduce
        super().prepare(namespace, avoid, only_looks)
