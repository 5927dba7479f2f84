"""What stands where an object could not be carried."""

from typing import Any, NoReturn


class LostObjectError(RuntimeError):
    """A lost object was used."""


class Lost:
    """Sits in the place of an object that could not be saved or restored and says which and why.

    It can be held, compared, hashed and shown; whatever else is done with it raises LostObjectError.
    """

    def __init__(self, kind: str, reason: str) -> None:
        self.__dict__.update(kind=kind, reason=reason)

    def __repr__(self) -> str:
        return f"<lost {self.__dict__.get('kind')}: {self.__dict__.get('reason')}>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        self._fail()

    def _fail(self, *_: object, **__: object) -> NoReturn:
        text = "This was %s, which is not here any more: %s"
        raise LostObjectError(text % (self.__dict__.get("kind"), self.__dict__.get("reason")))

    __call__ = __getitem__ = __setitem__ = __iter__ = __len__ = __bool__ = __enter__ = _fail
    __contains__ = __add__ = __radd__ = __next__ = _fail


class LostInstance(Lost):
    """An object whose class is missing here. What it consisted of is kept and can be looked at."""

    _kind = "object"
    _reason = "its class is missing"

    def __new__(cls, *args: Any, **kwargs: Any) -> "LostInstance":  # noqa: PYI034 - Self is not in 3.8
        self = super().__new__(cls)
        self.__dict__.update(kind=cls._kind, reason=cls._reason, arguments=(args, kwargs))
        return self

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Of the missing class; what it would have made of this is unknown."""

    def __setstate__(self, *state: Any) -> None:
        self.__dict__["state"] = state[0] if len(state) == 1 else state

    def append(self, item: Any) -> None:
        self.__dict__.setdefault("items", []).append(item)

    def extend(self, items: Any) -> None:
        self.__dict__.setdefault("items", []).extend(items)

    def __setitem__(self, key: Any, value: Any) -> None:  # type: ignore[override]
        self.__dict__.setdefault("entries", []).append((key, value))


def is_placeholder(value: Any) -> bool:
    """Nothing but one, of the object or of its class. Without asking the object."""
    kind = type(value)
    return issubclass(kind, Lost) or (kind is type and issubclass(value, Lost))


def missing_class(module: str, name: str, reason: str) -> type:
    """Stands for the class `name` of `module`, so that its instances cost nothing but themselves."""
    attributes = {"_kind": f"{module}.{name}", "_reason": reason, "__module__": module}
    return type(name.rpartition(".")[2], (LostInstance,), attributes)


def describe(kind: type) -> str:
    """The full name of a type, without asking the type's own code."""
    name = type.__dict__["__qualname__"].__get__(kind)
    module = type.__dict__["__module__"].__get__(kind)
    return name if module in ("builtins", "__main__") else f"{module}.{name}"


def explain(error: BaseException) -> str:
    """One line, even of an error that cannot be shown."""
    try:
        text = str(error).strip().partition("\n")[0]
    except BaseException:  # noqa: BLE001 - the user's own code, and nothing depends on it
        text = ""
    name = describe(type(error))
    return f"{name}: {text}"[:300] if text else name
