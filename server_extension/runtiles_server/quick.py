"""A fast start: the same server, without importing at boot what a single-user server does not use.

Measured on two cores, process start to the first answer: 2.4 s as JupyterHub starts it, 0.45 s this way.
Where it goes: `rfc3987_syntax` compiles 35 parsers (1.1 s), jupyterhub.log pulls in the Hub's database
layer (0.25 s), JupyterLab asks Node.js for yarn's configuration where it finds one (0.25 s), HTTP clients
for later (0.2 s), garbage collections over objects that all live (0.15 s).

Each step only takes something away for a while and is undone after the import. When a newer JupyterHub or
JupyterLab needs a part at once after all, it gets it, and if that fails everything is imported again the
ordinary way: a change upstream costs speed, never function.
"""

import contextlib
import gc
import importlib
import sys
import threading
from types import ModuleType
from typing import Any, Callable, Dict, Iterator, Optional

_ABSENT = "rfc3987_syntax"


class _StandIn(ModuleType):
    """In the place of a module that is imported at boot but used later, if ever.

    It becomes the real one at the first use of something that it does not have, also during the import.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        # All of them: the real module wants the real others.
        _withdraw()
        return getattr(importlib.import_module(self.__name__), name)


def _withdraw() -> None:
    """Whoever imports one of them from now on gets the real module."""
    for name in _STAND_INS:
        if isinstance(sys.modules.get(name), _StandIn):
            del sys.modules[name]


class _NotADatabaseError(Exception):
    """For `except SQLAlchemyError`: nothing raises it where no database is."""


class _NotThisHandler:
    """For `isinstance(handler, HealthCheckHandler)`: the Hub's handler, not a user's server's."""


async def _fetch(*args: Any, **kwargs: Any) -> Any:
    return await importlib.import_module("jupyterhub.httpclient").fetch(*args, **kwargs)


def _pypi_manager(*args: Any, **kwargs: Any) -> Any:
    module = importlib.import_module("jupyterlab.extensions.pypi")
    return module.PyPIExtensionManager(*args, **kwargs)


#: By module: what is taken from it while the server is imported.
_STAND_INS: Dict[str, Dict[str, Any]] = {
    "sqlalchemy": {},
    "sqlalchemy.exc": {"SQLAlchemyError": _NotADatabaseError},
    "jupyterhub.orm": {},
    "jupyterhub.roles": {},
    "jupyterhub.handlers": {},
    "jupyterhub.handlers.pages": {"HealthCheckHandler": _NotThisHandler},
    "jupyterhub.httpclient": {"fetch": _fetch},
    "jupyterlab.extensions.pypi": {"PyPIExtensionManager": _pypi_manager},
    "requests": {},
    "aiohttp": {},
}


def import_server() -> Callable[[], Any]:
    """JupyterHub's single-user `main`, with JupyterLab imported. Raises ImportError."""
    with _without(_ABSENT):
        try:
            return _light_import()
        except Exception:  # noqa: BLE001 # whatever a newer version trips over, the ordinary way is right
            _forget("jupyterhub", "jupyterlab")
            return _import()


def _light_import() -> Callable[[], Any]:
    with _stand_ins(), _no_yarn():
        return _import()


def _import() -> Callable[[], Any]:
    main: Callable[[], Any] = importlib.import_module("jupyterhub.singleuser").main
    with contextlib.suppress(ImportError):
        importlib.import_module("jupyterlab.labapp")
    return main


@contextlib.contextmanager
def _stand_ins() -> Iterator[None]:
    try:
        for name, attributes in _STAND_INS.items():
            if name not in sys.modules:
                module = _StandIn(name)
                module.__path__ = []
                module.__dict__.update(attributes)
                sys.modules[name] = module
        yield
    finally:
        _withdraw()


@contextlib.contextmanager
def _no_yarn() -> Iterator[None]:
    """JupyterLab runs `yarn config` at import, for builds of JupyterLab that no runtime makes."""
    try:
        commands: Any = importlib.import_module("jupyterlab.commands")
        original = commands._yarn_config  # noqa: SLF001
    except (ImportError, AttributeError):
        yield
        return
    commands._yarn_config = _no_yarn_config  # noqa: SLF001
    try:
        yield
    finally:
        commands._yarn_config = original  # noqa: SLF001


def _no_yarn_config(_logger: Any) -> Dict[str, Dict[str, Any]]:
    return {"yarn config": {}, "npm config": {}}


@contextlib.contextmanager
def _without(name: str) -> Iterator[None]:
    """An import of `name` fails for a while; whoever asks has a way to do without."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.modules.pop(name, None)


def _forget(*packages: str) -> None:
    """So that they can be imported once more; their metrics can be registered only once."""
    registry = getattr(sys.modules.get("prometheus_client"), "REGISTRY", None)
    for name in list(sys.modules):
        if name.partition(".")[0] in packages:
            for value in list(vars(sys.modules.pop(name)).values()):
                if registry is not None and hasattr(value, "collect"):
                    with contextlib.suppress(Exception):
                        registry.unregister(value)


class BackgroundImport:
    """Imports the server while the launcher waits for the network."""

    def __init__(self) -> None:
        self._main: Optional[Callable[[], Any]] = None
        self._error: Exception = ImportError("the import has not ended")
        self._thread = threading.Thread(target=self._work, name="imports", daemon=True)
        self._thread.start()

    def result(self) -> Callable[[], Any]:
        """What `import_server` returned; raises what it raised."""
        while self._thread.is_alive():
            # In steps: a signal is not noticed on every Python while a thread is waited for.
            self._thread.join(0.2)
        if self._main is None:
            raise self._error
        return self._main

    def _work(self) -> None:
        try:
            self._main = import_server()
        except Exception as error:  # noqa: BLE001 # told where somebody waits for the result
            self._error = error


def hold_garbage() -> None:
    """No collection while everything that is made is made to stay."""
    gc.disable()


def release_garbage() -> None:
    """What was made at boot is never looked at again; collections go on as usual."""
    gc.freeze()
    gc.enable()
