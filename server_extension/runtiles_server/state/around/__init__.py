"""What a session is beside its variables: each part is captured and restored alone, and may fail alone."""

from typing import Any, Callable, Dict, List, NamedTuple, Sequence

from ..placeholders import explain
from . import libraries, process, shell


class Part(NamedTuple):
    """`capture` gives what can be pickled, or None; `restore` takes it and may give notes."""

    name: str
    capture: Callable[[], Any]
    restore: Callable[[Any], List[str]]


#: Before the variables: what they are made of may be found only by these.
EARLY = (
    Part("directory", process.directory, process.set_directory),
    Part("environment", process.environment, process.set_environment),
    Part("path", process.import_path, process.set_import_path),
)
#: After them.
LATE = (
    Part("recursion", process.recursion, process.set_recursion),
    Part("warnings", process.warning_filters, process.set_warning_filters),
    Part("decimal", process.decimal_context, process.set_decimal_context),
    Part("logging", process.log_levels, process.set_log_levels),
    Part("random", process.random_state, process.set_random_state),
    Part("threads", process.threads, process.tell_of_threads),
    Part("numpy", libraries.numpy_state, libraries.set_numpy_state),
    Part("pandas", libraries.pandas_options, libraries.set_pandas_options),
    Part("matplotlib", libraries.matplotlib_state, libraries.set_matplotlib_state),
    Part("torch", libraries.torch_state, libraries.set_torch_state),
    Part("shell", shell.shell_state, shell.set_shell_state),
)


def capture(parts: Sequence[Part], notes: List[str]) -> Dict[str, Any]:
    found = {}
    for part in parts:
        try:
            value = part.capture()
        except Exception as error:  # noqa: BLE001 - one part; the others and the variables go on
            notes.append(f"The {part.name} is not carried: {explain(error)}")
            continue
        if value is not None:
            found[part.name] = value
    return found


def restore(parts: Sequence[Part], found: Dict[str, Any]) -> List[str]:
    """What the user should know about how it went."""
    notes: List[str] = []
    for part in parts:
        if part.name not in found:
            continue
        try:
            notes.extend(part.restore(found[part.name]))
        except Exception as error:  # noqa: BLE001 - one part; the others go on
            notes.append(f"The {part.name} is not as it was: {explain(error)}")
    return notes
