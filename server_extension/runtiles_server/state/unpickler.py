"""Reading the stream: fast in C, and tolerant in Python when that stumbles."""

import pickle
from functools import partial
from typing import Any, ClassVar, Dict

from .placeholders import Lost, missing_class
from .reducers.modules import from_text
from .session import current, lost_by

#: Modules that were moved; the names in a snapshot of one side are tried on the other.
_MOVED = (
    ("numpy._core", "numpy.core"),
    ("numpy.core", "numpy._core"),
    ("pathlib._local", "pathlib"),
)
_RENAMED = {("enum", "EnumType"): "EnumMeta"}


class Finding:
    """How both unpicklers find what the stream names."""

    def start(self, package: str) -> None:
        """`package` is the name this code had where the snapshot was made."""
        self._package = package

    def find_class(self, module: str, name: str) -> Any:
        if module == self._package or module.startswith(self._package + "."):
            module = __package__ + module[len(self._package) :]
        try:
            return self._find(module, name)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            reason = str(error) or type(error).__name__
            current().lose(f"{module}.{name}", reason)
            return missing_class(module, name, reason)

    def _find(self, module: str, name: str) -> Any:
        try:
            return super().find_class(module, name)  # type: ignore[misc]
        except AttributeError:
            if (module, name) not in _RENAMED:
                raise
            return super().find_class(module, _RENAMED[module, name])  # type: ignore[misc]
        except ImportError:
            for old, new in _MOVED:
                if module == old or module.startswith(old + "."):
                    return super().find_class(new + module[len(old) :], name)  # type: ignore[misc]
            if from_text(module) is None:
                raise
            return super().find_class(module, name)  # type: ignore[misc]


class FastUnpickler(Finding, pickle.Unpickler):
    """In C. After an exception its stack is dirty: it cannot go on."""


class TolerantUnpickler(Finding, pickle._Unpickler):  # noqa: SLF001
    """In Python. A step that fails is replaced by a placeholder, and the numbering is kept."""

    dispatch: ClassVar[Dict[int, Any]] = dict(pickle._Unpickler.dispatch)  # noqa: SLF001
    stack: Any
    append: Any
    pop_mark: Any

    def _reduce(self) -> None:
        args = self.stack.pop()
        function = self.stack[-1]
        self.stack[-1] = _made(function, lambda: function(*args))

    def _new_object(self) -> None:
        args = self.stack.pop()
        cls = self.stack.pop()
        self.append(_made(cls, lambda: cls.__new__(cls, *args)))

    def _new_object_ex(self) -> None:
        kwargs, args, cls = self.stack.pop(), self.stack.pop(), self.stack.pop()
        self.append(_made(cls, lambda: cls.__new__(cls, *args, **kwargs)))

    def _build(self) -> None:
        from .reducers.generic import guarded_set  # noqa: PLC0415 - only on this way

        state = self.stack.pop()
        guarded_set(self.stack[-1], (state, None, None, None))

    def _set_items(self) -> None:
        items = self.pop_mark()
        for key, value in zip(items[::2], items[1::2]):
            _put(self.stack[-1], key, value)

    def _set_item(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        _put(self.stack[-1], key, value)

    def _append_items(self) -> None:
        items = self.pop_mark()
        _guarded(lambda: self.stack[-1].extend(items), self.stack[-1])

    def _append_item(self) -> None:
        item = self.stack.pop()
        _guarded(lambda: self.stack[-1].append(item), self.stack[-1])

    def _add_items(self) -> None:
        for item in self.pop_mark():
            _now_or_later(partial(self.stack[-1].add, item), item)

    def _frozen_set(self) -> None:
        items = self.pop_mark()
        kept = [item for item in items if _guarded(partial(hash, item), item)]
        self.append(frozenset(kept))

    dispatch[pickle.REDUCE[0]] = _reduce
    dispatch[pickle.NEWOBJ[0]] = _new_object
    dispatch[pickle.NEWOBJ_EX[0]] = _new_object_ex
    dispatch[pickle.BUILD[0]] = _build
    dispatch[pickle.SETITEMS[0]] = _set_items
    dispatch[pickle.SETITEM[0]] = _set_item
    dispatch[pickle.APPENDS[0]] = _append_items
    dispatch[pickle.APPEND[0]] = _append_item
    dispatch[pickle.ADDITEMS[0]] = _add_items
    dispatch[pickle.FROZENSET[0]] = _frozen_set


def _made(what: Any, make: Any) -> Any:
    if isinstance(what, Lost):
        return what
    try:
        return make()
    except BaseException as error:  # noqa: BLE001 - even SystemExit costs one object only
        return lost_by(error, what)


def _put(target: Any, key: Any, value: Any) -> None:
    def put() -> None:
        target[key] = value

    _now_or_later(put, key)


def _now_or_later(step: Any, what: Any) -> None:
    """In a cycle an object may have to be looked up before it has what it is compared by."""
    try:
        step()
    except Exception:  # noqa: BLE001 - whatever it is, it is tried again when all is there
        current().later.append(lambda: _guarded(step, what))


def _guarded(step: Any, what: Any) -> bool:
    try:
        step()
    except BaseException as error:  # noqa: BLE001 - even SystemExit costs one object only
        lost_by(error, what)
        return False
    return True
