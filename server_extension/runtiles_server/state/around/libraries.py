"""Of the big libraries, where they are in use: options, and the state of their random numbers."""

import importlib
import sys
from operator import attrgetter
from typing import Any, Dict, List, Optional


def _in_use(name: str) -> Any:
    return sys.modules.get(name)


def _here(name: str) -> Any:
    """Raises ImportError where it is not installed: the part is then named as not restored."""
    return importlib.import_module(name)


def numpy_state() -> Optional[Dict[str, Any]]:
    numpy = _in_use("numpy")
    if numpy is None or not hasattr(numpy, "get_printoptions"):
        return None
    options = numpy.get_printoptions()
    options.pop("override_repr", None)
    random = numpy.random.get_state(legacy=True) if _in_use("numpy.random") else None
    return {"print": options, "errors": numpy.geterr(), "random": random}


def set_numpy_state(state: Dict[str, Any]) -> List[str]:
    numpy = _here("numpy")
    numpy.set_printoptions(**state["print"])
    numpy.seterr(**state["errors"])
    if state["random"] is not None:
        numpy.random.set_state(state["random"])
    return []


def pandas_options() -> Optional[Dict[str, Any]]:
    """Those that differ from the defaults."""
    pandas = _in_use("pandas")
    if pandas is None or not hasattr(pandas, "options"):
        return None
    config = importlib.import_module("pandas._config.config")
    registered = getattr(config, "_registered_options", {})
    changed = {}
    for key, option in registered.items():
        if key in getattr(config, "_deprecated_options", {}):
            continue
        value = pandas.get_option(key)
        if value is not option.defval and value != option.defval:
            changed[key] = value
    return changed


def set_pandas_options(changed: Dict[str, Any]) -> List[str]:
    if not changed:
        return []
    pandas = _here("pandas")
    notes = []
    for key, value in changed.items():
        try:
            pandas.set_option(key, value)
        except (KeyError, ValueError, TypeError) as error:
            notes.append(f"The pandas option {key} is not as it was: {error}")
    return notes


def matplotlib_state() -> Optional[Dict[str, Any]]:
    matplotlib = _in_use("matplotlib")
    if matplotlib is None or not hasattr(matplotlib, "rcParams"):
        return None
    default = matplotlib.rcParamsOrig if hasattr(matplotlib, "rcParamsOrig") else {}
    now = dict.items(matplotlib.rcParams)
    changed = {key: value for key, value in now if default.get(key, None) != value}
    backend = changed.pop("backend", None)
    return {
        "options": changed,
        "backend": backend if isinstance(backend, str) else None,
        "figures": {number: each.canvas.figure for number, each in _managers().items()},
    }


def _managers() -> Any:
    """Of pyplot's figures, by number, the current one last. Asking pyplot would make each current."""
    helpers = _in_use("matplotlib._pylab_helpers")
    return helpers.Gcf.figs if helpers is not None else {}


def set_matplotlib_state(state: Dict[str, Any]) -> List[str]:
    matplotlib = _here("matplotlib")
    if state["backend"]:
        matplotlib.use(state["backend"], force=False)
    matplotlib.rcParams.update(state["options"])
    count = len(state["figures"])
    if count:
        _set_figures(state["figures"])
    return [f"{count} open figures are kept, but not drawn again by themselves."] if count else []


def _set_figures(figures: Dict[Any, Any]) -> None:
    """Under their numbers: a figure that is unpickled takes the next one that is free."""
    managers = _managers()
    for number, figure in figures.items():
        manager = figure.canvas.manager
        if manager is None:
            continue
        for taken in [each for each, other in managers.items() if other is manager]:
            del managers[taken]
        manager.num = number
        managers[number] = manager


def torch_state() -> Optional[Dict[str, Any]]:
    torch = _in_use("torch")
    if torch is None or not hasattr(torch, "get_rng_state"):
        return None
    cuda = torch.cuda.is_available() and torch.cuda.is_initialized()
    return {
        "random": torch.get_rng_state().numpy(),
        "cuda": [each.numpy() for each in torch.cuda.get_rng_state_all()] if cuda else [],
        "grad": torch.is_grad_enabled(),
        "type": str(torch.get_default_dtype()).rpartition(".")[2],
        "options": _torch_options(torch),
        "hooks": torch.utils.hooks.RemovableHandle.next_id,
    }


def _torch_options(torch: Any) -> Dict[str, Any]:
    """Each by the name of the function that sets it, or of what holds it."""
    print_options = getattr(_in_use("torch._tensor_str"), "PRINT_OPTS", None)
    found: Dict[str, Any] = {
        "set_printoptions": dict(vars(print_options)) if print_options is not None else {},
        "use_deterministic_algorithms": {
            "mode": torch.are_deterministic_algorithms_enabled(),
            "warn_only": torch.is_deterministic_algorithms_warn_only_enabled(),
        },
        "set_float32_matmul_precision": {"precision": torch.get_float32_matmul_precision()},
        "backends.cudnn.benchmark": torch.backends.cudnn.benchmark,
        "backends.cudnn.deterministic": torch.backends.cudnn.deterministic,
    }
    device = str(getattr(torch, "get_default_device", lambda: "cpu")())
    if device != "cpu":
        found["set_default_device"] = {"device": device}
    return found


def set_torch_state(state: Dict[str, Any]) -> List[str]:
    torch = _here("torch")
    torch.set_rng_state(torch.from_numpy(state["random"].copy()))
    torch.set_grad_enabled(state["grad"])
    torch.set_default_dtype(getattr(torch, state["type"]))
    notes = _set_torch_options(torch, state.get("options", {}))
    # The next hook must not take the number, and so the place, of one that was restored.
    handle = torch.utils.hooks.RemovableHandle
    handle.next_id = max(handle.next_id, state.get("hooks", 0))
    if len(state["cuda"]) > torch.cuda.device_count():
        return [*notes, "The random state of a GPU that is not here was not restored."]
    for index, each in enumerate(state["cuda"]):
        torch.cuda.set_rng_state(torch.from_numpy(each.copy()), index)
    return notes


def _set_torch_options(torch: Any, options: Dict[str, Any]) -> List[str]:
    notes = []
    here = _torch_options(torch)
    for path, value in options.items():
        if here.get(path) == value:
            # To set one may import a compiler, which takes seconds.
            continue
        try:
            above, _, name = path.rpartition(".")
            holder = attrgetter(above)(torch) if above else torch
            if name == "set_default_device":
                # Raises where there is no such device.
                torch.empty(0, **value)
            if isinstance(value, dict):
                getattr(holder, name)(**value)
            else:
                setattr(holder, name, value)
        except Exception as error:  # noqa: BLE001 - one option; the others go on
            notes.append(f"The torch option {path} is not as it was: {error}")
    return notes
